# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "folders are made, renamed, moved and deleted through the folder menu, and the server has it"


def tell(world):
	world.open()
	claws = world.sign_in()

	claws.folder_menu(INBOX, "Create new folder")
	claws.answer("New folder", "Zebra")
	claws.until("the folder is in the tree", lambda: claws.folder(INBOX + "/Zebra"))
	world.until("the folder is on the server", lambda: find(world, "Zebra", "inbox"))
	identifier = find(world, "Zebra", "inbox")["id"]
	world.step("a folder was made below the Inbox")

	claws.folder_menu(INBOX + "/Zebra", "Rename folder")
	claws.answer("Rename folder", "Desk")
	claws.until("the folder has its new name", lambda: claws.folder(INBOX + "/Desk"))
	world.until("the server has the new name", lambda: find(world, "Desk", "inbox"))
	assert find(world, "Desk", "inbox")["id"] == identifier, "it is another folder"
	world.step("it was renamed")

	claws.folder_menu(INBOX + "/Desk", "Move folder")
	claws.select_cell("Archive", window="Select folder")
	claws.press("OK", window="Select folder")
	claws.until("the folder is below the Archive", lambda: claws.folder("#outlook/Outlook/Archive/Desk"))
	assert claws.folder(INBOX + "/Desk") is None
	world.until("the server has it there", lambda: find(world, "Desk", "archive"))
	assert find(world, "Desk", "archive")["id"] == identifier, "it is another folder"
	assert not find(world, "Desk", "inbox"), "a copy stayed"
	world.step("it was moved to the Archive")

	claws.folder_menu("#outlook/Outlook/Archive/Desk", "Delete folder")
	question = claws.until("the question whether to delete", lambda: [
		w for w in claws.widgets() if w["id"] == w["top"] and "Delete folder" in (w.get("text") or "")])[0]
	claws.press("Delete", top=question["id"])
	claws.until("it is gone", lambda: claws.folder("#outlook/Outlook/Archive/Desk") is None)
	world.until("it is in Deleted Items on the server", lambda: find(world, "Desk", "deleteditems"))
	world.step("it was deleted: it is in Deleted Items")
	claws.exit()

	claws = world.start_claws()
	claws.until("the tree", lambda: claws.folder(INBOX))
	assert not [f for f in claws.folders() if (f.get("id") or "").endswith("/Zebra")], "the old name is back"
	claws.exit()


def find(world, name, parent):
	return next((f for f in world.alice.list(f"/me/mailFolders/{parent}/childFolders?$top=100")
		     if f["displayName"] == name), None)
