# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus of real mail beside this tree, and a mailbox with all of it."""

import os
import shutil

from .run import Skip

COUNT = 253


class Corpus:
	"""Its mails in the order of their names, numbered from 1."""

	def __init__(self, root):
		self.directory = os.path.join(os.path.dirname(root), "shared", "corpus", "mail")
		if not os.path.isdir(self.directory):
			if os.environ.get("CI") == "true":
				raise AssertionError("the corpus is not there")
			raise Skip("the corpus is not beside this tree")
		self.files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(self.directory)
				    for name in names if name.endswith(".eml"))
		assert len(self.files) >= COUNT, f"only {len(self.files)} mails in the corpus"

	def name(self, number):
		return os.path.relpath(self.files[number - 1], self.directory)

	def make_mailbox(self, directory):
		"""A tree as tools/simulator reads it, with all in the Inbox; number 1 was received last."""
		inbox = os.path.join(directory, "Inbox")
		os.makedirs(inbox)
		notes = []
		for number, path in enumerate(self.files, 1):
			shutil.copyfile(path, os.path.join(inbox, f"{number:04d}.eml"))
			minute = len(self.files) - number
			notes.append(f"[{number:04d}.eml]\nreceived=2026-03-01T{minute // 60:02d}:{minute % 60:02d}:00Z\n")
		with open(os.path.join(inbox, ".mailbox"), "w", encoding="utf-8") as file:
			file.write("".join(notes))

	def make_local_folder(self, directory):
		"""The same as a folder of MH, by number."""
		os.makedirs(directory)
		for number, path in enumerate(self.files, 1):
			shutil.copyfile(path, os.path.join(directory, str(number)))
