# SPDX-License-Identifier: GPL-3.0-or-later
from driver.quicksearch import search, set_extended_search
from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX

TITLE = "a search in the text of mails asks the server; what is here is searched without it"

MAILS = {
	"Breakfast": "There is orange marmalade, and bread.",
	"Supper": "No bread, but orange and cream.",
	"Shopping": "Cream of oranges and marmalades.",
}


def tell(world):
	world.open()
	world.make_profile()
	set_extended_search(world)
	for subject, text in MAILS.items():
		world.bob.send_text(ALICE, subject, text)
	world.tenant.fill(ALICE, "archive", 1100)
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	claws.open_folder(INBOX)
	count = len(claws.until("the list", claws.rows))

	search(claws, "b marmalade")
	claws.until("the two that hold the word", lambda: sorted(claws.subjects()) == ["Breakfast", "Shopping"])
	assert not world.tenant.requests("$value"), "mails were fetched to be searched"
	world.step("the server found the mails with a word in their text, and none was fetched")

	search(claws, 'b "orange and cream"')
	claws.until("the one that holds the words in a row", lambda: claws.subjects() == ["Supper"])
	fetched = len(world.tenant.requests("$value"))
	assert fetched == 2, f"{fetched} mails were fetched, and two hold all the words"
	world.step("several words: the mails that may hold them in a row were looked into")

	asked = searches(world)
	search(claws, "s supper & b cream")
	claws.until("it is the one", lambda: claws.subjects() == ["Supper"])
	search(claws, "s shopping & f bob")
	claws.until("it is the other", lambda: claws.subjects() == ["Shopping"])
	assert searches(world) == asked, "the server was asked for what is known here"
	world.step("what the list and the mails that are here tell was found without a request")

	search(claws, "B marmalade & s supper")
	claws.until("none is both", lambda: claws.subjects() == [])
	search(claws, "~b marmalade & s s")
	claws.until("those that do not hold it", lambda: "Supper" in claws.subjects())
	assert "Breakfast" not in claws.subjects() and "Shopping" not in claws.subjects()
	world.step("a text and a subject together, and what a text does not hold")

	world.tenant.add_fault(path="/messages$", kind="hang")
	search(claws, "b breakfast")
	world.until("the server is asked", lambda: claws.row("Breakfast") is None)
	search(claws, "s breakfast")
	claws.until("the next search took its place", lambda: claws.subjects() == ["Breakfast"])
	world.tenant.release()
	world.step("another search ended one that the server does not answer")

	claws.until("the Archive is here", lambda: claws.folder(ARCHIVE)["total"] > 1100)
	claws.open_folder(ARCHIVE)
	search(claws, "b lamp")
	claws.until("those that the server names", lambda: claws.messages(limit=0)["total"] == 1000)
	claws.until("that there may be more is said", lambda: said(claws, "at most 1000 messages"))
	world.step("the server names a thousand messages and no more, and that is said")
	claws.open_folder(INBOX)

	claws.remote("--offline")
	world.tenant.process.end()
	search(claws, "b bread")
	claws.until("the one that was fetched", lambda: claws.subjects() == ["Supper"])
	claws.until("what was not searched is said", lambda: said(claws, "not on this computer"))
	world.step("offline: what is here was searched, and how much was not is said")

	search(claws, "s breakfast")
	claws.until("a subject needs no server", lambda: claws.subjects() == ["Breakfast"])
	search(claws, "")
	claws.until("the whole list is back", lambda: len(claws.rows()) == count)
	world.step("the search is over, the list is whole")
	claws.exit()


def searches(world):
	return len(world.tenant.asked(r"/mailFolders/[^/]+/messages$"))


def said(claws, words):
	return [w for w in claws.widgets(type="GtkLabel") if words in (w.get("text") or "")]
