# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import email
import os
import shutil
import sys
import tempfile

from driver.old_mail import SIGNED, text_mail
from driver.run import Skip, root_directory
from driver.tenant import ALICE

sys.path.append(os.path.join(root_directory(), "tests", "bench"))

from measure.dovecot import USER, Dovecot  # noqa: E402

TITLE = "mail of an IMAP account is copied and moved in; what would break or is too large stays on its server"
LONG = True

IMAP = "#imap/IMAP/"
NAME = "Old mail"
TARGET = "#outlook/Outlook/" + NAME
LARGE = 6 * 1000 * 1000
SEEN, NEW = "S", ""

FOLDERS = {
	"INBOX": [(text_mail("Hello", "hello"), SEEN)],
	"copied": [(text_mail("The idea", "idea"), SEEN),
		   (text_mail("Re: The idea", "re", header="In-Reply-To: <idea@fabrikam.example>\n"), NEW),
		   (text_mail("News", "news"), SEEN)],
	"moved": [(text_mail("Leaving", "leaving"), SEEN), (text_mail("Going", "going"), NEW)],
	"mixed": [(text_mail("Ordinary", "ordinary"), SEEN), (SIGNED, SEEN)],
	"heavy": [(text_mail("Light", "light"), SEEN), (text_mail("Heavy", "heavy", ("x" * 76 + "\n") * (LARGE // 77)), SEEN)],
}


def tell(world):
	if shutil.which("dovecot") is None:
		raise Skip("Dovecot is not installed")
	with contextlib.ExitStack() as stack:
		directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="claws-e2e-imap-"))
		os.chmod(directory, 0o755)
		maildir = os.path.join(directory, "mail")
		for name, mails in FOLDERS.items():
			fill(folder_path(maildir, name), mails)
		imap = stack.enter_context(Dovecot(maildir))
		world.open()
		world.folder = world.alice.ask("POST", "/me/mailFolders", {"displayName": NAME})["id"]
		world.make_profile()
		add_imap_account(world, imap.port)
		world.environment["CLAWS_PROBE_PASSWORD"] = imap.password
		claws = world.start_claws()
		claws.remote("--receive")
		world.wait_for_mail()
		copy(world, claws)
		move(world, claws, maildir)
		refuse(world, claws, maildir, "mixed", "“Signed” is signed or encrypted")
		refuse(world, claws, maildir, "heavy", "“Heavy” is too large")
		nothing_else_came(world, claws)
		claws.exit()


def folder_path(maildir, name):
	return maildir if name == "INBOX" else os.path.join(maildir, "." + name)


def fill(path, mails):
	for part in ("cur", "new", "tmp"):
		os.makedirs(os.path.join(path, part))
	for number, (mail, flags) in enumerate(mails, 1):
		with open(os.path.join(path, "cur", f"{number}.mail:2,{flags}"), "w", encoding="utf-8") as file:
			file.write(mail)


def add_imap_account(world, port):
	with open(os.path.join(world.profile, "accountrc"), "a", encoding="utf-8") as file:
		file.write("\n[Account: 2]\nconfig_version=4\naccount_name=IMAP\nname=Alice\n"
			   f"address={ALICE}\nprotocol=1\nreceive_server=127.0.0.1\nuser_id={USER}\nset_imapport=1\n"
			   f"imap_port={port}\nssl_imap=0\nsmtp_server=localhost\nreceive_at_get_all=0\n")
	path = os.path.join(world.profile, "folderlist.xml")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	assert "</folderlist>" in text
	items = "".join(f'<folderitem name="{name}" path="{name}" type="{"inbox" if name == "INBOX" else "normal"}"/>'
			for name in FOLDERS)
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace("</folderlist>", '<folder name="IMAP" account_id="2" type="imap" collapsed="0">'
					f'{items}</folder></folderlist>'))


def mails_left(maildir, name):
	"""On the IMAP server, those apart that are marked as deleted."""
	path = folder_path(maildir, name)
	names = os.listdir(os.path.join(path, "cur")) + os.listdir(os.path.join(path, "new"))
	return [one for one in names if "T" not in one.partition(":2,")[2]]


def drag_all(claws, folder, key=None):
	count = len(FOLDERS[folder])
	claws.open_folder(IMAP + folder)
	claws.until(f"all of {folder} are listed", lambda: claws.messages(limit=0)["total"] == count)
	claws.focus_main()
	claws.click(claws.show_row(claws.rows()[-1]))
	claws.key("ctrl+a")
	claws.until("all are selected", lambda: all(row["selected"] for row in claws.rows()))
	claws.drag(claws.show_row(claws.rows()[0]), claws.show_row(claws.folder(TARGET), "folders"), key)


def copy(world, claws):
	drag_all(claws, "copied", "ctrl")
	unread = {row["subject"].strip(): row["unread"] for row in claws.rows()}
	world.until("three are on the server", lambda: len(world.alice.messages(world.folder)) == 3)
	for subject in unread:
		message = world.alice.only(subject, world.folder)
		assert not message["isDraft"], f"{subject!r} is a draft"
		assert message["isRead"] != unread[subject], f"{subject!r} has another read state"
		assert message["from"]["emailAddress"]["address"] == "dan@fabrikam.example"
		text = email.message_from_bytes(world.alice.mime(message)).get_payload(decode=True)
		assert f"This is {subject}.".encode() in text, f"{subject!r} has another text: {text}"
	assert b"In-Reply-To: <idea@fabrikam.example>" in world.alice.mime(world.alice.only("Re: The idea", world.folder))
	claws.open_folder(TARGET)
	claws.until("the copies are listed", lambda: sorted(claws.subjects()) == sorted(unread))
	world.step("three mails of an IMAP folder were copied: they are messages on the server")


def move(world, claws, maildir):
	drag_all(claws, "moved")
	world.until("both are on the server", lambda: world.alice.find("Leaving", world.folder) and
		    world.alice.find("Going", world.folder))
	claws.until("the IMAP folder is empty", lambda: claws.messages(limit=0)["total"] == 0)
	world.until("they have left the IMAP server", lambda: not mails_left(maildir, "moved"))
	assert len(mails_left(maildir, "copied")) == 3, "originals of the copies are gone"
	world.step("two mails were moved: they left the IMAP server")


def refuse(world, claws, maildir, folder, words):
	drag_all(claws, folder)
	claws.until("it is said why not", lambda: [w for w in claws.widgets(type="GtkLabel") if
						   words in (w.get("text") or "") and "None of the 2" in w["text"]])
	world.step(f"nothing of the folder “{folder}” was moved, and it is said why")
	claws.open_folder(IMAP + "INBOX")
	claws.open_folder(IMAP + folder)
	claws.until("both are still listed", lambda: claws.messages(limit=0)["total"] == 2)
	assert len(mails_left(maildir, folder)) == 2, f"a mail of {folder} left the IMAP server"


def nothing_else_came(world, claws):
	claws.remote("--receive")
	claws.until("the folder has what it had", lambda: claws.folder(TARGET)["total"] == 5)
	assert len(world.alice.messages(world.folder)) == 5, "what was refused came all the same"
