"""Advice: what to do with a verdict, as commands."""

from __future__ import annotations

import json
import math
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.files import beside
from ganaug.gain.judgement.verdict import HURTS, OPEN, SAME
from ganaug.gain.protocol.arms import OPPONENT
from ganaug.recipe import HELPS, Recipe
from ganaug.report.gain.sources import GainSources
from ganaug.report.gain.words import keep_together

KNOW_GROUPS = (".csv", ".npz")  # files that say by themselves
FEW_SPLITS = 5  # fewest splits that a verdict needs
LONGER = 4  # times as long, for another attempt
NORMALISE = (
    "\n# then batch norm is estimated anew on real images, as it was when measured:\n"
    "# torch.optim.swa_utils.update_bn(loader_of_real_images, model)"
)
OBEYS = 'With share="auto" a SyntheticDataset adds nothing, and says why.'


@dataclass(frozen=True)
class Step:
    """What to do, and what to type for it."""

    why: str
    code: str = ""


def describe_advice(sources: GainSources) -> dict[str, Any]:
    """Return a sentence and steps."""
    verdict = sources.result.verdict
    lead, steps = ADVICE[verdict.word](sources)
    if not verdict.pretrained_run:
        other = {"classifier": "resnet18", "weights": "FILE"}
        steps.append(
            Step(
                "A network that starts from pretrained weights may need synthetic "
                "images less. This was not measured; to find out:",
                _measure_again(sources, "resnet18", **other),
            )
        )
    return {"lead": lead, "steps": steps}


def _use(sources: GainSources) -> tuple[str, list[Step]]:
    store = _name_store(sources)
    recipe = keep_together(sources.result.recipe.say())
    words = ["ganaug", "synth", sources.data, "--recipe", str(sources.result.path)]
    return "Mix them in.", [
        Step(
            "Train a GAN on all images and write the store that the recipe wants "
            f"({recipe}):",
            shlex.join([*words, "--out", store]),
        ),
        Step(
            'Mix the store in while you train. With share="auto" the verdict decides, '
            "as long as it was reached on these images:",
            _write_snippet(sources.data, store, sources.result.recipe),
        ),
        Step(f"Augment as the opponent did: {_find_opponent(sources)}."),
    ]


def _write_snippet(data: str, store: str, recipe: Recipe) -> str:
    # as Python has it, and without escapes for letters of other languages
    quoted = [json.dumps(name, ensure_ascii=False) for name in (data, store)]
    more = f', targets="{recipe.labels}"' * (recipe.labels != "hard")
    more += f", weights={recipe.weight:g}" * (recipe.weight != 1)
    more += ', classes="balanced"' * (recipe.sampling == "balanced")
    return (
        "from ganaug import SyntheticDataset, load_images\n\n"
        f"real = load_images({quoted[0]})\n"
        f'mixed = SyntheticDataset(real, {quoted[1]}, share="auto"{more})\n'
        "for epoch in range(epochs):\n"
        "    mixed.set_epoch(epoch, of=epochs)" + NORMALISE * bool(recipe.real_only)
    )


def _leave(sources: GainSources) -> tuple[str, list[Step]]:
    gain = sources.result.verdict.against_opponent
    steps = [
        Step(
            "Train on the real images alone, as the opponent did: "
            f"{_find_opponent(sources)}. {OBEYS}"
        )
    ]
    if gain.low > 0:
        steps.append(
            Step(
                "More images helped, but real ones did as well as the GAN’s: try "
                "stronger augmentation, or weigh and mix images as the recipe does."
            )
        )
    steps.append(
        Step(
            "A GAN that trains longer, or on more images, may do better. That would be "
            "a new question: ask it once, and count every answer.",
            _measure_longer(sources),
        )
    )
    return "Don’t use GAN images on these data.", steps


def _wait(sources: GainSources) -> tuple[str, list[Step]]:
    keep = Step(
        "Train on the real images alone meanwhile, as the opponent did: "
        f"{_find_opponent(sources)}. {OBEYS}"
    )
    lead = "Until it is decided, don’t count on GAN images."
    return lead, [keep, _decide(sources)]


def _decide(sources: GainSources) -> Step:
    """Say what would decide: more splits, or other images."""
    verdict = sources.result.verdict
    needed = verdict.splits_needed
    if verdict.empty >= verdict.against_opponent.n:
        return Step(
            "The GAN drew no image that passed the filters. It may with more time:",
            _measure_longer(sources),
        )
    if verdict.against_opponent.n == 1:
        needed, why = FEW_SPLITS, "A single split says nothing about chance; run five:"
    elif needed is None:
        return Step(
            "More splits would not decide, because they share images. It takes more "
            "images, to learn from or to test on (--test)."
        )
    else:
        why = (
            f"About {needed} splits would be enough, if gains stay as they are. Use "
            "another seed, so that the splits of this verdict do not count twice:"
        )
    seed = sources.result.details.options.get("seed", 0) + 1
    budget = _count_minutes(sources, needed)
    changes = {"splits": needed, "budget": budget, "seed": seed}
    return Step(why, _measure_again(sources, f"{needed}-splits", **changes))


def _measure_longer(sources: GainSources) -> str:
    splits = LONGER * sources.result.verdict.against_opponent.n
    return _measure_again(sources, "longer", budget=_count_minutes(sources, splits))


def _count_minutes(sources: GainSources, splits: int) -> int | str:
    """Return the minutes of n splits like those that were run."""
    minutes = (sources.result.verdict.minutes_per_split or 0) * splits
    return math.ceil(minutes) or "TIME"


ADVICE = {HELPS: _use, SAME: _leave, HURTS: _leave, OPEN: _wait}


def _measure_again(sources: GainSources, name: str, **changes: Any) -> str:
    """Return what to type to measure again, into a folder of its own.

    It repeats the options of the former request. What only Python can pass, such as a
    network of one's own, is passed from Python again.
    """
    path = sources.result.path
    given = dict(sources.result.details.options)
    grouped = given.pop("grouped", False)
    test = {"test": "TEST"} if sources.identity.get("test") else {}
    out = str(beside(path, f"-{name}"))
    options = {**given, **test, **changes}
    if options["classifier"] is None or "features" in options:
        return _write_call(sources.data, {**options, "out": out})
    if grouped and Path(sources.data).suffix.lower() not in KNOW_GROUPS:
        options["group_regex"] = "REGEX"
    return _write_command(sources.data, {**options, "out": out})


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
    return f"measure_gain({data!r}, {', '.join(words)})"


def _is_placeholder(name: str, value: Any) -> bool:
    return (name, value) in (
        ("test", "TEST"), ("classifier", None), ("budget", "TIME"),
    )  # fmt: skip


def _name_store(sources: GainSources) -> str:
    return "STORE" if sources.data == "DATA" else f"{sources.data}-synthetic"


def _find_opponent(sources: GainSources) -> str:
    """Return the recipe that most splits chose as the opponent."""
    recipes = sources.result.details.recipes[OPPONENT]
    return max(recipes, key=recipes.count)
