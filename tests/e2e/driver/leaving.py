# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be under way, and how it may be left in the middle."""

import os
import shutil

from .tenant import ALICE
from .world import INBOX

BODY = r"value$"
ANY = r"^/v1"
EXIT_SECONDS = 20  # more than the guards of the plugin's own end together
ACCOUNTS = "Edit accounts"
PLUGINS = "Plugins"


class Leaving:
	"""One account whose work is left in the middle, and looked at afterwards."""

	def __init__(self, world):
		self.world = world
		self.count = 0
		self.marked = set()

	@property
	def claws(self):
		return self.world.claws

	# ---- the account -------------------------------------------------------------

	def open(self):
		self.world.open()
		self.make_profile()
		self.start()

	def make_profile(self):
		"""An account as new; what was there is gone."""
		if self.world.profile:
			shutil.rmtree(self.world.profile)
			shutil.rmtree(self.data(), ignore_errors=True)
		self.world.make_profile()

	def data(self):
		return os.path.join(self.world.session.environment["XDG_DATA_HOME"], "outlook-mail")

	def start(self):
		"""A client whose Inbox is on screen, whole."""
		self.world.start_claws()
		self.claws.remote("--online")
		self.claws.remote("--receive")
		self.world.wait_for_mail()
		self.claws.open_folder(INBOX)
		self.claws.until("the list", self.claws.rows)

	def fresh_mail(self):
		"""Its row; its body is nowhere but on the server."""
		self.count += 1
		subject = f"Fresh {self.count}"
		self.world.bob.send_text(ALICE, subject, "Hello.")
		self.world.check_until(f"{subject!r} comes", lambda: self.claws.row(subject))
		return self.claws.row(subject)

	def hang(self, pattern):
		"""The server does not answer what matches; the question whether it was asked."""
		# The client's remote control is deaf while a check that it ordered waits.
		if not [t for t in self.claws.windows() if t in (ACCOUNTS, PLUGINS)]:
			self.claws.until("no check is under way", self.is_free)
		self.world.tenant.add_fault(path=pattern, kind="hang", count=0)
		before = len(self.world.tenant.asked(pattern))
		return lambda: len(self.world.tenant.asked(pattern)) > before

	# ---- what may be under way; each returns when the server was asked -----------

	def body(self):
		row = self.fresh_mail()
		self.open_window()
		asked = self.hang(BODY)
		if self.wanted_window:
			# It holds the mouse; a second command line does not.
			self.claws.remote("--select", f"{INBOX}/{row['number']}")
		else:
			self.claws.click_until("the message is clicked",
					       lambda: self.claws.show_row(self.claws.row(row["subject"])), asked)
		self.world.until("a body is asked for", asked)

	def check(self):
		asked = self.hang(ANY)
		self.claws.remote("--receive")
		self.world.until("the server is asked", asked)
		self.open_window()

	def push(self):
		row = self.fresh_mail()
		asked = self.hang(r"batch$|/messages/[^/]+$")
		self.claws.focus_main()
		self.claws.click(self.claws.show_row(row))
		self.claws.until("the text", lambda: self.claws.text()["number"] == row["number"])
		self.claws.key("asterisk")
		self.claws.until("it is marked", lambda: self.claws.row(row["subject"])["marked"])
		self.marked.add(row["subject"])
		self.world.until("the change is sent", asked)
		self.open_window()

	def open_window(self):
		"""A window that a wait would not let be opened later."""
		if self.wanted_window == ACCOUNTS:
			self.claws.focus_main()
			self.claws.menu("Configuration", "Edit accounts...")
			self.claws.widget(type="GtkTreeView", window=ACCOUNTS)
		elif self.wanted_window == PLUGINS:
			self.claws.focus_main()
			self.claws.menu("Configuration", "Plugins...")
			self.claws.widget(type="GtkTreeView", window=PLUGINS)

	wanted_window = None

	# ---- how it may be left ------------------------------------------------------

	def exit(self):
		self.claws.remote("--exit")
		self.claws.wait_end(EXIT_SECONDS)

	def offline(self):
		self.claws.remote("--offline")
		self.claws.until("the main window is free", self.is_free, EXIT_SECONDS)

	def is_free(self):
		return self.claws.widgets(text="Configuration", sensitive=True)

	def delete(self):
		self.claws.select_cell("Outlook", window=ACCOUNTS)
		self.claws.press("Delete", window=ACCOUNTS)
		question = self.claws.until("the question whether to delete", lambda: [
			w for w in self.claws.widgets()
			if w["id"] == w["top"] and "Delete account" in (w.get("text") or "")])[0]
		self.claws.press("Delete", top=question["id"])
		self.claws.until("the account is gone from the tree", lambda: self.claws.folder(INBOX) is None)
		self.world.tenant.release()
		self.claws.press("Close", window=ACCOUNTS)
		self.claws.until("the window closes", lambda: ACCOUNTS not in self.claws.windows())
		self.world.until("its mail is gone from the disk", lambda: not os.listdir(self.data()))
		self.exit()
		self.make_profile()
		self.marked.clear()

	def unload(self):
		self.claws.select_cell("Outlook", window=PLUGINS)
		self.claws.press("Unload", window=PLUGINS)
		self.claws.until("its folders are gone", lambda: self.claws.folder(INBOX) is None)
		self.claws.press("Close", window=PLUGINS)
		self.claws.until("the window closes", lambda: PLUGINS not in self.claws.windows())
		self.exit()
		self.world.restore_plugin()

	# ---- one accident, and what is left of it ------------------------------------

	def happen(self, what, way):
		self.wanted_window = {"delete": ACCOUNTS, "unload": PLUGINS}.get(way)
		getattr(self, what)()
		getattr(self, way)()
		self.world.tenant.release()
		self.settle()
		self.world.step(f"{what}, {way}: nothing is lost")

	def settle(self):
		"""Until the client shows what the server has, and the server has what was done here."""
		self.world.tenant.release()
		if not self.claws.is_running():
			self.start()
		self.claws.remote("--online")
		self.world.check_until("the list is the server's", self.agrees)
		for subject in self.marked:
			self.world.until(f"{subject!r} is marked on the server", lambda s=subject: self.is_marked(s))

	def agrees(self):
		there = sorted((m["subject"] or "").strip() for m in self.world.alice.messages())
		return sorted(self.claws.subjects()) == there

	def is_marked(self, subject):
		return self.world.alice.only(subject)["flag"]["flagStatus"] == "flagged"
