"""Arms: the ways of training that a gain compares."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.gain.pools import Pool
from ganaug.gain.recipes import PLAIN, list_mixtures, to_mixture
from ganaug.gain.settings import ENSEMBLE, Settings
from ganaug.recipe import Recipe

PLAIN_ARM, STANDARD, OPPONENT = "plain", "standard", "opponent"
SYNTHETIC, PLACEBO, ORACLE = "synthetic", "placebo", "oracle"
# where domains are known: even sampling of cells; a translator that learned from
# shuffled domains
EVEN, SHUFFLED = "even", "shuffled"
STYLE = "style"  # styled images in place of all augmentation
GAN = "GAN"  # kinds of synthetic images: by a GAN, and in the style of others
# what people read in place of an arm's name, for each kind of synthetic images
TITLES = {OPPONENT: "best training without GAN", SYNTHETIC: "with GAN images"}
STYLE_TITLES = {
    OPPONENT: "best training without style",
    SYNTHETIC: "style + best training",
}
IMAGES = {GAN: "GAN images", STYLE: "styled images"}


class Arm(NamedTuple):
    """A way of training.

    Attributes:
        recipe: recipe that its networks are trained by.
        networks: number of networks with different seeds.
        pool: name of the pool to mix in; empty for real images only.
    """

    recipe: Recipe
    networks: int
    pool: str = ""


def title_arm(name: str, kind: str = GAN) -> str:
    """Return an arm's name for people; an ensemble keeps its number of networks.

    Args:
        name: name of the arm.
        kind: kind of the synthetic images, a key of `IMAGES`.

    Example:
        >>> title_arm("opponent"), title_arm("synthetic ×4"), title_arm("plain")
        ('best training without GAN', 'with GAN images ×4', 'plain')
    """
    arm, space, number = name.partition(" ")
    titles = STYLE_TITLES if kind == STYLE else TITLES
    return titles.get(arm, arm) + space + number


def list_arms(
    settings: Settings, *, standard: Recipe, opponent: Recipe, mixture: Recipe
) -> dict[str, Arm]:
    """Return the arms of a split by name; arms with equal recipes share their fits.

    Args:
        settings: amount of work, such as the number of networks per arm.
        standard: best classical augmentation.
        opponent: best recipe with real images only.
        mixture: best recipe with synthetic images; the opponent if there are none.
    """
    single = settings.initialisations
    pair = max(single, ENSEMBLE) if settings.ensemble else single
    mixes = bool(mixture.share)
    return {
        PLAIN_ARM: Arm(PLAIN, single),
        STANDARD: Arm(standard, pair if standard == opponent else single),
        OPPONENT: Arm(opponent, pair),
        SYNTHETIC: Arm(mixture, pair, SYNTHETIC * mixes),
        PLACEBO: Arm(mixture, single, PLACEBO * mixes),
    }


def make_style_arm(settings: Settings, mixture: Recipe) -> Arm:
    """Return the arm that mixes styled images in and augments in no other way."""
    if not mixture.share:
        return Arm(PLAIN, settings.initialisations)
    (recipe,) = list_mixtures(PLAIN, [to_mixture(mixture)])
    return Arm(recipe, settings.initialisations, STYLE)


def make_oracle_arm(settings: Settings, mixture: Recipe) -> Arm:
    """Return the arm that mixes in further real images, with hard labels."""
    share = mixture.share or 0.5
    recipe = replace(mixture, share=share, labels="hard", weight=1.0, real_only=0.0)
    return Arm(recipe, settings.initialisations, ORACLE)


def make_oracle_pool(images: LabelledImages) -> Pool:
    """Return real images as a pool whose soft labels equal the hard ones."""
    eye = np.eye(len(images.classes), dtype=np.float32)
    return Pool(images.images, images.labels, eye[images.labels])
