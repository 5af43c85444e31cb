# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for something to become true, with a bound that only a hang reaches."""

import time

PATIENCE = 60.0
PAUSE = 0.1


class TookTooLong(AssertionError):
	"""What was waited for did not happen."""


def until(what, question, patience=PATIENCE, alive=None):
	"""Ask `question()` until its answer is true, and return that answer.

	`alive()`, when given, raises when there is no use in waiting any longer.
	"""
	end = time.monotonic() + patience
	while True:
		answer = question()
		if answer:
			return answer
		if alive is not None:
			alive()
		if time.monotonic() > end:
			raise TookTooLong(f"{what}: not within {patience:.0f} seconds")
		time.sleep(PAUSE)


def comes_true(question, patience):
	"""Whether the answer becomes true within that many seconds."""
	end = time.monotonic() + patience
	while not question():
		if time.monotonic() > end:
			return False
		time.sleep(PAUSE)
	return True
