# SPDX-License-Identifier: GPL-3.0-or-later
import email
import email.policy
import os
import tempfile

from driver.old_mail import SIGNED, text_mail
from driver.world import INBOX

TITLE = "mail of another account is copied and moved in, as what it is; what would break stays; and out again"

LOCAL = "#mh/Local/"
NAME = "Old mail"
TARGET = "#outlook/Outlook/" + NAME
COLUMNS = ("subject", "from", "date", "unread", "mime-picture")

PLAN = """From: Carol <carol@fabrikam.example>
To: Dan <dan@fabrikam.example>
Subject: The plan
Date: Tue, 03 Mar 2020 10:00:00 +0100
Message-ID: <plan@fabrikam.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Here it is.
--b
Content-Type: application/pdf; name="plan.pdf"
Content-Disposition: attachment; filename="plan.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b--
"""

FOLDERS = {
	"copied": [PLAN, text_mail("Re: The idea", "re", header="In-Reply-To: <idea@fabrikam.example>\n"
				   "References: <idea@fabrikam.example>\n"), text_mail("News", "news")],
	"moved": [text_mail("Leaving", "leaving"), text_mail("Going", "going")],
	"mixed": [text_mail("Ordinary", "ordinary"), SIGNED],
}


def tell(world):
	with tempfile.TemporaryDirectory(prefix="claws-e2e-local-") as directory:
		for name, mails in FOLDERS.items():
			os.mkdir(os.path.join(directory, name))
			for number, mail in enumerate(mails, 1):
				with open(os.path.join(directory, name, str(number)), "w", encoding="utf-8") as file:
					file.write(mail)
		world.open()
		world.folder = world.alice.ask("POST", "/me/mailFolders", {"displayName": NAME})["id"]
		world.make_profile()
		world.add_local_folders(directory, *FOLDERS)
		claws = world.start_claws()
		claws.remote("--receive")
		world.wait_for_mail()
		copy(world, claws)
		claws.exit()
		compare(world, world.start_claws())
		move(world, world.claws, directory)
		refuse(world, world.claws, directory)
		take_out(world, world.claws, os.path.join(directory, "moved"))
		world.claws.exit()


def drag_all(claws, source, target, count, key=None):
	claws.open_folder(source)
	claws.until(f"all of {source} are listed", lambda: claws.messages(limit=0)["total"] == count)
	claws.focus_main()
	# The last one: a press on the first follows at once, and would make a double click.
	claws.click(claws.show_row(claws.rows()[-1]))
	claws.key("ctrl+a")
	claws.until("all are selected", lambda: all(row["selected"] for row in claws.rows()))
	claws.drag(claws.show_row(claws.rows()[0]), claws.show_row(claws.folder(target), "folders"), key)


def copy(world, claws):
	drag_all(claws, LOCAL + "copied", TARGET, 3, "ctrl")
	unread = {row["subject"].strip(): row["unread"] for row in claws.rows()}
	assert set(unread.values()) == {True, False}, f"all are read, or none: {unread}"
	world.until("three are on the server", lambda: len(world.alice.messages(world.folder)) == 3)
	for subject, day in (("The plan", "03T09"), ("Re: The idea", "04T11"), ("News", "04T11")):
		message = world.alice.list(f"/me/mailFolders/{world.folder}/messages?$filter=internetMessageId%20eq%20"
					   f"'%3C{identifier(subject)}@fabrikam.example%3E'")
		assert len(message) == 1, f"{subject!r} is {len(message)} times on the server"
		assert not message[0]["isDraft"], f"{subject!r} is a draft"
		assert message[0]["isRead"] != unread[subject], f"{subject!r} has another read state"
		assert message[0]["sentDateTime"].startswith(f"2020-03-{day}"), message[0]["sentDateTime"]
		assert message[0]["from"]["emailAddress"]["address"].endswith("@fabrikam.example")
	assert b"In-Reply-To: <idea@fabrikam.example>" in world.alice.mime(world.alice.only("Re: The idea", world.folder))
	claws.open_folder(LOCAL + "copied")
	assert len(claws.rows()) == 3, "the originals are gone"
	world.step("three mails of a local folder were copied: they are messages on the server")


def identifier(subject):
	return {"The plan": "plan", "Re: The idea": "re", "News": "news"}[subject]


def compare(world, claws):
	claws.open_folder(LOCAL + "copied")
	local = {row["subject"].strip(): row for row in claws.rows()}
	claws.open_folder(TARGET)
	claws.until("the copies are listed", lambda: claws.messages(limit=0)["total"] == 3)
	copies = {row["subject"].strip(): row for row in claws.rows()}
	for subject, row in local.items():
		for column in COLUMNS:
			assert copies[subject][column] == row[column], \
				f"{subject!r} {column}: {copies[subject][column]!r}, not {row[column]!r}"
	assert "Here it is." in claws.read_message("The plan")
	world.step("after a restart the copies look like the originals")


def move(world, claws, directory):
	drag_all(claws, LOCAL + "moved", TARGET, 2)
	world.until("both are on the server", lambda: world.alice.find("Leaving", world.folder) and
		    world.alice.find("Going", world.folder))
	claws.until("the local folder is empty", lambda: claws.messages(limit=0)["total"] == 0)
	left = [name for name in os.listdir(os.path.join(directory, "moved")) if name.isdigit()]
	assert not left, f"files are left: {left}"
	world.step("two mails were moved")


def refuse(world, claws, directory):
	drag_all(claws, LOCAL + "mixed", TARGET, 2)
	claws.until("it is said why not", lambda: [w for w in claws.widgets(type="GtkLabel") if
						   "“Signed” is signed or encrypted" in (w.get("text") or "")
						   and "None of the 2" in w["text"]])
	world.step("a selection with a signed mail was not moved, and it is said why")
	left = [name for name in os.listdir(os.path.join(directory, "mixed")) if name.isdigit()]
	assert len(left) == 2, f"only {left} are left of two"
	claws.open_folder(INBOX)
	claws.open_folder(LOCAL + "mixed")
	claws.until("both are still listed", lambda: claws.messages(limit=0)["total"] == 2)
	claws.remote("--receive")
	world.until("nothing waits", lambda: len(world.alice.messages(world.folder)) == 5)
	claws.until("the folder has what it had", lambda: claws.folder(TARGET)["total"] == 5)


def take_out(world, claws, directory):
	wanted = sorted(essence(world.alice.mime(message)) for message in world.alice.messages(world.folder))
	drag_all(claws, TARGET, LOCAL + "moved", len(wanted), "ctrl")
	world.until("the local folder has what the server has", lambda: files_in(directory) == wanted)
	claws.until("the originals are listed", lambda: claws.folder(TARGET)["total"] == len(wanted))
	assert len(world.alice.messages(world.folder)) == len(wanted), "originals are gone from the server"
	world.step("all were copied to a local folder: they say the same, and the originals stay")
	drag_all(claws, TARGET, LOCAL + "moved", len(wanted))
	world.until("none is left on the server", lambda: not world.alice.messages(world.folder))
	assert files_in(directory) == sorted(wanted * 2), "an original was removed that has no copy"
	world.step("all were moved to a local folder")


def files_in(directory):
	found = []
	for name in os.listdir(directory):
		if name.isdigit():
			with open(os.path.join(directory, name), "rb") as file:
				found.append(essence(file.read()))
	return sorted(found)


def essence(mail):
	"""What is the same in a mail of this computer and in what the service makes of it."""
	message = email.message_from_bytes(mail, policy=email.policy.default)
	return message["Message-ID"], message["Subject"], [
		part.get_payload(decode=True).strip() for part in message.walk() if not part.is_multipart()]
