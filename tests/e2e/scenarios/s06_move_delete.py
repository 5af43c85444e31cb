# SPDX-License-Identifier: GPL-3.0-or-later
from driver.claws import RIGHT
from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX, TRASH

TITLE = "a message goes to another folder and back, to Deleted Items, and away for good"


def tell(world):
	world.open()
	story(world, world.sign_in()).exit()


def story(world, claws):
	world.bob.send_text(ALICE, "Travels", "Hello.")
	world.bob.send_text(ALICE, "Rubbish", "Hello.")
	claws.remote("--receive")
	claws.open_folder(INBOX)
	claws.until("both came", lambda: claws.row("Travels") and claws.row("Rubbish"))
	identifier = world.alice.only("Travels")["id"]

	move(claws, "Travels", INBOX, ARCHIVE)
	world.until("it is in the Archive on the server", lambda: world.alice.find("Travels", "archive"))
	assert not world.alice.find("Travels"), "it is still in the Inbox on the server"
	assert world.alice.only("Travels", "archive")["id"] == identifier, "it was copied, not moved"
	world.step("a message was dragged to the Archive")
	move(claws, "Travels", ARCHIVE, INBOX)
	world.until("it is back in the Inbox on the server", lambda: world.alice.find("Travels"))
	assert not world.alice.find("Travels", "archive"), "a copy stayed in the Archive"
	assert world.alice.only("Travels")["id"] == identifier, "it was copied, not moved"
	world.step("and back")

	claws.open_folder(INBOX)
	claws.select_message("Rubbish")
	claws.focus_main()
	claws.key("ctrl+d")
	claws.until("it is gone from the list", lambda: claws.row("Rubbish") is None)
	world.until("it is in Deleted Items on the server", lambda: world.alice.find("Rubbish", "deleteditems"))
	world.step("a message was deleted: it is in Deleted Items")

	claws.open_folder(TRASH)
	claws.until("the trash shows it", lambda: claws.row("Rubbish"))
	claws.click(claws.show_row(claws.folder(TRASH), "folders"), RIGHT)
	entry = claws.until("the entry to empty the trash", lambda: [
		w for w in claws.widgets(sensitive=True) if "Empty trash" in (w.get("text") or "")
		and w["type"].endswith("MenuItem")])[0]
	claws.click(entry)
	claws.press("Empty trash")
	claws.until("the trash is empty", lambda: claws.folder(TRASH)["total"] == 0)
	world.until("the trash is empty on the server", lambda: not world.alice.messages("deleteditems"))
	assert world.alice.find("Travels"), "what was not in the trash is gone, too"
	world.step("the trash was emptied")
	return claws


def move(claws, subject, source, destination):
	"""Drag a row of the list onto a folder."""
	claws.open_folder(source)
	claws.until(f"{subject!r} is listed in {source}", lambda: claws.row(subject))
	start = claws.show_row(claws.row(subject))
	end = claws.show_row(claws.folder(destination), "folders")
	claws.focus_main()
	claws.drag(start, end)
	claws.until(f"{subject!r} left {source}", lambda: claws.row(subject) is None)
