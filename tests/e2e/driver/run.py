# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the stories of tests/e2e/scenarios, one line of TAP for each."""

import argparse
import concurrent.futures
import contextlib
import importlib.util
import io
import os
import random
import re
import signal
import sys
import time
import traceback

from . import sanitizer
from .wait import TookTooLong
from .world import World

STORY_SECONDS = 600


class Skip(Exception):
	"""Raised by a story that cannot be told here; the text says why."""


def root_directory():
	return os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def load(path):
	spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
	module = importlib.util.module_from_spec(spec)
	spec.loader.exec_module(module)
	return module


def stories(names, long):
	"""Those that are named; without names all, those that say LONG only when they are wanted."""
	directory = os.path.join(root_directory(), "tests", "e2e", "scenarios")
	found = sorted(name[:-3] for name in os.listdir(directory) if name.endswith(".py"))
	for name in names:
		if not any(name in f for f in found):
			sys.exit(f"no scenario has {name!r} in its name; there are: {' '.join(found)}")
	paths = [os.path.join(directory, f + ".py") for f in found if not names or any(n in f for n in names)]
	return [path for path in paths if names or long or not getattr(load(path), "LONG", False)]


def _too_long(*_):
	raise AssertionError(f"the story took more than {STORY_SECONDS} seconds")


def tell(number, path, arguments):
	"""One story; whether it went well.

	A mouse and a window that still moves can miss each other: a story whose wait ran out is told once more, and
	that is said. A crash, a wrong result or an unclean log is final. So is a wait in a story that says ONCE: one of
	many accidents at which something hangs now and then would go well the second time.
	"""
	name = os.path.basename(path)[:-3]
	story = load(path)
	# Told once more it is the same story.
	seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 31)
	began = time.monotonic()
	print(f"# {name}: {story.TITLE}", flush=True)
	try:
		try:
			_tell_once(story, name, arguments, seed)
		except TookTooLong:
			if getattr(story, "ONCE", False):
				raise
			traceback_as_comment()
			print(f"# {name}: a wait ran out; it is told once more", flush=True)
			_tell_once(story, name, arguments, seed)
	except Skip as skip:
		print(f"ok {number} - {name}: {story.TITLE} # SKIP {skip}", flush=True)
		return True
	except KeyboardInterrupt:
		raise
	except BaseException:  # whatever it was, the next story is told all the same
		traceback_as_comment()
		print(f"not ok {number} - {name}: {story.TITLE}", flush=True)
		return False
	print(f"ok {number} - {name}: {story.TITLE} ({time.monotonic() - began:.0f} s)", flush=True)
	return True


def tell_quietly(number, path, arguments):
	"""The same in a process of its own: whether it went well, and what is to be printed of it."""
	said = io.StringIO()
	with contextlib.redirect_stdout(said):
		well = tell(number, path, arguments)
	return well, said.getvalue()


def tell_side_by_side(paths, arguments):
	"""As many at a time as there are jobs; each is printed when it is over."""
	results = []
	with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
		told = {pool.submit(tell_quietly, number, path, arguments): (number, path)
			for number, path in enumerate(paths, 1)}
		for future in concurrent.futures.as_completed(told):
			number, path = told[future]
			try:
				well, said = future.result()
			except concurrent.futures.process.BrokenProcessPool as error:
				well, said = False, f"not ok {number} - {os.path.basename(path)[:-3]}: {error}\n"
			print(said, end="", flush=True)
			results.append(well)
	return results


def traceback_as_comment():
	for line in traceback.format_exc().splitlines():
		print("#   " + line)


def _tell_once(story, name, arguments, seed):
	shots = os.path.join(arguments.screenshots, name) if arguments.screenshots else None
	world = World(root_directory(), arguments.build, shots, arguments.keep, seed=seed)
	world.is_long = arguments.long
	if arguments.sanitize:
		world.environment.update(sanitizer.environment(arguments.build))
	signal.signal(signal.SIGALRM, _too_long)
	signal.alarm(getattr(story, "SECONDS", STORY_SECONDS))
	try:
		with world:
			try:
				story.tell(world)
				if world.profile:
					world.check_log_is_clean()
			except Skip:
				raise
			except BaseException:
				signal.alarm(0)
				_explain(world)
				raise
	finally:
		signal.alarm(0)


def _explain(world):
	"""What a person needs to see why it failed."""
	if world.session is None:
		return
	try:
		world.picture("failed")
	except Exception as error:  # the display itself may be what failed
		print(f"#   no screenshot: {error}")
	for name in ("claws", "simulator", "browser"):
		for line in world.session.log(name).splitlines()[-25:]:
			print(f"#   {name}: {line}")
	if world.tenant:
		for line in world.tenant.log()[-25:]:
			print("#   request: " + re.sub(r"(code|token|secret|verifier)=[^&\s]*", r"\1=…", line))
	if world.claws and world.claws.is_running():
		try:
			print(f"#   windows: {world.claws.windows()}")
			print(f"#   folders: {[(f.get('id') or f['name'], f['unread'], f['total']) for f in world.claws.folders()]}")
			print(f"#   list: {world.claws.subjects()[:30]}")
		except Exception as error:  # it may stand still
			print(f"#   the client does not answer: {error}")


def main():
	parser = argparse.ArgumentParser(prog="tests/e2e/run", description=__doc__)
	parser.add_argument("names", nargs="*", help="parts of the names of scenarios; all if none is given")
	parser.add_argument("--build", help="where the tree was built; _build, with --sanitize _build-asan")
	parser.add_argument("--sanitize", action="store_true", help="the client runs under the ASan that the tree was built with")
	parser.add_argument("--long", action="store_true", help="also the stories that take long")
	parser.add_argument("--jobs", type=int, default=1, help="so many stories at a time")
	parser.add_argument("--seed", type=int, help="of the random stories; they print theirs")
	parser.add_argument("--screenshots", help="a directory for pictures of each step")
	parser.add_argument("--keep", action="store_true", help="keep the temporary directories")
	arguments = parser.parse_args()
	default = os.path.join(root_directory(), "_build-asan" if arguments.sanitize else "_build")
	arguments.build = os.path.abspath(arguments.build or default)
	if arguments.screenshots:
		arguments.screenshots = os.path.abspath(arguments.screenshots)

	paths = stories(arguments.names, arguments.long)
	print(f"1..{len(paths)}")
	if arguments.jobs > 1:
		results = tell_side_by_side(paths, arguments)
	else:
		results = [tell(number, path, arguments) for number, path in enumerate(paths, 1)]
	return 0 if all(results) else 1
