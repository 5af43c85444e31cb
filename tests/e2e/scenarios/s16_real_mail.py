# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import re
import tempfile

from driver import exceptions
from driver.corpus import Corpus
from driver.tenant import ALICE
from driver.world import DRAFTS, INBOX

TITLE = "the mails of the corpus look as they do in a local folder of the same client"
SECONDS = 600

LOCAL = "#mh/Local/copy"
# What the list shows of a mail that was fetched, what the message view shows, and what each part is saved as.
COLUMNS = ("subject", "from", "to", "date", "mark", "size", "parent", "text", "parts", "bytes")
# What the list shows before that, when there is nothing but the service's description; the local folder has no
# attachment marks then either.
EARLY = ("subject", "from", "to", "date", "size", "parent")
AT_LEAST = 240
SIZE_TOLERANCE = 0.2
STRIDE = 10  # rows; fewer than are in sight


def tell(world):
	corpus = Corpus(world.root)
	with tempfile.TemporaryDirectory(prefix="claws-e2e-real-") as directory:
		compare(world, directory, corpus)


def compare(world, directory, corpus):
	count = len(corpus.files)
	corpus.make_mailbox(os.path.join(directory, "server"))
	corpus.make_local_folder(os.path.join(directory, "local", "copy"))
	world.open(mailboxes=[(ALICE, os.path.join(directory, "server"))])
	world.make_profile()
	world.add_local_folders(os.path.join(directory, "local"), "copy")
	claws = world.start_claws()
	claws.remote("--receive")
	world.wait_for_mail()

	# What the client complains about with its first list, whatever that is
	claws.open_folder(DRAFTS)
	before = len(world.session.log("claws"))
	claws.open_folder(INBOX)
	claws.until(f"all {count} are listed", lambda: claws.messages(limit=0)["total"] == count)
	listed = rows_by_number(claws)
	check_order(world, listed, count)
	world.step(f"{count} mails are listed")
	look_through(claws)
	world.step("the list was scrolled through, as threads and without")
	ours = show_each(claws, listed)
	complaints = warnings(world.session.log("claws")[before:])
	world.step("each was opened")

	before = len(world.session.log("claws"))
	claws.open_folder(LOCAL)
	claws.until(f"all {count} are in the local folder", lambda: claws.messages(limit=0)["total"] == count)
	look_through(claws)
	local = show_each(claws, rows_by_number(claws))
	expected = warnings(world.session.log("claws")[before:])
	# The host looks for attachments when it has the file, which is always so of a local one.
	wanted = rows_by_number(claws)
	world.step("each was opened in the local folder")
	claws.open_folder(INBOX)
	claws.until(f"all {count} are listed again", lambda: claws.messages(limit=0)["total"] == count)
	again = rows_by_number(claws)

	names = {number: corpus.name(number) for number in range(1, count + 1)}
	found = find_differences(names, listed, again, ours, wanted, local)
	judge(world, names, found)
	print(f"# {sum(len(sums(local[number]['tree'])) for number in names)} parts were decoded", flush=True)
	assert complaints <= expected, f"warnings that the local copy does not cause: {complaints - expected}"
	world.step("what is shown is compared")
	claws.exit()


# ---- the same mail twice ---------------------------------------------------------

def check_order(world, rows, count):
	"""The numbers of the rows are those of the files: the newest came first and has the first number."""
	messages = world.alice.list("/me/mailFolders/inbox/messages?$top=500&$orderby=receivedDateTime desc"
				    "&$select=internetMessageId".replace(" ", "%20"))
	assert sorted(rows) == list(range(1, count + 1)), "other numbers than those of the files"
	for number, message in enumerate(messages, 1):
		identifier = (message["internetMessageId"] or "").strip("<> ")
		assert not identifier or rows[number]["message-id"] in (identifier, None) or \
			squeeze(rows[number]["message-id"]) == squeeze(identifier), \
			f"number {number} is not {identifier} but {rows[number]['message-id']}"


# ---- what is on screen -----------------------------------------------------------

def rows_by_number(claws):
	return {row["number"]: row for row in claws.rows()}


def look_through(claws):
	"""From the end to the beginning, as a list and as threads, and in the order in which it was."""
	for _ in range(2):
		was = claws.messages(limit=0)["threads"]
		claws.focus_main()
		claws.menu("View", "Thread view")
		claws.until("the other order", lambda w=was: claws.messages(limit=0)["threads"] != w)
		rows = claws.rows()
		for row in [*rows[::-STRIDE], rows[0]]:
			claws.show_row(row)


def show_each(claws, numbers):
	shown = {}
	for number in sorted(numbers):
		shown[number] = claws.until(f"message {number} is on screen", lambda n=number: show(claws, n))
	return shown


def show(claws, number):
	"""A list that is busy does not open anything: asked again."""
	answer = claws.ask("shown")
	if answer["number"] != number:
		answer = claws.ask("open", number=number)
	return answer if answer["number"] == number and not answer["loading"] else None


def warnings(log):
	"""The kinds of what GLib complained about, without what differs from one time to the next."""
	found = set()
	for line in log.splitlines():
		match = re.search(r"((?:\S+-)?(?:WARNING|CRITICAL)) \*\*: (?:[\d:.]+: )?(.*)", line)
		if match:
			found.add(match.group(1) + ": " + re.sub(r"/\S+|0x[0-9a-f]+|\d+", "…", match.group(2)))
	return found


# ---- the comparison --------------------------------------------------------------

def squeeze(text):
	return re.sub(r"\s+", " ", text or "").strip()


def size_of(text):
	match = re.fullmatch(r"([\d.]+)(B|KiB|MiB)", text or "")
	assert match, f"a size shown as {text!r}"
	return float(match.group(1)) * {"B": 1, "KiB": 1024, "MiB": 1024 * 1024}[match.group(2)]


def is_near(one, other):
	return abs(size_of(one) - size_of(other)) <= SIZE_TOLERANCE * size_of(other)


def sums(part):
	"""Of the decoded bytes of each part."""
	if part is None:
		return []
	return [part["sum"]] if not part["parts"] else [s for below in part["parts"] for s in sums(below)]


def is_alike(column, got, expected):
	"""Blanks at the end of a line are not seen."""
	if column == "bytes":
		return got == expected and None not in got
	if column.endswith("size"):
		return is_near(got, expected)
	if isinstance(got, str) and isinstance(expected, str) and column != "text":
		return got.rstrip() == expected.rstrip()
	return got == expected


def find_differences(names, listed, again, ours, wanted, local):
	"""By file and column: what was shown, and what the local folder shows."""
	found = {}
	for number, name in names.items():
		pairs = {column: (again[number][column], wanted[number][column]) for column in EARLY}
		pairs.update({"early-" + column: (listed[number][column], wanted[number][column]) for column in EARLY})
		pairs["mark"] = (again[number]["mime-picture"], wanted[number]["mime-picture"])
		pairs["text"] = (ours[number]["text"], local[number]["text"])
		pairs["parts"] = (ours[number]["icons"] + [ours[number]["tree"]],
				  local[number]["icons"] + [local[number]["tree"]])
		pairs["bytes"] = (sums(ours[number]["tree"]), sums(local[number]["tree"]))
		for column, (got, expected) in pairs.items():
			if not is_alike(column, got, expected):
				found[name, column] = (got, expected)
	return found


def judge(world, names, found):
	columns = COLUMNS + tuple("early-" + column for column in EARLY)
	known = exceptions.read(os.path.join(world.root, "tests", "e2e", "real-mail.exceptions"), columns)
	path = os.environ.get("REAL_MAIL_REPORT")
	if path:
		with open(path, "w", encoding="utf-8") as file:
			for (name, column), (got, expected) in sorted(found.items()):
				file.write(json.dumps([name, column, got, expected], ensure_ascii=False) + "\n")
	for column in columns:
		equal = len(names) - sum(1 for key in found if key[1] == column)
		print(f"# {column}: {equal} of {len(names)} are equal", flush=True)
	for key in sorted(set(found) - set(known)):
		print(f"#   {key[0]} {key[1]}: {str(found[key][0])[:300]!r}, not {str(found[key][1])[:300]!r}", flush=True)
	exceptions.judge(found, known)
	for column in columns:
		equal = len(names) - sum(1 for key in found if key[1] == column)
		assert equal >= AT_LEAST, f"{column}: only {equal} of {len(names)}"
