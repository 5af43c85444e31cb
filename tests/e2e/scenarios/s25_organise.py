# SPDX-License-Identifier: GPL-3.0-or-later
import os
import urllib.parse

from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX, TRASH

TITLE = "rules follow a folder that is renamed here or elsewhere; a folder is dragged, deleted for good, the trash emptied"

RULE = 'enabled rulename "desk" subject matchcase "to the desk" move "%s"'


def tell(world):
	world.open()
	world.make_profile()
	world.alice.ask("POST", "/me/mailFolders/inbox/childFolders", {"displayName": "Zebra"})
	with open(os.path.join(world.profile, "matcherrc"), "w", encoding="utf-8") as file:
		file.write("[filtering]\n" + RULE % (INBOX + "/Zebra") + "\n")
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	claws.until("the folder", lambda: claws.folder(INBOX + "/Zebra"))
	arrives(world, "One to the desk", "Zebra")
	world.step("a rule moves a mail into the folder")

	claws.folder_menu(INBOX + "/Zebra", "Rename folder")
	claws.answer("Rename folder", "Desk")
	claws.until("the folder has its new name", lambda: claws.folder(INBOX + "/Desk"))
	arrives(world, "Another to the desk", "Desk")
	world.step("renamed here: the rule names the folder as it is called now")

	desk = world.until("the server has the new name", lambda: find(world, "Desk", "inbox"))
	world.alice.ask("PATCH", folder_path(desk), {"displayName": "Écritoire"})
	world.check_until("the name that another client gave", lambda: claws.folder(INBOX + "/Écritoire"))
	arrives(world, "A third to the desk", "Écritoire")
	world.step("renamed by another client: the rule follows")

	deleted_for_good(world, claws)
	dragged(world, claws)
	emptied(world, claws)
	claws.exit()


def deleted_for_good(world, claws):
	claws.folder_menu(INBOX + "/Écritoire", "Delete folder")
	confirm(claws, "Delete folder", "Delete")
	claws.until("it is in Deleted Items", lambda: claws.folder(TRASH + "/Écritoire"))
	claws.until("the rule that named it is gone", lambda: "desk" not in rules(world))
	world.until("on the server, too", lambda: find(world, "Écritoire", "deleteditems"))
	claws.folder_menu(TRASH + "/Écritoire", "Delete folder")
	claws.until("that it is for good is said", lambda: [
		w for w in claws.widgets(type="GtkLabel") if "for good" in (w.get("text") or "")])
	world.step("deleted a second time it goes for good, and the question says so")
	confirm(claws, "Delete folder", "Delete")
	claws.until("it is gone", lambda: claws.folder(TRASH + "/Écritoire") is None)
	world.until("on the server, too", lambda: not find(world, "Écritoire", "deleteditems"))


def rules(world):
	with open(os.path.join(world.profile, "matcherrc"), encoding="utf-8") as file:
		return file.read()


def dragged(world, claws):
	source = INBOX + "/Building Sites/Footbridge"
	outer = find_path(world, "inbox", "Building Sites", "Footbridge")
	inner = find_path(world, "inbox", "Building Sites", "Footbridge", "Übersicht & Pläne")
	before = [identities(world, f) for f in (outer, inner)]
	moves = len(world.tenant.asked(r"/mailFolders/[^/]*/move$"))
	claws.focus_main()
	start = claws.show_row(claws.folder(source), "folders")
	# Beside the arrow that opens and closes it.
	claws.drag(dict(start, x=start["x"] + 50), claws.show_row(claws.folder(ARCHIVE), "folders"))
	confirm(claws, "Move folder", "Move")
	claws.until("the folder is below the Archive", lambda: claws.folder(ARCHIVE + "/Footbridge/Übersicht & Pläne"))
	claws.until("and no more where it was", lambda: claws.folder(source) is None)
	world.until("on the server, too", lambda: find_path(world, "archive", "Footbridge"))
	assert not find_path(world, "inbox", "Building Sites", "Footbridge"), "it is still where it was"
	assert find_path(world, "archive", "Footbridge")["id"] == outer["id"], "it is another folder"
	assert find_path(world, "archive", "Footbridge", "Übersicht & Pläne")["id"] == inner["id"], "that in it is another"
	assert [identities(world, f) for f in (outer, inner)] == before, "its mails are others"
	assert len(world.tenant.asked(r"/mailFolders/[^/]*/move$")) == moves + 1, "it took more than one request"
	claws.until("and so has the tree", lambda: [claws.folder(ARCHIVE + p)["total"] for p in (
		"/Footbridge", "/Footbridge/Übersicht & Pläne")] == [len(b) for b in before])
	world.step("a folder with another in it was dragged: one request, and all in it is what it was")


def emptied(world, claws):
	assert world.alice.messages("deleteditems"), "the trash is empty already"
	claws.folder_menu(TRASH, "Empty trash")
	confirm(claws, "Empty trash", "Yes", "Empty trash")
	world.until("the trash is empty on the server", lambda: not world.alice.messages("deleteditems"))
	claws.until("and in the tree", lambda: claws.folder(TRASH)["total"] == 0)
	world.step("the trash was emptied")


def arrives(world, subject, folder):
	world.bob.send_text(ALICE, subject, "Hello.")
	world.check_until(f"{subject!r} is in {folder!r} on the server", lambda: subject in [
		m["subject"] for m in world.alice.list(folder_path(find(world, folder, "inbox")) + "/messages?$top=50")])


def folder_path(folder):
	return "/me/mailFolders/" + urllib.parse.quote(folder["id"], safe="")


def find(world, name, parent):
	return next((f for f in world.alice.list(f"/me/mailFolders/{parent}/childFolders?$top=100")
		     if f["displayName"] == name), None)


def find_path(world, top, *names):
	folder = {"id": top}
	for name in names:
		folder = folder and next((f for f in world.alice.list(folder_path(folder) + "/childFolders?$top=100")
					  if f["displayName"] == name), None)
	return folder


def identities(world, folder):
	return sorted(m["id"] for m in world.alice.list(folder_path(folder) + "/messages?$top=100"))


def confirm(claws, title, *buttons):
	question = claws.until(f"the question {title!r}", lambda: [
		w for w in claws.widgets() if w["id"] == w["top"] and title in (w.get("text") or "")])[0]
	button = claws.until(f"one of {buttons}", lambda: [
		w for w in claws.widgets(top=question["id"]) if w.get("text") in buttons and "Button" in w["type"]])[0]
	claws.click(button)
