"""The protocol: what was asked, of which data, with how much work."""

from __future__ import annotations

from statistics import mean
from typing import Any

from ganaug import __version__
from ganaug.gain.judgement.verdict import say_margin
from ganaug.gain.settings import ENSEMBLE
from ganaug.report.gain.sources import GainSources
from ganaug.report.run.request import say_duration, say_now

AUGMENTATIONS = {"none": "none", "light": "light", "rand": "rand (RandAugment)"}


def describe_protocol(sources: GainSources) -> dict[str, Any]:
    """(what, value) facts, and the number of real images per class."""
    result = sources.result
    facts = [*_describe_data(sources), *_describe_splits(sources)]
    facts.append(("Classifier", result.verdict.classifier))
    facts += _describe_work(result.details.get("settings") or {})
    facts.append(("Margin of no difference", say_margin(result.verdict.margin)))
    estimate, minutes = (result.details.get(k) for k in ("estimate", "minutes"))
    if estimate:
        facts.append(("Planned", estimate))
    if minutes and minutes >= 1 / 60:
        facts.append(("Time taken", say_duration(60 * minutes)))
    facts.append(("Folder", str(result.path)))
    facts.append(("This report", f"{say_now()}, by ganaug {__version__}"))
    return {"facts": facts, "digest": result.details.get("fingerprint") or ""}


def _describe_data(sources: GainSources) -> list[tuple[str, str]]:
    counts = sources.result.details.get("counts") or {}
    if not counts:
        return [("Data", sources.title)]
    total, least, most = (f(counts.values()) for f in (sum, min, max))
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return [
        ("Data", f"{sources.title}: {total:,} real images"),
        ("Classes", f"{len(counts):,}, with {each} images each"),
    ]


def _describe_splits(sources: GainSources) -> list[tuple[str, str]]:
    where = sources.result.details.get("tested on")
    tested = [("Tested on", where)] if where else []
    if sources.splits is None:
        n = len(sources.result.cells["split"].unique())
        return [*tested, ("Splits", f"{n:,}")]
    splits = sources.splits.splits
    fit = round(mean(len(split.fit) for split in splits))
    chosen = round(mean(len(split.validation) for split in splits))
    text = (
        f"{len(splits):,}; in each a GAN and recipes learn from {fit:,} images (the "
        "GAN keeps some of a class of ten or more to be judged by), "
        f"{chosen:,} choose the recipe, and the final fits see both"
    )
    tests = [len(s.test) for s in splits if s.test is not None]
    if tests:
        text += f"; {round(mean(tests)):,} test"
    return [*tested, ("Splits", text)]


def _describe_work(settings: dict[str, Any]) -> list[tuple[str, str]]:
    """Settings that are known, in words."""
    facts = [(name, say(settings)) for name, keys, say in WORK if keys <= set(settings)]
    return [(name, text) for name, text in facts if text]


def _say_networks(s: dict[str, Any]) -> str:
    text = f"{s['initialisations']} per arm and split"
    if s.get("ensemble"):
        text += f"; {ENSEMBLE} of the opponent and with synthetic images, for ensembles"
    return text


def _say_fit(s: dict[str, Any]) -> str:
    height, width = s["grid"]
    steps = f"{s['steps']:,} steps" if s["steps"] else "an estimator's own"
    tuned = ", learning rate and weight decay tuned first" if s.get("tune") else ""
    return f"{steps} at {height} × {width} pixels (height × width){tuned}"


def _say_gan(s: dict[str, Any]) -> str:
    return (
        f"one per split, {say_duration(60 * s['gan_minutes'])} of training, up to "
        f"{s['per_class']:,} images per class"
    )


def _say_policies(s: dict[str, Any]) -> str:
    names = [AUGMENTATIONS.get(name, str(name)) for name in s["policies"]]
    mixes = [mix for mix in s["mixes"] if mix != "none"]
    if not mixes:
        return ", ".join(names)
    return f"{', '.join(names)}, each without mixing, with {' and with '.join(mixes)}"


WORK = (
    ("Networks", {"initialisations"}, _say_networks),
    ("Each fit", {"steps", "grid"}, _say_fit),
    ("GAN", {"gan_minutes", "per_class"}, _say_gan),
    ("Classical augmentation", {"policies", "mixes"}, _say_policies),
    ("Seed", {"seed"}, lambda s: str(s["seed"])),
)
