# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be under way, and how it may be left: each kind of wait and of background work, and each way to end it."""

import email
import os
import shutil
import signal

from . import quicksearch, wait
from .claws import RIGHT, Gone
from .tenant import ALICE, BOB
from .under_way import ACCOUNTS, COMPOSE, DEVICE, PLUGINS, PREFERENCES, TEST, UnderWay
from .world import ARCHIVE, DRAFTS, INBOX, QUEUE

EXIT_SECONDS = 20  # more than the guards of the plugin's own end together
QUEUED = "Queued messages"
ERROR = "Error"
UNSENT = "SMTP< 451 The account was closed before the mail was sent."

WHATS = ("body", "synchronise", "synchronise_folders", "search", "check", "first_sync", "thorough", "push", "sending", "upload",
	 "draft", "opened_draft", "append", "copy_out", "shared", "sign_in", "keyring", "device", "test", "pause", "renewal")
WAYS = ("exit", "kill", "offline", "receive", "delete", "unload", "remove", "sign_out")
# There is no copy yet that could be kept.
NOTHING_HERE = ("first_sync",)
NOT_AT_THE_SERVER = ("push", "draft", "append", "sending", "upload")
IN_A_WINDOW = ("device", "test")
KEEPING_FOLDERS = ("copy_out", "synchronise_folders")

# What is under way, how it cannot be left, and why.
IMPOSSIBLE = (
	(("opened_draft",), ("delete", "unload", "remove", "sign_out"),
	 "the list holds the mouse from the double click on; the wait is that for a body, which is left in these ways"),
	(KEEPING_FOLDERS, ("delete", "unload", "sign_out"),
	 "a window that is open already holds the mouse, so that it does not begin; later the menu is greyed"),
	(IN_A_WINDOW, ("delete", "unload", "remove"),
	 "the account's own window stands before the list of accounts, that of plugins, and the tree"),
	(("sign_in",), ("remove",), "before the first sign-in no folder has come that could be removed"),
	(("sign_in", "device"), ("sign_out",), "the button is grey during a sign-in, which is cancelled by another"),
	(("test",), ("sign_out",), "the window of the test stands before the account's own"),
)


class Leaving(UnderWay):
	"""One account whose work is left in the middle, and looked at afterwards."""

	def __init__(self, world):
		self.world = world
		self.count = 0
		self.what = None
		self.marked = set()
		self.drafts = set()
		self.place = INBOX
		self.removed = set()
		self.is_open = False
		self.is_signed_in = True
		self.sent = set()
		self.known = set()
		self.may_be_lost = set()
		self.copied = set()
		self.local = None
		self.in_a_window = False
		self.is_sending = False

	@property
	def claws(self):
		return self.world.claws

	# ---- the account -------------------------------------------------------------

	def open(self):
		self.world.open()
		self.local = self.world.session.path("local")
		os.makedirs(os.path.join(self.local, "old"))
		self.make_profile()
		self.start()

	def make_profile(self):
		"""An account as new; what was there is gone."""
		if self.world.profile:
			shutil.rmtree(self.world.profile)
			shutil.rmtree(self.data(), ignore_errors=True)
		self.world.make_profile()
		self.world.add_local_folders(self.local, "old")
		self.world.choose_for_offline(ARCHIVE)
		quicksearch.set_extended_search(self.world)

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

	# ---- how it may be left ------------------------------------------------------

	def exit(self):
		if self.in_a_window:
			# The client's remote control waits for the window to be closed; the end of a session does not.
			self.claws.process.popen.send_signal(signal.SIGTERM)
		else:
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
		if not self.is_sending:
			self.world.tenant.release()
		# The client tells of it when its window closes.
		self.claws.press("Close", window=ACCOUNTS)
		self.claws.until("the window closes", lambda: ACCOUNTS not in self.claws.windows())
		self.close_failure()
		self.let_keyring_answer()
		self.world.until("its mail is gone from the disk", lambda: not os.listdir(self.data()))
		self.may_be_lost |= self.sent
		self.sent.clear()
		self.exit()
		self.make_profile()

	def close_failure(self):
		"""The message about a mail that was being sent; it stands before every other window."""
		if self.is_sending:
			self.claws.press("Close", window=ERROR)
			self.claws.until("the message closes", lambda: ERROR not in self.claws.windows())

	def unload(self):
		self.claws.select_cell("Outlook", window=PLUGINS)
		self.claws.press("Unload", window=PLUGINS)
		self.claws.until("its folders are gone", lambda: self.claws.folder(INBOX) is None)
		self.close_failure()
		self.claws.press("Close", window=PLUGINS)
		self.claws.until("the window closes", lambda: PLUGINS not in self.claws.windows())
		self.exit()
		self.world.restore_plugin()

	def remove(self):
		"""The folder in which it is under way, by its menu."""
		if self.what in KEEPING_FOLDERS:
			self.keep_folder()
			return
		self.claws.folder_menu(self.place, "Delete folder")
		question = self.claws.until("the question whether to delete", lambda: [
			w for w in self.claws.widgets()
			if w["id"] == w["top"] and "Delete folder" in (w.get("text") or "")])[0]
		self.claws.press("Delete", top=question["id"])
		self.claws.until("the folder is gone", lambda: self.claws.folder(self.place) is None)
		self.removed.add(self.place_name())
		self.place = INBOX
		self.is_open = False

	def keep_folder(self):
		"""The client goes on with the messages that it copies, or to the next folder: none can be removed meanwhile."""
		def is_grey():
			return [w for w in self.claws.widgets(sensitive=False)
				if w["type"].endswith("MenuItem") and (w.get("text") or "").startswith("Delete folder")]

		self.claws.focus_main()
		self.claws.click_until("its entry is grey", lambda: self.claws.show_row(self.claws.folder(self.place), "folders"),
				       is_grey, RIGHT)
		self.claws.key("Escape")
		self.place = INBOX
		self.is_open = False

	def sign_out(self):
		"""The account's own page is open; the copy on this computer is removed, and what has not left with it."""
		told = self.world.network_log().count(UNSENT)
		self.claws.press("Sign out", window=PREFERENCES)
		if self.what not in NOTHING_HERE:
			self.remove_copy()
		self.let_keyring_answer()
		self.claws.until("the copy is gone", lambda: not (self.claws.folder(INBOX) or {}).get("total"))
		self.claws.until("nobody is signed in", lambda: self.page_says("Sign in again."))
		if self.is_sending:
			self.world.until("it is said why the mail was not sent", lambda: self.world.network_log().count(UNSENT) > told)
		self.forget_new()
		self.world.tenant.release()
		self.claws.press("Sign in again", window=PREFERENCES)
		self.claws.until("somebody is signed in again", lambda: self.page_says("Signed in as"))
		self.claws.press("Cancel", window=PREFERENCES)
		self.close_failure()
		self.is_open = False

	def remove_copy(self):
		question = self.claws.until("the question about the copy", lambda: [
			w for w in self.claws.widgets() if w["id"] == w["top"] and w.get("text") == "Sign out"])[0]
		self.claws.until("it can be kept", lambda: self.claws.widgets(type="GtkButton", text="Keep it", top=question["id"]))
		self.claws.press("Remove it, and lose these" if self.what in NOT_AT_THE_SERVER else "Remove it", top=question["id"])

	def page_says(self, words):
		return [w for w in self.claws.widgets(type="GtkLabel", window=PREFERENCES) if words in (w.get("text") or "")]

	def forget_new(self):
		"""What this accident made may be lost with the copy, which is what the person chose."""
		for made in (self.sent, self.marked, self.drafts, self.copied):
			self.may_be_lost |= made - self.known
			made &= self.known

	# ---- one accident, and what is left of it ------------------------------------

	@staticmethod
	def obstacle(what, way):
		"""Why this cannot be left so; None if it can."""
		return next((why for whats, ways, why in IMPOSSIBLE if what in whats and way in ways), None)

	def happen(self, what, way):
		self.what = what
		self.known = self.sent | self.marked | self.drafts | self.copied
		self.wanted_window = {"delete": ACCOUNTS, "unload": PLUGINS, "sign_out": PREFERENCES}.get(way)
		self.in_a_window = what in IN_A_WINDOW
		self.is_sending = what in ("sending", "upload")
		if way == "remove":
			self.make_place()
		getattr(self, what)()
		getattr(self, way)()
		self.world.tenant.release()
		self.let_keyring_answer()
		self.close_windows()
		self.settle()
		self.world.step(f"{what}, {way}: nothing is lost")

	def close_windows(self):
		"""What a person would close now."""
		self.in_a_window = False
		if not self.claws.is_running():
			return
		for title, button in ((ERROR, "Close"), (DEVICE, "Cancel"), (TEST, "Close"), (PREFERENCES, "Cancel"), (ACCOUNTS, "Close")):
			if title in self.claws.windows():
				self.claws.press(button, window=title)
				self.claws.until(f"{title!r} closes", lambda t=title: t not in self.claws.windows())
		self.claws.until("nothing is under way", self.is_free)
		for title in self.claws.windows():
			if COMPOSE in title:
				self.claws.close_window(title)

	def let_keyring_answer(self):
		self.world.session.keyring.popen.send_signal(signal.SIGCONT)

	def settle(self):
		"""Until the client shows what the server has, and the server has what was done here."""
		self.world.tenant.release()
		self.let_keyring_answer()
		# A client keeps a pause for as long as it runs, whatever the service says meanwhile.
		if self.claws.is_running() and (not self.is_signed_in or self.what == "pause"):
			self.exit()
		self.world.set_browser()
		self.is_signed_in = True
		if not self.claws.is_running():
			self.start()
		self.claws.remote("--online")
		if quicksearch.is_open(self.claws):
			quicksearch.search(self.claws, "")
		if not self.is_open:
			self.world.check_until("the Inbox is there", lambda: (self.claws.folder(INBOX) or {}).get("total"))
			self.open_inbox()
		self.world.check_until("the list is the server's", self.agrees)
		if self.sent:
			self.world.until("the queue is sent", self.queue_is_sent)
			arrived = [m["subject"] for m in self.world.bob.messages()]
			for subject in self.sent:
				assert arrived.count(subject) == 1, f"{subject!r} arrived {arrived.count(subject)} times"
		for subject in self.may_be_lost:
			for found in (self.world.bob.find(subject), self.world.alice.find(subject), self.world.alice.find(subject, "drafts")):
				assert len(found) <= 1, f"{subject!r} is there more than once"
		for subject in self.copied:
			self.world.until(f"{subject!r} is in Outlook's Inbox", lambda s=subject: self.world.alice.find(s))
			self.world.alice.only(subject)
		for name in self.removed:
			self.world.until(f"{name!r} is in Deleted Items", lambda n=name: self.thrown_away(n))
			assert self.thrown_away(name) == [name], f"the mail of {name!r} is lost"
		for subject in self.drafts:
			self.world.until(f"{subject!r} is in Outlook's drafts", lambda s=subject: self.world.alice.find(s, "drafts"))
			text = email.message_from_bytes(self.world.alice.mime(self.world.alice.only(subject, "drafts")))
			assert b"Hello." in text.get_payload(decode=True), f"{subject!r} lost its text: {text}"
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
