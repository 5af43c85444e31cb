# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import os
import re
import sqlite3

from driver import secrets_kept, wait
from driver.compose import Compose
from driver.tenant import CLIENT_ID
from driver.world import INBOX

TITLE = "Edit account shows an Outlook page with the settings and the state; sign out and sign in again work there"

WHEEL_UP, WHEEL_DOWN = 4, 5
RECEIVE_SECONDS = 15
PAGE = "Outlook - Account preferences"
HIDDEN_PAGES = ("Receive", "Send", "TLS", "Advanced")
# In the dialog of any account: a port where none is set, and the dictionaries of this machine.
SET_BY_CLIENT = ("imap_port=", "default_dictionary=", "default_alt_dictionary=")


def tell(world):
	world.open()
	secrets_kept.be_talkative(world)
	claws = story(world, world.sign_in(secrets_kept.DEBUG))
	lose_sign_in(world, claws)
	lose_secret(world, claws)
	claws.exit()
	secrets_kept.check(world)


def lose_sign_in(world, claws):
	"""The password is changed elsewhere: a bar says so, and its button signs in again."""
	fail_next_renewal(world, claws, "invalid_grant", 50173)
	world.step("a sign-in that was lost is told in the main window")
	visits = len(world.browser_visits())
	claws.press("Sign in again")
	world.until("the browser was opened", lambda: len(world.browser_visits()) > visits)
	claws.until("the bar is gone", lambda: not details(claws, 50173))


def lose_secret(world, claws):
	"""The client secret expires: the bar's button opens the settings."""
	fail_next_renewal(world, claws, "invalid_client", 7000222)
	claws.press("Correct the client secret")
	claws.until("the account's page with the secret", lambda: claws.widgets(
		type="GtkLabel", text="Client secret:", window="Outlook - Account preferences"))
	world.step("a secret that has expired leads to its field")
	claws.press("Cancel", window="Outlook - Account preferences")
	claws.until("the form is closed", lambda: "Outlook - Account preferences" not in claws.windows())


def fail_next_renewal(world, claws, error, code):
	world.tenant.add_fault(target="identity", path="/token$", kind="oauth", status=400, error=error, code=code)
	world.tenant.add_fault(path="^/v1.0/me", status=401)

	def is_told():
		"""The client does not take it while it receives."""
		claws.remote("--receive")
		return wait.comes_true(lambda: details(claws, code), RECEIVE_SECONDS)

	claws.until("the bar has the number", is_told)


def details(claws, code):
	return [w for w in claws.widgets(type="GtkLabel") if (w.get("text") or "").startswith(f"AADSTS{code}\nError")]


def story(world, claws):
	open_page(claws)
	world.step("the account's dialog shows its Outlook page")
	assert claws.field("Application (client) ID:")["text"] == CLIENT_ID
	claws.until("who is signed in", lambda: says(claws, "Signed in as"))
	claws.check_letters("Outlook - Account preferences")
	pages = claws.until("the list of pages", lambda: [
		w for w in claws.widgets(type="GtkTreeView") if any(c["text"].startswith("Outlook") for c in w["cells"])])[0]
	names = [c["text"].split("\t")[0].strip() for c in pages["cells"]]
	for page in HIDDEN_PAGES:
		assert page not in names, f"the page {page} means nothing for such an account and is shown"

	test_connection(claws, world)
	test_what_is_typed(claws, world)
	mails = claws.until("the Inbox is filled", lambda: (claws.folder(INBOX) or {}).get("total"))
	sign_out(world, claws, "Keep it")
	assert claws.folder(INBOX)["total"] == mails, "the copy was to be kept"
	remove_later(world, claws)
	sign_in_again(world, claws)
	world.until("the mail is on the disk again", lambda: 0 not in mails_on_disk(world))
	sign_out(world, claws, "Remove it")
	claws.until("nothing is in the Inbox", lambda: not (claws.folder(INBOX) or {}).get("total"))
	world.until("nothing is on the disk", lambda: 0 in mails_on_disk(world))
	world.step("signed out, and the copy is removed")
	sign_in_again(world, claws)
	refuse_more(world, claws)
	choose_more(world, claws)
	kept = host_settings(world)
	visits = len(world.browser_visits())
	claws.press("OK", window=PAGE)
	claws.press("Close", window="Edit accounts")
	world.until("the browser asks for the permission", lambda: len(world.browser_visits()) > visits)
	world.until("the account has it", lambda: "Contacts.ReadWrite" in kept_settings(world))
	changed = set(host_settings(world)) ^ set(kept)
	assert not changed, f"what is on pages that are not shown was changed: {changed}"
	claws.until("everything came back, nothing twice", lambda: (claws.folder(INBOX) or {}).get("total") == mails)
	world.step("signed in again")
	world.bob.send_text(world.alice.address, "After signing in again", "Hello.")
	claws.remote("--receive")
	claws.open_folder(INBOX)
	claws.until("mail comes", lambda: claws.row("After signing in again"))
	return claws


def refuse_more(world, claws):
	"""What only an administrator may allow is off again, and that is said once, on the page, with what helps."""
	world.tenant.set_admin_scopes("Contacts.ReadWrite")
	choose_more(world, claws)
	scroll_to(claws, type="GtkButton", text="Sign in again")
	claws.press("Sign in again", window=PAGE)
	claws.press("Apply", top=question(claws, "Outlook")["id"])
	link = claws.until("the link for the administrator", lambda: claws.widgets(
		type="GtkButton", text="Copy the link for the administrator", sensitive=True))
	assert len(link) == 1, "it is said in two places"
	assert link[0]["window"] == PAGE and "Contacts.ReadWrite" in link[0]["tip"], link[0]
	told = says(claws, "switched off: Contacts.ReadWrite.")
	assert [w["window"] for w in told] == [PAGE], f"it is said here: {told}"
	claws.until("it is off again", lambda: claws.widgets(
		type="GtkCheckButton", text="Contacts.ReadWrite", active=False, window=PAGE))
	world.step("a permission that only an administrator may allow is refused")
	mail_link(world, claws, link[0]["tip"])
	world.tenant.set_admin_scopes()


def mail_link(world, claws, link):
	"""The page holds back all other windows of the client; the mail can be written, and be thrown away."""
	scroll_to(claws, type="GtkButton", text="Mail the link to the administrator")
	claws.press("Mail the link to the administrator", window=PAGE)
	mail = Compose(claws)
	# Its end is another one each time.
	claws.until("the link is in the mail", lambda: link.partition("&state=")[0] in mail.text())
	# Not in the text: after some letters of it the client saves a draft, and asks nothing when the window closes.
	mail.subject("For Carol")
	claws.until("what was typed is in the mail", lambda: mail.widgets(type="ClawsSpellEntry", text="For Carol"))
	world.step("the link is in a mail to the administrator")
	mail.menu("Message", "Close")
	claws.press("Discard", top=question(claws, "Discard message")["id"])
	claws.until("the mail is thrown away", lambda: not mail.is_open())


def choose_more(world, claws):
	"""Below what is in sight."""
	scroll_to(claws, type="GtkExpander", text="Permissions")
	claws.expand("Permissions")
	claws.until("the permissions", lambda: claws.widgets(type="GtkLabel", text="Ask for:", window=PAGE))
	scroll_to(claws, type="GtkLabel", text="Ask for:")
	claws.choose("Ask for:", "Mail and contacts")
	claws.until("it is chosen", lambda: claws.widgets(
		type="GtkCheckButton", text="Contacts.ReadWrite", active=True, window=PAGE))
	world.step("another permission is chosen")


def scroll_to(claws, **wanted):
	"""With the wheel, until it can be clicked: the page's title is above, the dialog's buttons are below."""
	above = claws.widget(type="GtkLabel", text="Outlook", window=PAGE)
	below = claws.widget(type="GtkButton", text="OK", window=PAGE)

	def is_in_sight():
		place = claws.widget(window=PAGE, **wanted)
		if place["y"] >= below["y"] - 40:
			claws.click(dict(above, y=above["y"] + 80), button=WHEEL_DOWN)
		elif place["y"] <= above["y"] + 20:
			claws.click(dict(above, y=above["y"] + 80), button=WHEEL_UP)
		else:
			return True
		return False

	claws.until(f"{wanted} is in sight", is_in_sight)


def kept_settings(world):
	with open(os.path.join(world.profile, "accountrc"), encoding="utf-8") as file:
		kept = re.search(r"^privacy_prefs=outlook=([A-Za-z0-9+/=]+)", file.read(), re.MULTILINE)
	return base64.b64decode(kept[1]).decode() if kept else ""


def host_settings(world):
	"""What the client keeps of the account, but for the table that ours are in."""
	with open(os.path.join(world.profile, "accountrc"), encoding="utf-8") as file:
		return [line for line in file.read().splitlines() if not line.startswith(("privacy_prefs=", *SET_BY_CLIENT))]


def sign_out(world, claws, choice):
	answer_sign_out(claws, choice)
	claws.until("it is signed out", lambda: not says(claws, "Signed in as"))
	world.step("signed out")
	visits = len(world.browser_visits())
	claws.remote("--receive")
	assert len(world.browser_visits()) == visits, "an account that was signed out opened the browser by itself"


def answer_sign_out(claws, choice):
	claws.press("Sign out", window=PAGE)
	claws.press(choice, top=question(claws, "Sign out")["id"])


def question(claws, title):
	return claws.until(f"the question {title!r}", lambda: [
		w for w in claws.widgets(type="GtkWindow") if w["id"] == w["top"] and w.get("text") == title])[0]


def remove_later(world, claws):
	"""A copy that was kept is removed when nobody is signed in any more; then there is nothing left to sign out of."""
	answer_sign_out(claws, "Remove it")
	claws.until("nothing is in the Inbox", lambda: not (claws.folder(INBOX) or {}).get("total"))
	claws.until("there is nothing to remove", lambda: claws.widgets(
		type="GtkButton", text="Sign out", window=PAGE, sensitive=False))
	world.step("a copy that was kept is removed later")


def sign_in_again(world, claws):
	visits = len(world.browser_visits())
	claws.press("Sign in again", window="Outlook - Account preferences")
	claws.until("it is signed in", lambda: says(claws, "Signed in as"))
	assert len(world.browser_visits()) == visits + 1


def mails_on_disk(world):
	"""Of each account that was ever added here; in the demo there was another one before."""
	data = os.path.join(world.session.environment["XDG_DATA_HOME"], "outlook-mail")
	counts = []
	for account in os.listdir(data):
		database = sqlite3.connect(f"file:{os.path.join(data, account, 'mail.db')}?mode=ro", uri=True)
		counts.append(database.execute("SELECT count(*) FROM messages").fetchone()[0])
		database.close()
	return counts


def test_what_is_typed(claws, world):
	"""What was changed is applied first, when the person agrees."""
	claws.fill(claws.field("Tenant ID:"), "organizations")
	claws.press("Test connection", window=PAGE)
	claws.press("Cancel", top=question(claws, "Outlook")["id"])
	claws.until("the question is gone", lambda: "Outlook" not in claws.windows())
	assert "Test connection" not in claws.windows()
	asked = len(world.tenant.asked("^/organizations/oauth2/v2.0/token"))
	claws.press("Test connection", window=PAGE)
	place = question(claws, "Outlook")
	claws.until("what it asks", lambda: says(claws, "Apply it now?"))
	world.step("a test of changed settings asks to apply them")
	claws.press("Apply", top=place["id"])
	end_test(claws)
	assert len(world.tenant.asked("^/organizations/oauth2/v2.0/token")) > asked, "what was typed was not tested"


def test_connection(claws, world):
	claws.press("Test connection", window="Outlook - Account preferences")
	claws.until("the test has ended", lambda: [
		w for w in claws.widgets(type="GtkButton", window="Test connection")
		if (w.get("text") or "").replace("_", "") == "Close"])
	for words in ("messages in the Inbox", "folders", "allowed; nothing was sent", "not asked for"):
		assert says(claws, words), f"the connection's test does not say “{words}”"
	claws.check_names("Test connection")
	world.step("the connection was tested")
	end_test(claws)


def end_test(claws):
	claws.press("Close", window="Test connection")
	claws.until("its window closes", lambda: "Test connection" not in claws.windows())


def says(claws, words):
	return [w for w in claws.widgets(type="GtkLabel") if words in (w.get("text") or "")]


def open_page(claws):
	claws.focus_main()
	claws.menu("Configuration", "Edit accounts...")
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.select_cell("Outlook", window="Outlook - Account preferences")
