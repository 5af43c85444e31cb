# SPDX-License-Identifier: GPL-3.0-or-later
from driver.assistant import add_account
from driver.world import DRAFTS, INBOX, SENT, TRASH

TITLE = "an account is added by hand: Tools, Add Outlook account, typed settings, sign-in in the browser"


def tell(world):
	world.open()
	world.make_empty_profile()
	claws = world.start_claws()
	world.step("a client without an Outlook account")

	add_account(world, claws)
	assert len(world.browser_visits()) == 1, "the browser was opened more than once"
	claws.until("all special folders", lambda: all(claws.folder(f) for f in (INBOX, SENT, DRAFTS, TRASH)))
	world.step("the account is in the tree with its folders")

	claws.open_folder(INBOX)
	claws.until("the list", lambda: len(claws.rows()) == len(world.alice.messages()))
	world.step("its Inbox is listed")
	claws.exit()

	claws = world.start_claws()
	claws.until("the account is still there", lambda: claws.folder(INBOX))
	claws.exit()
