# SPDX-License-Identifier: GPL-3.0-or-later
import re

from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX

TITLE = "Get Mail brings what arrived meanwhile and what another client changed; the status bar tells of it"

PAUSE = 4  # seconds


def tell(world):
	world.open()
	story(world, world.sign_in()).exit()


def story(world, claws):
	claws.open_folder(INBOX)
	for subject in ("To be read", "To be flagged", "To be moved", "To be deleted"):
		world.bob.send_text(ALICE, subject, "Hello.")
	claws.focus_main()
	claws.press("Get Mail")
	for subject in ("To be read", "To be flagged", "To be moved", "To be deleted"):
		claws.until(f"{subject!r} is in the list", lambda s=subject: claws.row(s))
		assert claws.row(subject)["unread"], f"{subject!r} came as read"
	world.step("Get Mail brought four new messages, unread")

	alice = world.alice
	alice.change(alice.only("To be read"), isRead=True)
	alice.change(alice.only("To be flagged"), flag={"flagStatus": "flagged"})
	alice.move(alice.only("To be moved"), "archive")
	alice.delete(alice.only("To be deleted"))
	archived = claws.folder(ARCHIVE)["total"]
	claws.press("Get Mail")
	claws.until("the read one is read", lambda: not claws.row("To be read")["unread"])
	claws.until("the flagged one is marked", lambda: claws.row("To be flagged")["marked"])
	claws.until("the moved one is gone from the Inbox", lambda: claws.row("To be moved") is None)
	claws.until("the deleted one is gone", lambda: claws.row("To be deleted") is None)
	claws.until("the Archive has one more", lambda: claws.folder(ARCHIVE)["total"] == archived + 1)
	world.step("what another client changed shows: read, flagged, moved, deleted")
	claws.open_folder(ARCHIVE)
	claws.until("the moved one is in the Archive", lambda: claws.row("To be moved"))
	tell_of_work(world, claws)
	return claws


def tell_of_work(world, claws):
	"""In the status bar: what is done, how far it is, why it waits."""
	world.alice.change(world.alice.only("To be moved", "archive"), isRead=False)
	world.bob.send_text(ALICE, "Last of all", "Hello.")
	world.tenant.add_fault(path="/messages/delta$", kind="hang", skip=1)
	claws.press("Get Mail")
	claws.until("how many folders were checked", lambda: told(claws, r"Checking the folders \(1 of \d+\)"))
	world.step("the status bar tells how many folders were checked")
	world.tenant.release()
	claws.until("nothing more is told", lambda: not told(claws, "Checking the folders"))
	world.tenant.add_fault(path="/mailFolders$", kind="status", status=429, headers={"Retry-After": str(PAUSE)})
	claws.press("Get Mail")
	claws.until("that it waits, and how long", lambda: told(claws, f"Waiting for {PAUSE} seconds at Microsoft’s request"))
	world.step("the status bar tells that Microsoft asked for a pause")
	claws.until("nothing more is told", lambda: not told(claws, "Waiting for|Checking the folders"))
	claws.open_folder(INBOX)
	claws.until("what came is in the list", lambda: claws.row("Last of all"))


def told(claws, pattern):
	return [w for w in claws.widgets(type="GtkLabel") if re.search(pattern, w.get("text") or "")]
