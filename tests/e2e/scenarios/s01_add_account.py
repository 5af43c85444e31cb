# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re

from driver.assistant import add_account
from driver.world import DRAFTS, INBOX, SENT, TRASH

TITLE = "an account is added by hand: Tools, Add Outlook account, typed settings, sign-in in the browser"

# Of an account of another kind, with the number that the client has for it
OTHERS = {"POP": 0, "IMAP": 1}
PAGES = ["Account", "Basic", "Receive", "Send", "Compose", "Templates", "Privacy", "TLS", "Proxy", "OAuth2", "Advanced"]


def tell(world):
	world.open()
	world.make_empty_profile()
	add_others(world)
	claws = world.start_claws()
	world.step("a client without an Outlook account")

	world.set_browser(answer="nothing")
	add_account(world, claws, signs_in=False)
	claws.expand("The browser shows an error")
	claws.fill(claws.field("Type the number that begins with AADSTS, or copy the text of the page to here:"), "AADSTS90094")
	claws.until("what it means, and the link for the administrator", lambda: claws.widgets(
		type="GtkButton", text="Copy the link for the administrator", sensitive=True))
	assert claws.widgets(type="GtkButton", text="Choose the permissions", sensitive=True), "fewer are not offered"
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


def add_others(world):
	with open(os.path.join(world.profile, "accountrc"), "a", encoding="utf-8") as file:
		for number, (name, protocol) in enumerate(OTHERS.items(), 2):
			file.write(f"\n[Account: {number}]\nconfig_version=4\naccount_name={name}\nname=Tester\n"
				   f"address=before@{name.lower()}.example\nprotocol={protocol}\nreceive_server=localhost\n"
				   f"user_id=tester\nsmtp_server=localhost\nreceive_at_get_all=0\n")


def edit_others(world, claws):
	"""After the dialog of such an account those of others have all their pages, none of ours, and keep what is typed."""
	claws.menu("Configuration", "Edit accounts...")
	edit(claws, "Outlook", lambda pages: "Outlook" in pages and "Receive" not in pages)
	edit(claws, "Local", lambda pages: "Outlook" not in pages and "Receive" in pages)
	for name in OTHERS:
		edit(claws, name, PAGES.__eq__, f"after@{name.lower()}.example")
		world.step(f"the dialog of an account of {name}")
	claws.press("Close", window="Edit accounts")
	claws.until("no window is left", lambda: len(claws.windows()) == 1)
	for name, protocol in OTHERS.items():
		kept = kept_settings(world, name)
		for line in (f"address=after@{name.lower()}.example", f"protocol={protocol}", "receive_server=localhost",
			     "user_id=tester", "smtp_server=localhost"):
			assert line in kept, f"{name}: {line!r} is not kept: {kept}"
		assert not [line for line in kept if line.startswith("privacy_prefs=") and "outlook" in line], kept
	world.step("another account's dialog is as it was")


def kept_settings(world, name):
	with open(os.path.join(world.profile, "accountrc"), encoding="utf-8") as file:
		accounts = re.split(r"^\[Account: \d+\]\n", file.read(), flags=re.MULTILINE)
	return next(lines for lines in map(str.splitlines, accounts) if f"account_name={name}" in lines)


def edit(claws, name, is_right, address=None):
	"""With an address it is typed in place of the one there, and OK is pressed."""
	window = f"{name} - Account preferences"
	claws.select_cell(name, window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.until(f"the dialog of {name} has its own pages", lambda: is_right([
		cell["text"].split("\t")[0].strip() for view in claws.widgets(type="GtkTreeView", window=window)
		for cell in view["cells"]]))
	if address is not None:
		claws.select_cell("Basic", window=window)
		claws.fill(claws.widget(type="GtkEntry", text=lambda text: (text or "").startswith("before@"), window=window),
			   address)
	claws.press("OK" if address is not None else "Cancel", window=window)
	claws.until("the form is closed", lambda: window not in claws.windows())
