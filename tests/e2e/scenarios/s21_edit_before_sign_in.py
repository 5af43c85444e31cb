# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re

from driver.world import INBOX

TITLE = "an account that nobody signed in to yet can be edited; without a keyring its page says so"


def tell(world):
	world.open(keyring=False)
	world.make_profile()
	claws = world.start_claws()
	claws.until("the account is in the tree", lambda: claws.folder(INBOX))
	edit(claws)
	world.step("the page of an account that nobody signed in to yet")
	claws.press("OK", window="Outlook - Account preferences")
	claws.until("the form is closed", lambda: "Outlook - Account preferences" not in claws.windows())
	claws.press("Close", window="Edit accounts")
	claws.until("no window is left", lambda: len(claws.windows()) == 1)

	claws.remote("--receive")
	world.wait_for_mail()
	edit(claws)
	claws.until("the note about the keyring", lambda: [
		w for w in claws.widgets(type="GtkLabel", window="Outlook - Account preferences")
		if "Signed in as" in (w.get("text") or "") and "keyring" in w["text"]])
	world.step("its page tells that there is no keyring")
	claws.press("OK", window="Outlook - Account preferences")
	claws.press("Close", window="Edit accounts")
	claws.until("no window is left", lambda: len(claws.windows()) == 1)
	claws.exit()
	with open(os.path.join(world.profile, "accountrc"), encoding="utf-8") as file:
		assert re.search("^address=" + re.escape(world.alice.address) + "$", file.read(), re.MULTILINE), \
			"the address that the service told is not the account's"


def edit(claws):
	claws.focus_main()
	claws.menu("Configuration", "Edit accounts...")
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.select_cell("Outlook", window="Outlook - Account preferences")
