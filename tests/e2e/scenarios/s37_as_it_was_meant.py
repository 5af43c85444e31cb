# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import email
import os
import re
import urllib.parse

from driver.compose import Compose
from driver.tenant import ALICE, BOB
from driver.world import INBOX, QUEUE

TITLE = "receipt, priority, reply-to and thread arrive; the original is marked; what was to be sent later leaves once; another sender needs the right"

ANSWERS = "singleValueExtendedProperties($filter=id eq 'Integer 0x1081' or id eq 'Integer 0x1080')"
DENIED = "You do not have the right to send as this sender."


def tell(world):
	world.open()
	world.make_profile()
	ask_for_other_senders(world)
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	answered(world, claws)
	forwarded(world, claws)
	later(world, claws)
	another_sender(world, claws)
	claws.exit()


def ask_for_other_senders(world):
	"""The account's settings are text in Base64 in the client's file."""
	path = os.path.join(world.profile, "accountrc")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	found = re.search(r"^privacy_prefs=outlook=([A-Za-z0-9+/=]+)$", text, re.MULTILINE)
	settings = base64.b64decode(found[1]).decode()
	changed = settings.replace("Mail.Send;", "Mail.Send.Shared;")
	assert changed != settings, settings
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace(found[1], base64.b64encode(changed.encode()).decode()))


def mark(world, message):
	"""What Outlook knows of answers to it, by property."""
	path = f"/me/messages/{urllib.parse.quote(message['id'], safe='')}?$select=id&$expand={urllib.parse.quote(ANSWERS)}"
	found = world.alice.ask("GET", path).get("singleValueExtendedProperties", [])
	return {p["id"][-6:].lower(): p["value"] for p in found}


def answered(world, claws):
	world.bob.send(f"From: {BOB}\nTo: {ALICE}\nSubject: Plan\nMessage-ID: <two@contoso.example>\n"
		       "In-Reply-To: <one@contoso.example>\nReferences: <one@contoso.example>\n"
		       "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nShall we meet at ten?\n")
	claws.remote("--receive")
	claws.open_folder(INBOX)
	claws.read_message("Plan")
	claws.press("Reply")
	window = Compose(claws)
	claws.until("it goes to the sender", lambda: any(BOB in a for a in window.addresses()))
	window.address("Reply-To:", "office@contoso.example")
	window.menu("Options", "Request Return Receipt")
	window.menu("Options", "Priority", "High")
	window.body("Yes.")
	world.step("an answer: receipt wanted, high priority, answers to somebody else")
	window.send_and_close()
	world.until("it arrives", lambda: world.bob.find("Re: Plan"))
	got = world.bob.only("Re: Plan")
	full = world.bob.ask("GET", f"/me/messages/{urllib.parse.quote(got['id'], safe='')}")
	assert full["importance"] == "high", full["importance"]
	assert full["isReadReceiptRequested"], "no receipt is asked for"
	assert [r["emailAddress"]["address"] for r in full["replyTo"]] == ["office@contoso.example"], full["replyTo"]
	mail = email.message_from_bytes(world.bob.mime(got))
	assert mail["In-Reply-To"] == "<two@contoso.example>", mail["In-Reply-To"]
	assert mail["References"].split() == ["<one@contoso.example>", "<two@contoso.example>"], mail["References"]
	claws.until("the list shows that it was answered", lambda: claws.row("Plan")["replied"])
	world.until("Outlook shows it, too", lambda: mark(world, world.alice.only("Plan")) == {"0x1081": "102", "0x1080": "261"})
	world.step("it arrived as it was meant, and the original is answered here and in Outlook")


def forwarded(world, claws):
	world.bob.send_text(ALICE, "Minutes", "This was said.")
	claws.focus_main()
	world.check_until("mail comes", lambda: claws.row("Minutes"))
	claws.read_message("Minutes")
	claws.press("Forward")
	window = Compose(claws)
	window.address("To:", BOB)
	window.send_and_close()
	world.until("it arrives", lambda: world.bob.find("Fw: Minutes"))
	claws.until("the list shows that it was forwarded", lambda: claws.row("Minutes")["forwarded"])
	world.until("Outlook shows it, too",
		    lambda: mark(world, world.alice.only("Minutes")) == {"0x1081": "104", "0x1080": "262"})
	world.step("forwarded: the original is marked here and in Outlook")


def write(claws, subject, recipient=BOB):
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", recipient)
	window.subject(subject)
	return window


def later(world, claws):
	claws.remote("--offline")
	window = write(claws, "From the train")
	claws.press("Send later", top=window.top)
	claws.until("it is in the queue", lambda: claws.folder(QUEUE)["total"] == 1)
	world.step("written offline: it waits in the queue")
	assert not world.bob.find("From the train")
	claws.remote("--online")
	claws.focus_main()
	claws.press("Send")
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.until("it arrives", lambda: world.bob.find("From the train"))
	world.bob.only("From the train")
	world.alice.only("From the train", "sentitems")
	world.step("online again: it left once")


def another_sender(world, claws):
	window = write(claws, "In his name", ALICE)
	window.sender(f"Bob <{BOB}>")
	world.step("a mail in the name of somebody else")
	window.send()
	claws.until("the reason is on the screen", lambda: [w for w in claws.widgets(type="GtkLabel")
							    if DENIED in (w.get("text") or "")])
	claws.until("it is in the queue", lambda: claws.folder(QUEUE)["total"] == 1)
	world.step("without the right it is refused in words, and waits in the queue")
	assert not world.alice.find("In his name"), "it arrived all the same"
	claws.press("Close", window="Error")

	world.tenant.share(BOB, ALICE)
	claws.focus_main()
	claws.open_folder(QUEUE)
	claws.press("Send")
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.until("it arrives", lambda: world.alice.find("In his name"))
	got = world.alice.only("In his name")
	assert got["from"]["emailAddress"]["address"] == BOB, got["from"]
	claws.open_folder(INBOX)
	world.check_until("it shows", lambda: claws.row("In his name"))
	claws.read_message("In his name")
	world.step("with the right it arrives, from him")
