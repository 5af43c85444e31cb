# SPDX-License-Identifier: GPL-3.0-or-later
import email
import email.utils
import hashlib
import os
import re

from driver import exceptions
from driver.corpus import Corpus
from driver.queue import put
from driver.tenant import ALICE, BOB
from driver.world import QUEUE

TITLE = "a queue full of real mail, a client that is killed while it sends: each mail arrives once, as it was written"

AT_LEAST = 215  # mails of the corpus that have a sender and a recipient
KILLED_AFTER = 40
SEND = "/send(Mail)?$"
NUMBER = "X-Story-Number"
KINDS = ("refused", "known", "header", "structure", "name", "text", "attachment", "sealed", "bytes")


def tell(world):
	mails = choose(Corpus(world.root))
	assert len(mails) >= AT_LEAST, f"only {len(mails)} mails"
	known = exceptions.read(os.path.join(world.root, "tests", "e2e", "sent-mail.exceptions"), KINDS)
	refused = {number: mail for number, mail in mails.items() if (mail[0], "refused") in known}
	world.open()
	claws = world.sign_in()
	before = {m["id"] for m in world.bob.messages()}
	for number, (_, data, recipients) in mails.items():
		if number not in refused:
			put(world, number, data, recipients)
	count = len(mails) - len(refused)
	claws.open_folder(QUEUE)
	claws.until("the queue is full", lambda: claws.folder(QUEUE)["total"] == count)
	world.step(f"{count} mails are in the queue")

	# What may or may not have reached the server when the client is killed would be waited for, ten minutes.
	world.tenant.add_fault(method="POST", path=SEND, kind="hang", nth=KILLED_AFTER + 1)
	earlier = len(world.tenant.asked(SEND))
	claws.remote("--send")
	world.until("one more is asked for", lambda: len(world.tenant.asked(SEND)) - earlier > KILLED_AFTER)
	there = len(world.bob.messages()) - len(before)
	assert there == KILLED_AFTER, f"{there} have arrived"
	claws.kill()
	world.tenant.release()
	world.until("that one arrives", lambda: len(world.bob.messages()) - len(before) == KILLED_AFTER + 1)
	world.step(f"killed when {there} had arrived, and one more was asked for")

	claws = world.start_claws()
	claws.remote("--send")
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.step("started again: the rest left")
	found = refuse(world, claws, refused)
	found |= compare(world, mails, [m for m in world.bob.messages() if m["id"] not in before], refused)
	exceptions.judge(found, known)
	known = {name for name, _ in found}
	world.step(f"of {len(mails)} mails each arrived once, as it was written, but for {len(known)} with a reason")
	claws.kill()


# ---- what is sent ------------------------------------------------------------------

def choose(corpus):
	"""By number: the file's name, the mail as it is queued, and its recipients."""
	mails = {}
	for number, path in enumerate(corpus.files, 1):
		with open(path, "rb") as file:
			# The client writes no carriage returns.
			data = file.read().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
		message = email.message_from_bytes(data)
		if not message["From"] or not (message["To"] or message["Cc"]):
			continue
		mails[number] = (corpus.name(number), sent_by_alice(data, number), [*addresses(message, "To", "Cc"), BOB])
	return mails


def sent_by_alice(data, number):
	"""What else names a sender goes: nobody else is to see it."""
	header, separator, body = data.partition(b"\n\n")
	header = re.sub(rb"(?im)^(from|sender|bcc|resent-\w+):.*(\n[ \t].*)*\n?", b"", header + b"\n")
	return f"From: Alice <{ALICE}>\n{NUMBER}: {number}\n".encode() + header.rstrip(b"\n") + separator + body


def addresses(message, *names):
	"""As they are written, raw letters as UTF-8."""
	values = [str(value).encode("ascii", "surrogateescape").decode("utf-8", "replace").strip(" \t\n,")
		  for name, value in message.raw_items() if name.lower() in map(str.lower, names)]
	try:
		found = email.utils.getaddresses(values)
	except RecursionError:
		found = [("", address) for address in re.findall(r"<([^<>]*)>", values[0])]
	return [address for _, address in found if address]


# ---- what becomes of it ---------------------------------------------------------------

def refuse(world, claws, mails):
	"""They stay, and why is in the log."""
	for number, (_, data, recipients) in mails.items():
		put(world, number, data, recipients)
	claws.open_folder(QUEUE)
	claws.until("they are in the queue", lambda: claws.folder(QUEUE)["total"] == len(mails))
	earlier = len(world.network_log())
	claws.remote("--send")
	claws.press("Close", window="Error")
	reasons = re.findall(r"554 .+", world.network_log()[earlier:])
	for reason in sorted(set(reasons)):
		print(f"#   {reason}", flush=True)
	assert len(reasons) >= len(mails), reasons
	assert not [r for r in reasons if r.count("again") > 1], "the same advice twice"
	assert claws.folder(QUEUE)["total"] == len(mails), "one of them is not in the queue any more"
	world.step(f"{len(mails)} are refused in words, and stay in the queue")
	return {(name, "refused") for name, _, _ in mails.values()}


def compare(world, mails, arrived, refused):
	there = {}
	for message in arrived:
		mail = world.bob.mime(message)
		number = int(email.message_from_bytes(mail)[NUMBER])
		assert number not in there, f"{mails[number][0]} arrived twice"
		assert number not in refused, f"{mails[number][0]} arrived and is in the queue still"
		there[number] = mail
	found = {(name, "known") for number, (name, _, _) in mails.items() if number not in there and number not in refused}
	for number, mail in there.items():
		name, data, _ = mails[number]
		written, got = describe(data), describe(mail)
		for kind in KINDS:
			# Quoted-printable is written anew, as the service damages it.
			if kind == "bytes" and b"quoted-printable" in data.lower():
				continue
			facts = [[fact for k, fact in side if k == kind] for side in (written, got)]
			if facts[0] != facts[1]:
				found.add((name, kind))
				print(f"#   {name}: {kind}: {difference(facts[1], facts[0])}", flush=True)
	return found


def difference(got, written):
	return f"{str([f for f in got if f not in written])[:300]}, not {str([f for f in written if f not in got])[:300]}"


def describe(data):
	"""Kinds and facts: the header, the bytes below it, and each part with its type, name and decoded bytes."""
	data = data.replace(b"\r\n", b"\n")
	message = email.message_from_bytes(data)
	facts = [("header", (name, squeeze(message[name]))) for name in ("Subject", "In-Reply-To", "References")]
	# A mail without an id gets one.
	identifier = squeeze(message["Message-ID"])
	facts += [("header", identifier)] if identifier and "@outlook.invalid" not in identifier else []
	facts += [("header", (name, addresses(message, name))) for name in ("From", "To", "Cc", "Reply-To")]
	facts.append(("bytes", digest(data.partition(b"\n\n")[2].rstrip(b"\n"))))
	for part in message.walk():
		facts.append(("structure", (part.get_content_type(), part.get_content_charset(), part.get("Content-ID"))))
		if part.get_content_type() in ("multipart/signed", "multipart/encrypted"):
			facts.append(("sealed", digest(between(data, part.get_boundary()))))
		if not part.is_multipart():
			facts.append(("name", squeeze(part.get_filename())))
			facts.append(content(part))
	return facts


def squeeze(text):
	return re.sub(r"\s+", " ", str(text or "")).strip()


def digest(data):
	return len(data), hashlib.sha256(data).hexdigest()


def between(data, boundary):
	line = b"--" + (boundary or "").encode()
	begin = data.find(line + b"\n")
	return data[begin:data.find(line + b"--", begin)]


def content(part):
	"""The line ends of what is text, or was not encoded, are the transport's."""
	data = part.get_payload(decode=True) or b""
	is_text = part.get_content_maintype() in ("text", "multipart")
	if is_text or part.get("Content-Transfer-Encoding", "").lower() not in ("base64", "quoted-printable"):
		data = data.replace(b"\r\n", b"\n").rstrip(b"\n")
	return "text" if is_text else "attachment", digest(data)
