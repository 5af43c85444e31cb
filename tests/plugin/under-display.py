#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""under-display.py PROGRAM ARGUMENT…: runs it on an X server of its own, away from the person's desktop."""

import os
import subprocess
import sys

SCREEN = "1024x700x24"


def main():
	reader, writer = os.pipe()
	server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp"],
				  pass_fds=[writer], stderr=subprocess.DEVNULL)
	os.close(writer)
	try:
		with os.fdopen(reader) as numbers:
			number = numbers.readline().strip()
		if not number:
			sys.exit("Xvfb did not start")
		environment = dict(os.environ, DISPLAY=":" + number, GDK_BACKEND="x11", GSETTINGS_BACKEND="memory",
				   GIO_USE_VFS="local", NO_AT_BRIDGE="1", GTK_THEME="Adwaita", LC_ALL="C.UTF-8")
		return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
	finally:
		server.terminate()
		server.wait()


if __name__ == "__main__":
	sys.exit(main())
