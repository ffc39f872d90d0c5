"""Digests of everything that ganaug makes, for each conditioning, with fixed seeds.

    python -m benchmarks.behaviour --out before.json     # at one commit
    python -m benchmarks.behaviour --compare before.json # at another

Makes a small run, store, evaluation, verification and report for every conditioning,
then a gain, its page, and the store and dataset that follow its recipe. A change of the
code that is meant to change no behaviour leaves every digest as it was, on the same
machine with the same torch. Times, and the words of pages and messages, are omitted.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import re
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

TICK = 0.125  # seconds from one look at the clock to the next; exact in binary
STEPS = 40  # of every classifier
CONDITIONINGS = (
    "class", "concat", "caption", "image", "image-warp", "separate", "none",
)  # fmt: skip
COLOURS = ("red", "green", "blue")
TIMES = {"seconds", "rate", "minutes", "elapsed"}
# texts for people, which may be worded differently
WORDS = {"sentence", "reason", "reasons", "notes", "estimate", "command", "classifier"}

Digests = dict[str, str]


def main() -> None:
    options = read_options()
    stop_the_clock()
    hurry_classifiers()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        digests = collect(Path(folder), options.only)
    text = json.dumps(digests, indent=1) + "\n"
    if options.out is not None:
        options.out.write_text(text)
    if options.compare is None:
        print(text, end="")
        return
    before = json.loads(options.compare.read_text())
    sys.exit(compare(before, digests, partial=bool(options.only)))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="write the digests to this file")
    parser.add_argument("--compare", type=Path, help="digests of another commit")
    parser.add_argument("--only", nargs="*", help="some conditionings, or `gain`")
    return parser.parse_args()


def compare(before: Digests, after: Digests, *, partial: bool) -> int:
    """Print what differs; return 1 if anything does, else 0."""
    names = after if partial else {**before, **after}
    different = [n for n in names if before.get(n) != after.get(n)]
    for name in different:
        print(f"{name}: {before.get(name)} -> {after.get(name)}")
    print(f"{len(names) - len(different)} of {len(names)} digests are equal")
    return int(bool(different))


def stop_the_clock() -> None:
    """Make every look at the clock take equally long, so that timings are fixed."""
    ticks = itertools.count()
    time.perf_counter = lambda: TICK * next(ticks)


def hurry_classifiers() -> None:
    from ganaug.classify import fit

    fit.FEWEST_STEPS = fit.MOST_STEPS = STEPS


def collect(folder: Path, only: list[str] | None) -> Digests:
    digests: Digests = {}
    for name in CONDITIONINGS:
        if not only or name in only:
            digests |= judge_conditioning(name, folder / name)
    if not only or "gain" in only:
        digests |= judge_gain(folder / "gain")
    return digests


def draw_images(per_class: int = 14) -> Any:
    """Draw digits 0 to 2 in colours that their captions name, 12×10 RGB."""
    from ganaug import load_images

    digits = load_images("digits")
    rows = [np.flatnonzero(digits.labels == k)[:per_class] for k in range(3)]
    few = digits.subset(np.concatenate(rows))
    colours = (few.labels + (np.arange(len(few)) % 7 == 0)) % 3
    pixels = np.zeros((len(few), 12, 10, 3), np.uint8)
    for i, colour in enumerate(colours):
        pixels[i, 2:10, 1:9, colour] = few.images[i, ..., 0]
    return replace(
        few,
        images=pixels,
        labels=few.labels.copy(),
        classes=("zero", "one", "two"),
        captions=tuple(
            f"a {COLOURS[c]} {('zero', 'one', 'two')[k]}"
            for c, k in zip(colours, few.labels, strict=True)
        ),
        data_size=(12, 10),
    )


def judge_conditioning(name: str, folder: Path) -> Digests:
    import ganaug

    images = draw_images()
    folder.mkdir()
    config = ganaug.TrainConfig(
        height=12, width=10, network="dcgan", norm="batch", conditioning=name,
        base_channels=16, images=3_200, batch=32, snapshots=2, lr=1e-3,
        class_ramp=0.0, seed=3,
    )  # fmt: skip
    run = ganaug.train(images, folder / "run", config=config, device="cpu")
    store = ganaug.synthesize(
        run.path, folder / "store", per_class=6, data=images, size="data",
        labels="soft", seed=1, device="cpu",
    )  # fmt: skip
    ganaug.synthesize(
        run.path, folder / "store", per_class=9, data=images, size="data",
        labels="soft", seed=1, device="cpu",
    )  # fmt: skip
    bare = ganaug.synthesize(
        run.path, folder / "bare", per_class=8, filters=None, data=images, device="cpu"
    )
    if name == "caption":
        ganaug.synthesize(
            run.path, folder / "captions", captions={"a red two": 4, "green zero": 3},
            data=images, device="cpu",
        )  # fmt: skip
    drawn = ganaug.Synthesizer.load(run.path).sample(
        ["unlabelled", "unlabelled"] if name == "none" else ["two", "zero"], seed=5
    )
    digests = {f"{name}/sample": digest(np.asarray(drawn).tobytes())}
    ganaug.evaluate(images, bare.path, device="cpu")
    differences = ganaug.verify(store.path, device="cpu")
    digests[f"{name}/verify"] = digest(repr(differences).encode())
    for path in (store.path, bare.path):
        ganaug.render_report(path, data=images)
    return digests | digest_folder(folder, name)


def judge_gain(folder: Path) -> Digests:
    import ganaug
    from ganaug.gain.settings import MIXTURES, Settings

    folder.mkdir()
    images = draw_images(20)
    settings = Settings(
        steps=8, grid=(12, 10), gan_minutes=0.02, per_class=8, tune=True,
        policies=("rand", "none"), mixes=("none", "mixup"), mixtures=MIXTURES[4:8],
    )  # fmt: skip
    result = ganaug.measure_gain(
        images, out=folder / "gain", splits=3, settings=settings, device="cpu"
    )
    ganaug.render_report(result.path)
    store = ganaug.synthesize(
        ganaug.train(images, folder / "run", budget=0.02, device="cpu").path,
        folder / "store", recipe=result.path, per_class=6, data=images,
        filters=["duplicate"],
    )  # fmt: skip
    mixed = ganaug.SyntheticDataset(images, store.path, share=0.4)
    mixed.set_epoch(1)
    items = [(np.asarray(x).tobytes(), np.asarray(y).tobytes()) for x, y in mixed]
    digests = {"gain/dataset": digest(repr(items).encode())}
    return digests | digest_folder(folder, "gain")


def digest_folder(folder: Path, name: str) -> Digests:
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    pngs = hashlib.sha256()
    digests = {}
    for path in files:
        where = f"{name}/{path.relative_to(folder)}"
        if path.suffix == ".png":  # many small ones: one digest for all
            pngs.update(where.encode() + path.read_bytes())
        elif path.name not in (".lock", "time.json"):
            digests[where] = digest(read_plain(path))
    return digests | {f"{name}/*.png": pngs.hexdigest()[:16]}


def read_plain(path: Path) -> bytes:
    """Return a file's bytes, without times and words for people."""
    if path.suffix == ".safetensors":
        return read_tensors(path)
    if path.suffix == ".json":
        return json.dumps(strip(json.loads(path.read_text()))).encode()
    if path.suffix == ".jsonl":
        rows = map(json.loads, path.read_text().splitlines())
        return json.dumps([strip(row) for row in rows]).encode()
    if path.suffix == ".html":
        return read_page(path.read_text())
    return path.read_bytes()


def read_tensors(path: Path) -> bytes:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as opened:
        header = json.loads(opened.metadata()["ganaug"][64:])
        tensors = [
            (name, opened.get_tensor(name).numpy().tobytes())
            for name in sorted(opened.keys())
        ]
    return repr((strip(header), tensors)).encode()


def read_page(text: str) -> bytes:
    """Return the images, shapes, and decimals in table cells of an HTML page."""
    found = re.findall(r"data:image/[^\"')]*|\bd=\"[^\"]*\"", text)
    cells = re.findall(r"<td[^>]*>([^<]*)", text)
    decimals = re.findall(r"[−-]?\d*\.\d+", "\n".join(cells))
    return "\n".join([*found, *decimals]).encode()


def strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if k not in TIMES | WORDS}
    return [strip(v) for v in value] if isinstance(value, list) else value


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


if __name__ == "__main__":
    main()
