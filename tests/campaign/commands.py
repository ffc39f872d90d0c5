"""Commands that take a second: train, synth, fill and gain on tiny images."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

GAN = {
    "height": 8, "width": 8, "base_channels": 16, "latent": 8, "batch": 8,
    "images": 24, "snapshots": 1, "checkpoint_minutes": 0,
}  # fmt: skip
TRANSLATOR = {
    "images": 12, "batch": 4, "features": 8, "blocks": 1, "features_d": 8,
    "checkpoint_minutes": 0,
}  # fmt: skip


def _set(settings):
    return [
        word for item in settings.items() for word in ("--set", "{}={}".format(*item))
    ]


# words of the command, and the folders that it writes
COMMANDS = {
    "train": (["train", "data", "--out", "run", "--fast", *_set(GAN)], ("run",)),
    "synth": (
        [
            "synth", "data", "--out", "store", "--per-class", "3", "--fast",
            "--filters", "duplicate", *_set(GAN),
        ],
        ("store.run", "store"),
    ),
    "fill": (
        [
            "synth", "rooms", "--out", "filled", "--domains-inside", "--fill",
            "--per-cell", "2", "--filters", "duplicate", *_set(TRANSLATOR),
        ],
        ("filled.run", "filled"),
    ),
    "gain": (["gain", "data", "--out", "gain", "--splits", "2"], ("gain",)),
}  # fmt: skip


def draw_data(root):
    """Write the images of all commands: `data` of two classes, `rooms` of domains."""
    rng = np.random.default_rng(0)
    for name, light in (("ant", 60), ("bee", 160)):
        for k in range(12):
            _save(root / "data" / name / f"{k}.png", rng, light)
        for room, shift in (("dark", 0), ("lit", 60)):
            for k in range(0 if (name, room) == ("bee", "dark") else 9):
                _save(root / "rooms" / name / room / f"{k}.png", rng, light + shift)


def _save(path, rng, light):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = rng.normal(light, 20, (8, 8)).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def load_libraries():
    """Import what the commands use, so that a forked process has it."""
    import ganaug.evaluation.evaluation
    import ganaug.gain.measuring
    import ganaug.report.rendering
    import ganaug.synth.fill.label
    import ganaug.translate.training  # noqa: F401


def hasten():
    """Let trainings end after a few steps, and the clocks of files stand still.

    So the same command writes the same bytes, however slow the machine is.
    """
    load_libraries()
    import ganaug.gain.kept
    import ganaug.gain.measuring
    import ganaug.training.loop
    import ganaug.translate.plan
    from ganaug.classify import fit
    from ganaug.gan import plan
    from ganaug.gan.timing import Timing
    from ganaug.translate.monitoring import watch

    still = SimpleNamespace(perf_counter=lambda: 0.0, monotonic=lambda: 0.0)
    ganaug.gain.kept.time = ganaug.training.loop.time = still
    plan.time_training = lambda config, *_, **__: Timing(config, "", 100.0, 0.0)
    ganaug.translate.plan.time_training = lambda *_: 100.0
    fit.FEWEST_STEPS = fit.MOST_STEPS = watch.FEWEST_STEPS = 3
    _shorten_gains(ganaug.gain.measuring)


def _shorten_gains(measuring):
    from ganaug.classify.network import build_classifier
    from ganaug.gain import settings as amounts
    from ganaug.gain.classifiers import lookup
    from ganaug.gain.fitting import fits
    from ganaug.gain.protocol import selection
    from ganaug.gain.settings import MIXTURES, Settings

    def build_tiny(size, channels, n_classes, seed):
        return build_classifier(size, channels, n_classes, width=8, seed=seed)

    lookup._build_small, fits.SETTLING_BATCHES = build_tiny, 1
    amounts.FOLDS = selection.FOLDS = 2
    settings = Settings(
        steps=2, grid=(8, 8), per_class=2, tune=False, ensemble=False,
        initialisations=1, policies=("none",), mixes=("none",),
        mixtures=MIXTURES[4:5],
    )  # fmt: skip
    measure = measuring.measure_gain

    def measure_little(*args, budget, **options):
        return measure(*args, settings=settings, **options)

    measuring.measure_gain = measure_little
    measuring.fix_plan = lambda *_, **__: dict(GAN)


def run_words(words, folder):
    """Run a command line in a folder, in this process; it ends in SystemExit."""
    from ganaug_cli.start import run

    os.chdir(folder)
    sys.argv = ["ganaug", *words]
    run()


def list_hidden(folder):
    """List what processes left behind in a folder: hidden files but locks."""
    found = (p for p in Path(folder).rglob(".*") if p.name != ".lock")
    return sorted(p.relative_to(folder).as_posix() for p in found)
