# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop of its own: X server, window manager, session bus, keyring, home directory."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from . import wait

SCREEN = "1280x960x24"
ENDING_SECONDS = 20


class Process:
	"""A program that the session started, ended by its own id."""

	def __init__(self, name, popen):
		self.name = name
		self.popen = popen

	def is_running(self):
		return self.popen.poll() is None

	def end(self, with_signal=signal.SIGTERM, patience=ENDING_SECONDS):
		"""Ask it to end, then make it. Returns its exit status."""
		if self.is_running():
			self.popen.send_signal(with_signal)
			try:
				self.popen.wait(patience)
			except subprocess.TimeoutExpired:
				self.popen.kill()
				self.popen.wait()
		return self.popen.returncode


class Session:
	"""Everything below one temporary directory; a context manager that leaves nothing behind.

	With `keep` the directory stays, for a look at its logs. `keyring=False` leaves out the Secret
	Service, `bus=False` the session bus as well.
	"""

	def __init__(self, keyring=True, bus=True, keep=False, display=None):
		self.directory = tempfile.mkdtemp(prefix="claws-e2e-")
		self.keep = keep
		self.wants_keyring = keyring and bus
		self.wants_bus = bus
		self.processes = []
		self.keyring = None
		self.own_display = display is None
		self.environment = self._make_environment(display)

	def path(self, *parts):
		return os.path.join(self.directory, *parts)

	def _make_environment(self, display):
		kept = {"PATH", "TZ", "TERM", "LD_LIBRARY_PATH", "XAUTHORITY"}
		environment = {name: value for name, value in os.environ.items()
			       if name in kept or name.startswith(("ASAN_", "UBSAN_", "LSAN_"))}
		home = self.path("home")
		for name, folder in (("HOME", "home"), ("XDG_RUNTIME_DIR", "run"), ("TMPDIR", "tmp"),
				     ("XDG_CONFIG_HOME", "home/.config"), ("XDG_DATA_HOME", "home/.local/share"),
				     ("XDG_CACHE_HOME", "home/.cache"), ("XDG_STATE_HOME", "home/.local/state")):
			environment[name] = self.path(folder)
			os.makedirs(environment[name], mode=0o700, exist_ok=True)
		os.makedirs(os.path.join(home, "Desktop"), exist_ok=True)
		environment.update(LC_ALL="C.UTF-8", LANGUAGE="", GDK_BACKEND="x11", GSETTINGS_BACKEND="memory",
				   GIO_USE_VFS="local", NO_AT_BRIDGE="1", TZ="UTC", USER="tester",
				   PYTHONDONTWRITEBYTECODE="1")
		# Who reads what was freed finds no old value there.
		environment.update(MALLOC_PERTURB_="219", G_SLICE="always-malloc")
		if display is not None:
			environment["DISPLAY"] = display
		return environment

	def start(self, name, command, **options):
		"""Start a program in this session; its output goes to a file of that name unless it is piped."""
		environment = dict(self.environment, **options.pop("environment", {}))
		if "stdout" not in options:
			options["stdout"] = open(self.path(name + ".log"), "ab")
		if "stderr" not in options:
			options["stderr"] = open(self.path(name + ".log"), "ab")
		options.setdefault("stdin", subprocess.DEVNULL)
		options.setdefault("cwd", self.directory)
		popen = subprocess.Popen(command, env=environment, **options)
		for stream in ("stdout", "stderr"):
			if hasattr(options[stream], "close"):
				options[stream].close()
		process = Process(name, popen)
		self.processes.append(process)
		return process

	def run(self, command, patience=wait.PATIENCE, **environment):
		"""Run a short command in this session; returns what it printed."""
		done = subprocess.run(command, env=dict(self.environment, **environment), cwd=self.directory,
				      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
				      timeout=patience, check=False)
		return done.returncode, done.stdout.decode("utf-8", "replace")

	def log(self, name):
		"""What a program that was started here has printed so far."""
		try:
			with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as file:
				return file.read()
		except FileNotFoundError:
			return ""

	def __enter__(self):
		try:
			if self.own_display:
				self._start_display()
			if self.wants_bus:
				self._start_bus()
			if self.wants_keyring:
				self.start_keyring()
		except BaseException:
			self.close()
			raise
		return self

	def __exit__(self, *_):
		self.close()

	def _start_display(self):
		reader, writer = os.pipe()
		self.start("xvfb", ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp"],
			   pass_fds=[writer])
		os.close(writer)
		with os.fdopen(reader) as numbers:
			number = numbers.readline().strip()
		if not number:
			raise RuntimeError("Xvfb did not start: " + self.log("xvfb"))
		self.environment["DISPLAY"] = ":" + number
		self.start("openbox", ["openbox", "--sm-disable"])

	def _start_bus(self):
		# No service directories: what is not started here cannot come by activation.
		config = self.path("bus.conf")
		with open(config, "w", encoding="utf-8") as file:
			file.write('<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" '
				   '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">\n'
				   f'<busconfig><type>session</type><listen>unix:dir={self.path("run")}</listen>'
				   '<auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/>'
				   '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>\n')
		bus = self.start("dbus", ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile",
					  "--print-address=1"],
				 stdout=subprocess.PIPE)
		self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.popen.stdout.readline().decode().strip()
		if not self.environment["DBUS_SESSION_BUS_ADDRESS"]:
			raise RuntimeError("dbus-daemon did not start: " + self.log("dbus"))

	def start_keyring(self, unlocked=True):
		"""The Secret Service; what it holds is there again when it was ended and is started anew."""
		self.keyring = self.start("keyring", ["gnome-keyring-daemon", "--foreground", "--components=secrets",
						      *(["--unlock"] if unlocked else [])],
					  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
		if unlocked:
			self.keyring.popen.stdin.write(b"the password of the login keyring")
		self.keyring.popen.stdin.close()
		wait.until("the keyring is on the bus", self._has_secret_service)

	def end_keyring(self):
		self.keyring.end()
		wait.until("the keyring has left the bus", lambda: not self._has_secret_service())

	def _has_secret_service(self):
		status, text = self.run(["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
					 "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
		return status == 0 and "true" in text

	def screenshot(self, path):
		"""The whole screen, as PNG."""
		status, text = self.run(["import", "-silent", "-window", "root", path])
		if status != 0:
			raise RuntimeError("no screenshot: " + text)

	def close(self):
		"""End everything that was started here, the last first."""
		for process in reversed(self.processes):
			process.end(patience=5)
		self.processes.clear()
		if self.keep:
			print(f"# kept: {self.directory}", file=sys.stderr)
		else:
			shutil.rmtree(self.directory, ignore_errors=True)
