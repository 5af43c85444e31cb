# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a secret that went over the wire is anywhere it must not be: outputs, files, command lines."""

import base64
import os
import re
import urllib.parse

PIECE = 24  # characters; a log may cut what is long
BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}")

DEBUG = "--debug"  # of the client
TALKATIVE = {"G_MESSAGES_DEBUG": "all"}
TALK = "token endpoint: status 200"  # what a program of ours says only when it is talkative


def be_talkative(world):
	"""Before the client starts, which is given DEBUG: whatever has a log says all that it can."""
	world.environment.update(TALKATIVE)


def pieces(secrets):
	"""Parts of each secret, from its beginning and its middle."""
	found = set()
	for secret in secrets:
		found.add(secret[:PIECE].encode())
		if len(secret) > 2 * PIECE:
			found.add(secret[len(secret) // 2:][:PIECE].encode())
	return found


def decoded(content):
	"""What stands in it as base64, read from each of the four places where such a text may begin."""
	runs = BASE64.findall(content)
	for start in range(4):
		yield b"\n".join(base64.b64decode(run[start:] + b"A" * (-(len(run) - start) % 4)) for run in runs)


def readings(content):
	"""The content as it is, and as one reads it who knows base64 and the escapes of addresses and forms."""
	for text in (content, *decoded(content)):
		yield text
		yield urllib.parse.unquote_to_bytes(text)
		yield urllib.parse.unquote_to_bytes(text.replace(b"+", b" "))


def command_lines():
	"""What every process of this machine was started with, by its id; the tenant itself is told its clients' secrets."""
	for name in os.listdir("/proc"):
		if name.isdigit():
			try:
				with open(f"/proc/{name}/cmdline", "rb") as file:
					line = file.read()
			except OSError:
				continue  # it ended, or is somebody else's
			if b"simulator\0" not in line:
				yield f"the command line of process {name}", line


def files(directory, left_out):
	for parent, folders, names in os.walk(directory):
		folders[:] = [folder for folder in folders if folder not in left_out]
		for name in names:
			path = os.path.join(parent, name)
			if os.path.isfile(path) and not os.path.islink(path):
				with open(path, "rb") as file:
					yield path, file.read()


def check(world):
	"""Everything below the session's directory, logs, profile and home; the keyring's own file is left out.

	Returns how many places were looked at.
	"""
	wanted = pieces(world.tenant.secrets())
	assert len(wanted) > 8, "there was hardly a secret to look for"
	count = 0
	for source in (command_lines(), files(world.session.directory, {"keyrings"})):
		for where, content in source:
			count += 1
			assert not any(piece in reading for reading in readings(content) for piece in wanted), \
				f"a secret of the sign-in lies in {where}"
	return count
