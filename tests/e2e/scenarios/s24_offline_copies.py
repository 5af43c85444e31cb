# SPDX-License-Identifier: GPL-3.0-or-later
import urllib.parse

from driver.claws import RIGHT
from driver.old_mail import text_mail
from driver.tenant import ALICE, BOB
from driver.wait import TookTooLong
from driver.world import ARCHIVE, INBOX

TITLE = "the mails of a folder are fetched to be read offline, in the background, and go on where they were stopped; no folder goes meanwhile"

FILLED = 40
BODY = r"\$value$|%24value$"
TREE = "#outlook/Outlook/"
STAYING, PASSING, FRESH = "Staying", "Passing", "Fresh"
SHARED = f"#outlook/{BOB}/Inbox"


def tell(world):
	world.open()
	world.make_profile()
	world.tenant.fill(ALICE, "archive", FILLED)
	passing, staying = [make_folder(world, name) for name in (PASSING, STAYING)]
	world.choose_for_offline(ARCHIVE)
	world.choose_for_offline(TREE + STAYING)
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	count = len(world.alice.messages())
	claws.open_folder(INBOX)
	claws.until("the list", lambda: len(claws.rows()) == count)

	world.tenant.add_fault(path=BODY, kind="hang", skip=5)
	claws.folder_menu(INBOX, "Download messages")
	world.until("some have come", lambda: len(fetched(world)) >= 5)
	claws.until("what is done is said", lambda: said(claws, "for offline use"))
	world.step("mails are fetched in the background; the client is not in the way")
	claws.folder_menu(INBOX, "Stop downloading")
	claws.until("it has stopped", lambda: not said(claws, "for offline use"))
	world.tenant.release()
	assert len(fetched(world)) <= 6
	world.step("it was stopped")

	claws.folder_menu(INBOX, "Download messages")
	world.until("all have come", lambda: len(fetched(world)) >= count)
	claws.until("it is over", lambda: not said(claws, "for offline use"))
	assert len(fetched(world)) <= count + 1, "mails were fetched twice"
	world.step("asked for again, it went on where it was stopped")

	before = len(fetched(world))
	claws.menu("File", "Synchronise folders")
	world.until("the Archive has come", lambda: len(fetched(world)) >= before + FILLED)
	claws.until("the client is free again", lambda: is_free(claws))
	world.step("Synchronise folders fetched the folder that is chosen for it, and nothing else")
	keeps_the_tree(world, claws, passing, staying)

	claws.open_folder(INBOX)
	claws.until("the list", lambda: len(claws.rows()) == count)
	claws.remote("--offline")
	world.tenant.process.end()
	for subject in sorted({s for s in claws.subjects() if s and claws.subjects().count(s) == 1})[:5]:
		assert claws.read_message(subject), f"{subject!r} has no text"
	claws.open_folder(ARCHIVE)
	subject = f"Report {FILLED} of the night watch"
	assert f"in round {FILLED}." in claws.read_message(subject)
	world.step("offline, without a server, all of it can be read")
	claws.exit()


def fetched(world):
	return [line for line in world.tenant.requests("$value") if " 200 " in line]


def said(claws, words):
	return [w for w in claws.widgets(type="GtkLabel") if words in (w.get("text") or "")]


def keeps_the_tree(world, claws, passing, staying):
	"""The client is on its way from folder to folder while it waits for the mails of one."""
	add_shared(world, claws)
	assert not greyed(claws, TREE + STAYING, "Move folder", "Delete folder")
	assert not greyed(claws, SHARED, "Remove shared mailbox")
	total = claws.folder(ARCHIVE)["total"]
	for folder, name in (("archive", "One more"), (staying["id"], "Another")):
		world.tenant.deliver(ALICE, folder, text_mail(name, name.replace(" ", "-")).replace("\n", "\r\n").encode())
	world.check_until("a mail is in each folder that is chosen", lambda: (
		claws.folder(ARCHIVE)["total"], claws.folder(TREE + STAYING)["total"]) == (total + 1, 1))
	claws.until("no check is under way", lambda: is_free(claws))
	before = len(world.tenant.asked(BODY))
	world.tenant.add_fault(path=BODY, kind="hang", count=0)
	claws.menu("File", "Synchronise folders")
	world.until("its body is asked for", lambda: len(world.tenant.asked(BODY)) > before)

	world.alice.ask("DELETE", folder_path(passing))
	world.alice.ask("DELETE", folder_path(passing))
	make_folder(world, FRESH)
	told = len(told_folders(world))
	claws.folder_menu(INBOX, "Check for new messages")
	world.until("the check has heard of it", lambda: len(told_folders(world)) > told)
	grey = (greyed(claws, TREE + STAYING, "Move folder", "Delete folder"), greyed(claws, SHARED, "Remove shared mailbox"))
	still_waits(claws)
	assert grey == (True, True), f"what would take away a folder is not grey: {grey}"
	claws.focus_main()
	start = claws.show_row(claws.folder(TREE + STAYING), "folders")
	claws.drag(dict(start, x=start["x"] + 50), claws.show_row(claws.folder(INBOX), "folders"))
	claws.until("it is said that it is not moved", lambda: said(claws, "could not be moved there"))
	world.step("while the client waits for a folder's mails, no folder is moved or deleted")
	claws.press("Close", window="Error")
	shown = [bool(claws.folder(TREE + name)) for name in (PASSING, STAYING, FRESH)]
	still_waits(claws)
	assert shown == [True, True, False], f"the tree changed under the client: {shown}"
	claws.folder_menu(INBOX, "Stop downloading")
	claws.until("nobody waits", lambda: is_free(claws))
	assert len(world.tenant.asked(BODY)) == before + 1, "it went on with the next folder"
	world.tenant.release()
	claws.until("the folder that another client deleted is gone", lambda: claws.folder(TREE + PASSING) is None)
	claws.until("the one that it made is there", lambda: claws.folder(TREE + FRESH))
	assert not greyed(claws, TREE + STAYING, "Move folder", "Delete folder")
	world.step("stopped, the client is free, and the tree is the server's")


def add_shared(world, claws):
	world.tenant.share(BOB, ALICE)
	claws.folder_menu(INBOX, "Add shared mailbox")
	claws.answer("Add shared mailbox", BOB)
	count = len(world.bob.messages())
	claws.until("the shared mailbox is whole", lambda: (claws.folder(SHARED) or {}).get("total") == count)


def make_folder(world, name):
	return world.alice.ask("POST", "/me/mailFolders", {"displayName": name})


def folder_path(folder):
	return "/me/mailFolders/" + urllib.parse.quote(folder["id"], safe="")


def told_folders(world):
	return world.tenant.requests("GET /v1.0/me/mailFolders 200 ")


def greyed(claws, folder, *entries):
	"""Whether all these entries of the folder's menu are grey; they are so all, or none is."""
	def shown():
		return [w for w in claws.widgets() if w["type"].endswith("MenuItem") and (w.get("text") or "").startswith(entries)]

	claws.focus_main()
	claws.click_until("the folder's menu", lambda: claws.show_row(claws.folder(folder), "folders"),
			  lambda: len(shown()) == len(entries), RIGHT)
	grey = {not w["sensitive"] for w in shown()}
	claws.key("Escape")
	claws.until("its menu closes", lambda: not shown())
	assert len(grey) == 1, f"of {entries} some are grey and some are not"
	return grey.pop()


def still_waits(claws):
	"""A body that does not come is given up after a while; then there was nothing to be seen."""
	if is_free(claws):
		raise TookTooLong("the wait was over before it was looked at")


def is_free(claws):
	return claws.widgets(text="Configuration", sensitive=True)
