# SPDX-License-Identifier: GPL-3.0-or-later
from driver.leaving import WAYS, WHATS, Leaving

TITLE = "every kind of wait and of background work, left in every way"
LONG = True
ONCE = True
SECONDS = 3600


def tell(world):
	leaving = Leaving(world)
	leaving.open()
	for what in WHATS:
		for way in WAYS:
			why = leaving.obstacle(what, way)
			if why is None:
				leaving.happen(what, way)
			else:
				world.step(f"{what}, {way}: not possible: {why}")
	leaving.exit()
