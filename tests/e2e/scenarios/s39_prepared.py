# SPDX-License-Identifier: GPL-3.0-or-later
import os

from driver.tenant import CLIENT_ID
from driver.world import INBOX

TITLE = "where an administrator prepared it, at most three decisions lead from Add to the first mail; a bad file is told in words"

DECISIONS_MAX = 3
WINDOW = "Add Outlook account"
NEW = "Preferences for new account"


def tell(world):
	world.open()
	directory = world.session.path("xdg")
	os.makedirs(directory)
	world.environment["XDG_CONFIG_DIRS"] = directory
	origin = world.tenant.origin
	good = f"[Outlook]\nclient-id={CLIENT_ID}\ncloud=custom\nidentity={origin}\ngraph={origin}\n"
	prepare(directory, good + "client-secret=invented\n")
	world.make_empty_profile()
	claws = world.start_claws()
	claws.menu("Tools", "Add Outlook account…")
	claws.until("what is wrong with the file", lambda: [
		w for w in claws.widgets(type="GtkLabel", window=WINDOW)
		if "claws-mail-outlook.conf" in (w.get("text") or "") and "secret" in w["text"]])
	world.step("a file that cannot be used is told, and the form is there to fill in")
	assert not claws.field("Application (client) ID:")["text"], "half of a bad file was taken"
	claws.press("Where do I find this?")
	claws.until("the steps of the registration", lambda: [
		w for w in claws.widgets(type="GtkLabel", window=WINDOW) if "Begin a registration" in (w.get("text") or "")])
	world.step("the steps of the registration stand beside the form")
	claws.press("Open these steps in the browser")
	world.until("the browser has the page", lambda: [
		v for v in world.browser_visits() if v.startswith("file://") and v.endswith("register.html")])
	claws.press("Cancel", window=WINDOW)
	claws.until("the window closes", lambda: WINDOW not in claws.windows())

	prepare(directory, good)
	claws.menu("Tools", "Add Outlook account…")
	claws.widget(type="GtkLabel", window=WINDOW, text=lambda text: "Everything is prepared" in (text or ""))
	assert not claws.widgets(type="GtkEntry", window=WINDOW), "the form is open although nothing is missing"
	world.step("with presets there is a button to press")
	decisions = 1
	claws.press("Sign in", window=WINDOW)
	claws.until("the Inbox is on the screen", lambda: claws.messages(limit=0)["folder"] == INBOX)
	claws.until("its mail is listed", lambda: len(claws.rows()) == len(world.alice.messages()))
	world.step("the Inbox is on the screen")
	decisions += seen(world)
	print(f"# decisions from Add to the first mail on the screen: {decisions}", flush=True)
	assert decisions <= DECISIONS_MAX
	from_the_host(world, claws)
	claws.exit()


def from_the_host(world, claws):
	"""The host's own “Create new account…”, whose form is for servers."""
	claws.focus_main()
	claws.menu("Configuration", "Create new account...")
	claws.select_cell("Outlook", window=NEW)
	world.step("the host's own form offers an Outlook account")
	claws.press("This is an Outlook account", window=NEW)
	claws.until("the prepared settings", lambda: claws.field("Application (client) ID:")["text"] == CLIENT_ID)
	world.step("the offer is taken")
	claws.select_cell("Basic", window=NEW)
	claws.fill(beside(claws, "Mail address"), "alice@contoso.example")
	world.step("the servers are not asked for")
	turns_to_what_is_wrong(world, claws)
	visits = len(world.browser_visits())
	claws.press("OK", window=NEW)
	world.until("the browser asks to sign in", lambda: len(world.browser_visits()) > visits)
	claws.press("Close", window="Edit accounts")
	new = claws.until("the new account has its mail", lambda: [
		f for f in claws.folders() if (f["id"] or INBOX) != INBOX and f["id"].endswith("/Inbox")
		and f["total"] == len(world.alice.messages())])
	print(f"# the new account: {new[0]['id']}", flush=True)
	world.step("the account of the host's form is an Outlook account")


def turns_to_what_is_wrong(world, claws):
	"""OK on one page, with a wrong field on another."""
	claws.select_cell("Outlook", window=NEW)
	claws.fill(claws.field("Application (client) ID:"), "my client")
	claws.select_cell("Basic", window=NEW)
	claws.until("another page is in sight", lambda: claws.widgets(type="GtkLabel", window=NEW, text="Mail address"))
	claws.press("OK", window=NEW)
	claws.until("the wrong field has the keys", lambda: claws.field("Application (client) ID:")["focus"])
	world.step("the dialog turns to the page with the wrong field")
	claws.fill(claws.field("Application (client) ID:"), CLIENT_ID)


def beside(claws, text):
	"""The entry on the line of this label, which names none."""
	label = claws.widget(type="GtkLabel", window=NEW, text=text)
	return [w for w in claws.widgets(type="GtkEntry", window=NEW)
		if abs(w["y"] + w["h"] / 2 - label["y"] - label["h"] / 2) < 10 and w["x"] > label["x"]][0]


def seen(world):
	"""How often a person chose something in the browser to sign in, once it is done."""
	def visits():
		with open(world.session.path("browser.log.seen"), encoding="utf-8") as file:
			return [line for line in file if "http://localhost" in line]

	return int(world.until("the browser is done", visits)[-1].split(" ")[0])


def prepare(directory, text):
	with open(os.path.join(directory, "claws-mail-outlook.conf"), "w", encoding="utf-8") as file:
		file.write(text)
