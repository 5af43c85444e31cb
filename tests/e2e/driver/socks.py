# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS 5 proxy on loopback, for names that nobody else finds."""

import socket
import threading

NO_AUTHENTICATION = b"\x05\x00"
GRANTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
NAME = 3


class Socks:
	"""A context manager; whatever name is asked for, the tunnel leads to one port of this machine."""

	def __init__(self, port):
		self.names = []
		self._target = port
		self._listener = socket.create_server(("127.0.0.1", 0))
		self.port = self._listener.getsockname()[1]

	def __enter__(self):
		threading.Thread(target=self._serve, daemon=True).start()
		return self

	def __exit__(self, *_):
		self._listener.close()

	def _serve(self):
		while True:
			try:
				client, _ = self._listener.accept()
			except OSError:
				return
			threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

	def _tunnel(self, client):
		with client, client.makefile("rb") as asked:
			count = asked.read(2)[1]
			asked.read(count)
			client.sendall(NO_AUTHENTICATION)
			kind = asked.read(4)[3]
			if kind != NAME:
				self.names.append("an address")
				return
			name = asked.read(asked.read(1)[0]).decode()
			asked.read(2)
			self.names.append(name)
			with socket.create_connection(("127.0.0.1", self._target)) as server:
				client.sendall(GRANTED)
				threading.Thread(target=_pump, args=(server, client), daemon=True).start()
				_pump(client, server)


def _pump(source, target):
	try:
		while data := source.recv(65536):
			target.sendall(data)
		target.shutdown(socket.SHUT_WR)
	except OSError:
		pass  # either end may go
