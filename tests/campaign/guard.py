"""Guard: notes which files a process opens or changes outside given folders."""

import os
import sys
import sysconfig
from pathlib import Path

# event of Python's audit → numbers of the arguments that name what is changed
CHANGES = {
    "os.mkdir": (0,), "os.rmdir": (0,), "os.remove": (0,), "os.rename": (0, 1),
    "os.link": (0, 1), "os.symlink": (1,), "os.truncate": (0,), "os.chmod": (0,),
    "os.chown": (0,), "os.utime": (0,),
}  # fmt: skip
NEVER = {
    "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class",
    "socket.connect", "webbrowser.open",
}  # fmt: skip
# what libraries run once, to find fonts etc., and the process that searches expressions
HELPERS = ("fc-list", "/sbin/ldconfig", sys.executable)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
SYSTEM = (
    "/usr", "/lib", "/lib64", "/etc", "/sys", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/mounts", "/proc/stat", "/dev/urandom",
    "/proc/sys/kernel/random/boot_id",  # filelock tells its own processes apart by it
)  # fmt: skip


class Guard:
    """Watches this process from now on; there is no way to take it off again.

    Args:
        own: folders of Python, of its libraries and of the caches they keep.
    """

    def __init__(self, *own):
        places = [sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *own]
        self._system = tuple(os.path.realpath(p) for p in (*SYSTEM, *places))
        self._readable = self._writable = ()
        self._seen = []
        self._on = False
        sys.addaudithook(self._hear)

    def watch(self, *, readable, writable):
        """Begin to note; returns nothing, see `stop`."""
        self._readable = tuple(os.path.realpath(p) for p in readable)
        self._writable = tuple(os.path.realpath(p) for p in writable)
        self._seen, self._on = [], True

    def stop(self):
        """End, and return in words what happened outside the folders."""
        self._on = False
        return self._seen

    def _hear(self, event, args):
        if not self._on:
            return
        if event in NEVER and args[0] not in HELPERS:
            self._seen.append(f"{event} {args[:1]!r:.80}")
        elif event == "open" and not isinstance(args[0], int):
            flags = args[2] if isinstance(args[2], int) else 0
            what = "write" if flags & WRITING else "read"
            self._check(args[0], what, follow=not flags & os.O_NOFOLLOW)
        elif event in CHANGES:
            for place in CHANGES[event]:
                self._check(args[place], event)

    def _check(self, path, what, *, follow=True):
        if path is None or isinstance(path, int):
            return
        place, name = os.path.split(os.path.abspath(os.fsdecode(path)))
        where = os.path.join(os.path.realpath(place), name)
        if follow:  # otherwise the system refuses a link as the last part
            where = os.path.realpath(where)
        allowed = (*self._writable, os.devnull)
        if what == "read":
            allowed += self._readable + self._system
        if not any(where == p or where.startswith(f"{p}{os.sep}") for p in allowed):
            self._seen.append(f"{what} {where}")


def peak_memory():
    """Return the most bytes of memory since `forget_peak`, on Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith("VmHWM"))
    return int(found.split()[1]) << 10


def forget_peak():
    """Let `peak_memory` count from now."""
    Path("/proc/self/clear_refs").write_text("5")
