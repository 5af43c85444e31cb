# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import email
import email.policy
import re
import urllib.parse

from driver.compose import Compose
from driver.tenant import ALICE, BOB, Refused
from driver.world import DRAFTS, INBOX, QUEUE, SENT

TITLE = "drafts go to Outlook after a pause, come from there, keep what was chosen for them, and are gone once they are sent"

MORE_THAN_AN_AUTOSAVE = 60  # characters
AUTOSAVES = 4
RECEIPT = "Request Return Receipt"
REPORT = bytes(range(256)) * 8


def tell(world):
	world.open()
	claws = world.sign_in()
	before = {m["id"] for m in world.alice.messages("drafts")}
	begun_here(world, claws, before)
	begun_in_outlook(world, claws, before)
	begun_here_sent_there(world, claws, before)
	claws = put_aside(world, claws, before)
	claws.exit()


def new(world, before):
	return [m for m in world.alice.messages("drafts") if m["id"] not in before]


def holds(world, drafts, text):
	"""Whether there is one, and it has the text; it may go while it is looked at."""
	try:
		return len(drafts) == 1 and text in world.alice.mime(drafts[0])
	except Refused:
		return False


def created(world):
	return world.tenant.requests("POST /v1.0/me/messages ")


def writes(world):
	"""Requests that change something."""
	return [line for line in world.tenant.log() if "POST /v1.0/me/" in line or "PATCH " in line or "DELETE " in line]


def begun_here(world, claws, before):
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject("Begun here")
	earlier = len(writes(world))
	for number in range(AUTOSAVES):
		window.body(f"{number} " + "so it goes on " * (MORE_THAN_AN_AUTOSAVE // 14 + 1))
	claws.until("it is in the drafts of the client", lambda: claws.folder(DRAFTS)["total"] == len(before) + 1)
	world.step("a mail was typed; it saved itself again and again")
	world.until("it is in Outlook's drafts", lambda: new(world, before))
	assert len(new(world, before)) == 1, new(world, before)
	sent = writes(world)[earlier:]
	assert len(sent) <= 2, f"{len(sent)} requests for {AUTOSAVES} autosaves: {sent}"
	world.step(f"after a pause Outlook has it once, with {len(sent)} request(s)")

	earlier = len(writes(world))
	window.body("Once more, with much more than fifty letters, so that it saves itself. ")
	world.until("Outlook has the new text, once", lambda: holds(world, new(world, before), b"Once more"))
	sent = writes(world)[earlier:]
	assert len(sent) <= 3, f"{len(sent)} requests for another version: {sent}"
	world.step(f"the next version took its place, with {len(sent)} request(s)")

	window.send_and_close()
	world.until("it arrives", lambda: world.bob.find("Begun here"))
	world.bob.only("Begun here")
	world.until("no draft of it is left in Outlook", lambda: not new(world, before))
	claws.until("nor in the client", lambda: claws.folder(DRAFTS)["total"] == len(before))
	assert not [m for m in world.alice.messages("deleteditems") if m["subject"] == "Begun here"], "a draft is in the bin"
	world.step("sent: it arrived once, and no draft is left")


def begun_in_outlook(world, claws, before):
	world.alice.ask("POST", "/me/messages", {
		"subject": "Begun in Outlook", "body": {"contentType": "html", "content": "<p>Dear <b>Bob</b>,</p>"},
		"toRecipients": [{"emailAddress": {"address": BOB}}],
		"attachments": [{"@odata.type": "#microsoft.graph.fileAttachment", "name": "Zahlen für März.bin",
				 "contentType": "application/octet-stream",
				 "contentBytes": base64.b64encode(REPORT).decode()}]})
	world.check_until("the draft comes", lambda: claws.folder(DRAFTS)["total"] == len(before) + 1)
	claws.open_folder(DRAFTS)
	claws.select_message("Begun in Outlook")
	claws.focus_main()
	claws.menu("Message", "Re-edit")
	window = Compose(claws)
	claws.until("its text is there", lambda: "Bob" in window.text())
	assert any(BOB in address for address in window.addresses()), window.addresses()
	window.body("Here are the numbers. ")
	world.step("a draft of Outlook was opened and gone on with")
	window.send_and_close()
	world.until("it arrives", lambda: world.bob.find("Begun in Outlook"))
	_, parts = received(world, "Begun in Outlook")
	assert parts == {"Zahlen für März.bin": REPORT}, parts.keys()
	world.until("no draft of it is left in Outlook", lambda: not new(world, before))
	claws.until("nor in the client", lambda: claws.folder(DRAFTS)["total"] == len(before))
	world.step("sent: it arrived with its attachment, and no draft is left")


def begun_here_sent_there(world, claws, before):
	path = world.session.path("tmp", "overview.bin")
	with open(path, "wb") as file:
		file.write(REPORT)
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject("Begun in Claws")
	window.body("Dear Bob, ")
	window.attach(path)
	claws.press("Draft", top=window.top)
	claws.until("the compose window closes", lambda: not window.is_open())
	world.until("Outlook has it", lambda: holds(world, new(world, before), b"Dear Bob"))
	world.step("a draft with an attachment was put aside; Outlook has it")
	draft = new(world, before)[0]
	place = f"/me/messages/{urllib.parse.quote(draft['id'], safe='')}"
	world.alice.change(draft, subject="Begun in Claws, ended elsewhere")
	world.alice.ask("POST", place + "/attachments", {
		"@odata.type": "#microsoft.graph.fileAttachment", "name": "Mehr für Bob.bin",
		"contentBytes": base64.b64encode(REPORT[::-1]).decode()})
	world.alice.ask("POST", place + "/send")
	world.until("it arrives", lambda: world.bob.find("Begun in Claws, ended elsewhere"))
	text, parts = received(world, "Begun in Claws, ended elsewhere")
	assert "Dear Bob" in text, text
	assert parts == {"overview.bin": REPORT, "Mehr für Bob.bin": REPORT[::-1]}, parts.keys()
	world.check_until("the draft is gone from the client", lambda: claws.folder(DRAFTS)["total"] == len(before))
	world.step("another client ended and sent it: it arrived with both attachments, and no draft is left here")

	claws.remote("--send")
	claws.remote("--receive-all")
	claws.until("it is in the client's Sent Items",
		    lambda: claws.folder(SENT)["total"] == len(world.alice.messages("sentitems")))
	claws.until("nothing is in the queue", lambda: claws.folder(QUEUE)["total"] == 0)
	assert not new(world, before), "the draft is there again"
	assert not world.bob.find("Begun in Claws"), "the client sent it, too"
	world.bob.only("Begun in Claws, ended elsewhere")
	world.alice.only("Begun in Claws, ended elsewhere", "sentitems")
	world.step("nothing of it is sent again, or made anew")


def wants_receipt(claws, window):
	"""As its menu shows."""
	claws.raise_window(window.widgets(id=window.top)[0]["text"])
	claws.click(claws.widget(text="Options", top=window.top))
	entry = claws.until("the menu is open", lambda: claws.widgets(text=RECEIPT))[0]
	claws.key("Escape")
	claws.until("the menu is closed", lambda: not claws.widgets(text=RECEIPT))
	return entry["active"]


def put_aside(world, claws, before):
	world.bob.send_text(ALICE, "Question", "Shall we?")
	world.check_until("a mail comes", lambda: world.alice.find("Question"))
	claws.open_folder(INBOX)
	claws.until("it is listed", lambda: claws.row("Question"))
	claws.read_message("Question")
	claws.press("Reply")
	window = Compose(claws)
	window.menu("Options", RECEIPT)
	window.body("Yes, at ten. ")
	claws.press("Draft", top=window.top)
	claws.until("the compose window closes", lambda: not window.is_open())
	world.until("Outlook has it", lambda: holds(world, new(world, before), b"at ten"))
	mail = world.alice.mime(new(world, before)[0])
	assert not re.search(rb"^(X-Claws|X-Sylpheed|RMID:|RRCPT:|SCF:|S:)", mail, re.MULTILINE), mail
	world.step("an answer was put aside, a receipt wanted; Outlook has it without the client's own lines")

	claws.exit()
	claws = world.start_claws()
	claws.until("the draft is there", lambda: (claws.folder(DRAFTS) or {}).get("total") == len(before) + 1)
	claws.open_folder(DRAFTS)
	claws.select_message("Re: Question")
	claws.focus_main()
	claws.menu("Message", "Re-edit")
	window = Compose(claws)
	claws.until("its text is there", lambda: "at ten" in window.text())
	assert wants_receipt(claws, window), "the receipt is forgotten"
	world.step("after a restart it was opened again: the receipt is still wanted")
	window.send_and_close()
	world.until("it arrives", lambda: world.bob.find("Re: Question"))
	mail = world.bob.mime(world.bob.only("Re: Question"))
	assert email.message_from_bytes(mail)["Disposition-Notification-To"], mail
	assert b"X-Claws-" not in mail, mail
	world.until("no draft of it is left in Outlook", lambda: not new(world, before))
	claws.open_folder(INBOX)
	claws.until("the list shows that it was answered", lambda: claws.row("Question")["replied"])
	world.step("sent: it asks for a receipt, and what it answers is marked")
	return claws


def received(world, subject):
	"""The text, and the bytes of what is attached by name."""
	mail = email.message_from_bytes(world.bob.mime(world.bob.only(subject)), policy=email.policy.default)
	parts = {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}
	return mail.get_body(("plain", "html")).get_content(), parts
