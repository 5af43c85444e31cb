# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule of the client that files mail, and what it is to be applied to."""

import os

from .world import ARCHIVE


def write_rule(world, words):
	"""Before the client starts: mail with these words in its subject is moved into the Archive."""
	with open(os.path.join(world.profile, "matcherrc"), "w", encoding="utf-8") as file:
		file.write(f'[filtering]\nenabled rulename "watch" subject matchcase "{words}" move "{ARCHIVE}"\n')


def is_known(world):
	"""Whether the client remembers what was in the Inbox before there was new mail."""
	with open(os.path.join(world.profile, "folderlist.xml"), encoding="utf-8") as file:
		return any('type="inbox"' in line and "outlook_first_new=" in line for line in file)


def file_by_rule(world, address, subject):
	world.bob.send_text(address, subject, "Hello.")
	world.check_until(f"a rule files {subject!r}", lambda: world.person(address).find(subject, "archive"))
