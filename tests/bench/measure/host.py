# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Claws Mail: a big folder of ours beside the same mails in the client's own IMAP."""

import datetime
import os
import re
import shutil
import tempfile
import time

from driver.tenant import ALICE
from driver.world import INBOX, World

from . import mails, table
from .dovecot import USER, Dovecot, SlowLine

COLUMNS = ["folder", "work", "ours: time", "first rows", "longest stall", "peak memory", "IMAP: time", "first rows",
	   "longest stall", "peak memory"]
IMAP_INBOX = "#imap/IMAP/INBOX"
PAUSE = 0.02
PATIENCE = 900
QUIET_SECONDS = 3
# Of what the client needs for the same folder as IMAP; to be kept where the folder is large.
LARGE = 100000
MORE_MEMORY = 1.3
MORE_TIME = 1.2


class Measured:
	def __init__(self, seconds, first, stall, peak):
		self.seconds = seconds
		self.first = first
		self.stall = stall
		self.peak = peak

	def cells(self):
		return [table.seconds(self.seconds), table.seconds(self.first), table.milliseconds(self.stall),
			table.mebibytes(self.peak)]


def _peak(claws):
	with open(f"/proc/{claws.process.popen.pid}/status", encoding="utf-8") as file:
		return int(re.search(r"VmHWM:\s*(\d+)", file.read())[1])


def _watch(claws, inbox, count, began):
	"""Until the whole list is on screen. `began` is a time, or tells one once it is known."""
	first = None
	end = time.time() + PATIENCE
	while True:
		shown = claws.ask("messages", limit=0)
		total = shown["total"] if shown["folder"] == inbox else 0
		now = time.time()
		if first is None and total > 0:
			first = now
		if total >= count:
			break
		claws.check_alive()
		if now > end:
			raise AssertionError(f"{total} of {count} messages after {PATIENCE} s")
		time.sleep(PAUSE)
	if callable(began):
		began = began()
	# What the client does when everything is there belongs to it: counters, caches.
	time.sleep(QUIET_SECONDS)
	return Measured(now - began, first - began, claws.longest_stall(), _peak(claws))


def _click(claws, inbox):
	folder = claws.until("the Inbox in the tree", lambda: claws.folder(inbox))
	place = claws.show_row(folder, "folders")
	claws.point(place)
	claws.longest_stall()
	began = time.time()
	claws.xdo("click", "1")
	return began


def _open(claws, inbox, count):
	return _watch(claws, inbox, count, _click(claws, inbox))


def _first_delta(world):
	"""When the tenant got the first request for a page."""
	line = world.tenant.requests("messages/delta")[0]
	stamp, took = re.match(r"(\S+)Z .* (\d+) ms ", line).groups()
	ended = datetime.datetime.fromisoformat(stamp + "+00:00").timestamp()
	return ended - int(took) / 1000


def _measure_ours(world, count):
	world.make_profile()
	claws = world.start_claws()
	_click(claws, INBOX)
	claws.longest_stall()
	claws.remote("--receive")
	first = _watch(claws, INBOX, count, lambda: _first_delta(world))
	claws.until("the check has ended", lambda: _is_quiet(world), PATIENCE)
	claws.longest_stall()
	claws.remote("--receive")
	time.sleep(QUIET_SECONDS)
	check = Measured(None, None, claws.longest_stall(), _peak(claws))
	world.picture("filled")
	claws.exit()
	claws = world.start_claws("--offline")
	again = _open(claws, INBOX, count)
	world.picture("again")
	claws.exit()
	return first, check, again


def _is_quiet(world):
	before = len(world.tenant.log())
	time.sleep(1)
	return len(world.tenant.log()) == before


def _make_imap_profile(world, port):
	"""The local mailbox of a profile without accounts, because the client wants a queue, and the IMAP account."""
	world.make_empty_profile()
	with open(os.path.join(world.profile, "accountrc"), "w", encoding="utf-8") as file:
		file.write("[Account: 1]\nconfig_version=4\naccount_name=IMAP\nis_default=1\nname=Alice\n"
			   f"address={ALICE}\nprotocol=1\nreceive_server=127.0.0.1\nuser_id={USER}\nset_imapport=1\n"
			   f"imap_port={port}\nssl_imap=0\nsmtp_server=localhost\nreceive_at_get_all=1\n")
	path = os.path.join(world.profile, "folderlist.xml")
	with open(path, encoding="utf-8") as file:
		text = file.read()
	with open(path, "w", encoding="utf-8") as file:
		file.write(text.replace("</folderlist>", '<folder name="IMAP" account_id="1" type="imap" collapsed="0">'
					'<folderitem name="INBOX" path="INBOX" type="inbox"/></folder></folderlist>'))


def _measure_imap(world, count, port, password):
	_make_imap_profile(world, port)
	world.environment["CLAWS_PROBE_PASSWORD"] = password
	claws = world.start_claws()
	first = _open(claws, IMAP_INBOX, count)
	claws.longest_stall()
	claws.remote("--receive")
	time.sleep(QUIET_SECONDS)
	check = Measured(None, None, claws.longest_stall(), _peak(claws))
	world.picture("imap-filled")
	claws.exit()
	# Without a network it would ask whether it may have one all the same.
	claws = world.start_claws()
	again = _open(claws, IMAP_INBOX, count)
	claws.exit()
	return first, check, again


def _compare(arguments, root, count):
	directory = tempfile.mkdtemp(prefix="outlook-bench-")
	os.chmod(directory, 0o755)
	try:
		tenant_directory, maildir = mails.make(directory, count)
		with World(root, arguments.build, arguments.screenshots) as world:
			world.open(mailboxes=[(ALICE, tenant_directory)], simulator=["--latency", str(arguments.latency)])
			# GTK looks for OpenGL in the first client of a display alone, which costs that one 50 MiB.
			world.session.environment["GDK_GL"] = "disable"
			ours = _measure_ours(world, count)
			with Dovecot(maildir) as imap, SlowLine(imap.port, arguments.latency) as line:
				shutil.rmtree(world.profile)
				theirs = _measure_imap(world, count, line.port, imap.password)
	finally:
		shutil.rmtree(directory, ignore_errors=True)
	works = ("first time", "Get Mail, nothing new", "after a restart (ours offline)")
	rows = [[f"{count:,}", work, *mine.cells(), *other.cells()] for work, mine, other in zip(works, ours, theirs)]
	return rows, _missed(count, ours, theirs) if count >= LARGE else []


def _missed(count, ours, theirs):
	missed = []
	if ours[0].peak > MORE_MEMORY * theirs[0].peak:
		missed.append(f"{count:,} messages: {ours[0].peak} KiB, as IMAP {theirs[0].peak}")
	if ours[-1].seconds > MORE_TIME * theirs[-1].seconds:
		missed.append(f"{count:,} messages: opened in {ours[-1].seconds:.2f} s, as IMAP {theirs[-1].seconds:.2f} s")
	return missed


def measure(arguments, root):
	rows, missed = [], []
	for count in (arguments.small, arguments.large):
		if count > 0:
			its_rows, its_missed = _compare(arguments, root, count)
			rows += its_rows
			missed += its_missed
	return rows, COLUMNS, missed
