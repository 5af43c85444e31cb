# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re

from driver.assistant import add_account
from driver.queue import put
from driver.tenant import ALICE, BOB
from driver.world import INBOX

TITLE = "the only account is deleted with all that it kept; the next one is the default"

MAIL = f"From: {ALICE}\nTo: {BOB}\nSubject: Later\n\nHello.\n".encode()


def tell(world):
	world.open()
	claws = world.sign_in()
	assert is_default(world), "the account that the profile brought is not the default"
	data = os.path.join(world.session.environment["XDG_DATA_HOME"], "outlook-mail")
	assert os.listdir(data)

	put(world, 1, MAIL, [BOB])
	claws.focus_main()
	claws.menu("Configuration", "Edit accounts...")
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Delete", window="Edit accounts")
	question = claws.until("the question whether to delete", lambda: [
		w for w in claws.widgets(type="GtkWindow") + claws.widgets(type="GtkDialog")
		if w["id"] == w["top"] and "Delete account" in (w.get("text") or "")])[0]
	claws.press("Delete", top=question["id"])
	claws.until("the account is gone from the tree", lambda: claws.folder(INBOX) is None)
	claws.press("Close", window="Edit accounts")
	world.until("its mail is gone from the disk", lambda: not os.listdir(data))
	assert "1 mail that was in the queue is lost" in world.network_log(), "nobody says what became of the queue"
	world.step("the only account was deleted")

	# What an abandoned sign-in leaves on the disk is nothing.
	world.set_browser(answer="nothing")
	add_account(world, claws, signs_in=False)
	assert not os.listdir(data), "a sign-in that is not finished has a directory"
	claws.press("Cancel", window="Add Outlook account")
	claws.close_window("Add Outlook account")
	world.set_browser()
	add_account(world, claws)
	world.wait_for_mail()
	assert len(os.listdir(data)) == 1, f"directories: {os.listdir(data)}"
	world.step("another one was added")
	claws.exit()
	assert is_default(world), "the new account is not the default"


def is_default(world):
	with open(os.path.join(world.profile, "accountrc"), encoding="utf-8") as file:
		return re.search(r"^is_default=1$", file.read(), re.MULTILINE) is not None
