# SPDX-License-Identifier: GPL-3.0-or-later
"""Invented mails: a directory as the simulated tenant loads it, and a Maildir of the same files."""

import os
import time

PEOPLE = ("Ada Winter", "Ben Sommer", "Cara Herbst", "Dora Lenz", "Emil Regen", "Fay Nebel", "Gus Sturm")
WORDS = ("report", "plan", "garden", "bridge", "letter", "window", "river", "lamp", "ticket", "kitchen", "meeting")
THREAD = 4
LINES = 12


def _date(count, number):
	return time.gmtime(1767225600 - (count - number) * 300)


def write_mail(count, number):
	"""Every THREAD mails are a conversation, a chain of answers."""
	name = PEOPLE[number % len(PEOPLE)]
	first = number - number % THREAD
	subject = f"{WORDS[first % 11]} and {WORDS[first // 11 % 11]}, number {first // THREAD}"
	earlier = [f"<{n}.{count}@bench.example>" for n in range(first, number)]
	lines = [f"From: {name} <{name.split()[0].lower()}@bench.example>", "To: Alice <alice@contoso.example>",
		 f"Subject: {'Re: ' if earlier else ''}{subject}", f"Message-ID: <{number}.{count}@bench.example>",
		 "Date: " + time.strftime("%a, %d %b %Y %H:%M:%S +0000", _date(count, number))]
	if earlier:
		lines += [f"In-Reply-To: {earlier[-1]}", "References: " + " ".join(earlier)]
	lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii", ""]
	lines += [f"Line {line} of mail {number}: nothing in it is true, and nobody wrote it." for line in range(LINES)]
	return "\r\n".join(lines) + "\r\n"


def make(directory, count):
	"""Returns the two directories; every third mail is unread."""
	folder = os.path.join(directory, "tenant", "Inbox")
	maildir = os.path.join(directory, "maildir")
	for path in (folder, *(os.path.join(maildir, part) for part in ("cur", "new", "tmp"))):
		os.makedirs(path)
	with open(os.path.join(folder, ".mailbox"), "w", encoding="utf-8") as notes:
		for number in range(count):
			path = os.path.join(folder, f"{number:06}.eml")
			is_read = number % 3 != 0
			with open(path, "w", encoding="ascii", newline="") as file:
				file.write(write_mail(count, number))
			when = time.mktime(_date(count, number)) - time.timezone
			os.utime(path, (when, when))
			os.link(path, os.path.join(maildir, "cur", f"{int(when)}.{number}.bench:2,{'S' if is_read else ''}"))
			if is_read:
				notes.write(f"[{number:06}.eml]\nread=true\n")
	return os.path.join(directory, "tenant"), maildir
