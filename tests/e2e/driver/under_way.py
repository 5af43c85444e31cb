# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be under way when it is left: each returns when the server was asked and does not answer.

Two waits are left below the client only: a move between two accounts, in tests/plugin/test-leave.c; and the browser's page
with the permissions of a shared mailbox, for which the session waits as in `sign_in` (tests/oauth/test-session.c: a sign-in
can be cancelled; what the page answers is in test-tenant.c beside it, and in tests/plugin/test-account-shared.c).
"""

import contextlib
import glob
import os
import shutil
import signal
import sqlite3
import time

from . import quicksearch
from .compose import Compose
from .old_mail import text_mail
from .tenant import ALICE, BOB
from .world import ARCHIVE, DRAFTS, INBOX

BODY = r"value$"
NEW_DRAFT = r"/me/messages$"
ANY = r"^/v1"
TOKEN = r"/token$"
SEARCH = "b marmalade"
ACCOUNTS = "Edit accounts"
PREFERENCES = "Outlook - Account preferences"
PLUGINS = "Plugins"
COMPOSE = "Compose message"
DEVICE = "Sign in on another device"
TEST = "Test connection"
LOCAL = "#mh/Local/old"
LARGE = 4 * 1000 * 1000
SHARED = f"#outlook/{BOB}/Inbox"
PAUSE = 300  # seconds; a longer one than ten minutes the client does not wait for


class UnderWay:
	"""A part of Leaving, which has the account."""

	wanted_window = None

	def fresh_mail(self):
		"""Its row; its body is nowhere but on the server."""
		if self.place != INBOX:
			return self.claws.row(self.place_name())
		self.count += 1
		subject = f"Fresh {self.count}"
		self.world.bob.send_text(ALICE, subject, "Hello.")
		self.world.check_until(f"{subject!r} comes", lambda: self.claws.row(subject))
		return self.claws.row(subject)

	def hang(self, pattern, **which):
		"""The server does not answer what matches; the question whether it was asked."""
		# The client's remote control is deaf while a check that it ordered waits.
		if not [t for t in self.claws.windows() if t in (ACCOUNTS, PLUGINS)]:
			self.claws.until("no check is under way", self.is_free)
		return self.block(pattern, **which)

	def block(self, pattern, **fault):
		"""The same at once, or another fault if its kind is told."""
		self.world.tenant.add_fault(**{"path": pattern, "kind": "hang", "count": 0, **fault})
		before = len(self.world.tenant.asked(pattern))
		return lambda: len(self.world.tenant.asked(pattern)) > before

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
		if self.wanted_window:
			self.go_on_in_background()

	def go_on_in_background(self):
		"""Going offline ends the wait and is a pause of the work; online it goes on, and nobody waits for it."""
		self.claws.remote("--offline")
		self.world.until("nobody waits", self.is_free)
		self.open_window()
		before = len(self.world.tenant.asked(BODY))
		self.claws.remote("--online")
		self.world.until("a body is asked for again", lambda: len(self.world.tenant.asked(BODY)) > before)

	def synchronise_folders(self):
		"""The client is on its way through all its folders, and waits in the only one whose mails are to be here."""
		self.count += 1
		total = self.claws.folder(ARCHIVE)["total"]
		self.world.tenant.deliver(ALICE, "archive", text_mail(f"Filed {self.count}", f"filed{self.count}")
					  .replace("\n", "\r\n").encode())
		self.world.check_until("a mail comes to the Archive", lambda: self.claws.folder(ARCHIVE)["total"] > total)
		asked = self.hang(BODY)
		self.claws.focus_main()
		self.claws.menu("File", "Synchronise folders")
		self.world.until("a body is asked for", asked)

	def search(self):
		# Where every text is here, the server is not asked.
		self.fresh_mail()
		self.open_window()
		asked = self.hang(r"/messages$")
		if self.wanted_window:
			self.world.session.start("search", ["claws-mail", "--alternate-config-dir", self.world.profile,
							    "--search", INBOX, "e", SEARCH])
		else:
			# The client's remote control is deaf while a search that it ordered waits.
			quicksearch.search(self.claws, SEARCH)
		self.world.until("the server is asked", asked)

	def check(self):
		asked = self.hang(ANY)
		self.claws.remote("--receive")
		self.world.until("the server is asked", asked)
		self.open_window()

	def pause(self):
		"""The service asks for a pause, whatever it is asked for; the client waits, and says so."""
		self.claws.until("no check is under way", self.is_free)
		asked = self.block(ANY, kind="status", status=429, headers={"Retry-After": str(PAUSE)})
		self.claws.remote("--receive")
		self.world.until("the server is asked", asked)
		self.claws.until("the status bar says that it waits", lambda: self.claws.widgets(
			type="GtkLabel", text=f"Waiting for {PAUSE} seconds at Microsoft’s request"))
		self.open_window()

	def renewal(self):
		"""The access has expired, and nobody says whether there is another one."""
		asked = self.hang(TOKEN, target="identity")
		self.world.expire_access()
		self.claws.remote("--receive")
		self.world.until("a new access token is asked for", asked)
		self.open_window()

	def first_sync(self):
		"""As if nothing had been fetched before."""
		self.exit()
		shutil.rmtree(self.data())
		self.is_open = False
		# A folder can be removed when the tree has come; its lower parts come in batches.
		asked = self.block(r"/messages/delta|/messages$" + ("|batch$" if self.place == INBOX else ""))
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

	def thorough(self):
		"""The first check of a run compares lists whose day has come."""
		self.exit()
		for path in glob.glob(os.path.join(self.data(), "*", "mail.db")):
			with contextlib.closing(sqlite3.connect(path)) as database, database:
				database.execute("UPDATE folders SET reconciled = 2 WHERE filled")
		self.is_open = False
		asked = self.block(r"/mailFolders/[^/]+/messages$", method="GET")
		self.world.start_claws()
		self.claws.remote("--online")
		self.claws.remote("--receive")
		self.world.until("a list is asked for", asked)
		self.open_window()

	def keyring(self):
		"""A keyring that does not answer, as while its own window waits for a password."""
		self.exit()
		self.is_open = False
		self.world.session.keyring.popen.send_signal(signal.SIGSTOP)
		asked = self.block(ANY)
		self.world.start_claws()
		self.claws.remote("--online")
		self.claws.remote("--receive")
		self.open_window()
		assert not asked(), "the server was asked without a sign-in"

	def copy_out(self):
		"""A mail of the mailbox, copied to a local folder: the client fetches its body."""
		row = self.fresh_mail()
		asked = self.hang(BODY)
		self.claws.drag_message(row["subject"].strip(), LOCAL, "ctrl")
		self.world.until("a body is asked for", asked)

	def sending(self):
		self.send(self.hang("/sendMail$"))

	def upload(self):
		"""The pieces of a mail too large for one request."""
		path = self.world.session.path("tmp", "photos.zip")
		with open(path, "wb") as file:
			file.write(os.urandom(LARGE))
		self.send(self.hang("/_upload/", method="PUT"), path)

	def send(self, asked, attachment=None):
		self.count += 1
		subject = f"Sent {self.count}"
		self.compose(subject, attachment)
		self.sent.add(subject)
		self.claws.key("ctrl+Return")
		self.world.until("it is sent", asked)
		self.open_window()

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

	def opened_draft(self):
		"""One that was written elsewhere, and is opened here to go on with it."""
		self.count += 1
		subject = f"Elsewhere {self.count}"
		self.world.alice.ask("POST", "/me/messages", {"subject": subject, "body": {"contentType": "text", "content": "Hello."}})
		self.world.check_until("the draft comes", lambda: (
			self.claws.folder(DRAFTS)["total"] == len(self.world.alice.messages("drafts"))))
		self.drafts.add(subject)
		self.claws.open_folder(DRAFTS)
		self.is_open = False
		self.claws.until("it is listed", lambda: self.claws.row(subject))
		asked = self.hang(BODY)
		self.claws.focus_main()
		self.claws.click(self.claws.show_row(self.claws.row(subject)), times=2)
		self.world.until("its text is asked for", asked)

	def append(self):
		"""A mail of a local folder, copied to the Inbox."""
		self.count += 1
		subject = f"Copied {self.count}"
		with open(os.path.join(self.local, "old", str(self.count)), "w", encoding="utf-8") as file:
			file.write(text_mail(subject, f"copied{self.count}"))
		# The client looks at a directory again when its time is another second.
		changed = time.time() + self.count
		os.utime(os.path.join(self.local, "old"), (changed, changed))
		asked = self.hang(r"/messages$", method="POST")
		self.claws.open_folder(LOCAL)
		self.is_open = False
		self.claws.until("it is listed", lambda: self.claws.row(subject))
		# Without a click before: the press would be the second one of a double click.
		self.claws.drag_message(subject, INBOX, "ctrl")
		self.copied.add(subject)
		self.world.until("it is sent", asked)
		self.open_window()

	def shared(self):
		"""Another person's mailbox is being added, and looked at."""
		self.world.tenant.share(BOB, ALICE)
		if self.claws.folder(SHARED):
			self.remove_shared()
		asked = self.hang(r"/mailFolders/inbox$")
		self.claws.folder_menu(INBOX, "Add shared mailbox")
		self.claws.answer("Add shared mailbox", BOB)
		self.world.until("it is looked at", asked)
		self.open_window()

	def remove_shared(self):
		self.claws.folder_menu(SHARED, "Remove shared mailbox")
		question = self.claws.until("the question", lambda: [
			w for w in self.claws.widgets()
			if w["id"] == w["top"] and "Remove shared mailbox" in (w.get("text") or "")])[0]
		self.claws.press("Remove", top=question["id"])
		self.claws.until("its tree is gone", lambda: self.claws.folder(SHARED) is None)

	def device(self):
		"""A code for another device is shown, and asked about again and again."""
		self.world.tenant.set_device(device_interval=1)
		self.open_page()
		self.claws.press("Sign in on another device…")
		before = len(self.world.tenant.asked(TOKEN))
		self.world.until("it is asked whether the code was typed", lambda: len(self.world.tenant.asked(TOKEN)) > before + 1)

	def test(self):
		"""The connection is tested."""
		self.open_page()
		asked = self.block(ANY)
		self.claws.press("Test connection", window=PREFERENCES)
		self.world.until("the server is asked", asked)

	def open_page(self):
		self.claws.until("no check is under way", self.is_free)
		self.claws.focus_main()
		self.claws.menu("Configuration", "Edit accounts...")
		self.claws.select_cell("Outlook", window=ACCOUNTS)
		self.claws.press("Edit", window=ACCOUNTS)
		self.claws.select_cell("Outlook", window=PREFERENCES)

	def compose(self, subject, attachment=None):
		self.claws.remote("--compose", f"mailto:{BOB}?subject={subject.replace(' ', '%20')}&body=Hello.",
				  *(["--attach", attachment] if attachment else []))
		self.claws.until("the compose window", lambda: [t for t in self.claws.windows() if COMPOSE in t])

	def open_window(self):
		"""A window that a wait would not let be opened later."""
		if self.wanted_window:
			self.claws.until("no check is under way", self.is_free)
		if self.wanted_window == PREFERENCES:
			self.open_page()
		elif self.wanted_window == ACCOUNTS:
			self.claws.focus_main()
			self.claws.menu("Configuration", "Edit accounts...")
			self.claws.widget(type="GtkTreeView", window=ACCOUNTS)
		elif self.wanted_window == PLUGINS:
			self.claws.focus_main()
			self.claws.menu("Configuration", "Plugins...")
			self.claws.widget(type="GtkTreeView", window=PLUGINS)
