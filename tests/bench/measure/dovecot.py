# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Dovecot as a child process, on loopback, with a Maildir; and a line to it as long as a network's."""

import asyncio
import collections
import imaplib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

USER = "alice"
STARTING_SECONDS = 20
CHUNK = 65536


class Dovecot:
	"""A context manager; `port` is where it listens, `password` that of everybody."""

	def __init__(self, maildir):
		self.password = secrets.token_hex(16)
		self.port = _free_port()
		# Mail of the superuser is refused: then it is nobody's, who has to reach it.
		account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
		self.directory = tempfile.mkdtemp(prefix="outlook-bench-imap-")
		self.log = os.path.join(self.directory, "log")
		if os.geteuid() == 0:
			os.chmod(self.directory, 0o755)
			for path, _, files in os.walk(maildir):
				os.chown(path, account.pw_uid, account.pw_gid)
				for name in files:
					os.chown(os.path.join(path, name), account.pw_uid, account.pw_gid)
		self._write(maildir, account)
		self.process = subprocess.Popen(["dovecot", "-F", "-c", os.path.join(self.directory, "dovecot.conf")],
						stdin=subprocess.DEVNULL)

	def _write(self, maildir, account):
		own = pwd.getpwuid(os.geteuid()).pw_name
		home = os.path.join(self.directory, "home")
		os.mkdir(home)
		os.chown(home, account.pw_uid, account.pw_gid)
		text = f"""
base_dir = {self.directory}/run
state_dir = {self.directory}/state
log_path = {self.log}
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{maildir}
first_valid_uid = 1
default_internal_user = {own if os.geteuid() else "dovecot"}
default_login_user = {own if os.geteuid() else "dovenull"}
passdb {{
  driver = static
  args = password={self.password}
}}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={account.pw_gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""
		path = os.path.join(self.directory, "dovecot.conf")
		with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
			file.write(text)

	def __enter__(self):
		end = time.monotonic() + STARTING_SECONDS
		while True:
			try:
				self._read_all()
				return self
			except (OSError, imaplib.IMAP4.abort):
				if time.monotonic() > end or self.process.poll() is not None:
					text = open(self.log, encoding="utf-8").read() if os.path.exists(self.log) else ""
					self.__exit__()
					raise RuntimeError("Dovecot does not start: " + text) from None
				time.sleep(0.2)
			except BaseException:
				self.__exit__()
				raise

	def _read_all(self):
		"""So that the server has its index of what a client asks for; its own first time is not measured."""
		with imaplib.IMAP4("127.0.0.1", self.port) as client:
			client.login(USER, self.password)
			client.select()
			client.fetch("1:*", "(UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (Date From To Cc Subject "
				     "Message-ID References In-Reply-To Content-Type)])")

	def __exit__(self, *_):
		self.process.send_signal(signal.SIGTERM)
		self.process.wait()
		shutil.rmtree(self.directory, ignore_errors=True)


class SlowLine:
	"""Listens on `port` and passes on what comes, each way half a round trip later."""

	def __init__(self, port, milliseconds):
		self.target = port
		self.delay = milliseconds / 2000
		self.port = _free_port()
		self._loop = asyncio.new_event_loop()
		self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

	def __enter__(self):
		self._thread.start()
		start = asyncio.start_server(self._serve, "127.0.0.1", self.port)
		asyncio.run_coroutine_threadsafe(start, self._loop).result()
		return self

	def __exit__(self, *_):
		self._loop.call_soon_threadsafe(self._loop.stop)
		self._thread.join()

	async def _serve(self, reader, writer):
		far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
		await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))

	async def _pass_on(self, reader, writer):
		waiting = collections.deque()
		arrived = asyncio.Event()

		async def write():
			while True:
				while not waiting:
					arrived.clear()
					await arrived.wait()
				due, data = waiting.popleft()
				await asyncio.sleep(max(0, due - self._loop.time()))
				if not data:
					writer.close()
					return
				writer.write(data)
				await writer.drain()

		task = asyncio.ensure_future(write())
		data = b"."
		try:
			while data:
				data = await reader.read(CHUNK)
				waiting.append((self._loop.time() + self.delay, data))
				arrived.set()
			await task
		except ConnectionError:
			task.cancel()
			writer.close()


def _free_port():
	with socket.socket() as one:
		one.bind(("127.0.0.1", 0))
		return one.getsockname()[1]
