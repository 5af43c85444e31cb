# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import time

from driver.stored import FLAGGED, Stored, folders
from driver.tenant import ALICE
from driver.world import INBOX

TITLE = "killed at 200 random moments of synchronising and of sending changes: client and server agree in the end"
LONG = True
SECONDS = 5400
KILLS = 200
KILLS_BETWEEN = 25
LATEST_SECONDS = 1.2


def tell(world):
	chance = world.chance()
	# Slow enough that a kill falls between requests as well as before and after them.
	world.open(simulator=["--latency", "15"])
	claws = world.sign_in()
	everything = identities(world)
	# What was done here and had reached the disk when the client was killed.
	done = {}

	for kill in range(1, KILLS + 1):
		if not claws.is_running():
			claws = start(world)
		world.tenant.fill(ALICE, "inbox", chance.randint(1, 3))
		everything |= identities(world)
		claws.open_folder(INBOX)
		work(claws, chance)
		claws.remote("--receive-all")
		time.sleep(chance.uniform(0, LATEST_SECONDS))
		claws.kill()
		remember(world, Stored(world.session), done)
		if kill % KILLS_BETWEEN == 0 or kill == KILLS:
			claws = settle(world)
			check(world, everything, done)
			marks, throws = (sum(one) for one in zip(*done.values()))
			assert marks and throws, "nothing was done"
			world.step(f"{kill} kills, {marks} marks, {throws} deletions: the databases were sound, nothing is lost, nothing is there twice")


def start(world):
	"""The client takes two steps to replace its list of folders; killed between them it asks for its backup, and gets it."""
	path = os.path.join(world.profile, "folderlist.xml")
	if not os.path.exists(path):
		shutil.copy(path + ".bak", path)
	return world.start_claws()


def identities(world):
	return {m["id"] for folder in folders(world.alice) for m in world.alice.messages(folder, select="id")}


def work(claws, chance):
	"""Some rows in a row are marked or thrown away; a mouse that misses them is no matter here."""
	rows = claws.rows()
	for _ in range(chance.randint(1, 3)):
		claws.click(claws.show_row(rows[chance.randrange(min(len(rows), 12))]))
		claws.key(*["shift+Down"] * chance.randint(0, 3), chance.choice(["asterisk", "asterisk", "ctrl+d"]))


def remember(world, stored, done):
	"""Marks are only set, and mails go to Deleted Items alone: what is on the disk once is to stay."""
	trash = world.alice.ask("GET", "/me/mailFolders/deleteditems")["id"]
	for key, (folder, flags) in stored.messages.items():
		marked, thrown = done.get(key, (False, False))
		done[key] = (marked or bool(flags & FLAGGED), thrown or folder == trash)


def settle(world):
	"""Until nothing waits to be sent and what is stored is what the server has."""
	for _ in range(6):
		claws = start(world)
		claws.open_folder(INBOX)
		claws.remote("--receive-all")
		claws.until("the Inbox is the server's", lambda: claws.folder(INBOX)["total"] == len(world.alice.messages()))
		claws.exit()
		stored = Stored(world.session)
		if stored.waiting == 0 and not stored.differences(world.alice):
			return claws
	raise AssertionError(f"{stored.waiting} changes wait; differences: {stored.differences(world.alice)[:5]}")


def check(world, everything, done):
	there = identities(world)
	assert there == everything, f"{len(everything - there)} mails are lost, {len(there - everything)} are new"
	trash = world.alice.ask("GET", "/me/mailFolders/deleteditems")["id"]
	stored = Stored(world.session).messages
	for key, (marked, thrown) in done.items():
		folder, flags = stored[key]
		assert not marked or flags & FLAGGED, f"{key[-24:]} was marked"
		assert not thrown or folder == trash, f"{key[-24:]} was thrown away"
