"""The plan in words: how large, how long, what is held out, and what is unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ganaug.display.words import say_time

if TYPE_CHECKING:
    from ganaug.data.images import LabelledImages
    from ganaug.gan.plan import Plan

ASKED = "as you asked"  # the reason of a setting that the user gave
COLOURS = {1: "grey", 3: "colour", 4: "colour with transparency"}
FLIPS = {"hflip": "left-right", "vflip": "up-down"}
# values that few data need
RARE = (
    ("class_sampling", "sqrt"), ("conditioning", "caption"), ("conditioning", "none"),
)  # fmt: skip


def describe_plan(plan: Plan, images: LabelledImages) -> list[tuple[str, str]]:
    """List the few choices that a user should know: what it is, and what was chosen."""
    return [
        ("image size", _say_size(plan, images.size)),
        *_list_larger(plan, images),
        ("time", _say_time(plan, images.size)),
        ("held out", _say_held_out(plan, images)),
        ("mirroring", _say_mirroring(plan)),
        *_list_unusual(plan),
    ]


def _say_size(plan: Plan, size: tuple[int, int]) -> str:
    c = plan.config
    grid = f"{c.height} × {c.width} pixels, {COLOURS[c.channels]}"
    words = f"{grid}: {plan.reasons['height']}"
    if max(c.height, c.width) > max(size):
        words += f"; the images have {size[0]} × {size[1]} and are enlarged"
    return words


def _list_larger(plan: Plan, images: LabelledImages) -> list[tuple[str, str]]:
    """Say what the next larger grids would cost, where the images have the pixels."""
    from ganaug.gan.grids import list_larger

    classes = len(images.classes)
    steps = list_larger(plan.config, images.size, classes, plan.rate)
    words = "; ".join(f"{s.side} pixels need {say_time(60 * s.minutes)}" for s in steps)
    if not steps:
        return []
    first = steps[0]
    option = f"--grid {first.side} --budget {first.minutes:.0f}m"
    return [("larger", f"{words} here ({option})")]


def _say_time(plan: Plan, size: tuple[int, int]) -> str:
    from ganaug.gan.settings.length import measure_length

    trained = f"{plan.config.images:,} images at {plan.rate:,.0f} a second"
    words = f"{say_time(60 * plan.minutes)} of training: {trained} on this machine"
    length = measure_length(plan.minutes, plan.config.images, size)
    if not length.far_below:
        return words
    part = f"only {length.say_part()} of what such images need"
    return f"{words}, {part} (--budget {length.advised:g}m)"


def _say_held_out(plan: Plan, images: LabelledImages) -> str:
    from ganaug.gan.inputs.training_set import split_images

    _, held = split_images(images, plan.config)
    if not len(held):
        return "no image: classes of under 10 images are trained on as a whole"
    return f"{len(held):,} of {len(images):,} images, to judge the GAN's images by"


def _say_mirroring(plan: Plan) -> str:
    words = plan.reasons["augment"]
    for name, meaning in FLIPS.items():
        words = words.replace(name, meaning)
    return words


def _list_unusual(plan: Plan) -> list[tuple[str, str]]:
    """List the settings that the user gave, and values that few data need."""
    return [
        (name, f"{value}: {plan.reasons[name]}")
        for name, value in plan.config.to_dict().items()
        if plan.reasons.get(name) == ASKED or (name, value) in RARE
    ]
