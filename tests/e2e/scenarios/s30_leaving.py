# SPDX-License-Identifier: GPL-3.0-or-later
from driver.leaving import Leaving

TITLE = "left in the middle of a wait and of background work: the client lives or ends, and nothing is lost"
EVERY_DAY = (("body", "offline"), ("body", "remove"), ("check", "delete"), ("push", "exit"), ("body", "unload"))


def tell(world):
	leaving = Leaving(world)
	leaving.open()
	for what, way in EVERY_DAY:
		leaving.happen(what, way)
	leaving.exit()
