# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil

from driver.claws import Claws
from driver.world import INBOX

TITLE = "a damaged database is said, kept, and built anew; a second client at the same mail is told of the first"


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
	claws.exit()
	assert [name for name in os.listdir(home) if name.startswith("damaged-")] == aside
	world.check_log_is_clean()


def tell_of_second(world, first):
	"""Another client with a profile of its own that names the same account."""
	profile = world.session.path("second")
	shutil.copytree(world.profile, profile, ignore=shutil.ignore_patterns("*.sock", "claws-mail-*", "claws.log*"))
	second = Claws(world.session, profile, os.path.join(world.build, "tests", "e2e", "libclawsprobe.so"),
		       environment=world.environment)
	second.start()
	second.remote("--receive")
	log = os.path.join(profile, "claws.log")
	world.until("the second client says who has the mail", lambda: "Another program has this account open" in read(log))
	world.step("a second client is told that another program has the account")
	# Its window lies on the first one's: keys may go to either.
	second.remote("--exit")
	second.wait_end()
	first.open_folder(INBOX)
	assert first.subjects(), "the first client lost its list"


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
