# SPDX-License-Identifier: GPL-3.0-or-later
from driver.tenant import CLIENT_ID
from driver.world import INBOX

TITLE = "Edit account shows an Outlook page with the settings and the state; sign out and sign in again work there"

HIDDEN_PAGES = ("Receive", "Send", "TLS", "Advanced")


def tell(world):
	world.open()
	story(world, world.sign_in()).exit()


def story(world, claws):
	open_page(claws)
	world.step("the account's dialog shows its Outlook page")
	assert claws.field("Application (client) ID:")["text"] == CLIENT_ID
	claws.until("who is signed in", lambda: says(claws, "Signed in as"))
	pages = claws.until("the list of pages", lambda: [
		w for w in claws.widgets(type="GtkTreeView") if any(c["text"].startswith("Outlook") for c in w["cells"])])[0]
	names = [c["text"].split("\t")[0].strip() for c in pages["cells"]]
	for page in HIDDEN_PAGES:
		assert page not in names, f"the page {page} means nothing for such an account and is shown"

	claws.press("Sign out")
	claws.until("it is signed out", lambda: not says(claws, "Signed in as"))
	world.step("signed out")
	visits = len(world.browser_visits())
	claws.remote("--receive")
	assert len(world.browser_visits()) == visits, "an account that was signed out opened the browser by itself"

	claws.press("Sign in again")
	claws.until("it is signed in", lambda: says(claws, "Signed in as"))
	assert len(world.browser_visits()) == visits + 1
	world.step("signed in again")
	claws.press("OK")
	claws.press("Close", window="Edit accounts")
	world.bob.send_text(world.alice.address, "After signing in again", "Hello.")
	claws.remote("--receive")
	claws.open_folder(INBOX)
	claws.until("mail comes", lambda: claws.row("After signing in again"))
	return claws


def says(claws, words):
	return [w for w in claws.widgets(type="GtkLabel") if words in (w.get("text") or "")]


def open_page(claws):
	claws.focus_main()
	claws.menu("Configuration", "Edit accounts...")
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.select_cell("Outlook", window="Outlook - Account preferences")
