# SPDX-License-Identifier: GPL-3.0-or-later
import os

from driver.compose import Compose
from driver.tenant import BOB
from driver.world import QUEUE

TITLE = "a transfer that takes longer than the client's own patience ends well, and one that is cancelled too late and sent again leaves once"

PATIENCE_OF_THE_HOST = 10
TRANSFER_MILLISECONDS = 20000
SEND = "/sendMail$"


def tell(world):
	world.open()
	world.make_profile()
	set_up_sending(world)
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()

	world.tenant.add_fault(kind="hang", method="POST", path=SEND, **{"for": TRANSFER_MILLISECONDS})
	write(claws, "Takes its time").send_and_close()
	world.until("it arrives", lambda: world.bob.find("Takes its time"))
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.bob.only("Takes its time")
	world.alice.only("Takes its time", "sentitems")
	world.step("it arrived once, though the server took longer than the client waits for a word")

	world.tenant.add_fault(kind="hang", method="POST", path=SEND)
	window = write(claws, "Was cancelled")
	window.send()
	claws.until("the transfer is under way", lambda: world.tenant.under_way("/sendMail"))
	world.step("the server does not answer; the window lives")
	claws.press("Cancel", window="Sending message")
	claws.until("the transfer has ended", lambda: "Sending message" not in claws.windows())
	world.tenant.release()
	world.step("cancelled")
	claws.press("Close", window="Error")
	assert window.is_open(), "the mail is not in its window any more"
	world.until("the server has gone on with what it had", lambda: world.bob.find("Was cancelled"))
	world.step("and the server took it all the same")

	window.send_and_close()
	world.bob.only("Was cancelled")
	world.alice.only("Was cancelled", "sentitems")
	world.step("sent again: it is there once")
	claws.exit()


def write(claws, subject):
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject(subject)
	window.body("Hello.")
	return window


def set_up_sending(world):
	"""How long the client waits for a server that says nothing, in seconds; and its dialog is shown, as by default."""
	path = os.path.join(world.profile, "clawsrc")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	assert text.startswith("[Common]\n") and "send_dialog_mode=1" in text
	text = text.replace("send_dialog_mode=1", "send_dialog_mode=0")
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace("[Common]\n", f"[Common]\nio_timeout_secs={PATIENCE_OF_THE_HOST}\n", 1))
