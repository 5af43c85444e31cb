# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "a keyring that is locked, or comes when the client runs already: it is said, mail can be read, and the next check signs in"


def tell(world):
	world.open()
	claws = world.sign_in()
	claws.open_folder(INBOX)
	subjects = sorted(claws.until("the list", claws.subjects))
	claws.exit()
	visits = len(world.browser_visits())

	world.session.end_keyring()
	world.session.start_keyring(unlocked=False)
	claws = world.start_claws()
	claws.remote("--receive")
	says(world, claws, "The keyring is locked. Unlock it, then try again.")
	claws.open_folder(INBOX)
	claws.until("the list", lambda: sorted(claws.subjects()) == subjects)
	world.step("the keyring is locked: it is said, the list is there, no window stands in the way")
	assert len(claws.windows()) == 1, f"windows nobody asked for: {claws.windows()}"
	world.session.end_keyring()
	world.session.start_keyring()
	goes_on(world, claws, "After it was unlocked")
	world.step("it was unlocked: the next check brings mail")
	claws.exit()

	world.session.end_keyring()
	claws = world.start_claws()
	claws.remote("--receive")
	says(world, claws, "Sign in again.")
	assert claws.widgets(type="GtkButton", text="Sign in again"), "no bar asks for it"
	claws.open_folder(INBOX)
	world.step("there is no keyring at all: a sign-in is asked for")
	world.session.start_keyring()
	goes_on(world, claws, "After it came")
	claws.until("the bar that asked for a sign-in is gone", lambda: not claws.widgets(type="GtkButton", text="Sign in again"))
	world.step("a keyring came that holds the sign-in: the next check brings mail")
	claws.exit()
	assert len(world.browser_visits()) == visits, "a browser was opened although the keyring held the sign-in"


def goes_on(world, claws, subject):
	world.bob.send_text(world.alice.address, subject, "Hello.")
	world.check_until("new mail", lambda: claws.row(subject))
	assert "Hello." in claws.read_message(subject)


def says(world, claws, words):
	world.until(f"the log says {words!r}", lambda: words in world.network_log())
