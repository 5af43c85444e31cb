# SPDX-License-Identifier: GPL-3.0-or-later
"""One Claws Mail: started, looked at through the probe, and driven with the mouse and the keys."""

import contextlib
import json
import os
import signal
import socket
import subprocess

from . import wait

STARTING_SECONDS = 120
NO_SUBJECT = "(No Subject)"
CLICKS_MAX = 6
CLICK_SECONDS = 10
LEFT, MIDDLE, RIGHT = 1, 2, 3


class Gone(AssertionError):
	"""The client is not there any more."""


class Claws:
	"""A client on the profile `profile` in the session `session`."""

	def __init__(self, session, profile, probe, name="claws", environment=None):
		self.session = session
		self.profile = profile
		self.probe_module = probe
		self.name = name
		self.extra = environment or {}
		self.before = None  # what the new process does first
		self.process = None
		self._socket = None
		self._file = None

	# ---- its life ----------------------------------------------------------------

	def start(self, *arguments):
		"""Start it and wait for its main window."""
		path = self.session.path(self.name + ".sock")
		if os.path.exists(path):
			os.unlink(path)
		self.process = self.session.start(
			self.name, ["claws-mail", "--alternate-config-dir", self.profile, *arguments],
			environment=dict(self.extra, GTK_MODULES=self.probe_module, CLAWS_PROBE_SOCKET=path),
			preexec_fn=self.before)
		self._socket = socket.socket(socket.AF_UNIX)
		self._socket.settimeout(STARTING_SECONDS)
		wait.until("the probe answers", lambda: self._connect(path), STARTING_SECONDS, self.check_alive)
		self._file = self._socket.makefile("rwb")
		wait.until("the main window is there", lambda: self.main_window() and self.widgets(text="Get Mail"),
			   STARTING_SECONDS, self.check_alive)

	def _connect(self, path):
		try:
			self._socket.connect(path)
		except (FileNotFoundError, ConnectionRefusedError):
			return False
		return True

	def is_running(self):
		return self.process is not None and self.process.is_running()

	def check_alive(self):
		if not self.is_running():
			status = self.process.popen.returncode if self.process else None
			raise Gone(f"Claws ended with status {status}:\n" + self.session.log(self.name)[-4000:])

	def ask(self, op, **arguments):
		"""Put one question to the probe."""
		try:
			self._file.write(json.dumps(dict(arguments, op=op)).encode() + b"\n")
			self._file.flush()
			line = self._file.readline()
		except (BrokenPipeError, ConnectionResetError):
			line = b""
		except TimeoutError as error:
			raise AssertionError("the main loop of Claws stands still") from error
		if not line:
			self.process.popen.wait(STARTING_SECONDS)
			self.check_alive()
		# Control characters of a mail's text come as they are.
		return json.loads(line, strict=False)

	def remote(self, *arguments):
		"""The client's own remote control; what it printed."""
		_, text = self.session.run(["claws-mail", "--alternate-config-dir", self.profile, *arguments])
		return text

	def wait_end(self, patience=wait.PATIENCE):
		"""Wait until it has ended; a signal that killed it is an error."""
		try:
			status = self.process.popen.wait(patience)
		except subprocess.TimeoutExpired as error:
			raise AssertionError(f"Claws did not end within {patience:.0f} seconds") from error
		if status != 0:
			raise Gone(f"Claws ended with status {status}:\n" + self.session.log(self.name)[-4000:])
		self._disconnect()

	def exit(self):
		"""Close the main window as a person would, with the menu's key."""
		self.focus_main()
		self.key("ctrl+q")
		self.wait_end()

	def kill(self):
		"""As a power cut would."""
		self.process.end(signal.SIGKILL)
		self._disconnect()

	def _disconnect(self):
		if self._socket is not None:
			# A question that a client did not read any more lies in it.
			with contextlib.suppress(BrokenPipeError):
				self._file.close()
			self._socket.close()
			self._socket = None

	# ---- what it shows -----------------------------------------------------------

	def widgets(self, **wanted):
		"""Mapped widgets whose properties are as wanted; a callable asks, a mnemonic's underscore is left out."""
		found = []
		for widget in self.ask("widgets"):
			# What was not laid out yet is in nobody's sight.
			if widget["w"] <= 1 or widget["h"] <= 1:
				continue
			if "text" in widget and not widget["type"].endswith(("Entry", "TextView")):
				widget["text"] = widget["text"].replace("_", "")
			if all(_matches(widget.get(name), value) for name, value in wanted.items()):
				found.append(widget)
		return found

	def widget(self, **wanted):
		"""The one that is as wanted; waits for it."""
		return wait.until(f"a widget with {wanted}", lambda: self.widgets(**wanted), alive=self.check_alive)[0]

	def windows(self):
		"""Titles of the windows on the screen; tips and menus have none and are left out."""
		return [widget.get("text", "") for widget in self.ask("widgets")
			if widget["id"] == widget["top"] and (widget.get("text") or widget.get("modal"))]

	def check_names(self, window):
		"""A screen reader has words for whatever the keys reach in the window with this title, a letter one place."""
		found = self.check_letters(window)
		assert found, f"there is no window {window!r}"
		nameless = [w["type"] for w in found if w["nameless"]]
		assert not nameless, f"nameless for a screen reader in {window!r}: {nameless}"

	def check_letters(self, window):
		"""With Alt each letter comes to lead to one place of the window with this title; what is in it."""
		self.until(f"each letter leads to one place of {window!r}: {self._letters_twice(window)}",
			   lambda: not self._letters_twice(window))
		return self.widgets(window=window)

	def _letters_twice(self, window):
		letters = {}
		for widget in self.widgets(window=window):
			if "letter" in widget:
				letters.setdefault(chr(widget["letter"]), []).append(widget["text"])
		return {letter: texts for letter, texts in letters.items() if len(texts) > 1}

	def main_window(self):
		for widget in self.ask("widgets"):
			if widget["id"] == widget["top"] and widget.get("name") == "mainwindow":
				return widget
		return None

	def messages(self, **arguments):
		return self.ask("messages", **arguments)

	def rows(self):
		return self.messages()["rows"]

	def row(self, subject):
		"""The row with this subject, or None."""
		for row in self.rows():
			if (row["subject"] or "").strip() == subject:
				return row
		return None

	def subjects(self):
		"""As listed; one that is missing as the empty text, however the client writes that."""
		return [(row["subject"] or "").strip().replace(NO_SUBJECT, "") for row in self.rows()]

	def folders(self):
		return self.ask("folders")

	def folder(self, identifier):
		"""The folder with this identifier as the tree shows it, or None."""
		for folder in self.folders():
			if folder.get("id") == identifier:
				return folder
		return None

	def text(self):
		"""Subject, number and text of the message on screen."""
		return self.ask("text")

	def longest_stall(self, reset=True):
		return self.ask("ticks", reset=reset)["longest"]

	def until(self, what, question, patience=wait.PATIENCE):
		return wait.until(what, question, patience, self.check_alive)

	# ---- mouse and keys ----------------------------------------------------------

	def xdo(self, *arguments):
		status, text = self.session.run(["xdotool", *arguments])
		if status != 0:
			raise AssertionError("xdotool " + " ".join(arguments[:1]) + ": " + text)
		return text

	def point(self, place):
		self.xdo("mousemove", *_middle(place))

	def click(self, place, button=LEFT, times=1):
		"""Click into the middle of a widget, a row, a cell."""
		self.xdo("mousemove", *_middle(place), "click", "--repeat", str(times), "--delay", "80", str(button))

	def key(self, *keys):
		self.xdo("key", "--clearmodifiers", "--delay", "40", *keys)

	def type(self, text):
		self.xdo("type", "--clearmodifiers", "--delay", "15", "--", text)

	def fill(self, entry, text):
		"""Put the text in place of what an entry holds, by hand; again when the click went beside it."""
		def holds():
			return any(w["id"] == entry["id"] and len(w.get("text", "")) == len(text) for w in self.widgets())

		def typed():
			self.click(self._standing(entry["id"]))
			self.key("ctrl+a", "BackSpace")
			self.type(text)
			return wait.comes_true(holds, wait.PATIENCE / 6)

		self.until(f"the entry holds what was typed ({len(text)} characters)", typed)

	def _standing(self, identifier):
		"""A widget that does not move any more: a window that grows moves what is in it."""
		places = [None]

		def stands():
			places.append(self.widget(id=identifier))
			return places[-1] == places[-2]

		self.until("a widget that stands still", stands)
		return places[-1]

	def press(self, text, **wanted):
		"""Click the button that says so, when it stands still: a window that grows moves what is in it."""
		places = [None]

		def stands():
			places.append(self._find_button(text, wanted))
			return places[-1] is not None and places[-1] == places[-2]

		self.until(f"a button {text!r} that can be pressed", stands)
		self.click(places[-1])

	def _find_button(self, text, wanted):
		return next((w for w in self.widgets(sensitive=True, **wanted)
			     if w["type"] in ("GtkButton", "GtkToggleButton", "GtkToolButton", "GtkCheckButton",
					      "GtkMenuToolButton")
			     and (w.get("text") or self._label_inside(w)) == text), None)

	def _label_inside(self, button):
		children = [w for w in self.widgets() if w["type"] == "GtkLabel"]
		for label in children:
			if (button["x"] <= label["x"] and label["x"] + label["w"] <= button["x"] + button["w"]
					and button["y"] <= label["y"]
					and label["y"] + label["h"] <= button["y"] + button["h"]
					and label["top"] == button["top"]):
				return label.get("text")
		return None

	def menu(self, *path, window=None):
		"""Open a menu and click through it: menu("Tools", "Add Outlook account…")."""
		top = {} if window is None else {"window": window}
		if window is None:
			main = self.main_window()
			top = {"top": main["id"]}
		def entries(text):
			return [w for w in self.widgets(type=_is_menu_item) if w.get("text") == text]

		self.click_until(f"the menu {path[0]!r}", lambda: self.widget(text=path[0], type=_is_menu_item, **top),
				 lambda: entries(path[1]))
		for text in path[1:]:
			item = self.until(f"the menu entry {text!r}", lambda t=text: entries(t))[0]
			if not item["sensitive"]:
				self.key("Escape", "Escape")
				raise AssertionError(f"the menu entry {text!r} is greyed")
			self.click(item)

	def field(self, label):
		"""The widget that this label is for."""
		found = self.until(f"a field {label!r}", lambda: self.widgets(type="GtkLabel", text=label, labels=bool))[0]
		return self.widget(id=found["labels"])

	def choose(self, label, option):
		"""Choose in a combo box, by its label."""
		combo = self.field(label)
		self.click(combo)
		self.click(self.until(f"the choice {option!r}", lambda: [
			w for w in self.widgets(type=_is_menu_item) if (w.get("text") or "").split("\t")[0] == option])[0])

	def expand(self, label):
		"""Open an expander."""
		expander = self.widget(type="GtkExpander", text=label)
		if not expander["active"]:
			self.click(dict(expander, h=min(expander["h"], 24)))

	def close_window(self, title):
		"""As with the window manager's button."""
		self.raise_window(title)
		self.key("alt+F4")
		self.until(f"the window {title!r} closes", lambda: title not in self.windows())

	def focus_main(self):
		"""Bring the main window to the front, whatever its title says by then."""
		self._raise("the main window", lambda: self.main_window()["text"])

	def raise_window(self, title):
		self._raise(f"the window {title!r}", lambda: title)

	def _raise(self, what, title):
		def find():
			"""A search fails when some other window goes while it looks at it."""
			status, text = self.session.run(["xdotool", "search", "--onlyvisible", "--name",
							 "^" + _escape(title()) + "$"])
			return text.split() if status == 0 else None

		identifier = self.until(f"{what} is found", find)[0]
		self.session.run(["xdotool", "windowactivate", "--sync", identifier])

	def show_row(self, row, which="messages"):
		"""Scroll a row into view; where it is then."""
		place = self.ask("show-row", list=which, row=row["row"])
		assert place["done"], f"there is no row {row['row']} any more"
		return place

	def show_message(self, number):
		"""Scroll a message into view, in whatever row it is by now; where it is then.

		A list that changed is emptied and filled again: what is not there at the moment may come.
		"""
		def place():
			answer = self.ask("show-row", list="messages", number=number)
			return answer if answer["done"] else None

		return self.until(f"message {number} is in the list", place)

	def drag(self, start, end, key=None):
		"""Press on one place, move, let go on another; with a key held at the end."""
		self._press(start)
		self._drop(start, lambda: end, key)

	def drag_message(self, subject, folder, key=None):
		"""Drag a message to a folder. What is pressed is looked at: the list may have changed under the mouse."""
		def end():
			return self.show_row(self.folder(folder), "folders")

		self.focus_main()
		for _ in range(CLICKS_MAX):
			end()
			start = self.show_message(self.row(subject)["number"])
			self._press(start)
			if wait.comes_true(lambda: (self.row(subject) or {}).get("selected"), CLICK_SECONDS):
				self._drop(start, end, key)
				return
			self.xdo("mouseup", "1", "mousemove", "1", "1")
		raise wait.TookTooLong(f"{subject!r} is not what is pressed")

	def move_message(self, subject, folder):
		"""Drag a message to a folder until it has left the list: a drag may fall beside."""
		def left():
			return self.row(subject) is None

		self.until(f"{subject!r} is listed", lambda: self.row(subject))
		for _ in range(CLICKS_MAX):
			self.drag_message(subject, folder)
			if wait.comes_true(left, CLICK_SECONDS):
				return
		raise wait.TookTooLong(f"{subject!r} does not go to {folder}")

	def _press(self, start):
		self.point(start)
		self.xdo("mousedown", "1")

	def _drop(self, start, find, key):
		"""Where it is in the end: a tree that changes moves its rows."""
		end = find()
		for part in (0.1, 0.2, 0.5, 0.8, 1.0):
			x, y = _below(end)
			self.xdo("mousemove", str(int(start["x"] + 60 + (x - start["x"] - 60) * part)),
				 str(int(start["y"] + 8 + (y - start["y"] - 8) * part)), "sleep", "0.1")
		held, released = (["keydown", key], ["keyup", key]) if key else ([], [])
		self.xdo(*held, "mousemove_relative", "--", "1", "0", "sleep", "0.3")
		for _ in range(CLICKS_MAX):
			now = find()
			if now == end:
				break
			end = now
			x, y = _below(end)
			self.xdo("mousemove", str(x), str(y), "sleep", "0.3")
		self.xdo("mouseup", "1", *released)

	def open_folder(self, identifier):
		"""Click a folder in the tree and wait until its list is on screen."""
		self.until(f"the folder {identifier} in the tree", lambda: self.folder(identifier))
		self.click_until(f"the list of {identifier}", lambda: self.show_row(self.folder(identifier), "folders"),
				 lambda: self.messages(limit=0)["folder"] == identifier)

	def select_message(self, subject):
		"""Click a message; its text comes to the screen."""
		row = self.until(f"the message {subject!r} in the list", lambda: self.row(subject))
		# Not a second time: two clicks open a window of its own.
		if not row["selected"] or not self._shown(row["number"]):
			self.click_until(f"{subject!r} is selected", lambda: self.show_row(self.row(subject) or row),
					  lambda: (self.row(subject) or {}).get("selected"))

	def select_cell(self, what, **wanted):
		"""Click a row of a list in a dialog whose first column is `what`."""
		def cell():
			for view in self.widgets(type="GtkTreeView", **wanted):
				for one in view["cells"]:
					if what in one["text"].split("\t"):
						return one
			return None

		self.until(f"the row {what!r}", cell)
		self.click_until(f"the row {what!r} is selected", cell, lambda: (cell() or {}).get("selected"))

	def click_until(self, what, place, question, button=LEFT, between=lambda: None):
		"""Click where it is; once more where it is then, when it moved under the mouse."""
		for _ in range(CLICKS_MAX):
			self.click(place(), button)
			try:
				wait.until(what, question, CLICK_SECONDS, self.check_alive)
				return
			except wait.TookTooLong:
				# A tooltip takes the clicks below it until the pointer has left.
				self.xdo("mousemove", "1", "1")
				between()
		raise wait.TookTooLong(f"{what}: not after {CLICKS_MAX} clicks")

	def folder_menu(self, folder, entry):
		"""Choose what begins so from the menu of a folder of the tree."""
		self.focus_main()
		self.click_until(f"the entry {entry!r}", lambda: self.show_row(self.folder(folder), "folders"),
				 lambda: self._entry(entry), RIGHT, self._leave_menu)
		self.click(self._entry(entry))

	def _entry(self, text):
		found = [w for w in self.widgets(sensitive=True) if (w.get("text") or "").startswith(text)
			 and w["type"].endswith("MenuItem")]
		return found[0] if found else None

	def _leave_menu(self):
		"""It is as it was when it opened."""
		self.key("Escape")

	def answer(self, title, text):
		"""Fill the only entry of a window that asks, and agree."""
		self.until(f"the question {title!r}", lambda: title in self.windows())
		entry = self.until("its entry", lambda: self.widgets(type="GtkEntry", window=title))[0]
		self.fill(entry, text)
		self.key("Return")

	def read_message(self, subject):
		"""Open a message and return its text as shown."""
		self.select_message(subject)
		number = self.row(subject)["number"]
		# While it works at a list the client takes a click for a choice, and shows nothing.
		if not wait.comes_true(lambda: self._shown(number), wait.PATIENCE / 3):
			self.click(self.show_message(number))
		return self.until(f"the text of {subject!r}", lambda: self._shown(number))["text"]

	def _shown(self, number):
		text = self.text()
		return text if text["number"] == number and text["text"] else None


def _below(place):
	"""The tree takes its column titles for lower than they are when something is dropped."""
	return place["x"] + min(place["w"] // 2, 60), place["y"] - 2


def _middle(place):
	return str(place["x"] + min(place["w"] // 2, 60)), str(place["y"] + place["h"] // 2)


def _matches(actual, wanted):
	return wanted(actual) if callable(wanted) else actual == wanted


def _is_menu_item(name):
	return bool(name) and name.endswith("MenuItem")


def _escape(text):
	return "".join("\\" + c if c in "\\^$.[]|()*+?{}" else c for c in text)
