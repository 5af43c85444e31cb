# SPDX-License-Identifier: GPL-3.0-or-later
"""Small and read-only file systems that one client alone sees; permissions that count for root, too."""

import ctypes
import errno
import os
import subprocess

CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
	if getattr(_libc, name)(*arguments) != 0:
		code = ctypes.get_errno()
		raise OSError(code, f"{name}: {os.strerror(code)}")


def _mount(source, target, kind, flags, options=None):
	_call("mount", source.encode(), target.encode(), kind and kind.encode(), ctypes.c_ulong(flags),
	      options and options.encode())


def _alone():
	_call("unshare", CLONE_NEWNS)
	_mount("none", "/", None, MS_REC | MS_PRIVATE)


def obey_permissions():
	"""For a process that is about to become a client: root's is refused what another's would be."""
	if os.geteuid() == 0:
		for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
			_call("prctl", PR_CAPBSET_DROP, *[ctypes.c_ulong(n) for n in (capability, 0, 0, 0)])


def may_mount():
	child = os.fork()
	if child == 0:
		try:
			_alone()
		except OSError:
			os._exit(1)
		os._exit(0)
	return os.waitpid(child, 0)[1] == 0


class SmallDisks:
	"""A file system in memory on each of the directories, as long as the client lives."""

	def __init__(self, directories, megabytes):
		self.directories = directories
		self.megabytes = megabytes
		self.root = None
		for directory in directories:
			os.makedirs(directory, mode=0o700, exist_ok=True)

	def mount(self):
		"""In the process that is about to become the client."""
		_alone()
		for directory in self.directories:
			_mount("none", directory, "tmpfs", MS_NOSUID | MS_NODEV, f"size={self.megabytes}m,mode=700")

	def seen_by(self, process):
		self.root = f"/proc/{process.popen.pid}/root"

	def _filler(self, directory):
		return os.path.join(self.root + directory, "filler")

	def fill(self):
		for directory in self.directories:
			with open(self._filler(directory), "ab", buffering=0) as file:
				for size in (65536, 4096, 256, 1):
					try:
						while file.write(bytes(size)) == size:
							pass
					except OSError as error:
						if error.errno != errno.ENOSPC:
							raise

	def make_room(self):
		for directory in self.directories:
			os.unlink(self._filler(directory))


class ReadOnly:
	"""A directory that cannot be written to, until it is `mend()`ed."""

	def __init__(self, directory):
		self.directory = directory
		self.process = None

	def mount(self):
		_alone()
		_mount(self.directory, self.directory, None, MS_BIND)
		_mount("none", self.directory, None, MS_REMOUNT | MS_BIND | MS_RDONLY)

	def seen_by(self, process):
		self.process = process.popen.pid

	def mend(self):
		subprocess.run(["nsenter", "--target", str(self.process), "--mount", "mount", "-o", "remount,bind,rw",
				self.directory], check=True)
