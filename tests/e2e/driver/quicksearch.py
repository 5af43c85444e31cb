# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's quick search, above the list or below it."""

import os


def set_extended_search(world):
	"""Before the client is started: what is typed is a condition in the client's own words."""
	path = os.path.join(world.profile, "clawsrc")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace("[Common]\n", "[Common]\nsummary_quicksearch_type=3\nsummary_quicksearch_recurse=0\n", 1))


def is_open(claws):
	return bool(_entries(claws))


def search(claws, text):
	claws.focus_main()
	if not is_open(claws):
		claws.key("slash")
	entry = claws.until("the search entry", lambda: _entries(claws))[0]
	claws.fill(entry, text)
	claws.key("Return")


def _entries(claws):
	main = claws.main_window()["id"]
	return claws.widgets(type="GtkEntry", top=main)
