# SPDX-License-Identifier: GPL-3.0-or-later
"""What tools/demo does once everything is built: for a person at a display, or by itself."""

import argparse
import os
import shutil
import signal
import sys

from .assistant import add_account
from .run import load, root_directory
from .tenant import ALICE, BOB, CLIENT_ID
from .world import World

CHAPTERS = (
	("Read", "s03_read"),
	("Write and answer", "s04_send"),
	("Get Mail", "s05_get_mail"),
	("Move and delete", "s06_move_delete"),
	("The account's page", "s08_edit_account"),
	("Restart and offline", "s07_restart_offline"),
)


class DemoWorld(World):
	"""Says what it saw, a line for each step."""

	def step(self, text):
		self.steps.append(text)
		path = os.path.join(self.screenshots, f"{len(self.steps):02d}.png")
		self.session.screenshot(path)
		print(f"{len(self.steps):2d}. {text}  [{path}]", flush=True)


def by_itself(arguments):
	"""All chapters, one after the other; how many failed."""
	failed = 0
	os.makedirs(arguments.screenshots, exist_ok=True)
	print(f"Screenshots: {arguments.screenshots}", flush=True)
	with DemoWorld(root_directory(), arguments.build, arguments.screenshots) as world:
		try:
			world.open()
			world.make_empty_profile()
			claws = world.start_claws()
			add_account(world, claws)
			world.wait_for_mail()
			world.step("Signed in: the account is in the tree, its Inbox came")
			claws.exit()
			# From here on with the Outlook account alone, so that it is the one that writes.
			shutil.rmtree(world.profile)
			claws = world.sign_in()
			world.step("A profile by tools/profile: signed in at its first check")
		except Exception as error:  # whatever it was, it is told, and there is nothing to go on with
			return tell_failure(world, "Add an Outlook account", error)
		for title, name in CHAPTERS:
			print(f"-- {title}", flush=True)
			story = load(os.path.join(root_directory(), "tests", "e2e", "scenarios", name + ".py"))
			try:
				claws = story.story(world, claws)
			except Exception as error:  # the other chapters are told all the same
				failed += tell_failure(world, title, error)
				claws = revive(world)
		if claws is not None and claws.is_running():
			try:
				claws.exit()
			except Exception as error:
				failed += tell_failure(world, "Close the client", error)
	print("Every step went well." if failed == 0 else f"{failed} of {len(CHAPTERS) + 1} chapters failed.")
	return failed


def tell_failure(world, title, error):
	print(f"FAILED: {title}: {type(error).__name__}: {error}", flush=True)
	try:
		world.step(f"as it was when \"{title}\" failed")
	except Exception as second:  # the display may be gone, too
		print(f"(no screenshot: {second})", flush=True)
	return 1


def revive(world):
	"""A fresh start of the client after a failed chapter, so that no open window stands in the next one's way."""
	try:
		world.claws.kill()
		return world.start_claws()
	except Exception as error:
		print(f"(the client does not start again: {error})", flush=True)
		return world.claws


def for_a_person(arguments):
	"""Claws Mail on the person's display until they close it."""
	with World(root_directory(), arguments.build, display=arguments.display) as world:
		world.open()
		world.make_profile(browser=None, with_browser=False)
		origin = world.tenant.origin
		print(f"""
The tenant runs at {origin}; {ALICE} and {BOB} have mailboxes in it.

  * Press "Get Mail". Your browser opens the tenant's sign-in page: choose a person and agree.
  * Or add another account: Tools, "Add Outlook account…", with the client ID
      {CLIENT_ID}
    cloud "Other servers", and {origin} as sign-in server and as Graph server.
  * Mail to {BOB} arrives there: add that account, too, to see it.

Close Claws Mail to end the demo; everything of it is removed then.
""", flush=True)
		claws = world.session.start("claws", ["claws-mail", "--alternate-config-dir", world.profile])
		status = claws.popen.wait()
		if status != 0:
			print(world.session.log("claws")[-4000:], file=sys.stderr)
		return status


def main():
	parser = argparse.ArgumentParser(prog="demo", description=__doc__)
	parser.add_argument("--build", required=True)
	parser.add_argument("--screenshots")
	parser.add_argument("--display")
	arguments = parser.parse_args()
	# An end from outside still cleans up.
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
	arguments.build = os.path.abspath(arguments.build)
	if arguments.display:
		return 1 if for_a_person(arguments) else 0
	arguments.screenshots = os.path.abspath(arguments.screenshots)
	return 1 if by_itself(arguments) else 0
