# SPDX-License-Identifier: GPL-3.0-or-later
from driver.leaving import Leaving, WAYS, WHATS

TITLE = "waits, background work and ways to leave them in random order"
LONG = True
ONCE = True
SECONDS = 3600
ACCIDENTS = 40


def tell(world):
	chance = world.chance()
	leaving = Leaving(world)
	leaving.open()
	pairs = [(what, way) for what in WHATS for way in WAYS if leaving.obstacle(what, way) is None]
	for _ in range(ACCIDENTS):
		leaving.happen(*chance.choice(pairs))
	leaving.exit()
