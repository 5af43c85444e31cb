# SPDX-License-Identifier: GPL-3.0-or-later
import email
import email.message
import email.policy
import hashlib
import os

from driver import pieces
from driver.compose import Compose
from driver.pieces import bar
from driver.queue import put, show_dialogue
from driver.tenant import ALICE, BOB
from driver.world import QUEUE

TITLE = "a mail with 10 MB: few requests, progress, cancelled without a trace, sent again once; a large signed one is refused"

SIZE = 10 * 1000 * 1000
REQUESTS_MAX = 7
PIECE = 4 * 1024 * 1024 - 1024
SIGNED_SIZE = 3 * 1000 * 1000
REASON = "signed or encrypted"


def tell(world):
	world.open()
	world.make_profile()
	show_dialogue(world)
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()
	drafts = {m["id"] for m in world.alice.messages("drafts")}

	path, content = make_file(world, SIZE)
	window = write(claws, "The photos", path)
	cancelled(world, claws, window, drafts)
	sent(world, claws, window, content, drafts)
	signed(world, claws)
	claws.kill()


def make_file(world, size):
	path = world.session.path("tmp", "photos.zip")
	content = os.urandom(size)
	with open(path, "wb") as file:
		file.write(content)
	return path, content


def write(claws, subject, path):
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject(subject)
	window.body("Here they are.")
	window.attach(path)
	return window


def writes(world):
	"""Requests that change something, in order."""
	return [line for line in world.tenant.log() if any(f"{word} /" in line for word in ("POST", "PUT", "PATCH", "DELETE"))]


def left_drafts(world, before):
	return [m for m in world.alice.messages("drafts") if m["id"] not in before]


def cancelled(world, claws, window, drafts):
	world.tenant.add_fault(kind="hang", method="PUT", skip=1)
	window.send()
	claws.until("the second piece is under way", lambda: world.tenant.under_way("PUT "))
	claws.until("the status bar tells how far it is", lambda: bar(claws))
	world.step(f"on its way: {bar(claws)}")
	claws.press("Cancel", window="Sending message")
	claws.until("the transfer has ended", lambda: "Sending message" not in claws.windows())
	world.tenant.release()
	claws.press("Close", window="Error")
	world.until("no draft is left at the server", lambda: not left_drafts(world, drafts))
	claws.until("the status bar is quiet", lambda: not bar(claws))
	assert window.is_open(), "the mail is not in its window any more"
	assert not world.bob.find("The photos"), "it arrived all the same"
	assert not world.alice.find("The photos", "sentitems"), "it is in Sent Items all the same"
	world.step("cancelled: the mail is in its window, nothing is left at the server")


def sent(world, claws, window, content, drafts):
	earlier = len(writes(world))
	before = pieces.hold(world)
	window.send()
	shown = pieces.watch(world, claws, before, -(-SIZE // PIECE))
	world.step(f"the window lives at each piece: {', '.join(shown)}")
	claws.until("the compose window closes", lambda: not window.is_open())
	world.until("it arrives", lambda: world.bob.find("The photos"))
	requests = writes(world)[earlier:]
	assert len(requests) <= REQUESTS_MAX, requests
	got = world.bob.only("The photos")
	world.alice.only("The photos", "sentitems")
	mail = email.message_from_bytes(world.bob.mime(got), policy=email.policy.default)
	parts = {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}
	assert list(parts) == ["photos.zip"], list(parts)
	assert hashlib.sha256(parts["photos.zip"]).digest() == hashlib.sha256(content).digest(), "the attachment is another one"
	assert not left_drafts(world, drafts), "a draft is left"
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.step(f"sent again: it arrived once and whole, with {len(requests)} requests")


def signed(world, claws):
	"""It can go only as it is, in one request, and is too large for one."""
	earlier = len(writes(world))
	put(world, 1, signed_mail(), [BOB])
	claws.focus_main()
	claws.open_folder(QUEUE)
	claws.until("it is in the queue", lambda: claws.folder(QUEUE)["total"] == 1)
	claws.remote("--send")
	claws.until("the reason is on the screen", lambda: [w for w in claws.widgets(type="GtkLabel")
							    if REASON in (w.get("text") or "")])
	assert not [w for w in claws.widgets() if "Make the mail smaller" in (w.get("text") or "")], "advice of another kind"
	world.step("a signed mail of 3 MB is refused in words")
	assert writes(world)[earlier:] == [], "something was sent all the same"
	assert claws.folder(QUEUE)["total"] == 1, "it is not in the queue any more"
	claws.press("Close", window="Error")


def signed_mail():
	part = email.message.EmailMessage()
	part.set_content("Signed, and large.\n")
	part.add_attachment(os.urandom(SIGNED_SIZE), "application", "octet-stream", filename="contract.bin")
	signature = email.message.EmailMessage()
	signature.set_content(b"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n", "application",
			      "pgp-signature", filename="signature.asc")
	mail = email.message.EmailMessage()
	mail["From"] = f"Alice <{ALICE}>"
	mail["To"] = BOB
	mail["Subject"] = "The contract"
	mail["Message-ID"] = "<contract@contoso.example>"
	mail["MIME-Version"] = "1.0"
	mail["Content-Type"] = 'multipart/signed; protocol="application/pgp-signature"; micalg="pgp-sha256"; boundary="b"'
	mail.set_payload([part, signature])
	return mail.as_bytes()
