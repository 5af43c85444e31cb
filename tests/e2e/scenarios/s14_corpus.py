# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import tempfile

from driver.run import Skip
from driver.tenant import ALICE
from driver.world import INBOX

TITLE = "every mail of the corpus is listed, fetched and opened, without a crash or a hang"
SECONDS = 900


def tell(world):
	corpus = os.path.join(os.path.dirname(world.root), "shared", "corpus", "mail")
	if not os.path.isdir(corpus):
		if os.environ.get("CI") == "true":
			raise AssertionError("the corpus is not there")
		raise Skip("the corpus is not beside this tree")
	files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(corpus)
		       for name in names if name.endswith(".eml"))
	assert len(files) >= 253, f"only {len(files)} mails in the corpus"
	mailbox = tempfile.mkdtemp(prefix="claws-e2e-corpus-")
	try:
		make_mailbox(mailbox, files)
		open_each(world, mailbox, files)
	finally:
		shutil.rmtree(mailbox)


def make_mailbox(mailbox, files):
	"""A tree as tools/simulator reads it: a folder, and a file for each mail."""
	inbox = os.path.join(mailbox, "Inbox")
	os.mkdir(inbox)
	for number, path in enumerate(files, 1):
		shutil.copyfile(path, os.path.join(inbox, f"{number:03d}-{os.path.basename(path)}"))


def open_each(world, mailbox, files):
	world.open(mailboxes=[(ALICE, mailbox)])
	claws = world.sign_in()
	claws.open_folder(INBOX)
	claws.until(f"all {len(files)} are listed", lambda: claws.messages(limit=0)["total"] == len(files))
	world.step(f"{len(files)} mails are listed")

	for row in claws.rows():
		claws.click_until(f"row {row['row']} ({row['subject']!r}) is on screen",
				  lambda number=row["row"]: claws.ask("show-row", list="messages", row=number),
				  lambda number=row["number"]: claws.text()["number"] == number)
		assert claws.text()["text"] is not None
	world.step("each was opened")
	assert claws.longest_stall() < 10000, "the window stood still for many seconds"
	bodies = world.tenant.requests("$value")
	assert len(bodies) >= len(files), f"only {len(bodies)} bodies were fetched"
	assert len(claws.windows()) == 1, f"windows nobody asked for: {claws.windows()}"
	claws.exit()
