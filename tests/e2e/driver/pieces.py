# SPDX-License-Identifier: GPL-3.0-or-later
"""The upload of a large mail, held up at each of its pieces to see that the client lives."""

TICKS = 5  # of the main loop's timer, while a piece is under way


def hold(world):
	"""From now on each piece waits at the server; how many there were before."""
	world.tenant.add_fault(kind="hang", method="PUT", count=0)
	return len(_asked(world))


def watch(world, claws, before, count):
	"""The main loop runs while each of the pieces is under way, and the status bar tells how far it is; then they go on."""
	shown = []
	for number in range(1, count + 1):
		claws.until(f"piece {number} is under way",
			    lambda n=number: len(_asked(world)) == before + n and world.tenant.under_way("PUT "))
		ticks = _ticks(claws)
		claws.until("the main loop runs", lambda t=ticks: _ticks(claws) >= t + TICKS)
		shown.append(claws.until("the status bar tells how far it is", lambda: _other(bar(claws), shown)))
		world.tenant.go_on()
	world.tenant.release()
	return shown


def bar(claws):
	"""What the status bar says of a large mail."""
	return next((w["text"] for w in claws.widgets() if "Sending a large mail" in (w.get("text") or "")), None)


def _ticks(claws):
	return claws.ask("ticks", reset=False)["ticks"]


def _other(text, shown):
	return text if text not in shown else None


def _asked(world):
	return world.tenant.asked("^/_upload")
