# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be under way, and how it may be left: each kind of wait and of background work, and each way to end it."""

import os
import shutil

from . import wait
from .claws import Gone
from .compose import Compose
from .tenant import ALICE, BOB
from .world import DRAFTS, INBOX, QUEUE

BODY = r"value$"
NEW_DRAFT = r"/me/messages$"
ANY = r"^/v1"
SEARCH = "b marmalade"
EXIT_SECONDS = 20  # more than the guards of the plugin's own end together
ACCOUNTS = "Edit accounts"
PLUGINS = "Plugins"
COMPOSE = "Compose message"
QUEUED = "Queued messages"

WHATS = ("body", "synchronise", "search", "check", "first_sync", "push", "sending", "draft", "sign_in")
WAYS = ("exit", "kill", "offline", "receive", "delete", "unload", "remove")


class Leaving:
	"""One account whose work is left in the middle, and looked at afterwards."""

	def __init__(self, world):
		self.world = world
		self.count = 0
		self.marked = set()
		self.drafts = set()
		self.place = INBOX
		self.removed = set()
		self.is_open = False
		self.is_signed_in = True
		self.sent = set()

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
		path = os.path.join(self.world.profile, "clawsrc")
		with open(path, encoding="utf-8") as file:
			text = file.read()
		with open(path, "w", encoding="utf-8") as file:
			file.write(text.replace("[Common]\n", "[Common]\nsummary_quicksearch_type=3\nsummary_quicksearch_recurse=0\n", 1))

	def data(self):
		return os.path.join(self.world.session.environment["XDG_DATA_HOME"], "outlook-mail")

	def start(self):
		"""A client whose Inbox is on screen, whole."""
		self.world.start_claws()
		self.claws.remote("--online")
		self.claws.remote("--receive")
		self.world.wait_for_mail()
		self.open_inbox()

	def open_inbox(self):
		self.claws.open_folder(INBOX)
		self.claws.until("the list", self.claws.rows)
		self.is_open = True

	def make_place(self):
		"""A folder that may go, on screen, for what is under way."""
		self.count += 1
		self.place = f"#outlook/Outlook/Passing {self.count}"
		made = self.world.alice.ask("POST", "/me/mailFolders", {"displayName": self.place_name()})
		self.world.check_until("the folder comes", lambda: self.claws.folder(self.place))
		self.world.tenant.deliver(ALICE, made["id"], (
			f"From: {BOB}\r\nTo: {ALICE}\r\nSubject: {self.place_name()}\r\n\r\nHello.\r\n").encode())
		self.world.check_until("its mail comes", lambda: self.claws.folder(self.place)["total"])
		self.claws.open_folder(self.place)
		self.claws.until("its list", self.claws.rows)

	def place_name(self):
		return self.place.rsplit("/", 1)[1]

	def fresh_mail(self):
		"""Its row; its body is nowhere but on the server."""
		if self.place != INBOX:
			return self.claws.row(self.place_name())
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
		return self.block(pattern)

	def block(self, pattern):
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

	def synchronise(self):
		self.fresh_mail()
		asked = self.hang(BODY)
		self.claws.folder_menu(self.place, "Download messages")
		self.world.until("a body is asked for", asked)

	def search(self):
		self.open_window()
		asked = self.hang(r"/messages$")
		if self.wanted_window:
			self.world.session.start("search", ["claws-mail", "--alternate-config-dir", self.world.profile,
							    "--search", INBOX, "e", SEARCH])
		else:
			# The client's remote control is deaf while a search that it ordered waits.
			self.type_search(SEARCH)
		self.world.until("the server is asked", asked)

	def type_search(self, text):
		self.claws.focus_main()
		if not self.search_entries():
			self.claws.key("slash")
		self.claws.fill(self.claws.until("the search entry", self.search_entries)[0], text)
		self.claws.key("Return")

	def search_entries(self):
		return self.claws.widgets(type="GtkEntry", top=self.claws.main_window()["id"])

	def check(self):
		asked = self.hang(ANY)
		self.claws.remote("--receive")
		self.world.until("the server is asked", asked)
		self.open_window()

	def first_sync(self):
		"""As if nothing had been fetched before."""
		self.exit()
		shutil.rmtree(self.data())
		self.is_open = False
		asked = self.block(r"/messages/delta|/messages$|batch$")
		self.world.start_claws()
		self.claws.remote("--online")
		self.claws.remote("--receive")
		self.world.until("messages are asked for", asked)
		self.open_window()

	def sign_in(self):
		"""An account as new, and nobody who answers the browser."""
		self.exit()
		self.make_profile()
		self.world.set_browser(answer="nothing")
		self.is_signed_in = self.is_open = False
		before = len(self.world.browser_visits())
		self.world.start_claws()
		self.claws.remote("--online")
		self.claws.remote("--receive")
		self.world.until("the browser is opened", lambda: len(self.world.browser_visits()) > before)
		self.open_window()

	def push(self):
		row = self.fresh_mail()
		asked = self.hang(r"batch$|/messages/[^/]+$")
		self.claws.focus_main()
		self.claws.click(self.claws.show_row(row))
		self.claws.until("the text", lambda: self.claws.text()["number"] == row["number"])
		self.claws.until("it is marked", lambda: self.mark(row["subject"]))
		if self.place == INBOX:
			self.marked.add(row["subject"])
		self.world.until("the change is sent", asked)
		self.open_window()

	def mark(self, subject):
		if self.claws.row(subject)["marked"]:
			return True
		self.claws.key("asterisk")
		return False

	def sending(self):
		self.count += 1
		subject = f"Sent {self.count}"
		asked = self.hang("/sendMail$")
		self.compose(subject)
		self.sent.add(subject)
		self.claws.key("ctrl+Return")
		self.world.until("it is sent", asked)

	def draft(self):
		"""Saved, its window closed; the server has it after it rested."""
		self.count += 1
		subject = f"Draft {self.count}"
		asked = self.hang(NEW_DRAFT)
		self.compose(subject)
		self.claws.press("Draft", top=Compose(self.claws).top)
		self.claws.until("the compose window closes", lambda: not [t for t in self.claws.windows() if COMPOSE in t])
		self.drafts.add(subject)
		self.world.until("it is sent", asked)
		self.open_window()

	def compose(self, subject):
		self.claws.remote("--compose", f"mailto:{BOB}?subject={subject.replace(' ', '%20')}&body=Hello.")
		self.claws.until("the compose window", lambda: [t for t in self.claws.windows() if COMPOSE in t])

	def open_window(self):
		"""A window that a wait would not let be opened later."""
		if self.wanted_window:
			self.claws.until("no check is under way", self.is_free)
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
		if self.sent:
			self.leave_queue()
		self.claws.wait_end(EXIT_SECONDS)

	def leave_queue(self):
		"""The client asks whether to end although a mail waits to be sent; it then ends by itself, whatever the server does."""
		def is_answered():
			try:
				if QUEUED in self.claws.windows():
					self.claws.press("OK", window=QUEUED)
			except Gone:
				pass
			return not self.claws.is_running()

		wait.until("the client ends", is_answered, EXIT_SECONDS)

	def kill(self):
		self.claws.kill()

	def offline(self):
		self.claws.remote("--offline")
		self.claws.until("the main window is free", self.is_free, EXIT_SECONDS)

	def is_free(self):
		return self.claws.widgets(text="Configuration", sensitive=True)

	def receive(self):
		self.claws.remote("--receive")
		self.claws.remote("--receive-all")

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

	def unload(self):
		self.claws.select_cell("Outlook", window=PLUGINS)
		self.claws.press("Unload", window=PLUGINS)
		self.claws.until("its folders are gone", lambda: self.claws.folder(INBOX) is None)
		self.claws.press("Close", window=PLUGINS)
		self.claws.until("the window closes", lambda: PLUGINS not in self.claws.windows())
		self.exit()
		self.world.restore_plugin()

	def remove(self):
		"""The folder in which it is under way, by its menu."""
		self.claws.folder_menu(self.place, "Delete folder")
		question = self.claws.until("the question whether to delete", lambda: [
			w for w in self.claws.widgets()
			if w["id"] == w["top"] and "Delete folder" in (w.get("text") or "")])[0]
		self.claws.press("Delete", top=question["id"])
		self.claws.until("the folder is gone", lambda: self.claws.folder(self.place) is None)
		self.removed.add(self.place_name())
		self.place = INBOX
		self.is_open = False

	# ---- one accident, and what is left of it ------------------------------------

	@staticmethod
	def is_possible(what, way):
		"""A window that holds the mouse stands before the menu and before a mail that is written."""
		if way in ("delete", "unload"):
			return what in ("body", "search", "check", "first_sync", "push", "draft", "sign_in")
		if way == "remove":
			return what in ("body", "synchronise", "check", "push")
		return True

	def happen(self, what, way):
		self.wanted_window = {"delete": ACCOUNTS, "unload": PLUGINS}.get(way)
		if way == "remove":
			self.make_place()
		getattr(self, what)()
		getattr(self, way)()
		self.world.tenant.release()
		self.settle()
		self.world.step(f"{what}, {way}: nothing is lost")

	def settle(self):
		"""Until the client shows what the server has, and the server has what was done here."""
		self.world.tenant.release()
		if not self.is_signed_in and self.claws.is_running():
			self.exit()
		self.world.set_browser()
		self.is_signed_in = True
		if not self.claws.is_running():
			self.start()
		self.claws.remote("--online")
		if not self.is_open:
			self.world.check_until("the Inbox is there", lambda: (self.claws.folder(INBOX) or {}).get("total"))
			self.open_inbox()
		if self.search_entries():
			self.type_search("")
		self.world.check_until("the list is the server's", self.agrees)
		if self.sent:
			self.world.until("the queue is sent", self.queue_is_sent)
			arrived = [m["subject"] for m in self.world.bob.messages()]
			for subject in self.sent:
				assert arrived.count(subject) == 1, f"{subject!r} arrived {arrived.count(subject)} times"
		for name in self.removed:
			self.world.until(f"{name!r} is in Deleted Items", lambda n=name: self.thrown_away(n))
			assert self.thrown_away(name) == [name], f"the mail of {name!r} is lost"
		for subject in self.drafts:
			self.world.until(f"{subject!r} is in Outlook's drafts", lambda s=subject: self.world.alice.find(s, "drafts"))
			self.world.alice.only(subject, "drafts")
		self.claws.until("the client has the same drafts", lambda: (
			(self.claws.folder(DRAFTS) or {}).get("total") == len(self.world.alice.messages("drafts"))))
		for subject in self.marked:
			self.world.until(f"{subject!r} is marked on the server", lambda s=subject: self.is_marked(s))

	def queue_is_sent(self):
		if not self.claws.folder(QUEUE)["total"]:
			return True
		self.claws.remote("--send")
		return False

	def agrees(self):
		there = sorted((m["subject"] or "").strip() for m in self.world.alice.messages())
		return sorted(self.claws.subjects()) == there

	def thrown_away(self, name):
		"""The subjects in the folder of this name in Deleted Items; None if it is not there."""
		found = [f["id"] for f in self.world.alice.list("/me/mailFolders/deleteditems/childFolders?$top=100")
			 if f["displayName"] == name]
		return [m["subject"] for m in self.world.alice.messages(found[0])] if found else None

	def is_marked(self, subject):
		return self.world.alice.only(subject)["flag"]["flagStatus"] == "flagged"
