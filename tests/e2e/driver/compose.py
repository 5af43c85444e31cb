# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's compose window, used by hand."""

from . import wait

TITLE = "Compose message"
HEADERS_MAX = 10
CLICKS_MAX = 5
WHEEL_UP, WHEEL_DOWN = 4, 5  # buttons of the mouse
TURNS_MAX = 20
EDGE = 8  # pixels: frames, and the line that divides the window
MOMENT, SOON = 5, 1  # seconds


class Compose:
	"""The compose window that is open; wait for it by making this."""

	def __init__(self, claws):
		self.claws = claws
		self.top = claws.until("a compose window", self._find)["id"]
		claws.widget(text="Send", type="GtkToolButton", top=self.top)

	def _find(self):
		found = [w for w in self.claws.widgets() if w["id"] == w["top"] and TITLE in (w.get("text") or "")]
		return found[0] if found else None

	def widgets(self, **wanted):
		return self.claws.widgets(top=self.top, **wanted)

	def _rows(self):
		"""Entries of addresses, from the top."""
		return sorted(self.widgets(type="GtkEntry", tip=lambda t: t is not None and "autocomplete" in t),
			      key=lambda w: w["y"])

	def _is_in_sight(self, row):
		"""The list of addresses is low, and lies between the sender and the subject: the middle can be clicked."""
		sender, subject = self._sender(), self.widgets(type="ClawsSpellEntry")[0]
		middle = row["y"] + row["h"] // 2
		return sender["y"] + sender["h"] + EDGE < middle < subject["y"] - EDGE

	def _bring_into_sight(self, row):
		"""Turn the wheel until the row can be clicked; how far one turn goes is the toolkit's affair."""
		def place():
			return self.widgets(id=row["id"])[0]

		for _ in range(TURNS_MAX):
			try:
				self.claws.until("the address line is in sight", lambda: self._is_in_sight(place()), SOON)
				return place()
			except wait.TookTooLong:
				self._turn_the_wheel(place())
		raise wait.TookTooLong(f"the address line is not in sight: {place()}, sender {self._sender()}")

	def _turn_the_wheel(self, row):
		"""Over a line that is in sight, or else where the list begins: below the sender."""
		seen = [w for w in self._rows() if self._is_in_sight(w)]
		sender = self._sender()
		over = seen[-1] if seen else dict(sender, y=sender["y"] + sender["h"])
		self.claws.click(over, WHEEL_UP if row["y"] <= sender["y"] else WHEEL_DOWN)

	def _sender(self):
		return self.claws.until("the line of the sender", lambda: [
			w for w in self.widgets(type="GtkEntry", tip=lambda t: "autocomplete" not in (t or ""))
			if "@" in (w.get("text") or "")])[0]

	def address(self, header, address):
		"""Choose what the first empty line is for, and type the address."""
		entry = self.claws.until("an empty address line",
					 lambda: [w for w in self._rows() if not w.get("text")])[0]
		entry = self._bring_into_sight(entry)
		name = self.claws.until("the name of the line", lambda: [
			w for w in self.widgets(type="GtkEntry") if abs(w["y"] - entry["y"]) < 4 and w["x"] < entry["x"]])[0]
		# First what it is for: with the first letter of the address a new line comes, and the old ones scroll away.
		self._choose(name, header)
		self.claws.fill(self.widgets(id=entry["id"])[0], address)
		self.claws.key("Return")

	def _choose(self, name, header):
		"""Go down the list of headers until it says what is wanted; lines may still move when it is clicked."""
		def line():
			return self.widgets(id=name["id"])[0]

		for attempt in range(CLICKS_MAX):
			if line()["text"] == header:
				return
			self.claws.click(line())
			if attempt > 0:
				self.claws.key(*["Up"] * HEADERS_MAX)
			if self._go_down(line, header):
				return
		raise AssertionError(f"there is no header {header!r} to choose")

	def _go_down(self, line, header):
		for _ in range(HEADERS_MAX):
			shown = line()["text"]
			if shown == header:
				return True
			self.claws.key("Down")
			try:
				self.claws.until("another header", lambda s=shown: line()["text"] != s, MOMENT)
			except wait.TookTooLong:
				return False
		return False

	def addresses(self):
		return [w.get("text", "") for w in self._rows() if w.get("text")]

	def subject(self, text):
		self.claws.fill(self.claws.widget(type="ClawsSpellEntry", top=self.top), text)

	def body(self, text):
		"""Type at the top of the text."""
		view = self._text_view()
		self.claws.click(view)
		self.claws.key("ctrl+Home")
		self.claws.type(text)

	def _text_view(self):
		return max(self.widgets(type=lambda t: t and "TextView" in t), key=lambda w: w["w"] * w["h"])

	def text(self):
		return self._text_view().get("text", "")

	def sender(self, text):
		"""Write another From."""
		self.claws.fill(self._sender(), text)

	def menu(self, *path):
		title = self.widgets(id=self.top)[0]["text"]
		self.claws.menu(*path, window=title)

	def attach(self, path):
		"""Through the file chooser, its name typed."""
		self.claws.press("Attach", top=self.top)
		self.claws.widget(text="Select file", active=True)
		self.claws.type(path)
		self.claws.until("the file chooser has the name", lambda: [
			w for w in self.claws.widgets(type=lambda t: t and "Entry" in t) if w.get("text") == path])
		self.claws.key("Return")
		self.claws.until("the file chooser is closed", lambda: "Select file" not in self.claws.windows())

	def send(self):
		self.claws.press("Send", top=self.top)

	def is_open(self):
		return any(w["id"] == self.top for w in self.claws.widgets())

	def send_and_close(self):
		"""Send; the window closes when the mail has left."""
		self.send()
		self.claws.until("the compose window closes", lambda: not self.is_open())
