# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import email.utils
import os
import random
import shutil
import tempfile

from driver.tenant import ALICE
from driver.world import INBOX

TITLE = "the threads of many mails are those that they were made with, and those of a local copy"

LOCAL = "#mh/Local/copy"
MAILS = 5000
RIGHT = 0.99
START = 1772000000


class Mail:
	"""Number `number`; answers `before` (None: begins a thread) with a client of a `kind`."""

	def __init__(self, number, before, kind, index):
		self.number = number
		self.before = before
		self.kind = kind
		self.index = index
		self.lost = False
		self.depth = before.depth + 1 if before else 1

	def ancestors(self):
		mail, found = self.before, []
		while mail:
			found.insert(0, mail)
			mail = mail.before
		return found

	def parent(self):
		"""What it stands below: the nearest mail before it that is there, as far as it tells; None at the top."""
		mail = self.before
		while mail and mail.lost:
			if self.kind == "no-references":
				return None
			mail = mail.before
		return mail

	def write(self):
		lines = ["From: Bob Beispiel <bob@contoso.example>", f"To: {ALICE}",
			 # A tenth of the answers has a subject of its own.
			 f"Subject: {'Re: ' if self.before else ''}Matter {self.number if self.number % 10 == 0 else self.root()}",
			 f"Message-ID: {self.identifier()}", f"Date: {date(self.number)}",
			 "Thread-Index: " + base64.b64encode(self.index).decode()]
		if self.before and self.kind in ("plain", "no-references"):
			lines.append(f"In-Reply-To: {self.before.identifier()}")
		if self.before and self.kind in ("plain", "no-reply-to"):
			lines.append("References: " + "\r\n ".join(m.identifier() for m in self.ancestors()))
		return "\r\n".join(lines) + "\r\n\r\nHello.\r\n"

	def root(self):
		return (self.ancestors() or [self])[0].number

	def identifier(self):
		return f"<mail.{self.number}@contoso.example>"


def date(number):
	return email.utils.formatdate(START + number * 60)


def make_mails(count):
	"""Chains and branches; a mail in twelve was lost; one answer in ten each lacks References or In-Reply-To, one in
	fifty has nothing but its Thread-Index."""
	dice = random.Random(20260301)
	mails = []
	for number in range(1, count + 1):
		before = None
		if mails and dice.random() < 0.85:
			before = mails[-1] if dice.random() < 0.33 else dice.choice(mails[-50:])
		kind = dice.choices(("plain", "no-references", "no-reply-to", "index"), (78, 10, 10, 2))[0]
		index = (before.index + dice.randbytes(5)) if before else b"\x01" + dice.randbytes(21)
		mail = Mail(number, before, kind if before else "plain", index)
		mail.lost = dice.random() < 0.08
		mails.append(mail)
	return mails


def tell(world):
	directory = tempfile.mkdtemp(prefix="claws-e2e-threads-")
	try:
		compare(world, directory, make_mails(MAILS))
	finally:
		shutil.rmtree(directory)


def compare(world, directory, mails):
	there = [mail for mail in mails if not mail.lost]
	local, inbox = os.path.join(directory, "local", "copy"), os.path.join(directory, "server", "Inbox")
	os.makedirs(local)
	os.makedirs(inbox)
	for mail in there:
		for path in (os.path.join(local, str(mail.number)), os.path.join(inbox, f"{mail.number:05d}.eml")):
			with open(path, "w", encoding="ascii", newline="") as file:
				file.write(mail.write())
	kinds = {kind: sum(1 for m in there if m.before and m.kind == kind) for kind in
		 ("plain", "no-references", "no-reply-to", "index")}
	print(f"# {len(there)} of {len(mails)} mails, answers {kinds}, depth {max(m.depth for m in mails)}", flush=True)

	world.open(mailboxes=[(ALICE, os.path.join(directory, "server"))])
	world.make_profile()
	prepare(world, os.path.join(directory, "local"))
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	ours = read_tree(claws, INBOX, len(there))
	assert not world.tenant.requests("$value"), "mails were fetched"
	world.step(f"{len(there)} mails stand in their threads, and none was fetched")
	copies = read_tree(claws, LOCAL, len(there))
	world.step("and in the local folder")

	truth = {m.identifier().strip("<>"): m.parent().identifier().strip("<>") if m.parent() else None for m in there}
	right = sum(ours[name] == parent for name, parent in truth.items())
	right_locally = sum(copies[name] == parent for name, parent in truth.items())
	# The host knows no index: where there is nothing else, the local folder cannot know.
	told = [m.identifier().strip("<>") for m in there if m.kind != "index"]
	same = sum(ours[name] == copies[name] for name in told)
	print(f"# right: {right} of {len(truth)}; in the local folder {right_locally}; "
	      f"the same in both: {same} of {len(told)}", flush=True)
	assert right >= RIGHT * len(truth)
	assert same >= RIGHT * len(told)
	claws.exit()


def prepare(world, directory):
	"""A local folder with the same mails; both in threads, and not by subject."""
	path = os.path.join(world.profile, "folderlist.xml")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace("</folderlist>", f'<folder name="Local" path="{directory}" type="mh">'
					'<folderitem name="copy" path="copy" type="normal" threaded="1"/></folder></folderlist>'))
	path = os.path.join(world.profile, "clawsrc")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace("[Common]\n", "[Common]\nthread_by_subject=0\n", 1))


def read_tree(claws, folder, count):
	"""By message id: the id of what it stands below."""
	claws.open_folder(folder)
	claws.until(f"all {count} are listed", lambda: claws.messages(limit=0)["total"] == count)
	rows = claws.rows()
	names = {row["number"]: row["message-id"] for row in rows}
	return {row["message-id"]: names.get(row["parent"]) for row in rows}
