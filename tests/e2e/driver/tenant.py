# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated tenant as a program, and people who use their mailboxes with another client."""

import base64
import hashlib
import json
import re
import secrets
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from . import wait
from .browser import Browser

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
ALICE = "alice@contoso.example"
BOB = "bob@contoso.example"
SCOPES = ("User.Read", "Mail.ReadWrite", "Mail.Send")
READY_SECONDS = 600


class Refused(AssertionError):
	"""The tenant answered with an error."""

	def __init__(self, method, path, status, text):
		super().__init__(f"{method} {path}: {status} {text[:500]}")
		self.status = status


class Tenant:
	"""Runs in a session; `arguments` are those of tools/simulator. A second one has another name."""

	def __init__(self, session, program, *arguments, name="simulator"):
		self.log_path = session.path(name + ".requests")
		self.process = session.start(name, [*program, "--log", self.log_path, *arguments],
					     stdout=subprocess.PIPE)
		self.origin = self._read_origin(session, name)

	def _read_origin(self, session, name):
		lines = []

		def read():
			for line in self.process.popen.stdout:
				lines.append(line.decode("utf-8", "replace").strip())

		threading.Thread(target=read, daemon=True).start()

		def ready():
			return next((line.split(" ", 1)[1] for line in lines if line.startswith("READY ")), None)

		def alive():
			if not self.process.is_running() and not ready():
				raise AssertionError("the simulated tenant ended: " + session.log(name)[-2000:])

		return wait.until("the simulated tenant is ready", ready, READY_SECONDS, alive)

	def log(self):
		"""Lines of the request log so far."""
		try:
			with open(self.log_path, encoding="utf-8", errors="replace") as file:
				return file.read().splitlines()
		except FileNotFoundError:
			return []

	def requests(self, word):
		"""Lines of the log in which the word is."""
		return [line for line in self.log() if word in line]

	def under_way(self, word):
		"""Requests in which the word is and that have no answer yet."""
		lines = _ask("GET", self.origin + "/_control/log", None, {})["requests"]
		return [line for line in lines if word in line and line.endswith(" 0")]

	def asked(self, pattern):
		"""Requests whose path matches so far, also those that were not answered yet: `METHOD path`."""
		lines = _ask("GET", self.origin + "/_control/log", None, {})["requests"]
		return [line for line in lines if re.search(pattern, line.split(" ")[1].split("?")[0])]

	def add_fault(self, **fault):
		_ask("POST", self.origin + "/_control/faults", json.dumps(fault).encode(),
		     {"Content-Type": "application/json"})

	def clear_faults(self):
		_ask("DELETE", self.origin + "/_control/faults", None, {})

	def release(self):
		"""Let go on what hangs."""
		self.clear_faults()
		self.go_on()

	def go_on(self):
		"""Let go on what hangs now; what comes later hangs as it was asked for."""
		_ask("POST", self.origin + "/_control/release", b"", {})

	def secrets(self):
		"""Every token, code, verifier and client secret that went over the wire so far."""
		return _ask("GET", self.origin + "/_control/secrets", None, {})["secrets"]

	def expire_access(self):
		"""Whoever has an access token needs a new one."""
		_ask("POST", self.origin + "/_control/expire", json.dumps({"what": "access"}).encode(),
		     {"Content-Type": "application/json"})

	def set_latency(self, milliseconds):
		"""How long each answer takes."""
		_ask("POST", self.origin + "/_control/settings", json.dumps({"latency": milliseconds}).encode(),
		     {"Content-Type": "application/json"})

	def set_size_limit(self, size):
		"""Bytes of a whole message."""
		_ask("POST", self.origin + "/_control/settings", json.dumps({"size_limit": size}).encode(),
		     {"Content-Type": "application/json"})

	def set_admin_scopes(self, *names):
		"""Permissions that people may not agree to here, only an administrator."""
		_ask("POST", self.origin + "/_control/settings", json.dumps({"admin_scopes": " ".join(names)}).encode(),
		     {"Content-Type": "application/json"})

	def set_device(self, **settings):
		"""Of device codes still to come: device_interval and device_lifetime, seconds."""
		_ask("POST", self.origin + "/_control/settings", json.dumps(settings).encode(),
		     {"Content-Type": "application/json"})

	def enter_code(self, address, code, user=ALICE):
		"""What a person does with another device: the page, the code, yes."""
		browser = Browser(user)
		page = browser.open(address)
		form = page.form()
		answer = browser.open(urllib.parse.urljoin(address, form.action), {**browser.fill(form), "otc": code})
		assert answer.status == 200, f"the code was not taken: {answer.status} {answer.text[:300]}"

	def fill(self, address, folder, count):
		"""So many small messages, dated a minute after each other until now."""
		_ask("POST", self.origin + "/_control/fill",
		     json.dumps({"address": address, "folder": folder, "count": count}).encode(),
		     {"Content-Type": "application/json"})

	def deliver(self, address, folder, mail):
		"""A whole mail, bytes, as it came; `folder` is an id or a well-known name."""
		query = urllib.parse.urlencode({"address": address, "folder": folder})
		_ask("POST", f"{self.origin}/_control/deliver?{query}", mail, {"Content-Type": "message/rfc822"})

	def share(self, address, delegate, read_only=False):
		"""The other one may work in the whole mailbox and send from it, or read it alone."""
		_ask("POST", self.origin + "/_control/share",
		     json.dumps({"address": address, "delegate": delegate, "read_only": read_only}).encode(),
		     {"Content-Type": "application/json"})

	def person(self, address):
		return Person(self.origin, address)


class Person:
	"""Somebody at another client: signs in as everybody does, and sees what the server has."""

	def __init__(self, origin, address):
		self.origin = origin
		self.address = address
		self._token = self._sign_in()

	def _sign_in(self):
		verifier = secrets.token_urlsafe(32)
		challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
		redirect = "http://localhost:1"
		scope = " ".join(["openid", "profile", "offline_access", *(f"{self.origin}/{s}" for s in SCOPES)])
		query = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": redirect, "scope": scope,
			 "response_mode": "form_post", "state": secrets.token_urlsafe(16), "code_challenge": challenge,
			 "code_challenge_method": "S256", "nonce": secrets.token_urlsafe(8)}
		base = f"{self.origin}/common/oauth2/v2.0"
		page = Browser(self.address).visit(f"{base}/authorize?{urllib.parse.urlencode(query)}",
						   stop=lambda _, form: form is not None and "code" in form.hidden())
		form = page.form()
		if form is None or "code" not in form.hidden():
			raise Refused("GET", "/authorize", page.status, page.text)
		data = {"client_id": CLIENT_ID, "grant_type": "authorization_code", "code": form.hidden()["code"],
			"redirect_uri": redirect, "code_verifier": verifier}
		answer = _ask("POST", f"{base}/token", urllib.parse.urlencode(data).encode(),
			      {"Content-Type": "application/x-www-form-urlencoded"})
		return answer["access_token"]

	def ask(self, method, path, body=None, content_type="application/json"):
		"""One Graph request; the JSON of the answer, or its bytes."""
		headers = {"Authorization": "Bearer " + self._token, "Prefer": 'IdType="ImmutableId"'}
		if body is not None and not isinstance(body, bytes):
			body = json.dumps(body).encode()
		if body is not None:
			headers["Content-Type"] = content_type
		url = path if path.startswith("http") else self.origin + "/v1.0" + path
		return _ask(method, url, body, headers)

	def list(self, path):
		"""Every page of a collection."""
		items = []
		while path:
			page = self.ask("GET", path)
			items += page["value"]
			path = page.get("@odata.nextLink")
		return items

	def messages(self, folder="inbox", select="id,subject,isRead,flag,hasAttachments,internetMessageId,"
						   "toRecipients,ccRecipients,bccRecipients,from,isDraft"):
		return self.list(f"/me/mailFolders/{folder}/messages?$top=500&$select={select}")

	def find(self, subject, folder="inbox"):
		"""The messages of a folder with this subject."""
		return [m for m in self.messages(folder) if m["subject"] == subject]

	def only(self, subject, folder="inbox"):
		found = self.find(subject, folder)
		assert len(found) == 1, f"{subject!r} is {len(found)} times in {folder} of {self.address}"
		return found[0]

	def mime(self, message):
		return self.ask("GET", f"/me/messages/{urllib.parse.quote(message['id'], safe='')}/$value")

	def change(self, message, **properties):
		return self.ask("PATCH", f"/me/messages/{urllib.parse.quote(message['id'], safe='')}", properties)

	def move(self, message, folder):
		return self.ask("POST", f"/me/messages/{urllib.parse.quote(message['id'], safe='')}/move",
				{"destinationId": folder})

	def delete(self, message):
		return self.ask("DELETE", f"/me/messages/{urllib.parse.quote(message['id'], safe='')}")

	def send(self, mime):
		"""Send a whole mail, given as text with line feeds."""
		data = base64.b64encode(mime.replace("\n", "\r\n").encode())
		return self.ask("POST", "/me/sendMail", data, "text/plain")

	def send_text(self, to, subject, text):
		self.send(f"From: {self.address}\nTo: {to}\nSubject: {subject}\nMIME-Version: 1.0\n"
			  f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n")


def _ask(method, url, body, headers):
	request = urllib.request.Request(url, data=body, method=method, headers=headers)
	opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
	try:
		with opener.open(request, timeout=wait.PATIENCE) as answer:
			content = answer.read()
			if "json" in answer.headers.get("Content-Type", "") and content:
				return json.loads(content)
			return content
	except urllib.error.HTTPError as error:
		raise Refused(method, urllib.parse.urlsplit(url).path, error.code,
			      error.read().decode("utf-8", "replace")) from None
