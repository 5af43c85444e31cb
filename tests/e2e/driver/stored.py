# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client that is not running has on the disk: a copy of its store is opened, so that nothing is repaired."""

import glob
import os
import shutil
import sqlite3
import tempfile

FLAGGED = 1 << 1  # StoreFlags
FLAGS_COMPARED = 1 << 0 | FLAGGED


class Stored:
	"""The one account of this session. `messages`: id → (the folder's id, flags); `waiting`: entries of the journal."""

	def __init__(self, session):
		directories = glob.glob(os.path.join(session.environment["XDG_DATA_HOME"], "outlook-mail", "*"))
		assert len(directories) == 1, f"{len(directories)} accounts have a directory"
		with tempfile.TemporaryDirectory(prefix="claws-e2e-stored-") as copy:
			for path in glob.glob(os.path.join(directories[0], "mail.db*")):
				shutil.copy(path, copy)
			database = sqlite3.connect(os.path.join(copy, "mail.db"))
			try:
				self._read(database)
			finally:
				database.close()

	def _read(self, database):
		found = [row[0] for row in database.execute("PRAGMA integrity_check")]
		assert found == ["ok"], f"the database is damaged: {found[:3]}"
		broken = database.execute("PRAGMA foreign_key_check").fetchall()
		assert not broken, f"the database refers to what is not there: {broken[:3]}"
		self.messages = {row[0]: (row[1], row[2]) for row in database.execute(
			"SELECT m.id, f.id, m.flags FROM messages m JOIN folders f ON f.key = m.folder WHERE m.id IS NOT NULL")}
		self.waiting = database.execute("SELECT count(*) FROM journal").fetchone()[0]

	def differences(self, person):
		"""Between this and the server: nothing when they agree."""
		there = {}
		for folder in folders(person):
			for m in person.messages(folder, select="id,isRead,flag"):
				flags = (1 if m["isRead"] else 0) | (FLAGGED if m["flag"]["flagStatus"] == "flagged" else 0)
				there[m["id"]] = (folder, flags)
		here = {key: (folder, flags & FLAGS_COMPARED) for key, (folder, flags) in self.messages.items()}
		return [(key[-24:], here.get(key), there.get(key)) for key in here.keys() | there.keys()
			if here.get(key) != there.get(key)]


def folders(person, parent=None):
	"""Ids of all folders."""
	path = "/me/mailFolders?$top=100" if parent is None else f"/me/mailFolders/{parent}/childFolders?$top=100"
	found = []
	for folder in person.list(path):
		found.append(folder["id"])
		if folder.get("childFolderCount"):
			found += folders(person, folder["id"])
	return found
