# SPDX-License-Identifier: GPL-3.0-or-later
import re

TITLE = "the assistant speaks German and Japanese, and no word of it is English by mistake"
LONG = True

LANGUAGES = (("de", "DE"), ("ja", "JP"))
TYPES = ("GtkLabel", "GtkButton", "GtkCheckButton", "GtkToggleButton", "GtkExpander", "GtkFrame", "GtkComboBoxText",
	 "GtkComboBox", "GtkTextView", "GtkDialog")
# Permissions and addresses
NAMES = re.compile(r"localhost|[A-Za-z]+(\.[A-Za-z]+)+|https?://\S*")


def tell(world):
	for language, territory in LANGUAGES:
		world.open()
		catalog = world.speak(language, territory)
		say = lambda text: catalog.gettext(text).replace("_", "")  # noqa: E731
		world.make_empty_profile()
		claws = world.start_claws()
		claws.menu("Tools", say("Add _Outlook account…"))
		title = say("Add Outlook account")
		claws.widget(text=title)
		world.step(f"{language}: the assistant is open")
		check_texts(claws, title, catalog)
		claws.expand(say("Ser_vers and redirect"))
		claws.press(say("_Where do I find this?"), window=title)
		claws.until("the steps of the registration", lambda: claws.widgets(
			window=title, text=lambda text: say("Begin a registration") in (text or "")))
		claws.check_names(title)
		settle(claws, title)
		world.step(f"{language}: with the servers and the steps of the registration")
		check_texts(claws, title, catalog)
		claws.close_window(title)
		claws.exit()
		world.check_log_is_clean()
		world.close()


def settle(claws, title):
	"""Until the window has grown as far as it wants to."""
	seen = []

	def is_still():
		seen.append([(w["id"], w["x"], w["y"], w["w"], w["h"]) for w in claws.widgets(window=title)])
		return len(seen) > 3 and seen[-1] == seen[-2] == seen[-3]

	claws.until("the window has its size", is_still)


def check_texts(claws, title, catalog):
	"""Whatever the window says is what a translator wrote."""
	translated, english = read(catalog)
	known = re.compile("|".join(sorted(translated, key=len, reverse=True)), re.DOTALL)
	# A choice has its name inside the program behind a tab, a step its number before it.
	texts = {plain(re.sub(r"^\d+\. ", "", w["text"].split("\t")[0])) for w in claws.widgets(window=title) if w["type"] in TYPES and w.get("text")}
	assert len(texts) >= 10, f"only {len(texts)} texts in the window"
	wrong = [text for text in texts if text in english]
	strange = [text for text in texts if text not in english and not known.fullmatch(text) and not NAMES.fullmatch(text)]
	assert not wrong, f"English: {wrong}"
	assert not strange, f"in no translation: {strange}"


def read(catalog):
	"""Patterns of the translations, and the English texts that have another one."""
	translated, english = set(), set()
	for key, text in catalog._catalog.items():
		original = key[0] if isinstance(key, tuple) else key
		if not original:
			continue
		original = plain(original.split("\x04")[-1])
		pattern = re.sub(r"%(?:\d+\\\$)?[a-z]+|%\.\*s", ".*", re.escape(plain(text)).replace(r"\%", "%"))
		translated.add(pattern)
		if plain(text) != original:
			english.add(original)
	return translated, english


def plain(text):
	"""Without markup, and without a letter for the keyboard: the window shares them out."""
	return re.sub(r"</?[a-z]+>|\(_?[A-Z]\)", "", text).replace("_", "")
