# SPDX-License-Identifier: GPL-3.0-or-later
import email
import hashlib
import os

from driver import pieces
from driver.compose import Compose
from driver.tenant import BOB
from driver.world import QUEUE

TITLE = "a mail with 100 MB is sent where the organization allows it: pieces of 4 MB, the window lives, it arrives whole"
LONG = True

SIZE = 100 * 1000 * 1000
PIECE = 4 * 1024 * 1024 - 1024
OTHERS = 3  # the draft, the session, the sending
LIMIT = 150 * 1024 * 1024
MINUTES = 4 * 60


def tell(world):
	world.open()
	claws = world.sign_in()
	world.tenant.set_size_limit(LIMIT)
	path = world.session.path("tmp", "film.bin")
	content = os.urandom(SIZE)
	with open(path, "wb") as file:
		file.write(content)
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject("The film")
	window.attach(path)
	before = pieces.hold(world)
	window.send()
	claws.until("the status bar tells how far it is", lambda: pieces.bar(claws), MINUTES)
	world.step(f"on its way: {pieces.bar(claws)}")
	claws.longest_stall()
	pieces.watch(world, claws, before, -(-SIZE // PIECE))
	claws.until("the compose window closes", lambda: not window.is_open(), MINUTES)
	stall = claws.longest_stall()
	world.until("it arrives", lambda: world.bob.find("The film"))
	sent = world.tenant.requests("PUT /_upload")
	assert len(sent) == -(-SIZE // PIECE), f"{len(sent)} pieces"
	written = [line for line in world.tenant.log() if "POST /v1.0/me/" in line or "PATCH " in line or "DELETE " in line]
	assert len(written) <= OTHERS, written
	got = world.bob.only("The film")
	world.alice.only("The film", "sentitems")
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	mail = email.message_from_bytes(world.bob.mime(got))
	parts = {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}
	assert list(parts) == ["film.bin"], list(parts)
	assert hashlib.sha256(parts["film.bin"]).digest() == hashlib.sha256(content).digest(), "the attachment is another one"
	world.step(f"it arrived whole, with {len(sent)} pieces and {len(written)} other requests; "
		   f"the window stood still for at most {stall:.0f} ms")
	claws.exit()

