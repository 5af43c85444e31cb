# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "without a browser the client says so in words, and signs in by a code that is typed at another device"
WINDOW = "Sign in on another device"
WHERE = "1. Open this page on a phone or another computer:"
WHAT = "2. Type this code there, and sign in:"


def tell(world):
	world.open()
	world.make_profile(browser=world.session.path("there-is-no-browser"))
	world.tenant.set_device(device_interval=1, device_lifetime=900)
	claws = world.start_claws()
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
	code = claws.until("the code", lambda: value(claws, WHAT))
	address = value(claws, WHERE)
	assert address.startswith(world.tenant.origin), f"another address: {address}"
	assert code not in " ".join(claws.windows()), "the code is in a window's title"
	claws.until("the time that is left", lambda: says(claws, "The code can be used for"))
	world.step("the code for another device is shown")
	world.tenant.enter_code(address, code)
	claws.until("the window is gone", lambda: WINDOW not in claws.windows())
	claws.until("it is signed in", lambda: says(claws, "Signed in as"))
	world.step("signed in by another device")
	claws.press("OK")
	claws.press("Close", window="Edit accounts")
	claws.exit()


def value(claws, label):
	titles = claws.widgets(type="GtkLabel", text=label, labels=bool)
	found = claws.widgets(id=titles[0]["labels"]) if titles else []
	return found[0].get("text") if found else None


def says(claws, words):
	return [w for w in claws.widgets(type="GtkLabel") if words in (w.get("text") or "")]
