# SPDX-License-Identifier: GPL-3.0-or-later
import os

from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX

TITLE = "the mails of a folder are fetched to be read offline, in the background, and go on where they were stopped"

FILLED = 40


def tell(world):
	world.open()
	world.make_profile()
	world.tenant.fill(ALICE, "archive", FILLED)
	choose_archive(world)
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	count = len(world.alice.messages())
	claws.open_folder(INBOX)
	claws.until("the list", lambda: len(claws.rows()) == count)

	world.tenant.add_fault(path=r"\$value$|%24value$", kind="hang", skip=5)
	claws.folder_menu(INBOX, "Download messages")
	world.until("some have come", lambda: len(fetched(world)) >= 5)
	claws.until("what is done is said", lambda: said(claws, "for offline use"))
	world.step("mails are fetched in the background; the client is not in the way")
	claws.folder_menu(INBOX, "Stop downloading")
	claws.until("it has stopped", lambda: not said(claws, "for offline use"))
	world.tenant.release()
	assert len(fetched(world)) <= 6
	world.step("it was stopped")

	claws.folder_menu(INBOX, "Download messages")
	world.until("all have come", lambda: len(fetched(world)) >= count)
	claws.until("it is over", lambda: not said(claws, "for offline use"))
	assert len(fetched(world)) <= count + 1, "mails were fetched twice"
	world.step("asked for again, it went on where it was stopped")

	before = len(fetched(world))
	claws.menu("File", "Synchronise folders")
	world.until("the Archive has come", lambda: len(fetched(world)) >= before + FILLED)
	claws.until("the client is free again", lambda: [
		w for w in claws.widgets(text="Get Mail") if w["sensitive"]])
	world.step("Synchronise folders fetched the folder that is chosen for it, and nothing else")

	claws.remote("--offline")
	world.tenant.process.end()
	for subject in sorted({s for s in claws.subjects() if s and claws.subjects().count(s) == 1})[:5]:
		assert claws.read_message(subject), f"{subject!r} has no text"
	claws.open_folder(ARCHIVE)
	subject = f"Report {FILLED} of the night watch"
	assert f"in round {FILLED}." in claws.read_message(subject)
	world.step("offline, without a server, all of it can be read")
	claws.exit()


def choose_archive(world):
	"""As its properties do, on the page Offline."""
	with open(os.path.join(world.profile, "folderitemrc"), "a", encoding="utf-8") as file:
		file.write(f"\n[{ARCHIVE}]\nofflinesync=1\nofflinesync_days=0\n")


def fetched(world):
	return [line for line in world.tenant.requests("$value") if " 200 " in line]


def said(claws, words):
	return [w for w in claws.widgets(type="GtkLabel") if words in (w.get("text") or "")]
