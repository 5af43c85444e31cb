# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what ran: `count_tap.py FILE` prints PASSED FAILED SKIPPED, and on standard error what failed.

FILE is TAP, or meson's testlog.json. A program that crashed, was killed, or ended before its plan did counts as
failed even when each line it printed was good.
"""

import json
import os
import re
import sys

LINE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)\s*(#\s*SKIP.*)?$", re.IGNORECASE)
SKIP = re.compile(r"#\s*SKIP", re.IGNORECASE)
GOOD_RESULTS = ("OK", "SKIP", "EXPECTEDFAIL")


class Count:
	def __init__(self):
		self.passed = self.failed = self.skipped = 0

	def fail(self, text):
		self.failed += 1
		print("FAILED: " + text, file=sys.stderr)

	def read(self, name, text):
		"""One program's TAP; returns how many it announced and how many came."""
		planned, came, failed = None, 0, 0
		for line in text.splitlines():
			plan = PLAN.match(line)
			match = LINE.match(line)
			if plan:
				planned = int(plan.group(1))
				if plan.group(2) and planned == 0:
					self.skipped += 1
			elif line.startswith("Bail out!"):
				self.fail(f"{name}: {line}")
				failed += 1
			elif match:
				came += 1
				if SKIP.search(line):
					self.skipped += 1
				elif match.group(1):
					self.fail(f"{name}: {match.group(2)}")
					failed += 1
				else:
					self.passed += 1
		return planned, came, failed


def count_meson(path):
	count = Count()
	with open(path, encoding="utf-8") as file:
		for line in file:
			test = json.loads(line)
			text = test.get("stdout") or ""
			planned, came, failed = count.read(test["name"], text)
			if planned is None and came == 0 and test["result"] in GOOD_RESULTS:
				# A program without TAP is one test.
				if test["result"] == "SKIP":
					count.skipped += 1
				else:
					count.passed += 1
			elif test["result"] not in GOOD_RESULTS and failed == 0:
				count.fail(f"{test['name']}: {test['result']}, status {test.get('returncode')}, after {came} of "
					   f"{'?' if planned is None else planned} tests")
			elif planned is not None and planned != came and failed == 0:
				count.fail(f"{test['name']}: {came} of {planned} tests")
	return count


def main():
	path = sys.argv[1]
	if path.endswith(".json"):
		count = count_meson(path)
	else:
		count = Count()
		with open(path, encoding="utf-8", errors="replace") as file:
			planned, came, failed = count.read(os.path.basename(path), file.read())
		if planned is None or planned != came and failed == 0:
			count.fail(f"{path}: {came} of {'?' if planned is None else planned} tests")
	print(count.passed, count.failed, count.skipped)


if __name__ == "__main__":
	main()
