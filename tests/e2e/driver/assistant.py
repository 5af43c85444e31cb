# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools, Add Outlook account…: filled in by hand."""

from .tenant import CLIENT_ID
from .world import INBOX


def add_account(world, claws):
	"""From the menu to the folders in the tree."""
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
	world.step("the settings were typed")
	claws.press("Sign in")
	world.until("the browser was opened", world.browser_visits)
	claws.until("the account is in the tree", lambda: claws.folder(INBOX))
