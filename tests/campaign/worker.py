"""Worker: a process that reads case after case, and is watched while it does.

It is begun anew where it dies, or where a case never ends.
"""

import json
import os
import resource
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_WAITING = 60.0  # seconds until a case counts as never ending
GUARDED_MEMORY = 4 << 30  # bytes after which the system refuses more


class Worker:
    """The process, as its users see it; use it in a with block.

    Args:
        readable: folders that cases may read beside their own.
        readers: name of a module with `READERS`, function by name.
        seconds, memory: processor time and bytes that a case may take.
    """

    def __init__(
        self, *readable, readers="campaign.readers", seconds=10.0, memory=1 << 30
    ):
        self._readers, self._process = readers, None
        self._common = {
            "readable": [str(path) for path in readable],
            "seconds": seconds,
            "memory": memory,
        }

    def __enter__(self):
        self._scratch = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_):
        self._stop()
        self._scratch.cleanup()

    def read(self, name, folder):
        """Read a case by the reader of that name; say what is wrong, or nothing."""
        if self._process is None:
            self._start()
        job = {"name": name, "folder": str(folder), **self._common}
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._listen()
        if answer:
            return json.loads(answer)
        code = self._process.poll()
        self._stop()
        return "it never ended" if code is None else f"the process died ({code})"

    def _listen(self):
        """Return the next line, or nothing when there is none for a long time."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            if ready.select(MOST_WAITING):
                line = self._process.stdout.readline()
                if not line:
                    self._process.wait()
                return line
        return b""

    def _start(self):
        scratch = self._scratch.name
        paths = os.pathsep.join(map(str, (ROOT / "tests", ROOT)))
        known = os.environ.get("PYTHONPATH", "")
        env = {
            **os.environ, "PYTHONPATH": f"{paths}{os.pathsep}{known}",
            "OMP_NUM_THREADS": "1", "TMPDIR": scratch, "HOME": scratch,
            "MPLCONFIGDIR": scratch, "XDG_CACHE_HOME": scratch, "TORCH_HOME": scratch,
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "campaign.worker", self._readers],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=env,
        )  # fmt: skip
        self._process.stdout.readline()  # it says that it is ready

    def _stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = None


def _serve(readers):
    """Answer each line with what is wrong with a case, as JSON."""
    from importlib import import_module

    from campaign.guard import Guard

    module = import_module(readers)
    module.prepare()
    known = module.READERS
    guard = Guard(ROOT / "ganaug", ROOT / "cli", ROOT / "tests", *sys.path[1:])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limit = resource.getrlimit(resource.RLIMIT_AS)[1]
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (taken + GUARDED_MEMORY, limit))
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        fault = _read(known[job.pop("name")], guard, **job)
        print(json.dumps(fault), file=answers, flush=True)


def _read(read, guard, *, folder, readable, seconds, memory):
    """Read one case, and say what is wrong."""
    from campaign.guard import forget_peak, peak_memory

    from ganaug.errors import GanaugError

    folder, own = Path(folder), (folder, tempfile.gettempdir())
    forget_peak()
    before, begun = peak_memory(), time.process_time()
    guard.watch(readable=readable, writable=own)
    fault = ""
    try:
        read(folder, Path(readable[0]) if readable else None)
    except GanaugError as error:
        fault = _check_line(str(error))
    except BaseException as error:
        fault = f"a traceback: {type(error).__name__}: {error!s:.200}"
        fault += f" ({_say_place(error)})"
    outside = guard.stop()
    spent, taken = time.process_time() - begun, peak_memory() - before
    if outside:
        return f"outside its folder: {', '.join(outside[:3])}"
    if spent > seconds:
        return f"{spent:.1f} s"
    if taken > memory:
        return f"{taken >> 20} MB"
    return fault


def _check_line(said):
    """Say what is wrong with a message that shall be one line of plain text."""
    if not said.strip():
        return "refused without a word"
    if "\n" in said:
        return f"several lines: {said!r:.200}"
    odd = [c for c in said if not c.isprintable() and not "\ud800" <= c <= "\udfff"]
    return f"control characters: {said!r:.200}" if odd else ""


def _say_place(error):
    """Say in which of the project's lines an error was raised."""
    place, trace = "nowhere", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if any(path.is_relative_to(ROOT / name) for name in ("ganaug", "cli")):
            place = f"{path.relative_to(ROOT)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


if __name__ == "__main__":
    _serve(sys.argv[1])
