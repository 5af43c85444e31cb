#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a secret is found in each form in which a log or a profile may hold it. TAP."""

import base64
import os
import re
import secrets
import sys
import tempfile
import types
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from driver import secrets_kept  # noqa: E402

SECRET = "s+e/c r&e%t~of-a:test"
ESCAPED = urllib.parse.quote(SECRET, safe="")
IN_A_FORM = urllib.parse.quote_plus(SECRET)
TOKEN = secrets.token_urlsafe(90)


def encoded(text):
	return base64.b64encode(text.encode()).decode()


def profile(secret):
	settings = encoded(f"[Outlook]\nclient-id=11111111-2222-4333-8444-555555555555\nnote={secret}\ntenant=common\n")
	return f"[Account: 1]\nprivacy_prefs=other={encoded('nothing of ours')},outlook={settings}\nname=Tester\n"


def in_lower_case(escapes):
	return re.sub("%..", lambda found: found[0].lower(), escapes)


FORMS = {
	"as it is": f"the secret is {SECRET}.",
	"the beginning of a token": f"Bearer {TOKEN[:30]}…",
	"the middle of a token": f"…{TOKEN[40:100]}…",
	"escaped for an address": f"client_secret={ESCAPED}&scope=",
	"escaped in lower case": f"client_secret={in_lower_case(ESCAPED)}&scope=",
	"escaped for a form": f"client_secret={IN_A_FORM}&scope=",
	"escaped for a form, more than is needed": f"client_secret={IN_A_FORM.replace('~', '%7E')}&scope=",
	"escaped for a form, in lower case": f"client_secret={in_lower_case(IN_A_FORM)}&scope=",
	"in the settings of the profile": profile(SECRET),
	"escaped in the settings of the profile": profile(ESCAPED),
	"escaped for a form in the settings of the profile": profile(IN_A_FORM),
	"a token in the settings of the profile": profile(TOKEN),
	**{f"in a header, after {count} letters": f"Basic {encoded('n' * count + ':' + SECRET)}" for count in (3, 4, 5)},
	**{f"in base64 after {count} others": f"{'x' * count}{encoded(SECRET)}" for count in (1, 2, 3)},
}

HARMLESS = "\n".join((profile("nothing"), "client_secret=…&scope=", SECRET[1:], TOKEN[:20], ESCAPED[:-3]))


def is_found(content):
	"""Whether the check of a story finds something in this file, the only one."""
	tokens = [TOKEN, *(secrets.token_urlsafe(60) for _ in range(8))]
	with tempfile.TemporaryDirectory(prefix="secrets-kept-") as directory:
		world = types.SimpleNamespace(session=types.SimpleNamespace(directory=directory),
					      tenant=types.SimpleNamespace(secrets=lambda: [SECRET, *tokens]))
		with open(os.path.join(directory, "file"), "w", encoding="utf-8") as file:
			file.write(content)
		try:
			secrets_kept.check(world)
		except AssertionError as error:
			return str(error).endswith(os.path.join(directory, "file"))
		return False


def main():
	print(f"1..{len(FORMS) + 1}")
	well = not is_found(HARMLESS)
	print(f"{'ok' if well else 'not ok'} 1 - nothing is found where there is no secret")
	for number, (name, content) in enumerate(FORMS.items(), 2):
		found = is_found(content)
		well = well and found
		print(f"{'ok' if found else 'not ok'} {number} - a secret is found: {name}")
	return 0 if well else 1


if __name__ == "__main__":
	sys.exit(main())
