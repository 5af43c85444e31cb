# SPDX-License-Identifier: GPL-3.0-or-later
from driver import tags
from driver.tenant import ALICE
from driver.world import ARCHIVE, INBOX

TITLE = "categories are tags: what another client sets is shown, and what is set here goes to the server; a colour stays"

RED = 2


def tell(world):
	world.open()
	claws = world.sign_in()
	world.bob.send_text(ALICE, "Tagged", "Hello.")
	claws.open_folder(INBOX)
	world.check_until("it came", lambda: claws.row("Tagged"))

	message = world.alice.only("Tagged")
	world.alice.change(message, categories=["Garden"])
	claws.select_message("Tagged")
	world.check_until("the tag is in the menu, set", lambda: tags.is_set(claws, "Tagged", "Garden"))
	world.step("a category that another client set is a tag")

	tags.toggle(claws, "Tagged", "Garden")
	world.until("the server has none", lambda: not categories(world))
	world.step("the tag was taken away: the server has it no more")
	tags.toggle(claws, "Tagged", "Garden")
	world.until("the server has it again", lambda: categories(world) == ["Garden"])
	world.step("and was set again: the server has it")
	coloured(world, claws)


def coloured(world, claws):
	"""A label of a colour is the client's own: the service has none, and categories are many to a mail."""
	claws.select_message("Tagged")
	claws.focus_main()
	claws.key(f"ctrl+{RED}")
	claws.until("it has its colour", lambda: claws.row("Tagged")["label"] == RED)
	world.alice.change(world.alice.only("Tagged"), flag={"flagStatus": "flagged"})
	world.check_until("what another client changed", lambda: claws.row("Tagged")["marked"])
	assert claws.row("Tagged")["label"] == RED, "another client's change took the colour away"
	claws.exit()
	claws = world.start_claws()
	claws.open_folder(INBOX)
	claws.until("it has its colour after a restart", lambda: (claws.row("Tagged") or {}).get("label") == RED)
	claws.move_message("Tagged", ARCHIVE)
	world.until("it is in the Archive on the server", lambda: world.alice.find("Tagged", "archive"))
	claws.open_folder(ARCHIVE)
	claws.until("it has its colour there", lambda: (claws.row("Tagged") or {}).get("label") == RED)
	world.step("a colour stays: after another client's change, a restart, and in another folder")
	claws.exit()


def categories(world):
	return world.alice.messages(select="id,subject,categories") and next(
		m["categories"] for m in world.alice.messages(select="id,subject,categories") if m["subject"] == "Tagged")
