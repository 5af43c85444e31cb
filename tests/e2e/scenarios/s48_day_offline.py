# SPDX-License-Identifier: GPL-3.0-or-later
import collections

from driver import tags
from driver.compose import Compose
from driver.stored import Stored, folders
from driver.tenant import ALICE, BOB
from driver.world import ARCHIVE, DRAFTS, INBOX, QUEUE

TITLE = "a day offline, while another client goes on; online again all of it is on the server and here, once"
LONG = True

HERE = ("Read here", "Flagged here", "Unread again here", "Tagged here", "Moved here", "Deleted here", "Filed here")
ELSEWHERE = ("Read elsewhere", "Flagged elsewhere", "Moved elsewhere", "Deleted elsewhere", "Tagged elsewhere")
BOTH = "Marked on both sides"
TAG = "Garden"
NEW_FOLDER = "Filed"
READ, FLAGGED = "read", "flagged"
MARKS = {("Read here", READ), ("Flagged here", FLAGGED), ("Tagged here", TAG),
	 (BOTH, FLAGGED), (BOTH, READ), (BOTH, TAG),
	 ("Read elsewhere", READ), ("Flagged elsewhere", FLAGGED), ("Tagged elsewhere", TAG)}


def tell(world):
	world.open()
	claws = world.sign_in()
	prepare(world, claws)
	claws.remote("--offline")
	delete(claws, "Deleted here")
	world.until("what was under way has ended", lambda: not world.tenant.under_way(""))
	requests = len(world.tenant.asked(""))
	work(world, claws)
	assert len(world.tenant.asked("")) == requests, "there were requests while it was offline"
	another_client(world)
	claws.remote("--online")
	claws.focus_main()
	claws.press("Send")
	world.check_until("a mail that came meanwhile", lambda: "Arrived meanwhile" in claws.subjects())
	world.step("online again")
	everything_is_there(world)
	everything_is_here(world, claws)
	claws.exit()
	stored = Stored(world.session)
	assert stored.waiting == 0, f"{stored.waiting} changes wait"
	assert not stored.differences(world.alice), stored.differences(world.alice)
	world.step("the client's store and the server agree, mail by mail")


def prepare(world, claws):
	for subject in (*HERE, *ELSEWHERE, BOTH):
		world.bob.send_text(ALICE, subject, f"The text of {subject}.")
	world.alice.change(world.alice.only("Unread again here"), isRead=True)
	world.alice.change(world.alice.only(BOTH), categories=[TAG])
	claws.open_folder(INBOX)
	world.check_until("all came", lambda: set(claws.subjects()) >= {*HERE, *ELSEWHERE, BOTH})
	claws.until("none is read but one", lambda: not claws.row("Unread again here")["unread"])
	claws.folder_menu(INBOX, "Download messages")
	world.until("they can be read offline", lambda: len(fetched(world)) >= len(claws.rows()))


def fetched(world):
	return {line.split(" ")[2] for line in world.tenant.requests("$value") if " 200 " in line}


def delete(claws, subject):
	claws.select_message(subject)
	claws.focus_main()
	claws.key("ctrl+d")
	claws.until("it is gone from the list", lambda: claws.row(subject) is None)


def work(world, claws):
	claws.move_message("Moved here", ARCHIVE)
	claws.folder_menu(INBOX, "Create new folder")
	claws.answer("New folder", NEW_FOLDER)
	claws.until("the folder is in the tree", lambda: claws.folder(f"{INBOX}/{NEW_FOLDER}"))
	claws.move_message("Filed here", f"{INBOX}/{NEW_FOLDER}")
	world.step("offline: deleted, moved, filed in a new folder")
	# Somewhere else first: with the press of the drag a click on a mail would make a double click.
	claws.open_folder(INBOX)
	assert "The text of Read here." in claws.read_message("Read here")
	claws.until("it is read", lambda: not claws.row("Read here")["unread"])
	claws.read_message("Tagged here")
	tags.toggle(claws, "Tagged here", TAG)
	for subject in ("Flagged here", BOTH):
		claws.select_message(subject)
		claws.focus_main()
		claws.key("asterisk")
		claws.until("it is marked", lambda s=subject: claws.row(s)["marked"])
	# The last one: what is shown next is read by that.
	mark(claws, "Unread again here", "Mark as unread")
	claws.until("it is unread", lambda: claws.row("Unread again here")["unread"])
	world.step("read, tagged, flagged, unread again")

	drafts = claws.folder(DRAFTS)["total"]
	window = write(claws, "Begun offline", "To be gone on with. ")
	claws.key("ctrl+s")
	claws.until("it is in the drafts", lambda: claws.folder(DRAFTS)["total"] == drafts + 1)
	claws.close_window(window.widgets(id=window.top)[0]["text"])
	window = write(claws, "Queued offline", "From the train. ")
	claws.press("Send later", top=window.top)
	claws.until("it is in the queue", lambda: claws.folder(QUEUE)["total"] == 1)
	world.step("a draft was begun, a mail waits in the queue")


def mark(claws, subject, entry):
	claws.select_message(subject)
	claws.focus_main()
	claws.menu("Message", "Mark", entry)


def write(claws, subject, text):
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject(subject)
	window.body(text)
	return window


def another_client(world):
	alice = world.alice
	assert not [m for m in marks(world) if m[0] in HERE and m[1] != READ], "the server has heard of it"
	alice.change(alice.only("Read elsewhere"), isRead=True)
	alice.change(alice.only("Flagged elsewhere"), flag={"flagStatus": "flagged"})
	alice.change(alice.only("Tagged elsewhere"), categories=[TAG])
	alice.change(alice.only(BOTH), isRead=True)
	alice.move(alice.only("Moved elsewhere"), "archive")
	alice.delete(alice.only("Deleted elsewhere"))
	world.bob.send_text(ALICE, "Arrived meanwhile", "Hello.")


def everything_is_there(world):
	alice = world.alice
	world.until("the mail of the queue arrives", lambda: world.bob.find("Queued offline"))
	world.until("the draft is there", lambda: alice.find("Begun offline", "drafts"))
	filed = world.until("the folder is there", lambda: next((
		f["id"] for f in alice.list("/me/mailFolders/inbox/childFolders?$top=100") if f["displayName"] == NEW_FOLDER), None))
	world.until("the mail is in it", lambda: alice.find("Filed here", filed))
	world.until("the marks are there", lambda: MARKS <= marks(world))
	assert {m for m in marks(world) - MARKS if m[1] != READ} == set(), "there are marks that nobody made"
	assert ("Unread again here", READ) not in marks(world)
	world.until("the rest is where it belongs", lambda: alice.find("Moved here", "archive") and
		    alice.find("Deleted here", "deleteditems") and not alice.messages("outbox"))
	count = collections.Counter(m["subject"] for folder in folders(alice) for m in alice.messages(folder))
	wanted = {*HERE, *ELSEWHERE, BOTH, "Arrived meanwhile", "Begun offline", "Queued offline"} - {"Deleted elsewhere"}
	assert {subject: count[subject] for subject in wanted} == dict.fromkeys(wanted, 1), count
	world.bob.only("Queued offline")
	world.step("the server has all of it, once")


def marks(world):
	"""Subjects of the Inbox that have to do with this day, each with each mark that it has."""
	found = set()
	for m in world.alice.messages(select="id,subject,isRead,flag,categories"):
		if m["subject"] in (*HERE, *ELSEWHERE, BOTH):
			found |= {(m["subject"], READ)} if m["isRead"] else set()
			found |= {(m["subject"], FLAGGED)} if m["flag"]["flagStatus"] == "flagged" else set()
			found |= {(m["subject"], tag) for tag in m["categories"]}
	return found


def everything_is_here(world, claws):
	def here():
		return sorted((row["message-id"], not row["unread"], row["marked"]) for row in claws.rows())

	def there():
		return sorted((m["internetMessageId"].strip("<>"), m["isRead"], m["flag"]["flagStatus"] == "flagged")
			      for m in world.alice.messages())

	world.check_until("the Inbox is as on the server", lambda: here() == there())
	assert tags.is_set(claws, "Tagged elsewhere", TAG)
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	for folder, subject in ((ARCHIVE, "Moved here"), (f"{INBOX}/{NEW_FOLDER}", "Filed here"), (DRAFTS, "Begun offline")):
		claws.open_folder(folder)
		claws.until(f"{subject!r} is in {folder}", lambda s=subject: claws.subjects().count(s) == 1)
	world.step("and so has the client")
