# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re

from driver.tenant import ALICE
from driver.world import INBOX

TITLE = "folders and mails of any name are listed, opened, renamed, moved into and deleted, and stay what they are"

TOP = "#outlook/Outlook/"
# As the server has it, as the client shows it; what has no letters becomes `_` or `_ (2)`, as they come.
NAMES = {
	"2024/2025": "2024∕2025",
	"and∕or": "and∕or",
	"..": None,
	".hidden": ".hidden",
	"🎈 Fête": "🎈 Fête",
	"שלום עולם": "שלום עולם",
	"x" * 255: "x" * 255,
	"   ": None,
	"line\nbreak": "line break",
	"Case": "Case",
	"../../../escaped": "..∕..∕..∕escaped",
}
# Header lines as they are sent, and the subject that is listed, of which nothing is lost: a control character is a blank,
# a NUL the question mark that the service's parser makes of it.
MAILS = {
	"From: a@b.example\nSubject: =?utf-8?q?one=0D=0Atwo?=": "one  two",
	"From: a@b.example\nSubject: =?utf-8?q?nul=00inside?=": "nul?inside",
	"From: Just a name\nSubject: no address": "no address",
	"From: undisclosed-recipients:;\nSubject: a group of nobody": "a group of nobody",
	"Subject: no sender": "no sender",
	"From: <>\nSubject: an empty address": "an empty address",
}


def tell(world):
	world.open()
	identifiers = {name: world.alice.ask("POST", "/me/mailFolders", {"displayName": name})["id"] for name in NAMES}
	within = world.alice.ask("POST", "/me/mailFolders/inbox/childFolders", {"displayName": "case"})["id"]
	for name, identifier in identifiers.items():
		world.tenant.deliver(ALICE, identifier, mail(f"From: a@b.example\nSubject: {subject_in(name)}"))
	for header in MAILS:
		world.tenant.deliver(ALICE, "inbox", mail(header))
	outside = everything(world)
	claws = world.sign_in()

	shown = {name: label for name, label in NAMES.items() if label}
	for label in [*shown.values(), "_", "_ (2)"]:
		claws.until(f"{label!r} is listed and filled", lambda l=label: (claws.folder(TOP + l) or {}).get("total") == 1)
	claws.open_folder(TOP + "_")
	first = claws.until("its mail", claws.subjects)[0]
	shown |= {"..": "_", "   ": "_ (2)"} if first == subject_in("..") else {"..": "_ (2)", "   ": "_"}
	for name, label in shown.items():
		claws.open_folder(TOP + label)
		assert "Hello." in claws.read_message(subject_in(name))
	assert claws.folder(INBOX + "/case"), "the one below the Inbox is missing"
	world.step("each folder is listed and opened, its mail is read")

	claws.open_folder(INBOX)
	for subject in MAILS.values():
		claws.until(f"{subject!r} is listed", lambda s=subject: claws.subjects().count(s) == 1)
		assert "Hello." in claws.read_message(subject)
		assert claws.subjects().count(subject) == 1, f"{subject!r} is another one when it was read"
	world.step("mails with odd headers are listed and read")

	slashes(world, claws, identifiers)

	for name, new in ((".hidden", ".still hidden"), ("..", "...")):
		claws.folder_menu(TOP + shown[name], "Rename folder")
		claws.answer("Rename folder", new)
		claws.until(f"the tree has {new!r}", lambda n=new: claws.folder(TOP + n))
		world.until(f"the server has {new!r}", lambda o=name, n=new: name_of(world, identifiers[o]) == n)
	claws.folder_menu(TOP + shown["   "], "Delete folder")
	claws.press("Delete", top=claws.until("the question", lambda: [
		w for w in claws.widgets() if w["id"] == w["top"] and "Delete folder" in (w.get("text") or "")])[0]["id"])
	trash = world.alice.ask("GET", "/me/mailFolders/deleteditems")["id"]
	world.until("the server has it in Deleted Items",
		    lambda: world.alice.ask("GET", "/me/mailFolders/" + identifiers["   "])["parentFolderId"] == trash)
	world.step("two were renamed, one was deleted")

	shown["2024/2025"] = "2024∕2025 final"
	for name in ("2024/2025", "🎈 Fête", "שלום עולם", "x" * 255):
		subject = f"For {name[:9]}"
		world.bob.send_text(ALICE, subject, "Hello.")
		claws.open_folder(INBOX)
		world.check_until("it comes", lambda s=subject: claws.row(s))
		claws.move_message(subject, TOP + shown[name])
		world.until(f"{subject!r} is there on the server",
			    lambda s=subject, n=name: world.alice.find(s, identifiers[n]))
	world.step("a mail was moved into each of four")

	claws.folder_menu(TOP + "Case", "Create new folder")
	claws.answer("New folder", "case")
	world.until("a folder that differs in case from the one above it",
		    lambda: [f for f in world.alice.list(f"/me/mailFolders/{identifiers['Case']}/childFolders")
			     if f["displayName"] == "case"])
	world.check_until("it is listed", lambda: claws.folder(TOP + "Case/case"))
	before = tree(claws)
	claws.exit()
	claws = world.start_claws()
	claws.until("the tree is the same", lambda: tree(claws) == before)
	claws.remote("--receive")
	claws.open_folder(TOP + "x" * 255)
	claws.until("its mails are there", lambda: len(claws.rows()) == 2)
	assert tree(claws) == before, "the tree is another one after a check"
	world.step("after a restart all is the same")
	claws.exit()

	assert within
	cache = os.path.join(world.profile, "outlook-cache")
	assert len(os.listdir(cache)) == 1, f"more than one account: {os.listdir(cache)}"
	environment = world.session.environment
	allowed = [world.profile, world.session.path("run"), world.session.path("tmp"),
		   *(environment[f"XDG_{kind}_HOME"] for kind in ("DATA", "CACHE", "CONFIG"))]
	for path in everything(world) - outside:
		assert any((path + os.sep).startswith(a + os.sep) for a in allowed) \
			or os.path.dirname(path) == world.session.directory and not os.path.isdir(path), \
			f"{path} is where nothing should be"
	for directory in os.listdir(os.path.join(cache, os.listdir(cache)[0])):
		# By the id, or by our own number while the server's answer is not here.
		assert re.fullmatch("[0-9a-f]+|queue|local-[0-9]+", directory), \
			f"a directory is named {directory!r}"


def slashes(world, claws, identifiers):
	"""A person is shown, and gives, the name that the server has; only the tree shows another."""
	path = f"/me/mailFolders/{identifiers['2024/2025']}"

	def asked():
		return [line for line in world.tenant.asked(r"/mailFolders/") if line.startswith("PATCH")]

	def rename(label, name, new):
		claws.folder_menu(TOP + label, "Rename folder")
		claws.until(f"the question shows {name!r}", lambda: [
			w for w in claws.widgets(type="GtkEntry", window="Rename folder") if w.get("text") == name])
		if new == name:
			claws.press("OK", window="Rename folder")
		else:
			claws.answer("Rename folder", new)
		claws.until("the question is gone", lambda: "Rename folder" not in claws.windows())

	rename("2024∕2025", "2024/2025", "2024/2025")
	rename("2024∕2025", "2024/2025", "2024/2025 final")
	claws.until("the tree shows it", lambda: claws.folder(TOP + "2024∕2025 final"))
	world.until("the server has it", lambda: world.alice.ask("GET", path)["displayName"] == "2024/2025 final")
	assert len(asked()) == 1, f"a name that stayed was sent: {asked()}"

	rename("and∕or", "and∕or", "and/or")
	world.until("the server has what the tree does not tell apart",
		    lambda: name_of(world, identifiers["and∕or"]) == "and/or")

	for _ in range(2):
		claws.folder_menu(TOP + "🎈 Fête", "Create new folder")
		claws.answer("New folder", "a/b &amp;")
		claws.until("the tree shows it", lambda: claws.folder(TOP + "🎈 Fête/a∕b &amp;"))
	claws.until("that it is there already is said", lambda: [
		w for w in claws.widgets(type="GtkLabel") if "“a/b &amp;”" in (w.get("text") or "")])
	world.step("a slash in a name: what is there already is said by the name that was given")
	claws.press("Close", window="Error")
	below = world.until("the server has one", lambda: world.alice.list(
		f"/me/mailFolders/{identifiers['🎈 Fête']}/childFolders"))
	assert [f["displayName"] for f in below] == ["a/b &amp;"], f"the server has {below}"
	world.step("names with a slash are the server's, the tree shows another")

	claws.focus_main()
	start = claws.show_row(claws.folder(TOP + "🎈 Fête/a∕b &amp;"), "folders")
	# Beside the arrow that opens and closes it.
	claws.drag(dict(start, x=start["x"] + 50), claws.show_row(claws.folder(TOP + "Case"), "folders"), "ctrl")
	claws.press("Yes", top=claws.until("the question", lambda: [
		w for w in claws.widgets() if w["id"] == w["top"] and "Copy folder" in (w.get("text") or "")])[0]["id"])
	claws.until("the tree shows the copy", lambda: claws.folder(TOP + "Case/a∕b &amp;"))
	below = world.until("the server has the copy", lambda: world.alice.list(
		f"/me/mailFolders/{identifiers['Case']}/childFolders"))
	assert [f["displayName"] for f in below] == ["a/b &amp;"], f"the server has {below}"
	world.step("a folder that is copied keeps the name that the server has")


def subject_in(name):
	"""Of the mail that is delivered into the folder with this name."""
	return f"In number {list(NAMES).index(name)}"


def mail(header):
	return (f"{header}\nTo: {ALICE}\nDate: Thu, 26 Nov 2026 09:00:00 +0000\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n\nHello.\n").replace("\n", "\r\n").encode()


def everything(world):
	"""All files and directories of this session, and what lies beside it."""
	return {os.path.join(where, name) for where, folders, files in os.walk(world.session.directory)
		for name in folders + files}


def name_of(world, identifier):
	return world.alice.ask("GET", "/me/mailFolders/" + identifier)["displayName"]


def tree(claws):
	return sorted((f.get("id") or "", f["level"]) for f in claws.folders())
