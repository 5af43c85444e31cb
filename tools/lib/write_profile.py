# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a profile for Claws Mail with one Outlook account; what tools/profile does once the plugin is built."""

import argparse
import base64
import ipaddress
import os
import re
import sys
import urllib.parse
import uuid
from xml.sax.saxutils import quoteattr

# The host's own numbers (prefs_account.h, smtp.h): A_IMAP4, SMTPAUTH_PLAIN, SSL_TUNNEL.
PROTOCOL_IMAP4 = 1
AUTH_PLAIN = 16
TUNNEL = 1

SCOPES = ("User.Read", "Mail.ReadWrite", "Mail.Send")


class Wrong(Exception):
	"""An argument that cannot be; the text is for the person who gave it."""


def is_loopback(host):
	if host == "localhost":
		return True
	try:
		return ipaddress.ip_address(host).is_loopback
	except ValueError:
		return False


def check_origin(option, origin):
	try:
		parts = urllib.parse.urlsplit(origin)
		port = parts.port
	except ValueError:
		raise Wrong(f"{option}: {origin!r} is not an origin such as https://host.example:8443") from None
	host = parts.hostname or ""
	shown = f"[{host}]" if ":" in host else host
	expected = f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")
	if (parts.scheme not in ("https", "http") or not host or origin.lower() != expected.lower()
			or not re.fullmatch(r"[A-Za-z0-9.:-]+", host) or (port is not None and not 0 < port < 65536)):
		raise Wrong(f"{option}: {origin!r} is not an origin such as https://host.example:8443, without path and "
			    "without a slash at the end")
	if parts.scheme == "http" and not is_loopback(host):
		raise Wrong(f"{option}: plain http is for this machine alone; write https for {host}")
	return origin


def check_text(option, text, forbidden=""):
	if not text or text != text.strip() or not text.isprintable() or any(c in text for c in forbidden):
		raise Wrong(f"{option}: {text!r} cannot be used")
	return text


def check_arguments(arguments):
	check_origin("--identity", arguments.identity)
	check_origin("--graph", arguments.graph)
	check_text("--client-id", arguments.client_id)
	check_text("--name", arguments.name, forbidden="/#")
	if arguments.tenant and not re.fullmatch(r"[A-Za-z0-9.-]{1,255}", arguments.tenant):
		raise Wrong(f"--tenant: {arguments.tenant!r} is not a tenant's id or domain")
	if "\n" in arguments.directory or "\n" in arguments.plugin:
		raise Wrong("a directory with a line break in its name cannot be used")
	if os.path.lexists(arguments.directory):
		if not os.path.isdir(arguments.directory):
			raise Wrong(f"{arguments.directory} is not a directory")
		if os.listdir(arguments.directory) and not arguments.force:
			raise Wrong(f"{arguments.directory} is not empty; --force writes into it all the same")


def key_file_text(value):
	"""A value as GKeyFile reads it back."""
	escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
	return "\\s" + escaped[1:] if escaped.startswith(" ") else escaped


def settings_text(arguments, identifier):
	"""The account's settings, as plugin/claws-mail/outlook-settings.h describes them."""
	lines = ["[Outlook]", f"uuid={identifier}"]
	for name, value in (("client-id", arguments.client_id), ("tenant", arguments.tenant), ("cloud", "custom"),
			    ("identity", arguments.identity), ("graph", arguments.graph)):
		lines.append(f"{name}={key_file_text(value)}")
	lines.append("scopes=" + "".join(scope + ";" for scope in SCOPES))
	return "\n".join(lines + ["response-mode=form_post", "redirect-host=localhost", "redirect-path=", ""])


def clawsrc_text(plugin):
	return "\n".join(["[Common]", "config_version=4", "enable_aspell=0", "check_on_startup=0",
			  "mainwin_width=1000", "mainwin_height=720", "folder_col_size_folder=150", "no_receive_error_panel=1",
			  "", "[Plugins_Common]", plugin, ""])


def accountrc_text(arguments, identifier):
	settings = base64.b64encode(settings_text(arguments, identifier).encode()).decode()
	values = {
		"config_version": 4,
		"account_name": arguments.name,
		"is_default": 1,
		"name": "",
		"address": "",
		"protocol": PROTOCOL_IMAP4,
		# A name that no resolver knows and a pair that no real account has: should the plugin be missing one day,
		# the host asks nobody.
		"receive_server": "outlook.invalid",
		"smtp_server": "outlook.invalid",
		"user_id": identifier,
		"ssl_imap": TUNNEL,
		"use_smtp_auth": 1,
		"smtp_auth_method": AUTH_PLAIN,
		"receive_at_get_all": 1,
		"filter_on_receive": 1,
		"privacy_prefs": f"outlook={settings}",
	}
	return "[Account: 1]\n" + "".join(f"{name}={value}\n" for name, value in values.items())


def folderlist_text(arguments):
	return "\n".join([
		'<?xml version="1.0" encoding="UTF-8"?>',
		'<folderlist config_version="4">',
		f'  <folder name={quoteattr(arguments.name)} account_id="1" type="outlook" collapsed="0">',
		'    <folderitem name="Inbox" path="Inbox" type="inbox"/>',
		'    <folderitem name="Queue" path="Queue" type="queue"/>',
		"  </folder>",
		"</folderlist>",
		""])


def write(path, text, mode=0o644):
	"""The whole file or none of it, readable as `mode` says from its first byte."""
	part = path + ".part"
	if os.path.lexists(part):
		os.unlink(part)
	with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
		file.write(text)
	os.replace(part, path)


def write_profile(arguments, secret):
	identifier = str(uuid.uuid4())
	directory = arguments.directory

	os.makedirs(directory, mode=0o700, exist_ok=True)
	for name in os.listdir(directory):
		if re.fullmatch(r"outlook-.*\.secret", name):
			os.unlink(os.path.join(directory, name))
	if secret:
		write(os.path.join(directory, f"outlook-{identifier}.secret"), secret, mode=0o600)
	write(os.path.join(directory, "folderlist.xml"), folderlist_text(arguments))
	write(os.path.join(directory, "accountrc"), accountrc_text(arguments, identifier), mode=0o600)
	write(os.path.join(directory, "clawsrc"), clawsrc_text(arguments.plugin))


def main():
	parser = argparse.ArgumentParser(prog="profile", allow_abbrev=False)
	parser.add_argument("directory")
	for option in ("--identity", "--graph", "--client-id", "--plugin"):
		parser.add_argument(option, required=True)
	parser.add_argument("--tenant", default="")
	parser.add_argument("--name", default="Outlook")
	parser.add_argument("--force", action="store_true")
	parser.add_argument("--check", action="store_true", help="judge the arguments and write nothing")
	arguments = parser.parse_args()

	try:
		check_arguments(arguments)
		if not arguments.check:
			if not os.path.exists(arguments.plugin):
				raise Wrong(f"the plugin was not built: {arguments.plugin}")
			write_profile(arguments, os.environ.get("OUTLOOK_CLIENT_SECRET", ""))
			print(arguments.directory)
	except Wrong as error:
		print(f"profile: {error}", file=sys.stderr)
		return 2
	except OSError as error:
		print(f"profile: {error.filename}: {error.strerror}", file=sys.stderr)
		return 1
	return 0


if __name__ == "__main__":
	sys.exit(main())
