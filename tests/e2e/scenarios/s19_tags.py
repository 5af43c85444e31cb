# SPDX-License-Identifier: GPL-3.0-or-later
import re

from driver.claws import RIGHT
from driver.tenant import ALICE
from driver.world import INBOX

TITLE = "categories are tags: what another client sets is shown, and what is set here goes to the server"


def tell(world):
	world.open()
	claws = world.sign_in()
	world.bob.send_text(ALICE, "Tagged", "Hello.")
	claws.open_folder(INBOX)
	world.check_until("it came", lambda: claws.row("Tagged"))

	message = world.alice.only("Tagged")
	world.alice.change(message, categories=["Garden"])
	claws.select_message("Tagged")
	world.check_until("the tag is in the menu, set", lambda: is_set(claws, "Garden"))
	world.step("a category that another client set is a tag")

	open_tags(claws)
	claws.click(entry(claws, "Garden"))
	world.until("the server has none", lambda: not categories(world))
	world.step("the tag was taken away: the server has it no more")
	open_tags(claws)
	claws.click(entry(claws, "Garden"))
	world.until("the server has it again", lambda: categories(world) == ["Garden"])
	world.step("and was set again: the server has it")
	claws.exit()


def categories(world):
	return world.alice.messages(select="id,subject,categories") and next(
		m["categories"] for m in world.alice.messages(select="id,subject,categories") if m["subject"] == "Tagged")


def open_tags(claws):
	claws.focus_main()
	claws.click(claws.show_row(claws.row("Tagged")), RIGHT)
	claws.click(claws.until("the entry Tags", lambda: [
		w for w in claws.widgets() if w["type"].endswith("MenuItem") and w.get("text") == "Tags"])[-1])


def entry(claws, tag):
	return claws.until(f"the tag {tag!r}", lambda: [
		w for w in claws.widgets() if w["type"].endswith("MenuItem") and re.fullmatch(tag, w.get("text") or "")])[-1]


def is_set(claws, tag):
	open_tags(claws)
	found = [w for w in claws.widgets() if w["type"].endswith("MenuItem") and w.get("text") == tag and w.get("active")]
	claws.key("Escape", "Escape", "Escape")
	return found
