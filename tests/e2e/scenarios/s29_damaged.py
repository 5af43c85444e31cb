# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import signal

from driver.claws import Claws
from driver.world import INBOX

TITLE = "a damaged database is said, kept, and built anew; a second client at the same mail, be it on one profile, is told of the first"
IN_USE = "Another program has this account open"


def tell(world):
	world.open()
	claws = world.sign_in()
	claws.open_folder(INBOX)
	subjects = sorted(claws.subjects())
	seen = [m["subject"] for m in world.alice.messages() if m["subject"] and m["subject"].strip() in subjects][:2]
	texts = {subject: claws.read_message(subject).strip() for subject in seen}
	claws.exit()

	home = find_store(world)
	path = os.path.join(home, "mail.db")
	with open(path, "r+b") as file:
		file.seek(os.path.getsize(path) // 8192 * 4096)
		file.write(b"This is rubbish." * 512)
	with open(path, "rb") as file:
		damaged = file.read()
	world.step("the database was damaged while the client was closed")

	claws = world.start_claws()
	claws.remote("--receive")
	claws.open_folder(INBOX)
	claws.until("the list is back", lambda: sorted(claws.subjects()) == subjects)
	for subject, text in texts.items():
		claws.until(f"{subject!r} has its own text", lambda s=subject, t=text: claws.read_message(s).strip() == t)
	aside = [name for name in os.listdir(home) if name.startswith("damaged-")]
	assert len(aside) == 1, f"set aside: {aside}"
	with open(os.path.join(home, aside[0], "mail.db"), "rb") as file:
		assert file.read() == damaged, "the damaged file is another one now"
	world.bob.send_text(world.alice.address, "After the damage", "Hello.")
	world.check_until("mail comes", lambda: claws.row("After the damage"))
	claws.menu("Tools", "Network Log")
	claws.until("a note in the log", lambda: [
		w for w in claws.widgets(window="Network log") if aside[0] in (w.get("text") or "")])
	world.step("the list is built anew, and the log says why")
	claws.close_window("Network log")

	tell_of_second(world, claws)
	claws.exit()

	claws = world.start_claws()
	claws.open_folder(INBOX)
	claws.until("the list is there after another start", lambda: len(claws.subjects()) == len(subjects) + 1)
	tell_of_same_profile(world, claws)
	world.claws.exit()
	assert [name for name in os.listdir(home) if name.startswith("damaged-")] == aside
	world.check_log_is_clean()


def tell_of_second(world, first):
	"""Another client with a profile of its own that names the same account."""
	profile = world.session.path("second")
	# What the first one writes just now is a `.tmp` until it is whole.
	shutil.copytree(world.profile, profile,
			ignore=shutil.ignore_patterns("*.sock", "*.tmp", "claws-mail-*", "claws.log*"))
	second = another(world, profile)
	second.start()
	second.remote("--receive")
	log = os.path.join(profile, "claws.log")
	world.until("the second client says who has the mail", lambda: IN_USE in read(log))
	world.step("a second client is told that another program has the account")
	# Its window lies on the first one's: keys may go to either.
	second.remote("--exit")
	second.wait_end()
	first.open_folder(INBOX)
	assert first.subjects(), "the first client lost its list"


def tell_of_same_profile(world, first):
	"""Another client on the profile of the first: with another runtime directory it does not find the first one's socket."""
	first.remote("--receive")
	first.until("no check is under way", lambda: first.widgets(text="Configuration", sensitive=True))
	before, kept = listed(first), files_of_cache(world)
	runtime = world.session.path("run-of-second")
	os.mkdir(runtime, mode=0o700)
	second = another(world, world.profile, XDG_RUNTIME_DIR=runtime)
	assert IN_USE not in world.network_log()
	second.start("--receive", "--select", INBOX)
	second.until("the second client says who has the mail", lambda: IN_USE in world.network_log())
	second.until("it has the list that the first one keeps", lambda: listed(second) == before)
	world.step("a second client on the same profile is told that another program has the account")
	# As the end of the session: its window lies on the first one's, and its remote control asks the first one.
	second.process.popen.send_signal(signal.SIGTERM)
	second.wait_end()
	assert files_of_cache(world) == kept, f"the second client changed {changed(kept, files_of_cache(world))}"

	assert listed(first) == before, "the first client shows something else"
	world.bob.send_text(world.alice.address, "After the second client", "Hello.")
	world.check_until("mail comes to the first one", lambda: first.row("After the second client"))
	before = listed(first)
	# So that what the second one wrote last is what the next one finds.
	first.kill()
	claws = world.start_claws()
	claws.open_folder(INBOX)
	claws.until("the list is the same after a start", lambda: listed(claws) == before)
	assert "Hello." in claws.read_message("After the second client")
	world.step("the first client goes on; after another start its tree and its list are what they were")


def another(world, profile, **environment):
	"""A client beside the one of this world; not started yet."""
	return Claws(world.session, profile, os.path.join(world.build, "tests", "e2e", "libclawsprobe.so"),
		     environment=dict(world.environment, **environment))


def listed(claws):
	"""The tree and the Inbox, as they are on screen."""
	tree = sorted((f.get("id") or "", f["level"], f["unread"], f["total"]) for f in claws.folders())
	return tree, sorted((r["number"], r["subject"], r["unread"], r["marked"]) for r in claws.rows())


def files_of_cache(world):
	"""Each file that the client keeps of the account's folders, and what is in it."""
	found = {}
	for where, _, names in os.walk(os.path.join(world.profile, "outlook-cache")):
		for name in names:
			with open(os.path.join(where, name), "rb") as file:
				found[os.path.join(where, name)] = file.read()
	assert found, "the client keeps nothing of its folders"
	return found


def changed(before, after):
	return sorted(os.path.relpath(path, os.path.commonpath([*before, *after])) for path in {*before, *after}
		      if before.get(path) != after.get(path))


def read(path):
	if not os.path.exists(path):
		return ""
	with open(path, encoding="utf-8", errors="replace") as file:
		return file.read()


def find_store(world):
	base = os.path.join(world.session.environment["XDG_DATA_HOME"], "outlook-mail")
	found = [os.path.join(base, name) for name in os.listdir(base)]
	assert len(found) == 1, found
	return found[0]
