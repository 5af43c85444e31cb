# SPDX-License-Identifier: GPL-3.0-or-later
import tempfile

from driver.corpus import Corpus
from driver.tenant import ALICE
from driver.world import INBOX

TITLE = "every mail of the corpus is listed, fetched and opened, without a crash or a hang"
SECONDS = 900
LONG = True


def tell(world):
	corpus = Corpus(world.root)
	with tempfile.TemporaryDirectory(prefix="claws-e2e-corpus-") as mailbox:
		corpus.make_mailbox(mailbox)
		open_each(world, mailbox, len(corpus.files))


def open_each(world, mailbox, count):
	world.open(mailboxes=[(ALICE, mailbox)])
	claws = world.sign_in()
	claws.open_folder(INBOX)
	claws.until(f"all {count} are listed", lambda: claws.messages(limit=0)["total"] == count)
	world.step(f"{count} mails are listed")

	# By number, not by row: a mail that was fetched tells its own header, and the list is filled again.
	for row in claws.rows():
		claws.click_until(f"number {row['number']} ({row['subject']!r}) is on screen",
				  lambda number=row["number"]: claws.show_message(number),
				  lambda number=row["number"]: claws.text()["number"] == number)
		assert claws.text()["text"] is not None
	world.step("each was opened")
	assert claws.longest_stall() < 10000, "the window stood still for many seconds"
	bodies = world.tenant.requests("$value")
	assert len(bodies) >= count, f"only {len(bodies)} bodies were fetched"
	assert len(claws.windows()) == 1, f"windows nobody asked for: {claws.windows()}"
	claws.exit()
