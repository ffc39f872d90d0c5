"""Rules: what carries images without a network, in a translator's place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.resize import Size
from ganaug.errors import CheckpointError
from ganaug.files import refuse_damage
from ganaug.training.weights import WEIGHTS_CURE, load_tensors, save_tensors
from ganaug.translate.classical.carriers import Carrier, fit_carrier
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.translator import check_carrying, describe_carrying

Images = NDArray[np.uint8]  # (n, h, w, c)
Numbers = NDArray[np.int64]  # (n,)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A carrier's name, and the facts of the images that it is to be fitted to.

    It is written where a translator's weights would be. It holds nothing of the images:
    it is fitted to them whenever it is opened.

    Attributes:
        config: configuration with the carrier's name.
        classes, domains: names.
        data_size: (height, width) of the images.
        data_digest: digest of the images, see `Fingerprint.digest`.
    """

    config: TranslateConfig
    classes: tuple[str, ...]
    domains: tuple[str, ...]
    data_size: Size
    data_digest: str

    @property
    def device(self) -> torch.device:
        """The CPU: there is no network."""
        return torch.device("cpu")

    def fit(self, data: LabelledImages) -> FittedRule:
        """Fit the carrier to images whose domains are numbered as here."""
        assert self.config.carrier is not None, "a rule has a carrier"
        return FittedRule(self, fit_carrier(self.config.carrier, data))


@dataclass(frozen=True, eq=False)
class FittedRule:
    """A carrier that decides each image by its source, target, seed and index.

    Attributes:
        rule: the carrier's name, and facts of the images.
        carrier: fitted to the images.
    """

    rule: Rule
    carrier: Carrier

    def carry(
        self, images: Images, homes: Numbers, targets: Numbers, *,
        seed: int, indices: Numbers,
    ) -> Images:  # fmt: skip
        """Carry images (n, h, w, c) from their domains (n,) into targets (n,)."""
        carried = np.empty_like(images)
        for i, (target, index) in enumerate(
            zip(targets.tolist(), indices.tolist(), strict=True)
        ):
            rng = np.random.default_rng([seed % 2**63, target, index])
            own = slice(i, i + 1)
            carried[own] = self.carrier.carry(
                images[own], homes[own], targets[own], rng
            )
        return carried


def save_rule(path: Path, rule: Rule) -> None:
    """Write the rule in a translator's place; CheckpointError when the disk refuses."""
    save_tensors(path, {}, describe_carrying(rule))


def load_rule(path: Path) -> Rule | None:
    """Read a rule; None if the file is a translator's.

    Raises:
        CheckpointError: the file is missing, damaged or altered.
    """
    _, values = load_tensors(path)
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        if values["config"].get("carrier") is None:
            return None
        found = check_carrying(values)
    return Rule(
        config=TranslateConfig.from_dict(found["config"]),
        classes=found["classes"],
        domains=found["domains"],
        data_size=found["data_size"],
        data_digest=found["data_digest"],
    )
