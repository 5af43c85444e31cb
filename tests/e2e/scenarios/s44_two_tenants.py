# SPDX-License-Identifier: GPL-3.0-or-later
import os
import time

from driver.assistant import add_account
from driver.compose import Compose
from driver.tenant import ALICE, Tenant
from driver.world import INBOX

TITLE = "accounts of two tenants stand side by side: each has its own mail, and what is written in each leaves at its own"
LONG = True

STILL_SECONDS = 1
DAVE = "dave@fabrikam.example"
HIS_INBOX = f"#outlook/{DAVE}/Inbox"
MAIL = ("From: Carol <carol@tailspin.example>\r\nTo: {to}\r\nSubject: Rota of {to}\r\nMIME-Version: 1.0\r\n"
	"Content-Type: text/plain\r\n\r\nWho is there on Friday?\r\n")


def tell(world):
	world.open()
	first, second = world.tenant, other_tenant(world)
	people = {ALICE: first, DAVE: second}
	for address, tenant in people.items():
		tenant.deliver(address, "inbox", MAIL.format(to=address).encode())
	world.make_empty_profile()
	claws = world.start_claws()
	add_account(world, claws)
	opened(claws, INBOX)
	world.set_browser(DAVE)
	world.tenant = second
	add_account(world, claws, signs_in=False)
	opened(claws, HIS_INBOX)
	world.step("both accounts are in the tree")

	for address, inbox in ((ALICE, INBOX), (DAVE, HIS_INBOX)):
		person = people[address].person(address)
		claws.focus_main()
		claws.open_folder(inbox)
		claws.until(f"the mail of {address} is listed", lambda p=person: (
			sorted(claws.subjects()) == sorted(m["subject"] for m in p.messages())))
		answer(world, claws, address)
		world.until(f"the answer of {address} is at its own tenant", lambda p=person, a=address: (
			p.find(f"Yes from {a}", "sentitems")))
	for address, tenant in people.items():
		subjects = [m["subject"] for m in tenant.person(address).messages("sentitems")]
		assert [s for s in subjects if s.startswith("Yes from")] == [f"Yes from {address}"], subjects
		refused = [line for line in tenant.log() if line.endswith((" 401", " 403"))]
		assert not refused, f"one tenant was asked with the other's token: {refused}"
	world.step("each answer left at its own tenant")
	claws.exit()


def opened(claws, inbox):
	"""A new account opens its Inbox by itself; who clicks or types before that loses to it."""
	claws.until(f"{inbox} is on the screen, and the tree grows no more", lambda: (
		claws.messages(limit=0)["folder"] == inbox and is_still(claws)))


def is_still(claws):
	"""Whether both mailboxes have all their folders: a row that is to be clicked must not move."""
	before = claws.folders()
	time.sleep(STILL_SECONDS)
	return before == claws.folders()


def other_tenant(world):
	mailbox = world.session.path("fabrikam")
	os.makedirs(os.path.join(mailbox, "Inbox"))
	with open(os.path.join(mailbox, "Inbox", "1.eml"), "w", encoding="ascii", newline="") as file:
		file.write(MAIL.format(to=DAVE).replace("Rota", "Plan"))
	return Tenant(world.session, [os.path.join(world.root, "tools", "simulator")], "--mailbox", f"{DAVE}={mailbox}",
		      name="fabrikam-tenant")


def answer(world, claws, address):
	claws.read_message(f"Rota of {address}")
	claws.press("Reply")
	window = Compose(claws)
	claws.until("the mail is quoted", lambda: "Who is there on Friday?" in window.text())
	window.body("I am.")
	window.subject(f"Yes from {address}")
	world.step(f"{address} answers")
	window.send_and_close()
