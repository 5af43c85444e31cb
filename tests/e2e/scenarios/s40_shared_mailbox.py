# SPDX-License-Identifier: GPL-3.0-or-later
from driver import secrets_kept
from driver.compose import Compose
from driver.tenant import ALICE, BOB

TITLE = "a shared mailbox is added, read, changed and removed; one that may only be read says so; one without a right is explained"

INBOX = f"#outlook/{BOB}/Inbox"
PAGE = "Outlook - Account preferences"
MAIL = ("From: Carol <carol@fabrikam.example>\r\nTo: {to}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
	"Content-Type: text/plain\r\n\r\nThe rota of {subject}.\r\n")


def tell(world):
	world.open()
	secrets_kept.be_talkative(world)
	claws = world.sign_in(secrets_kept.DEBUG)
	for subject in ("Spring", "Autumn"):
		world.tenant.deliver(BOB, "inbox", MAIL.format(to=BOB, subject=subject).encode())
	visits = len(world.browser_visits())
	refused(world, claws)
	added(world, claws, visits)
	changed(world, claws)
	sent(world, claws)
	read_only(world, claws)
	removed(world, claws)
	on_the_page(world, claws)
	claws.exit()
	secrets_kept.check(world)


def add(claws, address):
	claws.folder_menu("#outlook/Outlook/Inbox", "Add shared mailbox")
	claws.answer("Add shared mailbox", address)


def refused(world, claws):
	add(claws, BOB)
	claws.until("it is said that there is no right", lambda: [
		w for w in claws.widgets(type="GtkLabel") if "no right to read" in (w.get("text") or "")])
	world.step("a mailbox without a right is explained")
	claws.press("Close", window="Error")
	assert claws.folder(INBOX) is None, "it is in the tree all the same"


def added(world, claws, visits):
	assert len(world.browser_visits()) > visits, "the browser did not ask for the permission"
	visits = len(world.browser_visits())
	world.tenant.share(BOB, ALICE)
	add(claws, BOB)
	count = len(world.bob.messages())
	claws.until("the shared Inbox has its messages", lambda: (claws.folder(INBOX) or {}).get("total") == count)
	assert len(world.browser_visits()) == visits, "the browser asked again"
	claws.open_folder(INBOX)
	assert "The rota of Spring." in claws.read_message("Spring")
	world.step("a shared mailbox is a tree of its own, and a mail in it is read")


def changed(world, claws):
	world.until("it is read at the server", lambda: world.bob.only("Spring")["isRead"])
	claws.focus_main()
	claws.key("shift+asterisk")
	world.until("it is flagged at the server", lambda: world.bob.only("Spring")["flag"]["flagStatus"] == "flagged")
	world.step("what is changed here is changed there")


def sent(world, claws):
	"""What is written in a folder of the mailbox comes from it."""
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", ALICE)
	window.subject("From all of us")
	window.send()
	world.until("it arrives", lambda: world.alice.find("From all of us"))
	claws.until("the compose window closes", lambda: not window.is_open())
	sender = world.alice.only("From all of us")["from"]["emailAddress"]["address"]
	assert sender == BOB, sender
	assert world.bob.only("From all of us", "sentitems"), "the mailbox has no copy"
	assert not world.alice.find("From all of us", "sentitems"), "there is a copy in the own mailbox"
	world.step("a mail that is written there comes from there")


def read_only(world, claws):
	world.tenant.share(BOB, ALICE, read_only=True)
	claws.select_message("Autumn")
	claws.until("the refusal is in the status bar", lambda: [
		w for w in claws.widgets() if "may read this shared mailbox" in (w.get("text") or "")])
	claws.until("the message is unread again", lambda: claws.row("Autumn")["unread"])
	assert not world.bob.only("Autumn")["isRead"]
	claws.until("the tree says so", lambda: [f for f in claws.folders() if "read only" in (f.get("name") or "")])
	world.step("a mailbox that may only be read says so, and the change is undone")


def removed(world, claws):
	claws.folder_menu(INBOX, "Remove shared mailbox")
	question = claws.until("the question", lambda: [
		w for w in claws.widgets() if w["id"] == w["top"] and "Remove shared mailbox" in (w.get("text") or "")])[0]
	claws.press("Remove", top=question["id"])
	claws.until("the tree is gone", lambda: claws.folder(INBOX) is None)
	assert world.bob.only("Spring")
	world.step("the tree is removed, the mailbox is as it was")


def on_the_page(world, claws):
	"""The same where the settings are: each mailbox with what may be done there, and why one cannot be added."""
	claws.focus_main()
	claws.menu("Configuration", "Edit accounts...")
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.select_cell("Outlook", window=PAGE)
	claws.press("Add shared mailbox…", window=PAGE)
	claws.answer("Add shared mailbox", "nobody@contoso.example")
	claws.until("the page says why not", lambda: [
		w for w in claws.widgets(type="GtkLabel", window=PAGE) if "There is no mailbox" in (w.get("text") or "")])
	world.step("the page says why a mailbox cannot be added")
	claws.press("Add shared mailbox…", window=PAGE)
	claws.answer("Add shared mailbox", BOB)
	claws.until("it is listed", lambda: [
		w for w in claws.widgets(type="GtkLabel", window=PAGE) if (w.get("text") or "").startswith(BOB)])
	world.step("the page lists the shared mailbox")
	claws.press("OK", window=PAGE)
	claws.press("Close", window="Edit accounts")
	claws.until("its tree is there", lambda: claws.folder(INBOX))
