# SPDX-License-Identifier: GPL-3.0-or-later
"""One story's world: a desktop, a tenant, a profile, and a Claws Mail on it."""

import gettext
import json
import os
import random
import re
import sys

from . import tenant, wait
from .claws import Claws
from .session import Session

INBOX = "#outlook/Outlook/Inbox"
SENT = "#outlook/Outlook/Sent Items"
DRAFTS = "#outlook/Outlook/Drafts"
TRASH = "#outlook/Outlook/Deleted Items"
ARCHIVE = "#outlook/Outlook/Archive"
CHECKS_MAX = 6
QUEUE = "#outlook/Outlook/Queue"


class World:
	"""A context manager. `root` is the source tree, `build` where it was built, `screenshots` a directory or None."""

	def __init__(self, root, build, screenshots=None, keep=False, display=None, seed=None):
		self.root = root
		self.build = build
		self.screenshots = screenshots
		self.keep = keep
		self.display = display
		self.session = None
		self.tenant = None
		self.claws = None
		self.profile = None
		self.steps = []
		self.environment = {}
		self.seed = seed
		self.is_long = False
		self._people = {}

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.close()

	def close(self):
		"""The desktop ends; another may be opened."""
		if self.session is not None:
			self.session.close()
		self.profile = None

	# ---- making it ---------------------------------------------------------------

	def open(self, keyring=True, bus=True, mailboxes=(), simulator=()):
		"""The desktop and the tenant."""
		self._people.clear()
		self.session = Session(keyring, bus, self.keep, self.display)
		self.session.__enter__()
		self.session.environment["OUTLOOK_BUILD_DIR"] = self.build
		arguments = list(simulator)
		for address, directory in mailboxes:
			arguments += ["--mailbox", f"{address}={directory}"]
		self.tenant = tenant.Tenant(self.session, [os.path.join(self.root, "tools", "simulator")], *arguments)
		self.set_browser()

	def set_browser(self, user=tenant.ALICE, answer="allow"):
		"""Who sits before the browser that the client opens, and what they do there."""
		with open(self.session.path("browser.json"), "w", encoding="utf-8") as file:
			json.dump({"user": user, "answer": answer, "log": self.session.path("browser.log")}, file)

	def chance(self):
		"""For a random story: the same numbers each time that it is told with this seed."""
		print(f"# seed {self.seed}", flush=True)
		return random.Random(self.seed)

	def browser_visits(self):
		return self.session.log("browser").splitlines()

	def browser_command(self):
		"""A program's name without blanks in it; the client splits its command there."""
		path = self.session.path("browser")
		script = os.path.join(self.root, "tests", "e2e", "driver", "browser.py")
		with open(path, "w", encoding="utf-8") as file:
			file.write(f"#!/bin/sh\nexec /usr/bin/python3 -B {_quote(script)} "
				   f"{_quote(self.session.path('browser.json'))} \"$1\"\n")
		os.chmod(path, 0o755)
		return path

	def make_profile(self, browser=None, secret=None, client_id=tenant.CLIENT_ID, extra=(), with_browser=True):
		"""What tools/profile writes, and the browser of the test unless a person's is wanted."""
		self.profile = self.session.path("profile")
		environment = {"OUTLOOK_CLIENT_SECRET": secret} if secret else {}
		status, text = self.session.run([os.path.join(self.root, "tools", "profile"), self.profile,
						 "--identity", self.tenant.origin, "--graph", self.tenant.origin,
						 "--client-id", client_id, *extra], 600, **environment)
		if status != 0:
			raise AssertionError("tools/profile: " + text)
		if text.splitlines()[-1:] != [self.profile]:
			raise AssertionError(f"tools/profile printed {text!r}")
		if with_browser:
			self.add_browser(browser)

	def make_empty_profile(self, browser=None):
		"""The plugin and no account of it; a local one, which cannot receive, keeps the wizard away."""
		self.make_profile(browser)
		mail = os.path.join(self.session.environment["HOME"], "Mail")
		for folder in ("inbox", "sent", "draft", "queue", "trash"):
			os.makedirs(os.path.join(mail, folder), exist_ok=True)
		with open(os.path.join(self.profile, "folderlist.xml"), "w", encoding="utf-8") as file:
			file.write('<?xml version="1.0" encoding="UTF-8"?>\n<folderlist config_version="4">'
				   '<folder name="Mail" path="Mail" type="mh"><folderitem name="inbox" path="inbox" type="inbox"/>'
				   '<folderitem name="sent" path="sent" type="outbox"/>'
				   '<folderitem name="draft" path="draft" type="draft"/>'
				   '<folderitem name="queue" path="queue" type="queue"/>'
				   '<folderitem name="trash" path="trash" type="trash"/></folder></folderlist>\n')
		with open(os.path.join(self.profile, "accountrc"), "w", encoding="utf-8") as file:
			file.write("[Account: 1]\nconfig_version=4\naccount_name=Local\nis_default=1\nname=Tester\n"
				   "address=tester@local.example\nprotocol=4\nsmtp_server=localhost\n")

	def add_local_folders(self, directory, *names):
		"""Before the client starts: a mailbox `Local` of MH with these folders."""
		path = os.path.join(self.profile, "folderlist.xml")
		with open(path, encoding="utf-8") as file:
			text = file.read()
		assert "</folderlist>" in text
		items = "".join(f'<folderitem name="{name}" path="{name}" type="normal"/>' for name in names)
		with open(path, "w", encoding="utf-8") as file:
			file.write(text.replace("</folderlist>", f'<folder name="Local" path="{directory}" type="mh">'
						f'{items}</folder></folderlist>'))

	def choose_for_offline(self, folder):
		"""Before the client starts: as the folder's properties do, on the page Offline."""
		with open(os.path.join(self.profile, "folderitemrc"), "a", encoding="utf-8") as file:
			file.write(f"\n[{folder}]\nofflinesync=1\nofflinesync_days=0\n")

	def speak(self, language, territory):
		"""Before the client starts: the language of the plugin and of GTK; the client itself stays English.

		Returns the translations of the plugin.
		"""
		name = f"{language}_{territory}"
		directory = self.session.path("locales")
		os.makedirs(directory, exist_ok=True)
		_, text = self.session.run(["localedef", "-i", name, "-f", "UTF-8", os.path.join(directory, name + ".UTF-8")])
		if not os.path.isdir(os.path.join(directory, name + ".UTF-8")):
			raise AssertionError("localedef: " + text)
		translations = self.session.path("translations")
		catalogs = os.path.join(translations, language, "LC_MESSAGES")
		os.makedirs(catalogs, exist_ok=True)
		os.symlink(os.path.join(self.build, "po", language, "LC_MESSAGES", "outlook-accounts.mo"),
			   os.path.join(catalogs, "outlook-accounts.mo"))
		# GLib translates nothing in a program that has no translation, be it an empty one.
		empty = self.session.path("empty.po")
		with open(empty, "w", encoding="utf-8") as file:
			file.write('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
		status, text = self.session.run(["msgfmt", "-o", os.path.join(catalogs, "claws-mail.mo"), empty])
		if status != 0:
			raise AssertionError("msgfmt: " + text)
		preloaded = [self.environment.get("LD_PRELOAD"), os.path.join(self.build, "tests", "e2e", "libtextdomain.so")]
		self.environment.update(LD_PRELOAD=" ".join(filter(None, preloaded)), TEXTDOMAIN_DIR=translations,
					LOCPATH=directory, LC_ALL=name + ".UTF-8", LANGUAGE="")
		return gettext.translation("outlook-accounts", translations, [language])

	def restore_plugin(self):
		"""The client forgets a plugin that was unloaded."""
		path = os.path.join(self.profile, "clawsrc")
		with open(path, encoding="utf-8") as file:
			text = file.read()
		plugin = os.path.join(self.build, "plugin", "claws-mail", "outlook.so")
		if plugin in text:
			raise AssertionError("the plugin is still listed")
		with open(path, "w", encoding="utf-8") as file:
			file.write(re.sub(r"\n*\[Plugins_Common\]\n", "\n", text) + f"\n[Plugins_Common]\n{plugin}\n")

	def add_browser(self, browser=None):
		command = browser or self.browser_command()
		path = os.path.join(self.profile, "clawsrc")
		with open(path, encoding="utf-8") as file:
			text = file.read()
		if not text.startswith("[Common]\n"):
			raise AssertionError("clawsrc does not begin with [Common]")
		if re.search(r"^(uri_open_command|cmds_use_system_default)=", text, re.MULTILINE):
			raise AssertionError("clawsrc holds browser keys")
		with open(path, "w", encoding="utf-8") as file:
			file.write(text.replace("[Common]\n", f"[Common]\ncmds_use_system_default=0\n"
						f"uri_open_command={command} '%s'\nwarn_empty_subj=0\n"
						"send_dialog_mode=1\n", 1))

	def start_claws(self, *arguments, before=None):
		"""A client on the profile; the one before has ended. `before()` is called in its process first."""
		probe = os.path.join(self.build, "tests", "e2e", "libclawsprobe.so")
		self.claws = Claws(self.session, self.profile, probe, environment=self.environment)
		self.claws.before = before
		self.claws.start(*arguments)
		return self.claws

	def sign_in(self, *arguments):
		"""The whole way to a filled Inbox on screen: profile, client, first check."""
		self.make_profile()
		claws = self.start_claws(*arguments)
		claws.remote("--receive")
		self.wait_for_mail()
		return claws

	def wait_for_mail(self):
		"""Until the folders have come and the Inbox has as many messages as on the server."""
		count = len(self.alice.messages())
		assert count > 0, "the mailbox of the tenant is empty"
		self.claws.until(f"the Inbox has its {count} messages",
				 lambda: (self.claws.folder(INBOX) or {}).get("total") == count)

	def check_until(self, what, question):
		"""Ask for mail, and again from time to time as a person would who waits for it."""
		for _ in range(CHECKS_MAX):
			self.claws.remote("--receive-all")
			try:
				return self.until(what, question, wait.PATIENCE / CHECKS_MAX)
			except wait.TookTooLong:
				continue
		raise wait.TookTooLong(f"{what}: not after {CHECKS_MAX} checks")

	# ---- people ------------------------------------------------------------------

	def person(self, address):
		if address not in self._people:
			self._people[address] = self.tenant.person(address)
		return self._people[address]

	def expire_access(self):
		"""Every client needs a new access token, these people's as well: they sign in again."""
		self.tenant.expire_access()
		self._people.clear()

	@property
	def alice(self):
		return self.person(tenant.ALICE)

	@property
	def bob(self):
		return self.person(tenant.BOB)

	# ---- telling it --------------------------------------------------------------

	def step(self, text):
		"""Something was done and seen: one line, and a picture."""
		self.steps.append(text)
		print(f"# {text}", flush=True)
		self.picture(f"{len(self.steps):02d}-" + re.sub(r"[^a-z0-9]+", "-", text.lower())[:60].strip("-"))

	def picture(self, name):
		if self.screenshots is None or self.session is None or "DISPLAY" not in self.session.environment:
			return
		os.makedirs(self.screenshots, exist_ok=True)
		self.session.screenshot(os.path.join(self.screenshots, name + ".png"))

	def until(self, what, question, patience=wait.PATIENCE):
		return wait.until(what, question, patience, self.claws.check_alive if self.claws else None)

	def network_log(self):
		"""What the client's own log window has said, from its file."""
		with open(os.path.join(self.profile, "claws.log"), encoding="utf-8", errors="replace") as file:
			return file.read()

	def check_log_is_clean(self):
		"""Nothing in what the client printed or logged that only an error of ours puts there, and no secret."""
		text = self.session.log("claws")
		for line in text.splitlines():
			if re.search(r"AddressSanitizer|runtime error:|LeakSanitizer", line):
				raise AssertionError("the client printed: " + line)
			if "CRITICAL" in line and not re.search(r"\((claws-mail:\d+)\): Gtk-CRITICAL", line):
				raise AssertionError("the client printed: " + line)
		for name in os.listdir(self.profile):
			path = os.path.join(self.profile, name)
			if not os.path.isfile(path):
				continue
			with open(path, encoding="utf-8", errors="replace") as file:
				content = file.read()
			if re.search(r"refresh_token=|code_verifier=|Bearer [A-Za-z0-9._-]{8}|[?&]code=", content):
				raise AssertionError(f"a secret lies in {name}")


def _quote(text):
	return "'" + text.replace("'", "'\\''") + "'"


def note(text):
	print(f"# {text}", file=sys.stderr, flush=True)
