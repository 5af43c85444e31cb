# SPDX-License-Identifier: GPL-3.0-or-later
import re
import urllib.parse

from driver.quicksearch import search, set_extended_search
from driver.rules import file_by_rule, is_known, write_rule
from driver.tenant import ALICE
from driver.world import INBOX

TITLE = ("the newest page of a large folder is on the screen and can be read and searched while the rest is still to come; "
	 "rules are for what comes later")

MANY = 1300


def tell(world):
	world.open()
	world.tenant.fill(ALICE, "inbox", MANY)
	total = len(world.alice.messages())
	inbox = urllib.parse.quote(world.alice.ask("GET", "/me/mailFolders/inbox")["id"], safe="")
	pages = rf"/mailFolders/{re.escape(inbox)}/messages/delta$"
	archived = len(world.alice.messages("archive"))
	world.make_profile()
	set_extended_search(world)
	write_rule(world, "night watch")
	world.tenant.add_fault(path=pages, kind="hang", skip=1)
	claws = world.start_claws()
	claws.remote("--receive")
	world.until("the second page is asked for, and does not come", lambda: len(world.tenant.asked(pages)) == 2)
	claws.open_folder(INBOX)
	claws.until("the first page is on the screen", lambda: claws.rows())
	first = claws.folder(INBOX)["total"]
	assert 0 < first < total, f"{first} of {total} are listed"
	newest = f"Report {MANY} of the night watch"
	assert newest in claws.subjects(), "the newest mail is not in the first page"
	assert f"in round {MANY}." in claws.read_message(newest)
	assert len(world.tenant.asked(pages)) == 2, "the second page is not held back any more"
	world.step("the newest page is there and can be read")
	search(claws, "b lamp")
	claws.until("that the rest was not searched is said", lambda: "only what has come so far" in world.network_log())
	assert len(claws.subjects()) == first
	search(claws, "")
	claws.until("the first page is back", lambda: len(claws.subjects()) == first)
	world.tenant.release()
	claws.until("the rest has come, and was looked for all the time", lambda: (
		claws.remote("--receive"), claws.folder(INBOX)["total"] == total)[1])
	claws.until("it is on the screen", lambda: len(claws.subjects()) == total)
	world.step("the rest has come")

	world.until("the Inbox is known to have been read", lambda: is_known(world))
	claws.kill()
	claws = world.start_claws()
	claws.open_folder(INBOX)
	claws.until("the client, which was killed, has read all of it again", lambda: claws.folder(INBOX)["total"] == total)
	file_by_rule(world, ALICE, "Tonight's night watch")
	assert len(world.alice.messages("archive")) == archived + 1, "it filed what was there before, too"
	assert len(world.alice.messages()) == total, "the Inbox is not what it was"
	claws.until("the Inbox is as it was", lambda: claws.folder(INBOX)["total"] == total)
	world.step("a rule did not touch what was there before the account, and files what comes")
	claws.exit()
