# SPDX-License-Identifier: GPL-3.0-or-later
import random

from driver.leaving import Leaving, WAYS, WHATS

TITLE = "waits, background work and ways to leave them in random order"
LONG = True
SECONDS = 3600
ACCIDENTS = 40


def tell(world):
	seed = world.seed if world.seed is not None else random.SystemRandom().randrange(1 << 31)
	print(f"# seed {seed}", flush=True)
	chance = random.Random(seed)
	leaving = Leaving(world)
	leaving.open()
	pairs = [(what, way) for what in WHATS for way in WAYS if leaving.is_possible(what, way)]
	for _ in range(ACCIDENTS):
		leaving.happen(*chance.choice(pairs))
	leaving.exit()
