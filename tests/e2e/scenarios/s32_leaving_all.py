# SPDX-License-Identifier: GPL-3.0-or-later
from driver.leaving import WAYS, WHATS, Leaving

TITLE = "every kind of wait and of background work, left in every way"
LONG = True
SECONDS = 3600


def tell(world):
	leaving = Leaving(world)
	leaving.open()
	for what in WHATS:
		for way in WAYS:
			if leaving.is_possible(what, way):
				leaving.happen(what, way)
	leaving.exit()
