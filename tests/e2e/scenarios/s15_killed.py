# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "after the client was killed mail comes again, and after the next proper end, too"


def tell(world):
	world.open()
	claws = world.sign_in()
	visits = len(world.browser_visits())
	claws.open_folder(INBOX)
	claws.kill()
	world.step("the client was killed")

	for subject in ("After the kill", "After the end"):
		claws = world.start_claws()
		claws.open_folder(INBOX)
		world.bob.send_text(world.alice.address, subject, "Hello.")
		world.check_until(f"{subject!r} comes", lambda title=subject: claws.row(title))
		world.step(f"started again: {subject!r} came")
		claws.exit()
	assert len(world.browser_visits()) == visits, "the browser was opened again"
