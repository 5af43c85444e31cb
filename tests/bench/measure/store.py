# SPDX-License-Identifier: GPL-3.0-or-later
"""The store by itself: requests, bytes, time, stalls of a main loop beside it, memory."""

import json
import os
import shutil
import subprocess
import tempfile

from . import table
from .tenant import Tenant, curl, pages

COLUMNS = ["work", "requests", "budget", "received", "time", "curl", "first rows", "longest stall", "peak memory"]
PAGE = 500
FOLDERS = 50
# Ten times as much may take ten times as long beside what `curl` takes; memory grows with the list, by less than what is
# transferred for a message, and by what caches hold.
STEEPER = 1.4
BYTES_PER_MESSAGE = 200
CACHES_KIB = 8 * 1024


class Measure:
	def __init__(self, arguments, directory, tenant):
		self.program = os.path.join(arguments.build, "tests", "bench", "outlook-bench")
		self.only = arguments.only
		self.directory = directory
		self.tenant = tenant
		self.rows = []
		self.missed = []
		self.first = None  # what the first synchronisation was like: messages, seconds, those of curl, KiB

	def wants(self, *names):
		return self.only is None or any(self.only in name for name in names)

	def run(self, address, command, *arguments):
		environment = dict(os.environ, OUTLOOK_BENCH_ORIGIN=self.tenant.origin,
				   OUTLOOK_BENCH_TOKEN=self.tenant.token(address))
		self.tenant.counted()
		self.tenant.slow()
		done = subprocess.run([self.program, command, os.path.join(self.directory, address), *arguments],
				      env=environment, stdout=subprocess.PIPE, check=True)
		self.tenant.slow(False)
		return json.loads(done.stdout), *self.tenant.counted()

	def add(self, name, budget, measured, beside=None, whole=False):
		result, requests, of_folder, received = measured
		stall = result["stall_ms"] or 1000 * result["seconds"]
		if (of_folder if whole else requests) > budget:
			self.missed.append(f"{name}: {of_folder if whole else requests} requests, at most {budget} were to be")
		count = f"{of_folder} and {requests - of_folder} for the mailbox" if whole else str(requests)
		self.rows.append([name, count, f"≤ {budget}", table.megabytes(received),
				  table.seconds(result["seconds"]), table.seconds(beside), table.seconds(result.get("first_seconds")),
				  table.milliseconds(stall), table.mebibytes(result["peak_kib"])])

	def first_sync(self, name, address, count, budget, expand):
		if not self.wants(name):
			return
		self.tenant.control("settings", page_limit=PAGE, delta_expand=expand)
		self.tenant.fill(address, count)
		# Before anything is timed: the tenant makes up a mail's header when it is first asked for.
		urls = pages(self.tenant, self.program, address, not expand)
		measured = self.run(address, "check")
		assert measured[0]["rows"] == count, f"{name}: {measured[0]['rows']} messages arrived"
		self.tenant.slow()
		beside = curl(self.directory, urls)
		self.tenant.slow(False)
		self.tenant.control("settings", delta_expand=True)
		self.add(name, budget, measured, beside, True)
		self.compare_growth(name, count, measured[0], beside, expand)

	def compare_growth(self, name, count, result, beside, expand):
		"""Two sizes of the same work in one run: it has to be linear in time and in memory."""
		now = count, result["seconds"], beside, result["peak_kib"]
		if not expand:
			return
		if self.first is None:
			self.first = now
			return
		messages, seconds, curls, peak = self.first
		if now[1] / beside > STEEPER * seconds / curls:
			self.missed.append(f"{name}: {now[1] / beside:.2f} times curl, {seconds / curls:.2f} times with "
					   f"{messages:,}: not linear")
		if now[3] - peak > CACHES_KIB + BYTES_PER_MESSAGE * (count - messages) // 1024:
			self.missed.append(f"{name}: {now[3] - peak} KiB more than with {messages:,}")

	def quiet(self, name, address, budget):
		if self.wants(name):
			self.run(address, "check")  # what was edited during the first one goes out
			self.add(name, budget, self.run(address, "check"))

	def changes(self, address):
		for command, name in (("mark", "mark 500"), ("move", "move 500"), ("delete", "delete 500")):
			if self.wants(name):
				measured = self.run(address, command, "500")
				measured[0]["stall_ms"] = measured[0]["answer_ms"]
				self.add(name, 25, measured)


def measure(arguments):
	small, large = arguments.small, arguments.large
	directory = tempfile.mkdtemp(prefix="outlook-bench-")
	try:
		with Tenant(arguments.build, directory, arguments.latency) as tenant:
			run = Measure(arguments, directory, tenant)
			rest = any(run.wants(name) for name in ("quiet", "mark", "move", "delete", "message", "send"))
			run.only, only = None if rest else run.only, run.only
			run.first_sync(f"first sync of {small:,}", "one@bench.example", small, _pages(small, 1) + 2, True)
			run.only = only
			run.first_sync(f"first sync of {small:,}, sizes by a list", "two@bench.example", small,
				       _pages(small, 2) + 2, False)
			run.quiet(f"quiet check of a folder of {small:,}", "one@bench.example", 2)
			_make_folders(run)
			run.quiet(f"quiet check of {FOLDERS} folders", "many@bench.example", 3)
			run.changes("one@bench.example")
			if run.wants("message"):
				run.add("open a message, not cached", 1, run.run("one@bench.example", "body"))
				run.add("open a message, cached", 0, run.run("one@bench.example", "body"))
			if run.wants("send"):
				run.add("send 10 KB", 1, run.run("one@bench.example", "send"))
			run.first_sync(f"first sync of {large:,}", "big@bench.example", large, _pages(large, 1) + 2, True)
			name = f"open a synchronised folder of {large:,}, no network"
			if os.path.exists(os.path.join(directory, "big@bench.example")) and run.wants(name):
				run.add(name, 0, run.run("big@bench.example", "open"))
			return run.rows, COLUMNS, run.missed
	finally:
		shutil.rmtree(directory, ignore_errors=True)


def _pages(count, factor):
	return (count + PAGE - 1) // PAGE * factor


def _make_folders(run):
	"""A mailbox that is synchronised, as far as something is in it."""
	if not run.wants("quiet"):
		return
	run.tenant.control("mailbox", address="many@bench.example", directory="")
	for number in range(FOLDERS - 8):
		name = f"Folder {number}"
		run.tenant.control("folder", address="many@bench.example", name=name)
		run.tenant.control("fill", address="many@bench.example", folder=name, count=10)
	run.run("many@bench.example", "check")
