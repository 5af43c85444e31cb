# SPDX-License-Identifier: GPL-3.0-or-later
"""`check_headers.py ROOT BUILD`: each header compiles with nothing before it. TAP."""

import concurrent.futures
import json
import os
import shlex
import subprocess
import sys


def flags_by_place(build):
	"""How each source is compiled, by its path without the ending, and those of each directory; no input, no output."""
	flags = {}
	with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
		for entry in json.load(file):
			source = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
			words = shlex.split(entry["command"])
			kept = [word for word in words if word.startswith(("-I", "-D", "-W", "-std=", "-isystem", "-pthread"))]
			for index, word in enumerate(words):
				if word == "-isystem":
					kept[kept.index("-isystem")] = "-isystem" + words[index + 1]
			for place in (os.path.splitext(source)[0], os.path.dirname(source)):
				if len(kept) > len(flags.get(place, [])):
					flags[place] = kept
	return flags


def compile_alone(header, flags, build):
	command = ["gcc", *flags, "-Werror", "-fsyntax-only", "-x", "c", "-"]
	return subprocess.run(command, input=f'#include "{header}"\n', cwd=build, text=True, capture_output=True,
			      check=False)


def main():
	root, build = sys.argv[1:3]
	flags = flags_by_place(build)
	listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "*.h"], capture_output=True, text=True, check=True)
	headers = sorted(name for name in listed.stdout.split("\0") if name)
	print(f"1..{len(headers)}")
	good = True
	with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
		def one(name):
			path = os.path.join(root, name)
			own = flags.get(os.path.splitext(path)[0])
			return compile_alone(path, own or flags.get(os.path.dirname(path), []), build)

		for number, (name, done) in enumerate(zip(headers, pool.map(one, headers)), 1):
			print(f"{'ok' if done.returncode == 0 else 'not ok'} {number} - {name} compiles alone")
			if done.returncode != 0:
				good = False
				print("\n".join("# " + line for line in done.stderr.splitlines()[:20]))
	return 0 if good else 1


if __name__ == "__main__":
	sys.exit(main())
