# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known to differ, and why: no difference may come without a reason, and none may stand there without need."""


def read(path, kinds):
	"""Lines of file, some of the kinds with commas between, and the reason; # begins a remark. Reasons by (file, kind)."""
	exceptions = {}
	with open(path, encoding="utf-8") as file:
		for line in file:
			if line.strip() and not line.startswith("#"):
				name, named, reason = line.rstrip("\n").split("\t")
				assert reason, f"no reason for {name}"
				for kind in named.split(","):
					assert kind in kinds, f"no kind {kind!r}"
					exceptions[name, kind] = reason
	return exceptions


def judge(found, exceptions):
	"""Of what was found to differ, (file, kind) each."""
	new = sorted(set(found) - set(exceptions))
	assert not new, f"{len(new)} differences that are no exceptions: {new}"
	stale = sorted(set(exceptions) - set(found))
	assert not stale, f"exceptions that are none any more: {stale}"
