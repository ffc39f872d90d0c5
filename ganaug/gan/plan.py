"""The plan: a training configuration for these data, this device and this budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from ganaug import engine
from ganaug.classify.flips import with_flips
from ganaug.config import AUTO, PRESETS, ResolvedConfig, TrainConfig
from ganaug.data.fingerprint import Fingerprint, take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.resize import SHORTEST_SIDE, fit_inside, resize_images
from ganaug.display.words import count
from ganaug.errors import ConfigError
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.training_set import check_images
from ganaug.gan.inputs.value_range import measure_span
from ganaug.gan.memory import refuse_too_large
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import PENALTIES, parse_penalties
from ganaug.gan.settings.checks import find_ineffective, refuse_ineffective
from ganaug.gan.settings.length import default_minutes
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.start.parent import Parent, refuse_other_channels
from ganaug.gan.timing import time_training

Choices = dict[str, tuple[Any, str]]  # field → value, reason

SPREAD_IMAGES = 2_000  # images of which the spread is measured, at most
# γ for a variance of 1: on fashion-mnist (variance .2) the resulting γ of 2 gave varied
# images of the right class
GAMMA_PER_VARIANCE, LEAST_GAMMA, MOST_GAMMA = 10.0, 0.05, 5.0
AS_ASKED = "as you asked"  # the reason for a setting of the user's
AS_GIVEN = "from the configuration given"  # the same, of a whole configuration
# of captions; a larger one makes images of a caption alike, see benchmarks/captions.md
CAPTION_MISMATCH = 0.05


@dataclass(frozen=True, repr=False)
class Plan:
    """A configuration with the reason for each choice.

    Attributes:
        config: configuration, ready for `train`.
        reasons: field → one clause for the user.
        rate: images per second, timed on this machine.
        minutes: expected time of the training.
    """

    config: ResolvedConfig
    reasons: dict[str, str] = field(default_factory=dict)
    rate: float = 0.0
    minutes: float = 0.0

    def __repr__(self) -> str:
        images = count(self.config.images, "image")
        time = f", {self.minutes:.1f} minutes" if self.minutes else ""
        return f"Plan({self.config.describe()}, {images}{time})"


def plan_training(
    images: LabelledImages,
    *,
    fingerprint: Fingerprint | None = None,
    budget: float | None = None,
    device: str = "auto",
) -> ResolvedConfig:
    """Choose the configuration for the data, the device and a budget in minutes.

    Args:
        images: the data.
        fingerprint: fingerprint of the data; taken here where it is omitted.
        budget: minutes of training; None chooses by the data.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """
    if fingerprint is None:
        fingerprint = with_flips(take_fingerprint(images), images)
    where = engine.pick_device(device)
    return make_plan(images, fingerprint, budget=budget, device=where).config


def make_plan(
    images: LabelledImages,
    fingerprint: Fingerprint,
    *,
    budget: float | None = None,
    device: torch.device,
    overrides: dict[str, Any] | None = None,
    base: TrainConfig | None = None,
    timed: bool = True,
    parent: Parent | None = None,
) -> Plan:
    """Choose a configuration for the data, each value with its reason.

    Args:
        images: the data.
        fingerprint: fingerprint of the data.
        budget: minutes of training; None chooses by the data.
        device: device that the training will run on.
        overrides: fields that replace the plan's choices, before anything is timed.
        base: complete configuration that replaces the plan's choices; a budget still
            decides the number of images.
        timed: whether to time some steps; without, `overrides` has images and
            precision, and the plan has no rate and no minutes.
        parent: networks to begin with, whose shape these will have.

    Raises:
        ConfigError: settings cannot be combined, or have no effect.
        DataError: the requested conditioning needs more than the images have.
    """
    requested = overrides or {}
    overrides = {**_values_of(base, budget), **requested}
    inherited = {} if parent is None else inherit(parent, images, overrides)
    overrides |= inherited
    cut = overrides.get("stretch", TrainConfig.stretch)
    situation = _Situation(
        fingerprint,
        device,
        budget,
        overrides,
        measure_spread(images, cut),
        images.captions is not None,
    )
    choices: Choices = {}
    for choose in CHOICES:
        choices |= choose(situation)
    for name, value in overrides.items():
        choices[name] = (value, AS_ASKED if name in requested else AS_GIVEN)
    for name, value in inherited.items():
        choices[name] = (value, "as in the run that it starts from")
    values = {name: value for name, (value, _) in choices.items()}
    reasons = {name: reason for name, (_, reason) in choices.items() if reason}
    config = resolve_config(TrainConfig(**values))
    refuse_ineffective(config, requested)
    for name, cause in find_ineffective(config).items():
        reasons[name] = f"has no effect with {cause}"
    check_images(images, config)
    if not timed:
        return Plan(_with_average(config, reasons, overrides), reasons)
    return _with_length(config, reasons, situation, overrides)


def inherit(
    parent: Parent, images: LabelledImages, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the settings that a training has from its parent.

    Raises:
        ConfigError: the parent draws images of other channels, or a setting that was
            given differs from its.
    """
    refuse_other_channels(parent, images)
    for name, value in parent.shape.items():
        if name in given and given[name] != value:
            raise ConfigError(
                f"{name}={given[name]} differs from {parent.path}, whose networks have "
                f"{name}={value}; omit it, or start from another run"
            )
    return parent.shape


def _values_of(base: TrainConfig | None, budget: float | None) -> dict[str, Any]:
    """Return the values that replace the plan's; a budget decides the images."""
    if base is None:
        return {}
    values = base.to_dict()
    if budget is not None:
        del values["images"]
    return values


@dataclass(frozen=True)
class _Situation:
    """What the choices depend on; `overrides` are fields chosen already."""

    fingerprint: Fingerprint
    device: torch.device
    budget: float | None
    overrides: dict[str, Any]
    spread: float
    captioned: bool

    @property
    def uses_captions(self) -> bool:
        """Whether captions are the condition: on request, or with a single class."""
        requested = self.overrides.get("conditioning")
        if requested is not None:
            return find_conditioning(requested).captions
        return self.captioned and len(self.fingerprint.classes) == 1

    @property
    def network(self) -> str:
        if "network" in self.overrides:
            return str(self.overrides["network"])
        fits_dcgan = min(self.grid) >= 8
        return "dcgan" if self.on_cpu and fits_dcgan else "r3"

    @property
    def on_cpu(self) -> bool:
        return self.device.type == "cpu"

    @property
    def minutes(self) -> float:
        if self.budget is not None:
            return self.budget
        return default_minutes(self.fingerprint.size)

    @property
    def grid(self) -> tuple[int, int]:
        most = 32 if self.on_cpu and self.minutes < 60 else 64
        height, width = fit_inside(self.fingerprint.size, most)
        return max(SHORTEST_SIDE, height), max(SHORTEST_SIDE, width)


def measure_spread(images: LabelledImages, cut: float | None) -> float:
    """Measure the mean variance of a pixel within a class, on the scale [-1, 1].

    It is measured on at most SPREAD_IMAGES images, reduced to 32 pixels.
    """
    order = np.random.default_rng(0).permutation(len(images))[:SPREAD_IMAGES]
    size = fit_inside(images.size, 32)
    pixels = resize_images(images.images, size, rows=order)
    x = measure_span(pixels, cut).to_signal(torch.from_numpy(pixels)).numpy()
    labels = images.labels[order]
    classes, counts = np.unique(labels, return_counts=True)
    several = classes[counts > 1]
    if not len(several):
        return float(x.var(axis=0).mean())
    return float(np.mean([x[labels == k].var(axis=0).mean() for k in several]))


def _choose_grid(s: _Situation) -> Choices:
    height, width = s.grid
    size, data = s.fingerprint.size, s.fingerprint.data_size
    if (height, width) == tuple(data):
        reason = "the images' own size"
    elif (height, width) == tuple(size):
        reason = f"the size at which images are read; files have {data[0]}×{data[1]}"
    else:
        reason = (
            f"smaller than the data's {data[0]}×{data[1]}: larger images need more "
            "time or a faster device"
        )
    channels = s.fingerprint.channels
    colours = {1: "grey", 3: "RGB", 4: "RGBA"}[channels]
    return {
        "height": (height, reason),
        "width": (width, reason),
        "channels": (channels, colours),
        "stretch": (
            TrainConfig.stretch,
            "the contrast of pale images is raised for the networks",
        ),
    }


def _choose_network(s: _Situation) -> Choices:
    preset = "small" if s.on_cpu else "medium"
    choices: Choices = {
        name: (
            value,
            f"the {preset} size of this pair" if name == "base_channels" else "",
        )
        for name, value in PRESETS[preset].items()
    }
    if s.network == "dcgan":
        choices["network"] = ("dcgan", "learns most per second on a CPU")
        choices["base_channels"] = (64, "small enough for a CPU to train in minutes")
        choices["norm"] = ("batch", "makes the images of a class differ more")
    else:
        why = "the stronger pair; dcgan is for CPUs and images of at least 8×8"
        choices["network"] = (s.network, why)
        choices["stem"] = (
            ("strided", "a CPU is too slow for features at full resolution")
            if s.on_cpu
            else ("full", "a GPU is fast enough for features at full resolution")
        )
    return choices


def _choose_conditioning(s: _Situation) -> Choices:
    if s.uses_captions:
        return {
            "conditioning": ("caption", "the images have captions and a single class"),
            "class_ramp": (0.0, "captions share words, so all images teach each word"),
            "mismatch": (
                CAPTION_MISMATCH,
                "images with wrong captions, as fakes, teach what words mean",
            ),
        }
    if len(s.fingerprint.classes) == 1:
        return {
            "conditioning": ("class", "with one class, the label changes nothing"),
            "class_ramp": (0.0, "with one class, there is nothing to raise slowly"),
        }
    return {
        "conditioning": ("class", "one network learns what the classes have in common"),
        "class_ramp": (
            0.1,
            "with few images, full weight from the start leads to collapse",
        ),
    }


def _choose_augmentation(s: _Situation) -> Choices:
    names = ["colour", "translation", "cutout"]
    why = []
    for name, check in (("hflip", s.fingerprint.hflip), ("vflip", s.fingerprint.vflip)):
        if s.uses_captions:
            why.append(f"no {name}: captions may name sides")
        elif check is not None and check.safe:
            names.append(name)
            why.append(f"{name} keeps labels")
        else:
            why.append(f"no {name}: {check.reason if check else 'not checked'}")
    return {
        "augment": (",".join(names), "; ".join(why)),
        "augment_p": (0.8, "few images need strong augmentation"),
    }


def _choose_optimisation(s: _Situation) -> Choices:
    residual = s.network == "r3"
    return {
        "loss": ("relativistic", "pairs real and fake, so no mode can be dropped"),
        "lr": (
            (2e-3, "residual blocks start at zero and need larger steps")
            if residual
            else (5e-4, "short runs need large steps")
        ),
        "lr_final": (2e-4 if residual else 5e-5, "a tenth of lr"),
        "batch": (64, "large enough to keep the device busy"),
    }


def _choose_penalties(s: _Situation) -> Choices:
    """Choose γ by the data for penalties that flatten D; others have the loss's γ."""
    names = find_loss(s.overrides.get("loss", TrainConfig.loss)).penalties
    requested = s.overrides.get("penalties", AUTO)
    if requested != AUTO:
        names = parse_penalties(requested, gamma=1.0)
    if {PENALTIES[name].slope for name in names} != {0.0}:
        return {}
    return {
        "gamma": (
            round(min(MOST_GAMMA, max(LEAST_GAMMA, GAMMA_PER_VARIANCE * s.spread)), 3),
            f"in proportion to the variance within classes, {s.spread:.3f}",
        ),
        "penalty_every": (4, "a quarter of the cost for nearly the same effect"),
    }


def _choose_sampling(s: _Situation) -> Choices:
    ratio = s.fingerprint.imbalance
    if ratio > 10:
        return {"class_sampling": ("sqrt", f"classes differ {ratio:.0f}-fold in size")}
    return {"class_sampling": ("natural", "classes are of similar size")}


def _choose_holdout(s: _Situation) -> Choices:
    counts = np.array(s.fingerprint.counts)
    if (counts < 10).all():
        return {"holdout": (0.15, "has no effect: every class has under 10 images")}
    return {"holdout": (0.15, "kept from the GAN, to judge its images by")}


CHOICES: tuple[Callable[[_Situation], Choices], ...] = (
    _choose_grid,
    _choose_network,
    _choose_conditioning,
    _choose_augmentation,
    _choose_optimisation,
    _choose_penalties,
    _choose_sampling,
    _choose_holdout,
)


def _with_length(
    config: ResolvedConfig,
    reasons: dict[str, str],
    situation: _Situation,
    overrides: dict[str, Any],
) -> Plan:
    """Time some steps, and turn the budget into a number of images to train on."""
    classes, device = len(situation.fingerprint.classes), situation.device
    choose = "precision" not in overrides
    refuse_too_large(config, classes, device, images=sum(situation.fingerprint.counts))
    timing = time_training(config, classes, device, choose=choose)
    config, rate = timing.config, timing.rate
    if choose:
        reasons["precision"] = timing.reason
    if "images" not in overrides:
        seconds = max(0.0, situation.minutes * 60 - timing.overhead)
        config = config.replace(images=max(config.batch, int(seconds * rate)))
        reasons["images"] = (
            f"{situation.minutes:g} minutes at {rate:.0f} images/s on this machine"
        )
    config = _with_average(config, reasons, overrides)
    minutes = (config.images / rate + timing.overhead) / 60
    return Plan(config, reasons, rate, minutes)


def _with_average(
    config: ResolvedConfig, reasons: dict[str, str], overrides: dict[str, Any]
) -> ResolvedConfig:
    """Make the generator's moving average as long as suits the run."""
    if "ema" in overrides:
        return config
    reasons["ema"] = "a twenty-fifth of the run, from 500 to 20,000 images"
    return config.replace(ema=float(min(20_000, max(500, config.images // 25))))
