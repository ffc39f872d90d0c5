"""The protocol: the request, the data and the amount of work."""

from __future__ import annotations

from statistics import mean
from typing import Any

from ganaug import __version__
from ganaug.display.words import say_time
from ganaug.gain.judgement.verdict import say_margin
from ganaug.gain.settings import ENSEMBLE, Settings
from ganaug.report.gain.material import GainMaterial
from ganaug.report.run.request import say_now

AUGMENTATIONS = {"none": "none", "light": "light", "rand": "rand (RandAugment)"}


def describe_protocol(material: GainMaterial) -> dict[str, Any]:
    """Return facts about the gain as pairs (name, value)."""
    result = material.result
    facts = [*_describe_data(material), *_describe_splits(material)]
    facts.append(("Classifier", result.verdict.classifier))
    if result.verdict.start:
        facts.append(("Head start", _say_start(result.verdict.start)))
    if result.details.settings is not None:
        facts += _describe_work(result.details.settings)
    facts.append(("Margin of no difference", say_margin(result.verdict.margin)))
    estimate, minutes = result.details.estimate, result.details.minutes
    if estimate:
        facts.append(("Planned", estimate))
    if minutes and minutes >= 1 / 60:
        facts.append(("Time taken", say_time(60 * minutes)))
    facts.append(("Folder", str(result.path)))
    facts.append(("This report", f"{say_now()}, by ganaug {__version__}"))
    return {"facts": facts, "digest": result.details.fingerprint or ""}


def _describe_data(material: GainMaterial) -> list[tuple[str, str]]:
    counts = material.result.details.counts
    if not counts:
        return [("Data", material.title)]
    total, least, most = (f(counts.values()) for f in (sum, min, max))
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return [
        ("Data", f"{material.title}: {total:,} real images"),
        ("Classes", f"{len(counts):,}, with {each} images each"),
    ]


def _describe_splits(material: GainMaterial) -> list[tuple[str, str]]:
    where = material.result.details.tested_on
    tested = [("Tested on", where)] if where else []
    if material.splits is None:
        n = len(material.result.cells["split"].unique())
        return [*tested, ("Splits", f"{n:,}")]
    splits = material.splits.splits
    fit = round(mean(len(split.fit) for split in splits))
    chosen = round(mean(len(split.validation) for split in splits))
    text = (
        f"{len(splits):,}; in each, a generator and candidate recipes are trained on "
        f"{fit:,} images (from larger classes some are held out to choose a GAN’s "
        f"snapshot), {chosen:,} images choose the recipe, and the final fits are "
        "trained on both"
    )
    tests = [len(s.test) for s in splits if s.test is not None]
    if tests:
        text += f"; {round(mean(tests)):,} images test"
    return [*tested, ("Splits", text)]


def _say_start(run: str) -> str:
    return (
        f"every GAN starts from {run}; one classifier was trained on the images of "
        f"{run}, and each recipe could begin with it or from scratch, as the training "
        "part of its split chose"
    )


def _describe_work(settings: Settings) -> list[tuple[str, str]]:
    """Return the amount of work in words."""
    return [
        ("Networks", _say_networks(settings)),
        ("Each fit", _say_fit(settings)),
        ("Synthetic images", _say_synthetic(settings)),
        ("Classical augmentation", _say_policies(settings)),
        ("Seed", str(settings.seed)),
    ]


def _say_networks(settings: Settings) -> str:
    text = f"{settings.initialisations} per arm and split"
    if settings.ensemble:
        text += f"; {ENSEMBLE} without and with synthetic images, for ensembles"
    return text


def _say_fit(settings: Settings) -> str:
    height, width = settings.grid
    steps = f"{settings.steps:,} steps" if settings.steps else "an estimator's own"
    tuned = ", learning rate and weight decay tuned first" if settings.tune else ""
    return f"{steps} at {height} × {width} pixels (height × width){tuned}"


def _say_synthetic(settings: Settings) -> str:
    return (
        f"made for each split, {say_time(60 * settings.gan_minutes)} of training, up "
        f"to {settings.per_class:,} images per class"
    )


def _say_policies(settings: Settings) -> str:
    names = [AUGMENTATIONS.get(name, name) for name in settings.policies]
    mixes = [mix for mix in settings.mixes if mix != "none"]
    if not mixes:
        return ", ".join(names)
    return f"{', '.join(names)}, each without mixing, with {' and with '.join(mixes)}"
