# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import email
import email.policy

from driver.compose import Compose
from driver.tenant import BOB, Refused
from driver.world import DRAFTS

TITLE = "drafts go to Outlook after a pause, come from there, and are gone everywhere once they are sent"

MORE_THAN_AN_AUTOSAVE = 60  # characters
AUTOSAVES = 4
REPORT = bytes(range(256)) * 8


def tell(world):
	world.open()
	claws = world.sign_in()
	before = {m["id"] for m in world.alice.messages("drafts")}
	begun_here(world, claws, before)
	begun_in_outlook(world, claws, before)
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
	got = world.bob.only("Begun in Outlook")
	mail = email.message_from_bytes(world.bob.mime(got), policy=email.policy.default)
	parts = {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}
	assert parts == {"Zahlen für März.bin": REPORT}, parts.keys()
	world.until("no draft of it is left in Outlook", lambda: not new(world, before))
	claws.until("nor in the client", lambda: claws.folder(DRAFTS)["total"] == len(before))
	world.step("sent: it arrived with its attachment, and no draft is left")
