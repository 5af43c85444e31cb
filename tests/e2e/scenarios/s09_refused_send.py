# SPDX-License-Identifier: GPL-3.0-or-later
from driver.compose import Compose
from driver.tenant import BOB
from driver.world import QUEUE

TITLE = "a mail that the server refuses stays in the queue, and the reason is shown"

CODE = "ErrorSendAsDenied"
REASON = "You do not have the right to send as this sender."


def tell(world):
	world.open()
	claws = world.sign_in()
	world.tenant.add_fault(kind="status", method="POST", path="/sendMail$", status=403, count=0,
			       body={"error": {"code": CODE, "message": "You cannot send as this user."}})
	claws.focus_main()
	claws.press("Compose")
	window = Compose(claws)
	window.address("To:", BOB)
	window.subject("Will be refused")
	window.body("Hello.")
	window.send()

	claws.until("the reason is on the screen", lambda: [w for w in claws.widgets(type="GtkLabel")
							    if REASON in (w.get("text") or "")])
	world.step("the reason is on the screen")
	claws.press("View log")
	claws.until("the reason is in the log that is shown",
		    lambda: [w for w in claws.widgets() if REASON in (w.get("text") or "")])
	world.step("and in the log, with what went before")
	claws.close_window("Network log")
	claws.until("the mail is in the queue", lambda: claws.folder(QUEUE)["total"] == 1)
	assert not world.alice.find("Will be refused", "sentitems"), "it is in Sent Items all the same"
	assert not world.bob.find("Will be refused"), "it arrived all the same"
	world.step("it stays in the queue and went nowhere")

	def see_reason():
		return [w for w in claws.widgets(type="GtkLabel") if REASON in (w.get("text") or "")]

	main = claws.main_window()["text"]
	claws.focus_main()
	claws.press("Close", window=main)
	claws.until("the reason is put away", lambda: not see_reason())
	claws.press("Send")
	claws.until("the client says of its queue that there was an error", lambda: "Error" in claws.windows())
	claws.until("the reason is on the screen again", see_reason)
	world.step("sent again from the queue, of which the client says only that there was an error: the reason stands beside it")
	claws.press("Close", window="Error")
	claws.until("the queue was left", lambda: "Error" not in claws.windows())
	assert see_reason(), "the reason went with the client's own message"
	assert claws.folder(QUEUE)["total"] == 1, "it is not in the queue any more"

	world.tenant.clear_faults()
	claws.focus_main()
	claws.press("Send")
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.until("it arrives", lambda: world.bob.find("Will be refused"))
	world.bob.only("Will be refused")
	world.step("sent again once the server takes it: it arrives once")
	claws.kill()
