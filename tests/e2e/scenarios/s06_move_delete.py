# SPDX-License-Identifier: GPL-3.0-or-later
from driver.claws import RIGHT
from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX, TRASH

JUNK = "#outlook/Outlook/Junk Email"

TITLE = "a message goes to another folder and back, to Junk Email and back, to Deleted Items, and away for good"


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

	junk(world, claws)
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


def junk(world, claws):
	claws.open_folder(INBOX)
	claws.select_message("Rubbish")
	claws.focus_main()
	claws.key("ctrl+a")
	claws.until("all are selected", lambda: all(row["selected"] for row in claws.rows()))
	subjects = sorted(claws.subjects())
	assert "Not junk" not in message_entries(claws), "what is in the Inbox can be made no junk"
	claws.menu("Message", "Junk")
	world.until("all are in Junk Email on the server", lambda: listed(world, "junkemail") >= set(subjects))
	claws.until("the Inbox is empty", lambda: not claws.rows())
	world.step("all that was selected is junk: it is in Junk Email")
	claws.open_folder(JUNK)
	claws.until("it is listed there", lambda: set(claws.subjects()) >= set(subjects))
	claws.focus_main()
	claws.click(claws.show_row(claws.rows()[-1]))
	claws.key("ctrl+a")
	claws.until("all are selected", lambda: all(row["selected"] for row in claws.rows()))
	assert "Junk" not in message_entries(claws), "what is junk can be made junk"
	claws.menu("Message", "Not junk")
	claws.until("none is left", lambda: not claws.rows())
	world.until("all are back in the Inbox on the server", lambda: listed(world, "inbox") >= set(subjects))
	world.step("it is no junk: it is back in the Inbox")


def listed(world, folder):
	return {m["subject"] or "" for m in world.alice.messages(folder)}


def message_entries(claws):
	"""What the menu for messages offers; it is closed again."""
	claws.click(claws.widget(text="Message", type=lambda t: bool(t) and t.endswith("MenuItem"),
				 top=claws.main_window()["id"]))
	claws.until("the menu is open", lambda: claws.widgets(text="Move...") or claws.widgets(text="Copy..."))
	entries = [w.get("text") for w in claws.widgets() if w["type"].endswith("MenuItem")]
	claws.key("Escape")
	claws.until("the menu is closed", lambda: not claws.widgets(text="Copy..."))
	return entries


def move(claws, subject, source, destination):
	"""Drag a row of the list onto a folder."""
	claws.open_folder(source)
	claws.move_message(subject, destination)
