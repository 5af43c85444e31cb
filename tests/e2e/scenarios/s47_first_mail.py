# SPDX-License-Identifier: GPL-3.0-or-later
from driver.rules import file_by_rule, is_known, write_rule
from driver.tenant import ALICE

TITLE = "rules are for what comes: also for the first mail of an Inbox that was empty, and after the client was killed"


def tell(world):
	world.open(simulator=["--latency", "50"])
	for message in world.alice.messages():
		world.alice.delete(message)
	world.make_profile()
	write_rule(world, "night watch")
	claws = world.start_claws()
	claws.remote("--receive")
	world.until("the Inbox is known to have been read", lambda: is_known(world))
	file_by_rule(world, ALICE, "First night watch")
	claws.kill()

	claws = world.start_claws()
	file_by_rule(world, ALICE, "Second night watch")
	world.step("both were filed")
	claws.exit()
