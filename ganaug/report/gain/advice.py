"""Advice: what to do after a verdict, with commands."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.files import beside
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.judgement.verdict import HURTS, OPEN, SAME, say_carried
from ganaug.gain.protocol.arms import OPPONENT, STYLE, title_arm
from ganaug.gain.unlabelled.inputs import UNLABELLED
from ganaug.recipe import HELPS
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.snippets import write_training
from ganaug.report.gain.words import keep_together

KNOW_GROUPS = (".csv", ".npz")  # files that contain groups
FEW_SPLITS = 5  # fewest splits for a verdict
LONGER = 4  # factor by which another attempt takes longer
TRAIN_REAL = "Train on the real images only, by the"
ADDS_NOTHING = 'With share="auto" a SyntheticDataset adds nothing, and says why.'


@dataclass(frozen=True)
class Step:
    """One thing to do, and the code or command for it."""

    why: str
    code: str = ""


def describe_advice(material: GainMaterial) -> dict[str, Any]:
    """Return a sentence and steps."""
    verdict = material.result.verdict
    use = _use_carrier if material.result.carrier else ADVICE[verdict.word]
    if verdict.kind == STYLE and verdict.word == HELPS:
        use = _use_style
    lead, steps = use(material)
    if not verdict.pretrained_run:
        other = {"classifier": "resnet18", "weights": "FILE"}
        steps.append(
            Step(
                "A network that starts from pretrained weights may gain less from "
                "synthetic images. This was not measured; to find out:",
                _measure_again(material, "resnet18", **other),
            )
        )
    return {"lead": lead, "steps": steps}


def _use(material: GainMaterial) -> tuple[str, list[Step]]:
    store = name_store(material)
    recipe = keep_together(material.result.recipe.say())
    words = ["ganaug", "synth", material.data, "--recipe", str(material.result.path)]
    options = material.result.details.options
    network, pool = "GAN", options.get(UNLABELLED)
    for name in sorted(READING & options.keys()):
        words += [f"--{name}", options[name]]
    if pool:
        network, words = "translator", [*words, "--unlabelled", pool]
    if "start" in options:
        words += ["--start", options["start"]]
    if material.result.details.cells:
        network, words = "translator", [*words, "--fill"]
    return "Mix them in.", [
        Step(
            f"Train a {network} on all images and write a store for the recipe "
            f"({recipe}):",
            shlex.join([*words, "--out", store]),
        ),
        Step(
            "Train on both, all as was measured:"
            if material.result.details.cells
            else f"Train on both, all as was measured; beside the store, this is the "
            f"{_title_opponent(material)} ({_find_opponent(material)}):",
            write_training(material, store),
        ),
    ]


def _use_carrier(material: GainMaterial) -> tuple[str, list[Step]]:
    """Return the steps where filling cells without a network is the best training."""
    carried, steps = material.result.details.carried, _use(material)[1]
    assert carried is not None, "a carrier fills the cells"
    recipe = keep_together(material.result.recipe.say())
    first = Step(
        f"Write a store for the recipe ({recipe}). No network is trained for it; only "
        "the filters learn from the real images:",
        steps[0].code,
    )
    return f"Fill cells without a network: {say_carried(carried)}.", [first, *steps[1:]]


def _use_style(material: GainMaterial) -> tuple[str, list[Step]]:
    """Return the steps where styled images help."""
    words = list_style_words(material.result, material.data)
    recipe = keep_together(material.result.recipe.say())
    return "Mix them in.", [
        Step(
            f"Write a store of styled images for the recipe ({recipe}):",
            shlex.join([*words, "--out", name_store(material)]),
        ),
        _use(material)[1][-1],
    ]


def list_style_words(result: GainResult, data: str) -> list[str]:
    """List the words of the command that makes styled images as a gain made them."""
    settings, options = result.details.settings, result.details.options
    words = ["ganaug", "style", data, "--styles", str(options[STYLE])]
    if settings is None:
        return [*words, "--per-class", "N"]
    words += ["--per-class", str(settings.per_class)]
    words += ["--budget", _write_value("budget", settings.gan_minutes)]
    seed = options.get("seed", 0)
    return [*words, "--seed", str(seed)] if seed else words


def _leave(material: GainMaterial) -> tuple[str, list[Step]]:
    gain = material.result.verdict.against_opponent
    steps = [
        Step(
            f"{TRAIN_REAL} {_name_opponent(material)}. {ADDS_NOTHING}",
            write_training(material),
        )
    ]
    if gain.low > 0:
        steps.append(
            Step(
                "More images helped, but real ones did as well in their place: try "
                "stronger augmentation, or weight and mix images as the recipe does."
            )
        )
    better, code = "A GAN that trains longer, or on more images,", _measure_longer
    if material.result.verdict.kind == STYLE:
        better, code = "Another style", _measure_style
    steps.append(
        Step(
            f"{better} may do better. That is a new measurement: do it once, and "
            "report it together with this one.",
            code(material),
        )
    )
    return f"Don’t use {material.result.verdict.images} on these data.", steps


def _wait(material: GainMaterial) -> tuple[str, list[Step]]:
    keep = Step(
        f"Until then, {TRAIN_REAL[0].lower()}{TRAIN_REAL[1:]} "
        f"{_name_opponent(material)}. {ADDS_NOTHING}",
        write_training(material),
    )
    images = material.result.verdict.images
    lead = f"Don’t use {images} before more splits or images have decided."
    return lead, [keep, _decide(material)]


def _decide(material: GainMaterial) -> Step:
    """Return the step that would decide: more splits, or more images."""
    verdict = material.result.verdict
    needed = verdict.splits_needed
    if verdict.empty >= verdict.against_opponent.n:
        if verdict.kind == STYLE:
            why = "No styled image passed the filters. Try other styles:"
            return Step(why, _measure_style(material))
        return Step(
            "No image that the GAN drew passed the filters. Give it more time:",
            _measure_longer(material),
        )
    if verdict.against_opponent.n == 1:
        needed, why = FEW_SPLITS, "A single split says nothing about chance; run five:"
    elif needed is None:
        return Step(
            "No number of splits would be enough, because they share images. More "
            "images are needed, to train on or to test on (--test)."
        )
    else:
        why = (
            f"About {needed} splits would be enough, if gains stay the same. Use "
            "another seed, so that the splits of this verdict do not count twice:"
        )
    seed = material.result.details.options.get("seed", 0) + 1
    budget = _count_minutes(material, needed)
    changes = {"splits": needed, "budget": budget, "seed": seed}
    return Step(why, _measure_again(material, f"{needed}-splits", **changes))


def _measure_longer(material: GainMaterial) -> str:
    splits = LONGER * material.result.verdict.against_opponent.n
    return _measure_again(material, "longer", budget=_count_minutes(material, splits))


def _count_minutes(material: GainMaterial, splits: int) -> int | str:
    """Return the minutes for n splits like those that were run, or "TIME"."""
    minutes = (material.result.verdict.minutes_per_split or 0) * splits
    return math.ceil(minutes) or "TIME"


READING = {"pages", "scale"}  # options of how pixels were read
ADVICE = {HELPS: _use, SAME: _leave, HURTS: _leave, OPEN: _wait}


def _measure_again(material: GainMaterial, name: str, **changes: Any) -> str:
    """Return the command that measures again, into a folder of its own.

    It repeats the options of the earlier request. Where a command cannot pass an
    option, such as the user's own network, a call in Python is returned.
    """
    path = material.result.path
    given = dict(material.result.details.options)
    grouped = given.pop("grouped", False)
    test = {"test": "TEST"} if material.identity.get("test") else {}
    out = str(beside(path, f"-{name}"))
    options = {**given, **test, **changes}
    if options["classifier"] is None or "features" in options:
        return _write_call(material.data, {**options, "out": out})
    known = Path(material.data).suffix.lower() in KNOW_GROUPS or "pages" in options
    if grouped and not known:
        options["group_regex"] = "REGEX"
    return _write_command(material.data, {**options, "out": out})


def _write_command(data: str, options: dict[str, Any]) -> str:
    words = ["ganaug", "gain", data]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if (name, value) != ("classifier", "small"):
            words += [option] if value is True else [option, _write_value(name, value)]
    return shlex.join(words)


def _write_value(name: str, value: Any) -> str:
    if name == "margin":  # in points
        return f"{100 * value:g}"
    if name != "budget" or isinstance(value, str):
        return str(value)
    return f"{value:g}m" if value < 120 else f"{math.ceil(value / 60)}h"


def _write_call(data: str, options: dict[str, Any]) -> str:
    named = {"test": "TEST", "classifier": "CLASSIFIER", "budget": "MINUTES"}
    words = [
        f"{name}={named[name] if _is_placeholder(name, value) else repr(value)}"
        for name, value in options.items()
    ]
    reading = [
        f"{name}={value!r}" for name, value in options.items() if name in READING
    ]
    words = [word for word in words if word not in reading]
    images = (
        f"load_images({', '.join([repr(data), *reading])})" if reading else repr(data)
    )
    return f"measure_gain({images}, {', '.join(words)})"


def _is_placeholder(name: str, value: Any) -> bool:
    return (name, value) in (
        ("test", "TEST"), ("classifier", None), ("budget", "TIME"),
    )  # fmt: skip


def name_store(material: GainMaterial) -> str:
    return "STORE" if material.data == "DATA" else f"{material.data}-synthetic"


def _title_opponent(material: GainMaterial) -> str:
    return title_arm(OPPONENT, material.result.verdict.kind)


def _name_opponent(material: GainMaterial) -> str:
    """Return the best training without synthetic images and what it is."""
    return f"{_title_opponent(material)} ({_find_opponent(material)})"


def _measure_style(material: GainMaterial) -> str:
    return _measure_again(material, "other-style", style="STYLES")


def _find_opponent(material: GainMaterial) -> str:
    """Return the recipe without synthetic images that most splits chose."""
    recipes = material.result.details.recipes[OPPONENT]
    return max(recipes, key=recipes.count)
