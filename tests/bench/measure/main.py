# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures big folders in one run, side by side with what they are compared to, and prints one table.

Numbers of different runs, or of different machines, are not to be compared. Fails where more requests were made than
the budget has, where ten times the messages take much more than ten times the time (beside `curl`) or memory, and where
the client needs much more memory for a large folder, or time to open it, than for the same as IMAP; what else takes how
long is for people to judge."""

import argparse
import os
import platform
import sys
import time

from . import store, table


def root_directory():
	here = os.path.dirname(os.path.abspath(__file__))
	return os.path.dirname(os.path.dirname(os.path.dirname(here)))


def main():
	parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__,
					 formatter_class=argparse.RawDescriptionHelpFormatter)
	parser.add_argument("--build", default=os.path.join(root_directory(), "_build"), help="where the tree was built")
	parser.add_argument("--latency", type=int, default=50, metavar="MS", help="of each answer of the tenant; 50")
	parser.add_argument("--small", type=int, default=10000, metavar="N", help="messages of the one folder; 10000")
	parser.add_argument("--large", type=int, default=100000, metavar="N", help="messages of the other; 100000")
	parser.add_argument("--only", metavar="WORD", help="only rows in whose first column the word is")
	parser.add_argument("--host", action="store_true",
			    help="the real Claws Mail instead, beside its own IMAP with the same mails")
	parser.add_argument("--screenshots", help="with --host: a directory for pictures")
	arguments = parser.parse_args()
	arguments.build = os.path.abspath(arguments.build)

	load_before = os.getloadavg()[0]
	began = time.monotonic()
	if arguments.host:
		from . import host  # needs the packages of the demo and of the benchmark
		rows, columns, missed = host.measure(arguments, root_directory())
	else:
		rows, columns, missed = store.measure(arguments)
	print(table.markdown(columns, rows))
	print(f"\n{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors ({platform.machine()}) with a load of "
	      f"{load_before:.1f} before and {os.getloadavg()[0]:.1f} after, answers after {arguments.latency} ms, "
	      f"{time.monotonic() - began:.0f} s in all.")
	for what in missed:
		print(what, file=sys.stderr)
	return 1 if missed else 0
