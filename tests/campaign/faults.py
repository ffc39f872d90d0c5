"""Faults: the n-th change of a file kills the process, or fails.

Python's own file objects write in C, where nothing can be put in between; so files are
opened by its slower twin, `_pyio`, whose writes all go through `os.write`.
"""

import _pyio
import builtins
import errno
import io
import os
import resource
import signal
from pathlib import Path

# calls that change files, and the number of the argument that names one
CHANGES = {
    "open": 0, "write": 0, "replace": 1, "rename": 1, "unlink": 0, "remove": 0,
    "fsync": 0, "mkdir": 0, "rmdir": 0, "truncate": 0, "ftruncate": 0, "chmod": 0,
}  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
FILLING = ("open", "write", "mkdir")  # what a full disk refuses


class Counter:
    """Counts changes in a folder, and brings the fault about at one of them.

    Args:
        folder: what changes elsewhere is not counted.
        kind: `kill`, the name of an errno, or `memory`; None only counts.
        at: number of the change, from 1.
        lasting: whether all further calls that take space on the disk fail too.
    """

    def __init__(self, folder, kind=None, at=0, *, lasting=False):
        self.folder, self.kind, self.at = os.fspath(folder), kind, at
        self.lasting, self.seen = lasting, 0

    def arm(self):
        """Put the counter between Python and the operating system."""
        for name, place in CHANGES.items():
            setattr(os, name, self._wrap(name, getattr(os, name), place))
        builtins.open = io.open = _pyio.open
        os.fdopen = _pyio.open

    def _wrap(self, name, call, place):
        def counted(*args, **options):
            if self._counts(name, args, place):
                self.seen += 1
                full = self.lasting and self.seen > self.at and name in FILLING
                if self.kind and (self.seen == self.at or full):
                    self._strike(name, call, args)
            return call(*args, **options)

        return counted

    def _counts(self, name, args, place):
        if name == "open" and not (len(args) > 1 and args[1] & WRITING):
            return False
        where = args[place] if len(args) > place else ""
        if isinstance(where, int):
            where = os.readlink(f"/proc/self/fd/{where}")
        return os.path.abspath(os.fspath(where)).startswith(self.folder)

    def _strike(self, name, call, args):
        if self.kind == "memory":
            raise MemoryError
        if name == "write":  # half of it is written
            call(args[0], bytes(args[1])[: len(args[1]) // 2])
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        number = getattr(errno, self.kind)
        raise OSError(number, os.strerror(number), args[0])


def limit_memory(megabytes):
    """Let this process take only so much more memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_files(size):
    """Let no file of this process become larger than so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
