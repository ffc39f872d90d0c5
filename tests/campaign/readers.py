"""Readers: every way in which ganaug reads what somebody else may have made.

Each is given a folder and the data that its stores were made from, and returns
nothing. `data` lies in the folder, or `run`, `store`, `gain`; what is written goes to
`new`.
"""

import contextlib
import io
from concurrent.futures import ThreadPoolExecutor

from campaign.commands import hasten, run_words

from ganaug.errors import GanaugError


def prepare():
    """Load the libraries, and decode in this process, which is watched."""
    from ganaug.data import thumbnails
    from ganaug.report.run import embedding

    hasten()
    embedding.FEWEST_POINTS = 10**6  # maps by PCA alone take less time
    thumbnails._start_pool = lambda number: ThreadPoolExecutor(1)


class OddEndingError(Exception):
    """A command line ended in something else than a value or one line."""


def _call(folder, *words):
    """Run a command line; raise what one line with exit status 2 says."""
    said = io.StringIO()
    status = 0
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        try:
            run_words([str(word) for word in words], folder)
        except SystemExit as ended:
            status = ended.code or 0
    lines = said.getvalue().strip().splitlines() or [""]
    if status == 2 and lines[-1].startswith("ganaug: "):
        raise GanaugError(lines[-1])
    if status not in (0, 1):
        raise OddEndingError(f"status {status}: {lines[-1]}")


def load_images(folder, data):
    import ganaug

    ganaug.load_images(_find_data(folder))


def inspect(folder, data):
    _call(folder, "inspect", _find_data(folder), "--json")


def load_store(folder, data):
    from ganaug import Store

    store = Store.load(folder / "store")
    for number in range(min(2, len(store))):
        store.image(number)


def mix(folder, data):
    from ganaug import SyntheticDataset, load_images

    real = load_images(data)
    mixed = SyntheticDataset(real, folder / "store", share=0.5)
    for number in range(0, len(mixed), 4):
        mixed[number]


def verify(folder, data):
    _call(folder, "verify", "store")


def evaluate(folder, data):
    _call(folder, "evaluate", "store")


def report(folder, data):
    for name in ("store", "gain", "run"):
        if (folder / name).is_dir():
            _call(folder, "report", name, "--out", folder / "new" / "page.html")


def load_run(folder, data):
    from ganaug import Run

    repr(Run.load(folder / "run"))


def synth(folder, data):
    source = "store" if (folder / "store").is_dir() else "run"
    _call(folder, "synth", source, "--out", "new/store", "--per-class", 1,
          "--filters", "none")  # fmt: skip


def resume(folder, data):
    _call(folder, "synth", "run", "--out", "store", "--per-class", 4,
          "--filters", "duplicate")  # fmt: skip


def load_gain(folder, data):
    from ganaug import GainResult

    repr(GainResult.load(folder / "gain"))


def load_recipe(folder, data):
    from ganaug.recipe import read_recipe

    read_recipe(folder / "gain")


READERS = {
    read.__name__: read
    for read in (
        load_images, inspect, load_store, mix, verify, evaluate, report, load_run,
        synth, resume, load_gain, load_recipe,
    )
}  # fmt: skip


def _find_data(folder):
    return next(p for p in folder.iterdir() if p.stem == "data")
