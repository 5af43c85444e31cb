# SPDX-License-Identifier: GPL-3.0-or-later
"""Small and read-only file systems that one client alone sees; permissions that count for root, too."""

import ctypes
import errno
import os

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
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
	"""With mounts of its own; who may not have them may where it is nobody but itself."""
	try:
		_call("unshare", CLONE_NEWNS)
	except PermissionError:
		maps = {"setgroups": "deny", "uid_map": f"{os.getuid()} {os.getuid()} 1", "gid_map": f"{os.getgid()} {os.getgid()} 1"}
		_call("unshare", CLONE_NEWNS | CLONE_NEWUSER)
		for name, text in maps.items():
			with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
				file.write(text)
	_mount("none", "/", None, MS_REC | MS_PRIVATE)


def _in_a_child(work):
	"""Whether it went well, in a process that is alone with what it does to itself."""
	child = os.fork()
	if child == 0:
		try:
			work()
		except OSError:
			os._exit(1)
		os._exit(0)
	return os.waitpid(child, 0)[1] == 0


def _mount_memory(directory, megabytes):
	_mount("none", directory, "tmpfs", MS_NOSUID | MS_NODEV, f"size={megabytes}m,mode=700")


def obey_permissions():
	"""For a process that is about to become a client: root's is refused what another's would be."""
	if os.geteuid() == 0:
		for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
			_call("prctl", PR_CAPBSET_DROP, *[ctypes.c_ulong(n) for n in (capability, 0, 0, 0)])


def may_mount():
	def work():
		_alone()
		_mount_memory("/tmp", 1)

	return _in_a_child(work)


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
			_mount_memory(directory, self.megabytes)

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
		self._remount(MS_RDONLY)

	def _remount(self, flags):
		"""What the disk below was mounted with may not be taken away."""
		kept = os.statvfs(self.directory).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
		_mount("none", self.directory, None, MS_REMOUNT | MS_BIND | kept | flags)

	def seen_by(self, process):
		self.process = process.popen.pid

	def mend(self):
		def work():
			for kind in ("user", "mnt"):
				here, there = f"/proc/self/ns/{kind}", f"/proc/{self.process}/ns/{kind}"
				if os.readlink(here) != os.readlink(there):
					with open(there, "rb") as namespace:
						_call("setns", namespace.fileno(), 0)
			self._remount(0)

		assert _in_a_child(work), f"{self.directory} stays as it is"
