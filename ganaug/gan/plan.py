"""The plan: a training configuration for these data, this device and this budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from ganaug import engine
from ganaug.classify.flips import with_flips
from ganaug.config import AUTO, PRESETS, ResolvedConfig, TrainConfig
from ganaug.data.fingerprint import Fingerprint, take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside, resize_images
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.training_set import check_images
from ganaug.gan.inputs.value_range import measure_span
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import PENALTIES, parse_penalties
from ganaug.gan.settings.checks import find_ineffective, refuse_ineffective
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.timing import choose_precision, time_training

Choices = dict[str, tuple[Any, str]]  # field → value, reason

SPREAD_IMAGES = 2_000  # images by which the spread is measured
# γ per variance: 2 on fashion-mnist (variance .2) gave images that are various and
# true to their class
GAMMA_PER_VARIANCE, LEAST_GAMMA, MOST_GAMMA = 10.0, 0.05, 5.0
# of captions: more of it makes the images of one caption alike, benchmarks/captions.md
CAPTION_MISMATCH = 0.05


@dataclass(frozen=True)
class Plan:
    """A configuration with the reason for each choice.

    Attributes:
        config: ready for `train`.
        reasons: field → one clause for the user.
        rate: images per second, timed on this machine.
        minutes: how long the training will take.
    """

    config: ResolvedConfig
    reasons: dict[str, str] = field(default_factory=dict)
    rate: float = 0.0
    minutes: float = 0.0


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
        fingerprint: of them, when it is known; it is taken otherwise.
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
) -> Plan:
    """Choose a configuration for the data, each value with its reason.

    Args:
        images: the data.
        fingerprint: of them.
        budget: minutes of training; None chooses by the data.
        device: where it will run.
        overrides: fields that win over the plan, before anything is timed.
        base: a complete configuration in place of the plan's choices; with a budget,
            all but its length.

    Raises:
        ConfigError: settings that cannot go together, or have no effect.
        DataError: the conditioning that was asked for needs more than the images have.
    """
    asked = overrides or {}
    overrides = {**_values_of(base, budget), **asked}
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
        why = "as you asked" if name in asked else "of the configuration given"
        choices[name] = (value, why)
    values = {name: value for name, (value, _) in choices.items()}
    reasons = {name: reason for name, (_, reason) in choices.items() if reason}
    config = resolve_config(TrainConfig(**values))
    refuse_ineffective(config, asked)
    for name, cause in find_ineffective(config).items():
        reasons[name] = f"has no effect with {cause}"
    check_images(images, config)
    return _with_length(config, reasons, situation, overrides)


def _values_of(base: TrainConfig | None, budget: float | None) -> dict[str, Any]:
    if base is None:
        return {}
    values = base.to_dict()
    if budget is not None:
        del values["images"]
    return values


@dataclass(frozen=True)
class _Situation:
    fingerprint: Fingerprint
    device: torch.device
    budget: float | None
    asked: dict[str, Any]
    spread: float
    captioned: bool

    @property
    def reads(self) -> bool:
        """Whether captions are the condition: as asked, or where nothing else is."""
        asked = self.asked.get("conditioning")
        if asked is not None:
            return find_conditioning(asked).captions
        return self.captioned and len(self.fingerprint.classes) == 1

    @property
    def network(self) -> str:
        if "network" in self.asked:
            return str(self.asked["network"])
        fits_dcgan = min(self.grid) >= 8
        return "dcgan" if self.on_cpu and fits_dcgan else "r3"

    @property
    def on_cpu(self) -> bool:
        return self.device.type == "cpu"

    @property
    def minutes(self) -> float:
        if self.budget is not None:
            return self.budget
        return 3.0 if max(self.fingerprint.size) <= 16 else 10.0

    @property
    def grid(self) -> tuple[int, int]:
        most = 32 if self.on_cpu and self.minutes < 60 else 64
        return fit_inside(self.fingerprint.size, most)


def measure_spread(images: LabelledImages, cut: float | None) -> float:
    """Measure the mean variance of a pixel within a class, on the scale [-1, 1].

    Looks at SPREAD_IMAGES images at most, reduced to 32 pixels.
    """
    order = np.random.default_rng(0).permutation(len(images))[:SPREAD_IMAGES]
    size = fit_inside(images.size, 32)
    pixels = resize_images(images.images, size, rows=order)
    x = measure_span(pixels, cut).to_signal(torch.from_numpy(pixels)).numpy()
    labels = images.labels[order]
    kinds, counts = np.unique(labels, return_counts=True)
    several = kinds[counts > 1]
    if not len(several):
        return float(x.var(axis=0).mean())
    return float(np.mean([x[labels == k].var(axis=0).mean() for k in several]))


def _choose_grid(s: _Situation) -> Choices:
    height, width = s.grid
    size, data = s.fingerprint.size, s.fingerprint.data_size
    if (height, width) == tuple(data):
        reason = "the images' own size"
    elif (height, width) == tuple(size):
        reason = f"as the images are held; the source has {data[0]}×{data[1]}"
    else:
        reason = (
            f"smaller than the data's {data[0]}×{data[1]}: larger grids need more "
            "than this budget and device"
        )
    channels = s.fingerprint.channels
    kind = {1: "grey", 3: "RGB", 4: "RGBA"}[channels]
    return {
        "height": (height, reason),
        "width": (width, reason),
        "channels": (channels, kind),
        "stretch": (
            TrainConfig.stretch,
            "pale images fill the networks' range as vivid ones do",
        ),
    }


def _choose_network(s: _Situation) -> Choices:
    preset = "small" if s.on_cpu else "medium"
    choices: Choices = {
        name: (value, f"preset `{preset}`" if name == "base_channels" else "")
        for name, value in PRESETS[preset].items()
    }
    if s.network == "dcgan":
        choices["network"] = ("dcgan", "learns most per second on a CPU")
        choices["base_channels"] = (64, "what a CPU trains in minutes")
        choices["norm"] = ("batch", "keeps the images of a class apart")
    else:
        choices["network"] = (s.network, "the stronger pair, given a device or time")
        choices["stem"] = (
            ("strided", "half resolution and below is what a CPU can pay for")
            if s.on_cpu
            else ("full", "a GPU affords features at full resolution")
        )
    return choices


def _choose_conditioning(s: _Situation) -> Choices:
    if s.reads:
        return {
            "conditioning": ("caption", "what each image's caption says"),
            "class_ramp": (0.0, "captions share words, which all images teach"),
            "mismatch": (
                CAPTION_MISMATCH,
                "images under wrong captions teach what words mean",
            ),
        }
    if len(s.fingerprint.classes) == 1:
        return {
            "conditioning": ("class", "one class; conditions cost nothing"),
            "class_ramp": (0.0, "nothing to ramp with one class"),
        }
    return {
        "conditioning": ("class", "one joint network shares what classes have alike"),
        "class_ramp": (
            0.1,
            "class conditions from the start collapse on few images",
        ),
    }


def _choose_augmentation(s: _Situation) -> Choices:
    names = ["colour", "translation", "cutout"]
    why = []
    for name, check in (("hflip", s.fingerprint.hflip), ("vflip", s.fingerprint.vflip)):
        if s.reads:
            why.append(f"no {name}: captions may name sides")
        elif check is not None and check.safe:
            names.append(name)
            why.append(f"{name} is label-safe")
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
            (2e-3, "blocks that start at zero want larger steps")
            if residual
            else (5e-4, "short runs want large steps")
        ),
        "lr_final": (2e-4 if residual else 5e-5, "a tenth at the end"),
        "batch": (64, "fills the device"),
    }


def _choose_penalties(s: _Situation) -> Choices:
    """γ of penalties that flatten D follows the data; others are the loss's own."""
    names = find_loss(s.asked.get("loss", TrainConfig.loss)).penalties
    asked = s.asked.get("penalties", AUTO)
    if asked != AUTO:
        names = parse_penalties(asked, gamma=1.0)
    if {PENALTIES[name].slope for name in names} != {0.0}:
        return {}
    return {
        "gamma": (
            round(min(MOST_GAMMA, max(LEAST_GAMMA, GAMMA_PER_VARIANCE * s.spread)), 3),
            f"in proportion to the variance within classes, {s.spread:.3f}",
        ),
        "penalty_every": (4, "a fourth of the cost for nearly the same effect"),
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
    return {"holdout": (0.15, "kept from the GAN, to judge it by")}


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
    """Turn the budget into images to see, from timed steps."""
    classes, device = len(situation.fingerprint.classes), situation.device
    if "precision" not in overrides:
        config, reasons["precision"] = choose_precision(config, classes, device)
    rate, overhead = time_training(config, classes, device)
    if "images" not in overrides:
        seconds = max(0.0, situation.minutes * 60 - overhead)
        images = max(config.batch, int(seconds * rate))
        config = config.replace(images=images)
        if "ema" not in overrides:
            config = config.replace(ema=float(min(20_000, max(500, images // 25))))
            reasons["ema"] = "a twenty-fifth of the run"
        reasons["images"] = (
            f"{situation.minutes:g} minutes at {rate:.0f} images/s on this machine"
        )
    minutes = (config.images / rate + overhead) / 60
    return Plan(config, reasons, rate, minutes)
