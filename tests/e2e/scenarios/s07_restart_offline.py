# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "after a restart everything is there without a second sign-in, and what was read can be read offline"


def tell(world):
	world.open()
	story(world, world.sign_in()).exit()


def story(world, claws):
	visits = len(world.browser_visits())
	claws.open_folder(INBOX)
	subjects = sorted(claws.subjects())
	seen = next(m["subject"] for m in world.alice.messages() if m["subject"] and m["subject"].strip() in subjects)
	text = claws.read_message(seen)
	folders = [f["id"] for f in claws.folders() if f.get("id")]
	claws.exit()
	world.step("the client was closed")

	claws = world.start_claws()
	claws.open_folder(INBOX)
	claws.until("the list is back", lambda: sorted(claws.subjects()) == subjects)
	assert sorted(f["id"] for f in claws.folders() if f.get("id")) == sorted(folders), "the tree is another one"
	world.bob.send_text(world.alice.address, "After the restart", "Hello.")
	world.check_until("mail comes", lambda: claws.row("After the restart"))
	assert len(world.browser_visits()) == visits, "the browser was opened again"
	world.step("everything is there, mail comes, nobody had to sign in again")

	claws.remote("--offline")
	world.tenant.process.end()
	claws.until("the text of a message seen before", lambda: _reads(claws, seen, text))
	world.step("offline, without a server, a message seen before can be read")
	claws.exit()

	claws = world.start_claws("--offline")
	claws.open_folder(INBOX)
	claws.until("the list is there offline", lambda: len(claws.subjects()) == len(subjects) + 1)
	claws.until("the text of a message seen before", lambda: _reads(claws, seen, text))
	world.step("after a start offline, too")
	return claws


def _reads(claws, subject, text):
	return claws.read_message(subject).strip() == text.strip()
