# SPDX-License-Identifier: GPL-3.0-or-later
from driver.assistant import add_account
from driver.world import DRAFTS, INBOX, SENT, TRASH

TITLE = "an account is added by hand: Tools, Add Outlook account, typed settings, sign-in in the browser"


def tell(world):
	world.open()
	world.make_empty_profile()
	claws = world.start_claws()
	world.step("a client without an Outlook account")

	world.set_browser(answer="nothing")
	add_account(world, claws, signs_in=False)
	claws.expand("The browser shows an error")
	claws.fill(claws.field("Type the number that begins with AADSTS, or copy the text of the page to here:"), "AADSTS90094")
	claws.until("what it means, and the link for the administrator", lambda: claws.widgets(
		type="GtkButton", text="Copy the link for the administrator", sensitive=True))
	world.step("the number that the browser shows is explained, and what helps is offered")
	claws.press("Cancel")
	claws.until("the form is back", lambda: claws.widgets(type="GtkButton", text="Sign in", sensitive=True))

	world.set_browser()
	claws.press("Sign in")
	claws.until("the account is in the tree", lambda: claws.folder(INBOX))
	assert len(world.browser_visits()) == 2, "the browser was opened more than once for a sign-in"
	claws.until("all special folders", lambda: all(claws.folder(f) for f in (INBOX, SENT, DRAFTS, TRASH)))
	world.step("the account is in the tree with its folders")

	claws.open_folder(INBOX)
	claws.until("the list", lambda: len(claws.rows()) == len(world.alice.messages()))
	world.step("its Inbox is listed")
	edit_others(world, claws)
	claws.exit()

	claws = world.start_claws()
	claws.until("the account is still there", lambda: claws.folder(INBOX))
	claws.exit()


def edit_others(world, claws):
	"""After the dialog of such an account that of another one has all its pages, and none of ours."""
	claws.menu("Configuration", "Edit accounts...")
	edit(claws, "Outlook", lambda pages: "Outlook" in pages and "Receive" not in pages)
	edit(claws, "Local", lambda pages: "Outlook" not in pages and "Receive" in pages)
	claws.press("Close", window="Edit accounts")
	world.step("another account's dialog is as it was")


def edit(claws, name, is_right):
	window = f"{name} - Account preferences"
	claws.select_cell(name, window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.until(f"the dialog of {name} has its own pages", lambda: is_right([
		cell["text"].split("\t")[0].strip() for view in claws.widgets(type="GtkTreeView", window=window)
		for cell in view["cells"]]))
	claws.press("Cancel", window=window)
	claws.until("the form is closed", lambda: window not in claws.windows())
