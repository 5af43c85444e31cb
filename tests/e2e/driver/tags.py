# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu of a message's tags."""

from .claws import RIGHT


def _open_menu(claws, subject):
	claws.focus_main()
	claws.click(claws.show_row(claws.row(subject)), RIGHT)
	# A click on what the pointer alone has opened closes it.
	claws.point(claws.until("the entry Tags", lambda: _entries(claws, "Tags"))[-1])
	claws.until("its entries", lambda: _entries(claws, "Modify tags..."))


def toggle(claws, subject, tag):
	_open_menu(claws, subject)
	claws.click(claws.until(f"the tag {tag!r}", lambda: _entries(claws, tag))[-1])


def is_set(claws, subject, tag):
	_open_menu(claws, subject)
	found = [w for w in _entries(claws, tag) if w.get("active")]
	_close_menu(claws)
	return found


def _close_menu(claws):
	"""Menu by menu; a key that comes while one opens is lost."""
	def closed():
		if _entries(claws, "Modify tags...") or _entries(claws, "Tags"):
			claws.key("Escape")
			return False
		return True

	claws.until("the menu is closed", closed)


def _entries(claws, text):
	return [w for w in claws.widgets(text=text) if w["type"].endswith("MenuItem")]
