# SPDX-License-Identifier: GPL-3.0-or-later
import email
import email.policy

from driver import secrets_kept
from driver.compose import Compose
from driver.tenant import ALICE, BOB
from driver.world import INBOX, QUEUE, SENT

TITLE = "reply, reply all, forward and a new mail with an attachment and a Bcc leave once and arrive"


def tell(world):
	world.open()
	secrets_kept.be_talkative(world)
	story(world, world.sign_in(secrets_kept.DEBUG)).exit()
	secrets_kept.check(world)


def story(world, claws):
	world.bob.send(f"From: {BOB}\nTo: {ALICE}\nCc: carol@contoso.example\nSubject: Plan for Friday\n"
		       "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nShall we meet at ten?\n")
	claws.remote("--receive")
	claws.open_folder(INBOX)

	compose_new(world, claws)
	reply(world, claws)
	reply_all(world, claws)
	forward(world, claws)

	return claws


def arrived_once(world, subject):
	"""In Sent Items of the one and in the Inbox of the other."""
	world.until(f"{subject!r} is in Sent Items", lambda: world.alice.find(subject, "sentitems"))
	sent = world.alice.only(subject, "sentitems")
	world.until(f"{subject!r} arrives", lambda: world.bob.find(subject))
	got = world.bob.only(subject)
	queue = world.claws.folder(QUEUE)
	assert queue is None or queue["total"] == 0, "the queue is not empty"
	return sent, got


def compose_new(world, claws):
	path = world.session.path("tmp", "report.txt")
	with open(path, "w", encoding="utf-8") as file:
		file.write("Numbers of the quarter: 1, 2, 3.\n")
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.address("Bcc:", "dave@contoso.example")
	window.subject("Report of the quarter")
	window.body("Here it is.")
	window.attach(path)
	world.step("a new mail was written, with an attachment and a Bcc")
	window.send_and_close()
	sent, got = arrived_once(world, "Report of the quarter")
	assert got["hasAttachments"], "the attachment did not arrive"
	assert [r["emailAddress"]["address"] for r in sent["bccRecipients"]] == ["dave@contoso.example"], sent
	assert not got["bccRecipients"], "the other one sees the Bcc"
	mail = email.message_from_bytes(world.bob.mime(got), policy=email.policy.default)
	names = [part.get_filename() for part in mail.walk() if part.get_filename()]
	assert names == ["report.txt"], names
	part = next(p for p in mail.walk() if p.get_filename())
	assert "Numbers of the quarter" in part.get_content() if isinstance(part.get_content(), str) \
		else b"Numbers of the quarter" in part.get_content()
	claws.remote("--receive")
	claws.until("it shows in Sent Items of the client", lambda: claws.folder(SENT)["total"]
		    == len(world.alice.messages("sentitems")))
	world.step("it arrived once, with its attachment, and is once in Sent Items")


def answer(world, claws, button, subject, check):
	claws.focus_main()
	claws.read_message("Plan for Friday")
	claws.press(button)
	window = Compose(claws)
	claws.until("the mail is quoted", lambda: "Shall we meet at ten?" in window.text())
	check(window)
	window.body(f"{button}: yes.")
	window.subject(subject)
	world.step(f"{button}: the answer was written")
	return window


def reply(world, claws):
	def check(window):
		claws.until("it goes to the sender", lambda: any(BOB in a for a in window.addresses()))
		assert not any("carol" in a for a in window.addresses()), window.addresses()

	answer(world, claws, "Reply", "Re: Plan for Friday", check).send_and_close()
	arrived_once(world, "Re: Plan for Friday")
	claws.until("the list shows that it was answered", lambda: claws.row("Plan for Friday")["replied"])
	world.step("Reply: it arrived, and the list shows the answered mark")


def reply_all(world, claws):
	def check(window):
		claws.until("it goes to all", lambda: any("carol" in a for a in window.addresses()))

	answer(world, claws, "All", "Re: Plan for Friday, all", check).send_and_close()
	_, got = arrived_once(world, "Re: Plan for Friday, all")
	everybody = [r["emailAddress"]["address"] for r in got["toRecipients"] + got["ccRecipients"]]
	assert "carol@contoso.example" in everybody, everybody
	world.step("All: it arrived, addressed to everybody")


def forward(world, claws):
	def check(window):
		window.address("To:", BOB)

	answer(world, claws, "Forward", "Fwd: Plan for Friday", check).send_and_close()
	arrived_once(world, "Fwd: Plan for Friday")
	world.step("Forward: it arrived")
