# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "the client is closed while a message is being fetched: it ends, and nothing is lost"


def tell(world):
	world.open()
	claws = world.sign_in()
	claws.open_folder(INBOX)
	subjects = sorted(claws.subjects())
	world.tenant.add_fault(path=r"\$value$|%24value$", kind="hang", count=0)
	row = claws.rows()[0]
	claws.click(claws.show_row(row))
	world.until("the fetch is under way", lambda: claws.row(row["subject"])["selected"])
	world.step("a message was clicked; the server does not answer")
	claws.remote("--exit")
	claws.wait_end()
	world.step("the client was told to exit, and ended")

	world.tenant.release()
	claws = world.start_claws()
	claws.open_folder(INBOX)
	claws.until("the list is whole", lambda: sorted(claws.subjects()) == subjects)
	claws.read_message(row["subject"])
	world.step("everything is there after a new start")
	claws.exit()
