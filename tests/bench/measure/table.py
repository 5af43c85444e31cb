# SPDX-License-Identifier: GPL-3.0-or-later
"""A table for people, which is Markdown at the same time."""


def markdown(columns, rows):
	lines = [columns, ["---"] * len(columns), *rows]
	return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def seconds(value):
	return "" if value is None else f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def milliseconds(value):
	return "" if value is None else f"{value:.0f} ms"


def mebibytes(kib):
	return "" if kib is None else f"{kib / 1024:.0f} MiB"


def megabytes(count):
	return "" if not count else f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
