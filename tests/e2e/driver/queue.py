# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's queue, filled beside the client."""

import os

from .tenant import ALICE


def put(world, number, mail, recipients):
	"""As the client writes a mail that is to be sent later; bytes with line feeds."""
	to = ",".join(f"<{address}>" for address in recipients)
	special = f"AF:\nNF:0\nPS:10\nSRH:1\nSFN:\nDSR:\nMID:\nCFG:\nPT:0\nS:{ALICE}\nRQ:\nSSV:127.0.0.1\nNSV:\nSSH:\n" \
		f"R:{to}\nMAID:1\nX-Claws-End-Special-Headers: 1\n"
	with open(os.path.join(_directory(world), str(number)), "wb") as file:
		file.write(special.encode() + mail)


def _directory(world):
	for folder, names, _ in os.walk(os.path.join(world.profile, "outlook-cache")):
		for name in names:
			if name.lower() == "queue":
				return os.path.join(folder, name)
	raise AssertionError("there is no directory of the queue")


def show_dialogue(world):
	"""While it sends, as by default; before the client starts."""
	path = os.path.join(world.profile, "clawsrc")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	assert "send_dialog_mode=1" in text
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace("send_dialog_mode=1", "send_dialog_mode=0"))
