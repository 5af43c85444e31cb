# SPDX-License-Identifier: GPL-3.0-or-later
from driver.quicksearch import search, set_extended_search
from driver.world import ARCHIVE, INBOX

TITLE = "the account is deleted from an open accounts window while the server is asked for a search"


def tell(world):
	world.open()
	world.make_profile()
	set_extended_search(world)
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	claws.open_folder(INBOX)
	claws.until("the list", claws.rows)
	search(claws, "b zzz")
	claws.until("nothing holds that", lambda: not claws.rows())
	claws.menu("Configuration", "Edit accounts...")
	claws.widget(type="GtkTreeView", window="Edit accounts")
	# That window holds the mouse and the keys; a second command line does not, and a folder is searched when it opens.
	world.tenant.add_fault(path="/messages$", kind="hang")
	claws.remote("--select", ARCHIVE)
	claws.until("the Archive is searched", lambda: claws.messages(limit=0)["folder"] == ARCHIVE)
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Delete", window="Edit accounts")
	question = claws.until("the question whether to delete", lambda: [
		w for w in claws.widgets(type="GtkWindow") + claws.widgets(type="GtkDialog")
		if w["id"] == w["top"] and "Delete account" in (w.get("text") or "")])[0]
	claws.press("Delete", top=question["id"])
	claws.until("the account is gone from the tree", lambda: claws.folder(INBOX) is None)
	world.step("it was deleted while the search was under way; the client lives")
	world.tenant.release()
	claws.press("Close", window="Edit accounts")
	claws.until("the accounts window is closed", lambda: "Edit accounts" not in claws.windows())
	claws.until("nothing is shown any more", lambda: claws.messages(limit=0)["folder"] is None)
	claws.exit()
