# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import subprocess

from driver import secrets_kept
from driver.sanitizer import program_environment
from driver.world import INBOX

TITLE = "without a browser the client says so in words, and signs in by a code that is typed at another device"
WINDOW = "Sign in on another device"
WHERE = "1. Open this page on a phone or another computer:"
WHAT = "2. Type this code there, and sign in:"


def tell(world):
	world.open()
	world.make_profile(browser=world.session.path("there-is-no-browser"))
	world.tenant.set_device(device_interval=1, device_lifetime=2)
	secrets_kept.be_talkative(world)
	claws = world.start_claws(secrets_kept.DEBUG)
	claws.remote("--receive")
	claws.until("the reason is on the screen", lambda: [
		w for w in claws.widgets() if "browser" in (w.get("text") or "").lower()])
	assert len(claws.windows()) == 1, f"windows nobody asked for: {claws.windows()}"
	assert claws.folder(INBOX), "the account is not in the tree"
	world.step("the reason is on the screen, and no window stands in the way")

	claws.focus_main()
	claws.menu("Configuration", "Edit accounts...")
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.select_cell("Outlook", window="Outlook - Account preferences")
	claws.press("Sign in on another device…")
	claws.until("the code has expired", lambda: says(claws, "The code has expired."))
	world.tenant.set_device(device_lifetime=900)
	claws.press("New code", window=WINDOW)
	claws.until("the time that is left", lambda: says(claws, "The code can be used for"))
	code = value(claws, WHAT)
	address = value(claws, WHERE)
	assert address.startswith(world.tenant.origin), f"another address: {address}"
	assert code not in " ".join(claws.windows()), "the code is in a window's title"
	claws.check_names(WINDOW)
	world.step("the code for another device is shown")
	world.tenant.enter_code(address, code)
	claws.until("the window is gone", lambda: WINDOW not in claws.windows())
	claws.until("it is signed in", lambda: says(claws, "Signed in as"))
	world.step("signed in by another device")
	claws.press("OK")
	claws.press("Close", window="Edit accounts")
	claws.exit()
	in_a_terminal(world)
	secrets_kept.check(world)


def in_a_terminal(world):
	"""The same without the client; a code that is not printed at once would never be seen."""
	process = world.session.start("signin", [os.path.join(world.build, "plugin", "signin", "outlook-signin"),
						 "--device", "--profile", world.profile],
				      stdout=subprocess.PIPE,
				      environment={**program_environment(world.session), **secrets_kept.TALKATIVE})
	path = world.session.path("signin.output")
	lines = kept(process.popen.stdout, path)
	address = next(line for line in lines if line.startswith(world.tenant.origin))
	code = next(line for line in lines if re.fullmatch("[A-Z0-9]{9}", line))
	world.tenant.enter_code(address, code)
	# Another thread may talk before the line ends.
	result = next(line for line in lines if line.startswith("Signed in"))
	assert result.startswith(f"Signed in as {world.alice.address}."), result
	for _ in lines:
		pass
	assert process.popen.wait(60) == 0
	with open(path, encoding="utf-8") as file:
		assert secrets_kept.TALK in file.read(), "the program kept quiet"
	world.step("signed in in a terminal")


def kept(stream, path):
	"""Its lines as they come, which are in the file as well."""
	with open(path, "wb") as file:
		for line in stream:
			file.write(line)
			yield line.decode().strip()


def value(claws, label):
	titles = claws.widgets(type="GtkLabel", text=label, labels=bool)
	found = claws.widgets(id=titles[0]["labels"]) if titles else []
	return found[0].get("text") if found else None


def says(claws, words):
	return [w for w in claws.widgets(type="GtkLabel") if words in (w.get("text") or "")]
