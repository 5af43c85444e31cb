# SPDX-License-Identifier: GPL-3.0-or-later
import email
import email.utils
import itertools
import os
import re

from driver.queue import put
from driver.run import Skip
from driver.tenant import ALICE, BOB
from driver.world import QUEUE

TITLE = "a queue full of real mail, a client that is killed while it sends: each mail arrives once, as it was written"

AT_LEAST = 180
KILLED_AFTER = 40
ADDRESS = re.compile(r"^[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
NUMBER = "X-Story-Number"


def tell(world):
	corpus = os.path.join(os.path.dirname(world.root), "shared", "corpus", "mail")
	if not os.path.isdir(corpus):
		if os.environ.get("CI") == "true":
			raise AssertionError("the corpus is not there")
		raise Skip("the corpus is not beside this tree")
	mails = choose(world, corpus)
	assert len(mails) >= AT_LEAST, f"only {len(mails)} mails"
	world.open()
	claws = world.sign_in()
	before = {m["id"] for m in world.bob.messages()}
	for number, (_, data, recipients) in mails.items():
		put(world, number, data, recipients)
	claws.open_folder(QUEUE)
	claws.until("the queue is full", lambda: claws.folder(QUEUE)["total"] == len(mails))
	world.step(f"{len(mails)} mails are in the queue")

	claws.remote("--send")
	world.until("some have arrived", lambda: len(world.bob.messages()) - len(before) >= KILLED_AFTER)
	claws.kill()
	there = len(world.bob.messages()) - len(before)
	assert there < len(mails), "all were sent before the client was killed"
	world.step(f"killed when {there} had arrived")

	claws = world.start_claws()
	claws.remote("--send")
	claws.until("the queue is empty", lambda: claws.folder(QUEUE)["total"] == 0)
	world.step("started again: the rest left")
	check(world, mails, [m for m in world.bob.messages() if m["id"] not in before])
	world.step("each arrived once, as it was written")
	claws.exit()


def choose(world, corpus):
	"""By number: the file's name, the mail as it is queued, and its recipients."""
	known = exceptions(world)
	mails = {}
	files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(corpus)
		       for name in names if name.endswith(".eml"))
	for number, path in enumerate(files, 1):
		if os.path.relpath(path, corpus) in known:
			continue
		with open(path, "rb") as file:
			data = file.read().replace(b"\r\n", b"\n")
		message = email.message_from_bytes(data)
		named = email.utils.getaddresses([str(v) for name in ("To", "Cc") for v in message.get_all(name, [])])
		recipients = [address for _, address in named]
		# The client writes no bare carriage return, and reads a queued mail up to a NUL.
		if not message["From"] or not recipients or b"\0" in data or b"\r" in data or \
				not all(ADDRESS.match(address) for address in recipients):
			continue
		header, separator, body = data.partition(b"\n\n")
		# A line of blanks ends a header for one reader and goes on with it for another.
		if re.search(rb"\n[ \t]+\n", header):
			continue
		header = re.sub(rb"(?im)^(from|sender|bcc|resent-\w+):.*(\n[ \t].*)*\n?", b"", header + b"\n")
		header = f"From: Alice <{ALICE}>\n{NUMBER}: {number}\n".encode() + header.rstrip(b"\n")
		mails[number] = (os.path.relpath(path, corpus), header + separator + body, [*recipients, BOB])
	return mails


def exceptions(world):
	"""Files that are known to arrive otherwise."""
	path = os.path.join(world.root, "tests", "plugin", "send-corpus.exceptions")
	with open(path, encoding="utf-8") as file:
		return {line.split("\t")[0] for line in file if line.strip() and not line.startswith("#")}


def check(world, mails, arrived):
	found = {}
	for message in arrived:
		mail = world.bob.mime(message)
		number = int(email.message_from_bytes(mail)[NUMBER])
		assert number not in found, f"{mails[number][0]} arrived twice"
		found[number] = mail
	missing = [mails[number][0] for number in mails if number not in found]
	assert not missing, f"did not arrive: {missing}"
	different = []
	for number, (name, data, _) in mails.items():
		pairs = list(itertools.zip_longest(describe(data), describe(found[number])))
		unequal = [pair for pair in pairs if pair[0] != pair[1]]
		if unequal:
			print(f"#   {name}: {str(unequal[0][1])[:200]}, not {str(unequal[0][0])[:200]}", flush=True)
			different.append(name)
	assert not different, f"arrived otherwise than written: {different}"


def describe(data):
	"""Subject and threads, and each part: its type, name and bytes; line ends that no encoding keeps are the transport's."""
	message = email.message_from_bytes(data.replace(b"\r\n", b"\n"))
	facts = [[re.sub(r"\s+", " ", str(message[name] or "")).strip()
		  for name in ("Subject", "In-Reply-To", "References", "Reply-To")]]
	for part in message.walk():
		if part.is_multipart():
			facts.append(part.get_content_type())
			continue
		content = part.get_payload(decode=True) or b""
		if part.get_content_maintype() in ("text", "multipart") or part.get("Content-Transfer-Encoding", "").lower() != "base64":
			content = content.replace(b"\r\n", b"\n").rstrip(b"\n")
		facts.append((re.sub(r"\s+", " ", part.get_content_type()), part.get_filename(), part.get("Content-ID"), content))
	return facts
