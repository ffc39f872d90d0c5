"""What happens around a training: flips before it, filters and drawing after it."""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from benchmarks.measuring import Section, describe_machine
from benchmarks.speed.cases import SIZES, draw_images
from ganaug import synthesize
from ganaug.classify import flips
from ganaug.config import TrainConfig
from ganaug.data.fingerprint import FlipCheck
from ganaug.data.images import LabelledImages
from ganaug.gan import timing
from ganaug.gan.generators import Generators, Member, save_generators
from ganaug.gan.inputs.value_range import full_span
from ganaug.gan.networks.build import build_generator
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.timing import time_training
from ganaug.synth.filters.candidates import prepare_examples
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import DEFAULT_FILTERS

SETS = {"sign-digits": 20, "fashion-mnist": 50, "mnist": 50, "neu-det": 60}
PLANNED = ("28×28 grey", "32×32 RGB")
SIZE, REAL, DRAWN = "28×28 grey", 600, 2_000
Result = TypeVar("Result")
CLASS_COUNTS = (10, 200)
COLUMNS = ("part", "case", "seconds", "without", "ratio", "decisions")


def measure_around(options: argparse.Namespace) -> Section:
    """Measure processor seconds on one thread, so that other programs count little."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [*_check_flips(), *_time_plan(), *_learn_filters(), *_draw_separately()]
    finally:
        torch.set_num_threads(threads)
    return Section("Around a training", describe_protocol(), COLUMNS, rows)


def describe_protocol() -> str:
    return (
        f"{describe_machine()} Processor seconds on one thread. Flips: folds until "
        "both flips are settled, without that all four, and the decisions of both (+ "
        "safe, − not; left-right, up-down); images of a class in brackets. Sets that "
        "are not in `GANAUG_DATA` are omitted. Plan: trial steps, without a limit in "
        f"seconds 20 after 4 to warm up. Filters: fitting them to {REAL} real images, "
        f"{SIZE}, with and without what was learned before. Drawing: {DRAWN:,} images "
        "of a GAN for each class, loaded and written; each class's last chunk is "
        "filled up to 32 rows."
    )


def _check_flips() -> Iterator[list[str]]:
    for name, n in SETS.items():
        path = Path(os.environ.get("GANAUG_DATA", ".")) / f"{name}.npz"
        if not path.is_file():
            continue
        images = _take_few(path, n)
        seconds, found = _time(lambda images=images: flips.check_flips(images))
        with _every_fold():
            longer, whole = _time(lambda images=images: flips.check_flips(images))
        said = f"{_say(found)} of {found[0].n} images, {_say(whole)} of {whole[0].n}"
        yield _make_row("flips", f"{name} ({n})", seconds, longer, said)


def _take_few(path: Path, n: int) -> LabelledImages:
    """Take n training images of each class of a set."""
    with np.load(path) as arrays:
        x, y = arrays["x_train"], arrays["y_train"]
        names = tuple(map(str, arrays["class_names"]))
    rng = np.random.default_rng(0)
    rows = [rng.permutation(np.flatnonzero(y == k))[:n] for k in range(len(names))]
    chosen = np.sort(np.concatenate(rows))
    pixels = x[chosen] if x.ndim == 4 else x[chosen][..., None]
    return LabelledImages(pixels, y[chosen].astype(np.int64), names)


@contextmanager
def _every_fold() -> Iterator[None]:
    usual, flips.CERTAIN = flips.CERTAIN, math.inf
    try:
        yield
    finally:
        flips.CERTAIN = usual


def _say(checks: tuple[FlipCheck, FlipCheck]) -> str:
    return "".join("+" if check.safe else "−" for check in checks)


def _time_plan() -> Iterator[list[str]]:
    cpu = torch.device("cpu")
    for name in PLANNED:
        height, width, channels = SIZES[name]
        config = resolve_config(
            TrainConfig(
                height=height,
                width=width,
                channels=channels,
                network="dcgan",
                base_channels=64,
                norm="batch",
            )
        )
        seconds, _ = _time(lambda config=config: time_training(config, 10, cpu))
        usual = timing.ENOUGH_SECONDS, timing.WARM_UP_STEPS
        timing.ENOUGH_SECONDS, timing.WARM_UP_STEPS = math.inf, 4
        try:
            longer, _ = _time(lambda config=config: time_training(config, 10, cpu))
        finally:
            timing.ENOUGH_SECONDS, timing.WARM_UP_STEPS = usual
        yield _make_row("plan", name, seconds, longer, "")


def _learn_filters() -> Iterator[list[str]]:
    height, width, channels = SIZES[SIZE]
    config = TrainConfig(height=height, width=width, channels=channels)
    x, y = draw_images(REAL, SIZES[SIZE])
    names = tuple(map(str, range(10)))
    held = np.arange(REAL) % 7 == 0
    rows = np.flatnonzero(~held), np.flatnonzero(held)
    real = RealImages(LabelledImages(x, y, names), *rows, "benchmark")

    def fit(folder: Path) -> None:
        examples = prepare_examples(real, resolve_config(config), names, folder=folder)
        FilterPipeline(examples, DEFAULT_FILTERS)
        examples.save(folder)

    with tempfile.TemporaryDirectory() as folder:
        longer, _ = _time(lambda: fit(Path(folder)))
        seconds, _ = _time(lambda: fit(Path(folder)))
    yield _make_row("filters", f"{REAL} real images", seconds, longer, "")


def _draw_separately() -> Iterator[list[str]]:
    for classes in CLASS_COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run"
            _save_untrained(run, tuple(f"{k:03}" for k in range(classes)))
            seconds, _ = _time(
                lambda run=run, classes=classes: synthesize(
                    run, run.with_name("store"), per_class=DRAWN // classes,
                    filters=None, device="cpu", progress=None,
                )
            )  # fmt: skip
        yield ["drawing", f"{classes} classes", f"{seconds:.1f}", "", "", ""]


def _save_untrained(folder: Path, names: tuple[str, ...]) -> None:
    config = resolve_config(
        TrainConfig(
            height=8,
            width=12,
            channels=3,
            base_channels=16,
            max_channels=16,
            latent=8,
            conditioning="separate",
        )
    )
    members = tuple(
        Member(build_generator(config, 0).eval(), (name,)) for name in names
    )
    cpu = torch.device("cpu")
    folder.mkdir()
    made = Generators(config, names, members, (8, 12), "", cpu, full_span(3))
    save_generators(folder / "generator.safetensors", made)


def _time(call: Callable[[], Result]) -> tuple[float, Result]:
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def _make_row(
    part: str, case: str, seconds: float, longer: float, said: str
) -> list[str]:
    ratio = f"{longer / seconds:.1f}×"
    return [part, case, f"{seconds:.1f}", f"{longer:.1f}", ratio, said]
