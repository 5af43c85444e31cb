# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser without a screen: opens a page, fills in what a person would, and submits it.

As a program it is what the mail client starts: browser.py SETTINGS URL. SETTINGS is a JSON file: `user`, who signs
in; `answer`, allow, deny or nothing; `log`, a file that gets each address opened; `ca`, certificates to trust.
"""

import html.parser
import json
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

PAGES_MAX = 8
TIMEOUT_SECONDS = 60
NO_WORDS = ("deny", "cancel", "decline", "refuse", "no")


class Page:
	"""What came back: where from, its status, its text."""

	def __init__(self, url, status, text, headers):
		self.url = url
		self.status = status
		self.text = text
		self.headers = headers

	def form(self):
		"""The first form of the page, or None."""
		parser = _FormParser()
		parser.feed(self.text)
		return parser.forms[0] if parser.forms else None


class Form:
	def __init__(self, attributes):
		self.action = attributes.get("action") or ""
		self.method = (attributes.get("method") or "get").lower()
		self.fields = []

	def hidden(self):
		return {field["name"]: field["value"] for field in self.fields if field["type"] == "hidden"}


class _FormParser(html.parser.HTMLParser):
	def __init__(self):
		super().__init__(convert_charrefs=True)
		self.forms = []
		self._form = None
		self._select = None

	def handle_starttag(self, tag, attrs):
		attributes = dict(attrs)
		if tag == "form":
			self._form = Form(attributes)
			self.forms.append(self._form)
		if self._form is None:
			return
		field = {"tag": tag, "name": attributes.get("name"), "value": attributes.get("value") or "",
			 "type": (attributes.get("type") or ("submit" if tag == "button" else "text")).lower(),
			 "checked": "checked" in attributes, "options": []}
		if tag in ("input", "button"):
			self._form.fields.append(field)
		elif tag == "select":
			field["type"] = "select"
			self._form.fields.append(field)
			self._select = field
		elif tag == "option" and self._select is not None:
			self._select["options"].append(field["value"])
			if "selected" in attributes or len(self._select["options"]) == 1:
				self._select["value"] = field["value"]

	def handle_endtag(self, tag):
		if tag == "form":
			self._form = None
		elif tag == "select":
			self._select = None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
	def redirect_request(self, *_args, **_kwargs):
		return None


class Browser:
	def __init__(self, user, answer="allow", ca=None):
		self.user = user
		self.answer = answer
		self.decisions = 0
		context = ssl.create_default_context(cafile=ca) if ca else ssl.create_default_context()
		self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect,
							   urllib.request.HTTPSHandler(context=context))

	def open(self, url, data=None):
		"""One request, no redirects followed."""
		body = None if data is None else urllib.parse.urlencode(data).encode()
		try:
			answer = self._opener.open(urllib.request.Request(url, data=body), timeout=TIMEOUT_SECONDS)
		except urllib.error.HTTPError as error:
			answer = error
		with answer:
			return Page(url, answer.status, answer.read().decode("utf-8", "replace"), answer.headers)

	def fill(self, form):
		"""The form's data, with this person and this answer."""
		data = {}
		agrees = self.answer == "allow"
		submits = [f for f in form.fields if f["type"] == "submit" and f["name"]]
		for field in form.fields:
			name = field["name"]
			if not name or field["type"] in ("submit", "button"):
				continue
			if field["type"] == "select":
				data[name] = self.user if self.user in field["options"] else field["value"]
			elif field["type"] == "radio":
				if field["value"] == self.user or (field["checked"] and name not in data):
					data[name] = field["value"]
			elif field["type"] == "checkbox":
				if field["checked"]:
					data[name] = field["value"] or "on"
			elif field["type"] in ("text", "email") and not field["value"]:
				data[name] = self.user
			else:
				data[name] = field["value"]
		for submit in submits:
			says_no = any(word == submit["value"].lower() or word == submit["name"].lower() for word in NO_WORDS)
			if says_no != agrees:
				data[submit["name"]] = submit["value"]
				break
		return data

	def visit(self, url, stop=lambda page, form: False):
		"""Go from page to page as a person would; the last page. `stop` may end it at a form."""
		page = self.open(url)
		for _ in range(PAGES_MAX):
			location = page.headers.get("Location")
			form = page.form()
			if 300 <= page.status < 400 and location:
				target = urllib.parse.urljoin(page.url, location)
				if stop(page, None):
					return page
				page = self.open(target)
			elif form is not None and self.answer != "nothing":
				if stop(page, form):
					return page
				target = urllib.parse.urljoin(page.url, form.action)
				carries_answer = "code" in form.hidden() or "error" in form.hidden()
				self.decisions += not carries_answer
				page = self.open(target, form.hidden() if carries_answer else self.fill(form))
			else:
				return page
		return page


def main():
	with open(sys.argv[1], encoding="utf-8") as file:
		settings = json.load(file)
	with open(settings["log"], "a", encoding="utf-8") as log:
		log.write(sys.argv[2] + "\n")
	browser = Browser(settings["user"], settings.get("answer", "allow"), settings.get("ca"))
	if browser.answer != "nothing":
		try:
			page = browser.visit(sys.argv[2])
			seen = f"{browser.decisions} decisions, {page.status} {urllib.parse.urlsplit(page.url)._replace(query='').geturl()}"
		except OSError as error:
			seen = f"failed: {error}"
		with open(settings["log"] + ".seen", "a", encoding="utf-8") as log:
			log.write(seen + "\n")


if __name__ == "__main__":
	main()
