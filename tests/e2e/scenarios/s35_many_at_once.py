# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import tempfile

from driver.old_mail import text_mail
from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX, SENT

TITLE = "a whole folder is marked, moved and deleted at once: the window is alive, the status bar tells how far it is"

MANY, THOUSANDS = 600, 3000
BATCH = 20
AT_A_TIME = 3
CHECKS = 2  # a folder that is opened is checked, by a batch too
LOCAL = "#mh/Local/"
GENEROUS = 4


def tell(world):
	many = THOUSANDS if world.is_long else MANY
	world.open()
	with tempfile.TemporaryDirectory() as directory:
		world.make_profile()
		make_local_folders(world, directory, many)
		world.tenant.fill(ALICE, "inbox", many - len(world.alice.messages()))
		claws = world.start_claws()
		claws.remote("--receive")
		world.wait_for_mail()
		theirs = local_stalls(claws)
		ours = story(world, claws, many)
		print(f"# longest stalls: {ours}, in folders of the client's own {theirs}", flush=True)
		if world.is_long:
			assert max(ours) <= GENEROUS * max(theirs), f"{ours}, in folders of the client's own {theirs}"
		claws.exit()


def make_local_folders(world, directory, many):
	for name in ("many", "archive"):
		os.mkdir(os.path.join(directory, name))
	for number in range(1, many + 1):
		with open(os.path.join(directory, "many", str(number)), "w", encoding="utf-8") as file:
			file.write(text_mail(f"Old report {number}", f"old.{number}"))
	world.add_local_folders(directory, "many", "archive")


def local_stalls(claws):
	"""The longest of each act in folders of the client's own, milliseconds."""
	select_all(claws, LOCAL + "many")
	return [read(claws, LOCAL + "many"), flag(claws), move(claws, LOCAL + "many", LOCAL + "archive")]


def story(world, claws, many):
	"""The same in ours, and what the server has in the end."""
	messages = world.alice.messages()
	in_archive = len(world.alice.messages("archive"))
	select_all(claws, INBOX)
	stalls = [watched(world, claws, len([m for m in messages if not m["isRead"]]), lambda: read(claws, INBOX))]
	world.step("all are read")
	select_all(claws, INBOX)
	stalls.append(watched(world, claws, many, lambda: flag(claws)))
	world.step("all are flagged")
	select_all(claws, INBOX)
	stalls.append(watched(world, claws, many, lambda: move(claws, INBOX, ARCHIVE)))
	agree(world, claws, in_archive + many)
	# With thousands more it would be above what the service takes in ten minutes.
	if not world.is_long:
		deleted(world, claws, in_archive + many)
	return stalls


def deleted(world, claws, count):
	in_trash = len(world.alice.messages("deleteditems"))
	select_all(claws, ARCHIVE)
	watched(world, claws, count, lambda: delete(claws, ARCHIVE))
	world.until("all are in Deleted Items on the server",
		    lambda: len(world.alice.messages("deleteditems")) == in_trash + count)
	assert not world.alice.messages("archive"), "some are still in the Archive on the server"
	world.step("all are in Deleted Items")


def select_all(claws, folder):
	claws.open_folder(folder)
	claws.until(f"all of {folder} are listed",
		    lambda: claws.messages(limit=0)["total"] == claws.folder(folder)["total"] > 0)
	claws.focus_main()
	show_first(claws)
	free(claws)
	claws.key("ctrl+a")
	claws.until("all are selected", lambda: last(claws)["selected"])


def show_first(claws):
	claws.click_until("the first is shown", lambda: claws.show_row(first(claws)),
			  lambda: claws.text()["number"] == first(claws)["number"] and claws.text()["text"])


def free(claws):
	claws.until("the client is free", lambda: claws.widgets(text="Get Mail", sensitive=True))


def first(claws):
	return claws.messages(limit=1)["rows"][0]


def last(claws):
	return claws.messages(offset=claws.messages(limit=0)["total"] - 1, limit=1)["rows"][0]


def read(claws, folder):
	claws.longest_stall()
	claws.menu("Message", "Mark", "Mark as read")
	# The client asks when they are all that is in the folder.
	claws.press("Yes", window="Mark all as read")
	claws.until("none is unread", lambda: claws.folder(folder)["unread"] == 0)
	return claws.longest_stall()


def flag(claws):
	claws.longest_stall()
	claws.key("asterisk")
	claws.until("all are marked", lambda: last(claws)["marked"])
	return claws.longest_stall()


def move(claws, source, target):
	expected = claws.folder(target)["total"] + claws.folder(source)["total"]
	start, end = claws.show_row(first(claws)), claws.show_row(claws.folder(target), "folders")
	claws.longest_stall()
	claws.drag(start, end)
	claws.until("all are in the other folder", lambda: claws.folder(source)["total"] == 0 and
		    claws.folder(target)["total"] >= expected)
	claws.until("none is listed any more", lambda: claws.messages(limit=0)["total"] == 0)
	free(claws)
	return claws.longest_stall()


def delete(claws, folder):
	claws.key("ctrl+d")
	claws.until("the folder is empty", lambda: claws.folder(folder)["total"] == 0)
	free(claws)


def watched(world, claws, changes, act):
	"""The act; in the middle of what follows the window is looked at, and used."""
	earlier, needed = batches(world), -(-changes // BATCH)
	world.tenant.add_fault(path=r"/\$batch$", kind="hang", skip=2 * AT_A_TIME, count=AT_A_TIME)
	stall = act()
	done, total = claws.until("the status bar tells how far it is", lambda: in_the_middle(told(claws)))
	claws.open_folder(SENT)
	show_first(claws)
	assert batches(world) - earlier < needed, "all was sent meanwhile"
	world.step(f"{done} of {total} are sent, and a mail can be read")
	world.tenant.release()
	world.until("all is sent", lambda: batches(world) - earlier >= needed)
	claws.until("the status bar is quiet", lambda: told(claws) is None)
	# What crosses a page of the check is looked at again.
	most = needed + needed // 2 + CHECKS
	assert batches(world) - earlier <= most, f"{batches(world) - earlier} batches for {changes} changes"
	return stall


def batches(world):
	return len(world.tenant.asked(r"/\$batch$"))


def in_the_middle(progress):
	return progress if progress and 0 < progress[0] < progress[1] else None


def told(claws):
	"""How many of how many changes were sent, as the status bar has it."""
	for widget in claws.widgets(type="GtkLabel"):
		match = re.search(r"Sending the changes \((\d+) of (\d+)\)", widget.get("text") or "")
		if match:
			return int(match[1]), int(match[2])
	return None


def agree(world, claws, count):
	world.until("all are in the Archive on the server", lambda: len(world.alice.messages("archive")) == count)
	assert not world.alice.messages(), "some are still in the Inbox on the server"
	claws.open_folder(ARCHIVE)
	claws.until("all are listed", lambda: claws.messages(limit=0)["total"] == count)
	here = sorted((row["message-id"], not row["unread"], row["marked"]) for row in claws.rows())
	there = sorted((m["internetMessageId"].strip("<>"), m["isRead"], m["flag"]["flagStatus"] == "flagged")
		       for m in world.alice.messages("archive"))
	assert here == there, f"{len(set(here) ^ set(there))} differ"
	world.step("all are in the Archive; server and client agree")
