# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import os
import sqlite3

from driver.compose import Compose
from driver.disk import ReadOnly, SmallDisks, may_mount, obey_permissions
from driver.run import Skip
from driver.tenant import BOB
from driver.wait import TookTooLong
from driver.world import INBOX, QUEUE

TITLE = "a full disk, one that cannot be written to, a database of a newer version: each is said, costs nothing, and is over when it is over"
MEGABYTES = 8
LOG = "Network log"
CLOSINGS_MAX, MOMENT = 5, 5
SUBJECT = "Written while the disk was full"


def tell(world):
	small_disks = may_mount()
	if small_disks:
		full(world)
	if world.is_long or not small_disks:
		if small_disks:
			world.close()
		not_writable(world, small_disks)
	if not small_disks:
		missing = "a full disk and one for reading were left out, since nobody may mount here; the rest was told"
		assert os.environ.get("CI") != "true", missing
		raise Skip(missing)


def full(world):
	world.open()
	world.make_profile()
	disks = SmallDisks([os.path.join(world.session.environment["XDG_DATA_HOME"], "outlook-mail"),
			    os.path.join(world.profile, "outlook-cache")], MEGABYTES)
	claws = world.start_claws(before=disks.mount)
	disks.seen_by(claws.process)
	subjects, here, elsewhere, text = a_quiet_day(world, claws)

	disks.fill()
	world.bob.send_text(world.alice.address, "No room for it", "Hello.")
	claws.remote("--receive")
	says(world, "The mail database cannot be used: database or disk is full",
	     "Check the free space and the permissions of the disk.")
	world.step("the disk is full: the check says so")
	shows_log(world, claws, "database or disk is full")
	assert sorted(claws.subjects()) == subjects, "the list is another one"
	claws.select_message(elsewhere)
	says(world, "A message could not be written to the disk: No space left on device")
	world.step("a mail that is not here yet is said to have no room")
	assert claws.read_message(here) == text, "what was read before is not there any more"

	window = write(claws)
	before = len(world.network_log())
	window.send()
	dialogs = claws.until("the client says that it was not queued", lambda: other_windows(claws, window))
	world.step(f"a mail is not queued: {dialogs}")
	for title in dialogs:
		claws.close_window(title)
	says(world, "A message could not be written to the disk: No space left on device", since=before)
	assert window.is_open(), "the mail that was written is gone"
	assert not world.bob.find(SUBJECT)

	disks.make_room()
	claws.raise_window(window.widgets(id=window.top)[0]["text"])
	window.send_and_close()
	world.until("it arrives", lambda: world.bob.find(SUBJECT))
	world.bob.only(SUBJECT)
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.check_until("the mail that had no room", lambda: claws.row("No room for it"))
	assert "Hello." in claws.read_message("No room for it")
	claws.read_message(elsewhere)
	world.step("there is room again: all of it goes on")
	claws.exit()
	world.check_log_is_clean()


def a_quiet_day(world, claws):
	"""What the Inbox lists, the subject of a mail that was read and of one that was not, and the text of the first."""
	claws.remote("--receive")
	world.wait_for_mail()
	claws.open_folder(INBOX)
	claws.until("the list", claws.rows)
	here, elsewhere = readable(world, claws)[:2]
	return sorted(claws.subjects()), here, elsewhere, claws.read_message(here)


def not_writable(world, may_mount_one):
	world.open()
	world.make_profile()
	claws = world.start_claws(before=obey_permissions)
	subjects, here, elsewhere, text = a_quiet_day(world, claws)
	home = find_store(world)
	set_modes(home, 0o500)
	claws.select_message(elsewhere)
	says(world, "A message could not be written to the disk: Permission denied")
	assert claws.read_message(here) == text
	world.step("the directory cannot be written to any more, while the client runs")
	set_modes(home, 0o700)
	claws.read_message(elsewhere)
	claws.exit()

	if may_mount_one:
		read_only(world, ReadOnly(home), here, text, subjects)

	version = set_version(home, 99)
	with open(os.path.join(home, "mail.db"), "rb") as file:
		before = file.read()
	claws = world.start_claws()
	turned_away(world, claws, here, text, subjects, "written by a newer version of this program")
	world.step("a newer version has been here")
	with open(os.path.join(home, "mail.db"), "rb") as file:
		assert file.read() == before, "the database of the newer version was written to"
	assert set_version(home, version) == 99
	goes_on(world, claws, "After the version", here, text)
	world.step("the database is one of ours: Get Mail is enough")
	claws.exit()
	assert not [name for name in os.listdir(home) if name.startswith("damaged")], "a database was set aside"


def read_only(world, disk, here, text, subjects):
	claws = world.start_claws(before=disk.mount)
	disk.seen_by(claws.process)
	turned_away(world, claws, here, text, subjects, "Read-only file system")
	world.step("the disk cannot be written to when the client starts")
	disk.mend()
	goes_on(world, claws, "After the disk", here, text)
	world.step("it can: Get Mail is enough")
	claws.exit()
	subjects.append("After the disk")


def turned_away(world, claws, here, text, subjects, why):
	"""The list is what the client remembers; checks, and opening a mail, say why there is no more."""
	claws.remote("--receive")
	says(world, why)
	claws.open_folder(INBOX)
	claws.until("the list that the client remembers", lambda: sorted(claws.subjects()) == sorted(subjects))
	before = len(world.network_log())
	claws.select_message(here)
	says(world, why, since=before)
	assert not world.browser_visits()[1:], "a browser was opened for it"


def goes_on(world, claws, subject, here, text):
	world.bob.send_text(world.alice.address, subject, "Hello.")
	world.check_until("new mail", lambda: claws.row(subject))
	assert "Hello." in claws.read_message(subject)
	assert claws.read_message(here) == text


def says(world, *words, since=0):
	world.until(f"the log says {words}", lambda: all(word in world.network_log()[since:] for word in words))


def shows_log(world, claws, words):
	"""The same in the window where a person would look."""
	claws.menu("Tools", "Network Log")
	claws.until(f"its window says {words}", lambda: [
		w for w in claws.widgets(window=LOG) if words in (w.get("text") or "")])
	world.step("the disk is full: the log says so")
	for _ in range(CLOSINGS_MAX):
		if LOG not in claws.windows():
			return
		claws.raise_window(LOG)
		claws.key("alt+F4")
		with contextlib.suppress(TookTooLong):
			claws.until("the log is closed", lambda: LOG not in claws.windows(), MOMENT)


def write(claws):
	claws.focus_main()
	claws.press("Compose", top=claws.main_window()["id"])
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject(SUBJECT)
	window.body("Is there room?")
	return window


def other_windows(claws, window):
	known = {claws.main_window()["id"], window.top}
	return [w.get("text") or "" for w in claws.widgets() if w["id"] == w["top"] and w["id"] not in known and w.get("modal")]


def readable(world, claws):
	listed = claws.subjects()
	return [m["subject"] for m in world.alice.messages()
		if m["subject"] and m["subject"] == m["subject"].strip() and listed.count(m["subject"]) == 1]


def set_modes(directory, mode):
	for where, _, _ in os.walk(directory, topdown=False):
		os.chmod(where, mode)


def set_version(home, version):
	database = sqlite3.connect(os.path.join(home, "mail.db"))
	before = database.execute("PRAGMA user_version").fetchone()[0]
	database.execute(f"PRAGMA user_version = {version}")
	database.commit()
	database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
	database.close()
	return before


def find_store(world):
	base = os.path.join(world.session.environment["XDG_DATA_HOME"], "outlook-mail")
	found = os.listdir(base)
	assert len(found) == 1, found
	return os.path.join(base, found[0])
