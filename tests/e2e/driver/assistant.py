# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools, Add Outlook account…: filled in by hand."""

from .tenant import CLIENT_ID
from .world import INBOX


def add_account(world, claws, signs_in=True):
	"""From the menu to the folders in the tree; without `signs_in` to the page in the browser."""
	origin = world.tenant.origin
	claws.focus_main()
	claws.menu("Tools", "Add Outlook account…")
	claws.field("Application (client) ID:")
	world.step("Tools, Add Outlook account… opened")
	claws.fill(claws.field("Application (client) ID:"), CLIENT_ID)
	claws.choose("Cloud:", "Other servers")
	claws.expand("Servers and redirect")
	claws.fill(claws.field("Sign-in server:"), origin)
	claws.fill(claws.field("Graph server:"), origin)
	claws.check_names("Add Outlook account")
	world.step("the settings were typed")
	visits = len(world.browser_visits())
	claws.press("Sign in")
	world.until("the browser was opened", lambda: len(world.browser_visits()) > visits)
	if not signs_in:
		return
	claws.until("the account is in the tree", lambda: claws.folder(INBOX))
