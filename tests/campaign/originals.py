"""Originals: sound data, stores, runs and gains, of which cases are damaged copies."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from campaign.commands import COMMANDS, draw_data
from campaign.forge import Forge, Job
from gains import make_gain
from PIL import Image

ENDINGS = ("png", "jpg", "tif", "gif", "bmp", "webp")


@dataclass(frozen=True)
class Kind:
    """A kind of case.

    Attributes:
        parts: names in a case's folder → what is copied there.
        readers: names of the readers that read it, more often the earlier ones.
    """

    parts: dict
    readers: tuple


def make_originals(root):
    """Make the originals in a folder, and return Kind by name."""
    draw_data(root)
    with Forge() as forge:
        for name in ("synth", "fill"):
            ending = forge.run(Job(tuple(COMMANDS[name][0]), str(root)))
            assert ending.status == 0, ending.said
    make_gain(root / "gain", classes=("ant", "bee"), splits=3, each=4)
    _draw_pictures(root / "pictures")
    _write_lists(root)
    store = {"store": root / "store"}
    run = {"run": root / "store.run"}
    tables = {"data.csv": root / "data.csv", "pictures": root / "pictures"}
    look = ("load_images", "inspect", "load_images")
    return {
        "images": Kind({"data": root / "pictures"}, look),
        "CSV files": Kind(tables, look),
        "archives": Kind({"data.npz": root / "data.npz"}, look),
        "stores": Kind(
            store,
            (
                "load_store",
                "mix",
                "verify",
                "load_store",
                "report",
                "synth",
                "evaluate",
            ),
        ),
        "filled stores": Kind({"store": root / "filled"}, ("load_store", "verify")),
        "runs": Kind(run, ("load_run", "synth", "load_run", "synth", "report")),
        "resumed stores": Kind({**run, **store}, ("resume",)),
        "gains": Kind({"gain": root / "gain"}, ("load_gain", "load_recipe", "report")),
    }


def copy_case(kind, folder):
    """Make a folder with copies of a kind's originals, and an empty `new`."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "new").mkdir(parents=True)
    for name, source in kind.parts.items():
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    for lock in folder.rglob(".lock"):
        lock.unlink()
    return folder


def _draw_pictures(folder):
    """Write images of six formats; TIFF and GIF of several pages too."""
    rng = np.random.default_rng(1)
    for name in ("ant", "bee"):
        (folder / name).mkdir(parents=True)
        for ending in ENDINGS:
            pages = [
                Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8))
                for _ in range(2)
            ]
            several = {"save_all": True, "append_images": pages[1:]}
            options = several if ending in ("tif", "gif") else {}
            pages[0].save(folder / name / f"1.{ending}", **options)


def _write_lists(root):
    rows = [
        f"{path.relative_to(root).as_posix()},{path.parent.name},{k}"
        for k, path in enumerate(sorted((root / "pictures").rglob("*.*")))
    ]
    text = "\n".join(["path,label,group", *rows, ""])
    Path(root / "data.csv").write_text(text)
    images = np.random.default_rng(2).integers(0, 256, (12, 8, 8), np.uint8)
    labels = np.array(["ant", "bee"] * 6)
    np.savez_compressed(root / "data.npz", images=images, labels=labels)
