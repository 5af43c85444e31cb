# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated tenant in a process of its own, and curl, which fetches the same pages as the store."""

import collections
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request

SCOPES = "User.Read Mail.ReadWrite Mail.Send"


class Tenant:
	"""A context manager; people are made by fill()."""

	def __init__(self, build, directory, latency, mailboxes=()):
		self.log_path = os.path.join(directory, "requests.log")
		command = [os.path.join(build, "tests", "simulator", "outlook-simulator"), "--log", self.log_path]
		for address, mails in mailboxes:
			command += ["--mailbox", f"{address}={mails}"]
		self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
		ready = self.process.stdout.readline().decode().split()
		if ready[:1] != ["READY"]:
			raise RuntimeError("the simulated tenant does not start")
		self.origin = ready[1]
		self.latency = latency
		self.seen = 0
		self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.send_signal(signal.SIGTERM)
		self.process.wait()

	def control(self, what, /, **arguments):
		request = urllib.request.Request(f"{self.origin}/_control/{what}", json.dumps(arguments).encode(),
						 {"Content-Type": "application/json"})
		with self._opener.open(request) as answer:
			content = answer.read()
		return json.loads(content) if content else None

	def fill(self, address, count, folder="inbox"):
		self.control("mailbox", address=address, directory="")
		self.control("fill", address=address, folder=folder, count=count)

	def token(self, address):
		return self.control("token", address=address, scopes=SCOPES)["access_token"]

	def slow(self, is_slow=True):
		"""From now on answers take as long as over a network, or not."""
		self.control("settings", latency=self.latency if is_slow else 0)

	def counted(self):
		"""Since the last call: the number of Graph answers, that of the folder with the most, and their bytes."""
		with open(self.log_path, encoding="utf-8") as file:
			lines = file.read().splitlines()
		fresh, self.seen = lines[self.seen:], len(lines)
		answers = [line for line in fresh if " /v1.0/" in line]
		folders = collections.Counter(re.findall(r"/mailFolders/([^/]+)/messages", "\n".join(answers)))
		return (len(answers), max(folders.values(), default=0),
			sum(int(re.search(r" (\d+) bytes", line)[1]) for line in answers))

	def get(self, url, headers):
		with self._opener.open(urllib.request.Request(url, headers=headers)) as answer:
			return json.load(answer)


class Recorder(http.server.ThreadingHTTPServer):
	"""Hears what the store would ask a tenant, and refuses it."""

	def __init__(self):
		super().__init__(("127.0.0.1", 0), Handler)
		self.requests = []
		threading.Thread(target=self.serve_forever, daemon=True).start()

	def record(self, program):
		environment = dict(os.environ, OUTLOOK_BENCH_ORIGIN=f"http://localhost:{self.server_port}",
				   OUTLOOK_BENCH_TOKEN="none")
		subprocess.run([program, "requests", "-"], env=environment, check=True)
		self.shutdown()
		self.server_close()
		return self.requests


class Handler(http.server.BaseHTTPRequestHandler):
	def do_GET(self):  # the name is the library's
		kept = {name: value for name, value in self.headers.items() if name.lower() == "prefer"}
		self.server.requests.append((self.path, kept))
		self.send_error(404)

	def log_message(self, *_):
		pass


def pages(tenant, program, address, with_list):
	"""Address and headers of every page that a first synchronisation fetches."""
	delta, listing = Recorder().record(program)
	found = []
	for path, headers in (delta, listing) if with_list else (delta,):
		headers = dict(headers, Authorization="Bearer " + tenant.token(address))
		url = tenant.origin + path
		while url:
			found.append((url, headers))
			url = tenant.get(url, headers).get("@odata.nextLink")
	return found


def curl(directory, urls):
	"""Seconds for one curl that fetches them one after the other over one connection."""
	config = os.path.join(directory, "curl.conf")
	with open(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
		for number, (url, headers) in enumerate(urls):
			file.write("next\n" if number else "")
			file.write(f'url = "{url}"\noutput = "/dev/null"\nsilent\nfail\ncompressed\nnoproxy = "*"\n')
			for name, value in headers.items():
				value = value.replace("\\", "\\\\").replace('"', '\\"')
				file.write(f'header = "{name}: {value}"\n')
	began = time.monotonic()
	subprocess.run(["curl", "--disable", "--config", config], check=True)
	return time.monotonic() - began
