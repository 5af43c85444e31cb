# SPDX-License-Identifier: GPL-3.0-or-later
"""ASan for a client that was built without it: preloaded, for the plugin that was built with it."""

import os
import re
import subprocess
import sys

# What the client itself does not give back is not looked at. Freed memory is overwritten, so that the client's own
# code, which has no checks, stumbles over it, too; GLib's slices would keep it.
ASAN_OPTIONS = "detect_leaks=0:max_free_fill_size=65536:free_fill_byte=219"

# libsecret 0.20 keeps the answer in which a secret came: a program that does nothing but look one up shows it. GIO reads
# the answer on a thread of its own, so that no function of libsecret is in the trace; without frame pointers there is no
# trace at all but a slow one.
KNOWN_LEAKS = "leak:g_dbus_message_new_from_blob\n"

UBSAN_OPTIONS = "print_stacktrace=1:halt_on_error=1"


def environment(build):
	"""The variables to start the client with; `build` was made with -Db_sanitize=address,undefined."""
	first = os.path.join(build, "tests", "e2e", "libsanitizerfirst.so")
	plugin = os.path.join(build, "plugin", "claws-mail", "outlook.so")
	if not os.path.exists(first):
		sys.exit(f"{build} was not built with -Db_sanitize=address,undefined")
	needed = subprocess.run(["ldd", plugin], stdout=subprocess.PIPE, check=True).stdout.decode()
	library = re.search(r"libasan\S* => (\S+)", needed)
	if library is None:
		sys.exit(f"{plugin} does not need libasan")
	return {"LD_PRELOAD": f"{library.group(1)} {first}", "ASAN_OPTIONS": ASAN_OPTIONS, "UBSAN_OPTIONS": UBSAN_OPTIONS,
		"G_SLICE": "always-malloc"}


def program_environment(session):
	"""The variables for a program of ours that ends, and whose leaks are looked at when it was built with ASan."""
	path = session.path("known-leaks")
	with open(path, "w", encoding="utf-8") as file:
		file.write(KNOWN_LEAKS)
	return {"ASAN_OPTIONS": "fast_unwind_on_malloc=0", "UBSAN_OPTIONS": UBSAN_OPTIONS,
		"LSAN_OPTIONS": f"suppressions={path}:print_suppressions=0"}
