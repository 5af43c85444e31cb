# SPDX-License-Identifier: GPL-3.0-or-later
import os

from driver.world import INBOX

TITLE = "the account is deleted from an open accounts window while a message is being fetched"


def tell(world):
	world.open()
	claws = world.sign_in()
	claws.open_folder(INBOX)
	claws.until("the list", claws.rows)
	claws.menu("Configuration", "Edit accounts...")
	claws.widget(type="GtkTreeView", window="Edit accounts")
	world.step("the accounts window is open")

	world.tenant.add_fault(path=r"\$value$|%24value$", kind="hang")
	row = claws.rows()[0]
	# That window holds the mouse; a second command line does not.
	claws.remote("--select", f"{INBOX}/{row['number']}")
	claws.until("the message is asked for", lambda: claws.row(row["subject"])["selected"])
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Delete", window="Edit accounts")
	question = claws.until("the question whether to delete", lambda: [
		w for w in claws.widgets(type="GtkWindow") + claws.widgets(type="GtkDialog")
		if w["id"] == w["top"] and "Delete account" in (w.get("text") or "")])[0]
	claws.press("Delete", top=question["id"])
	claws.until("the account is gone from the tree", lambda: claws.folder(INBOX) is None)
	world.step("it was deleted while the fetch was under way; the client lives")

	world.tenant.release()
	claws.press("Close", window="Edit accounts")
	claws.until("the accounts window is closed", lambda: "Edit accounts" not in claws.windows())
	data = os.path.join(world.session.environment["XDG_DATA_HOME"], "outlook-mail")
	world.until("its mail is gone from the disk", lambda: not os.path.isdir(data) or not os.listdir(data))
	claws.kill()
