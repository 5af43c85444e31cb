# SPDX-License-Identifier: GPL-3.0-or-later
from driver.tenant import ALICE
from driver.world import INBOX

TITLE = "hundreds of messages are deleted at once: the window is alive, the status bar tells how far it is"

MANY = 300


def tell(world):
	world.open()
	story(world, world.sign_in()).exit()


def story(world, claws):
	world.tenant.fill(ALICE, "inbox", MANY)
	total = len(world.alice.messages())
	claws.remote("--receive")
	claws.open_folder(INBOX)
	claws.until("all are listed", lambda: claws.folder(INBOX)["total"] == total, patience=60)
	world.tenant.set_latency(400)
	claws.show_row(claws.rows()[0])
	claws.focus_main()
	claws.select_message(claws.rows()[0]["subject"])
	before = len(world.alice.messages("deleteditems"))
	claws.longest_stall()
	claws.key("ctrl+a", "ctrl+d")
	claws.until("the Inbox is empty", lambda: claws.folder(INBOX)["total"] == 0, patience=30)
	claws.until("the status bar tells of it", lambda: [
		w for w in claws.widgets() if "Sending the changes (" in (w.get("text") or "")])
	world.step("all were deleted, and the server hears of it")
	world.tenant.set_latency(0)
	world.until("all are in Deleted Items on the server",
		lambda: len(world.alice.messages("deleteditems")) == before + total, patience=60)
	assert not world.alice.messages(), "some are still in the Inbox on the server"
	claws.until("the status bar is quiet", lambda: not [
		w for w in claws.widgets() if "Sending the changes" in (w.get("text") or "")])
	batches = [line for line in world.tenant.requests("POST") if "batch" in line]
	assert len(batches) < total / 10, f"{len(batches)} batches for {total} messages"
	world.step("all are in Deleted Items")
	return claws
