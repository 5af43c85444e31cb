# SPDX-License-Identifier: GPL-3.0-or-later
import re

from driver.world import INBOX

TITLE = "the Inbox lists what the server has, and a message that was opened is read there too"


def plain(text):
	return re.sub(r"\s+", " ", text or "").strip()


def tell(world):
	world.open()
	story(world, world.sign_in()).exit()


def story(world, claws):
	claws.open_folder(INBOX)
	on_server = world.alice.messages()
	claws.until("the list has every message", lambda: len(claws.rows()) == len(on_server))
	rows = {row["message-id"]: row for row in claws.rows()}
	for message in on_server:
		row = rows.get((message["internetMessageId"] or "").strip("<>"))
		if row is None:
			row = claws.row(plain(message["subject"]))
		assert row is not None, f"{message['subject']!r} is not in the list"
		if plain(message["subject"]):
			assert plain(row["subject"]) == plain(message["subject"]), (row["subject"], message["subject"])
		assert row["unread"] == (not message["isRead"]), f"unread of {message['subject']!r}"
		assert row["marked"] == (message["flag"]["flagStatus"] == "flagged"), f"flag of {message['subject']!r}"
		assert row["attachment"] == bool(message["hasAttachments"]), f"attachment mark of {message['subject']!r}"
		assert row["mime-picture"] or not row["attachment"], f"no attachment mark is drawn for {message['subject']!r}"
		assert row["date"] and row["size"], f"no date or size for {message['subject']!r}"
		sender = (message.get("from") or {}).get("emailAddress") or {}
		if sender.get("name"):
			assert plain(row["from"]).startswith(plain(sender["name"])[:10]), (row["from"], sender)
	world.step(f"the list shows {len(on_server)} messages as the server has them")

	unread = next(m for m in on_server if not m["isRead"] and plain(m["subject"]))
	world.tenant.requests("")
	text = claws.read_message(plain(unread["subject"]))
	assert plain(unread["subject"]) in plain(text), "the text on screen is another one"
	world.step("a message was opened")
	claws.until("it is read in the list", lambda: not claws.row(plain(unread["subject"]))["unread"])
	world.until("it is read on the server", lambda: world.alice.find(unread["subject"])[0]["isRead"])
	world.step("it is read on the server")

	for message in on_server:
		if message["hasAttachments"]:
			claws.read_message(plain(message["subject"]))
			claws.until("its parts are shown", lambda: claws.text()["parts"] >= 2)
			world.step("a message with an attachment shows its parts")
			break
	else:
		raise AssertionError("no message with an attachment in the invented mailbox")

	flagged = next(m for m in on_server if m["flag"]["flagStatus"] != "flagged" and plain(m["subject"]))
	claws.select_message(plain(flagged["subject"]))
	claws.focus_main()
	claws.key("shift+asterisk")
	claws.until("it is marked in the list", lambda: claws.row(plain(flagged["subject"]))["marked"])
	world.until("it is flagged on the server",
		    lambda: world.alice.find(flagged["subject"])[0]["flag"]["flagStatus"] == "flagged")
	world.step("a mark set by hand is a flag on the server")
	return claws
