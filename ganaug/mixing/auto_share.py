"""share="auto": the share that a store's measured recipe allows for a real set."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.recipe import (
    HOW_TO_MEASURE,
    RECIPE_FILE,
    MeasuredRecipe,
    Recipe,
    read_recipe,
    refuse_other_data,
)
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import Synthesizer

logger = logging.getLogger(__name__)


def resolve_auto_share(
    source: Store | Synthesizer,
    real: Mapping[str, int],
    *,
    targets: str,
    weights: bool | float,
    classes: str = "natural",
    digest: str | None = None,
    size: tuple[int, int] | None = None,
) -> tuple[float, float | None]:
    """Return the share that a store's recipe.json allows, and its `real_only_after`.

    The log says why the share is 0, or which other parts of the recipe the caller
    omitted.

    Args:
        source: a store, or the synthesizer of a run, which has no recipe.
        real: class name → number of real images.
        targets, weights, classes: arguments of `SyntheticDataset`.
        digest: digest of the real images, or None when unknown.
        size: (height, width) of the images that are trained on, or None when unknown.

    Raises:
        ConfigError: the synthetic images come from a run.
        StoreError: the store has no recipe.
        DataError: the recipe is damaged, or was measured on other data.
    """
    measured = _read(source)
    _check_classes(measured, real)
    if digest and measured.fingerprint and digest != measured.fingerprint:
        raise DataError(
            "the verdict was measured on other real images, or they were loaded in "
            "another way; load them as for the gain, give share= a number, or "
            f"{HOW_TO_MEASURE}"
        )
    if not measured.helps:
        logger.warning(
            'share="auto" takes no synthetic images, the verdict is "%s": %s',
            measured.verdict, measured.sentence,
        )  # fmt: skip
        return 0.0, None
    _check_carrier(measured, source)
    _check_size(measured.size, size)
    recipe = measured.recipe
    missing = list_missing(recipe, targets, weights, classes)
    if missing:
        logger.warning(
            "the recipe was measured with more than a share; pass %s",
            ", ".join(missing),
        )
    ways = ["equally many images of each class"] * (recipe.sampling == "balanced")
    ways += ["real images drawn evenly over cells, as sampler() does"] * (
        recipe.sampling == "cells"
    )
    ways += ["a logit-adjusted loss"] * recipe.adjusted
    ways += ["batch norm estimated anew on real images at the end"] * (
        recipe.real_only > 0
    )
    if ways:
        logger.warning(
            "the recipe was measured with %s: train in the same way", " and ".join(ways)
        )
    return measured.share, 1 - recipe.real_only if recipe.real_only else None


def list_missing(
    recipe: Recipe, targets: str, weights: bool | float, classes: str = "natural"
) -> list[str]:
    """Return arguments that the recipe needs and the caller left at their defaults.

    Example:
        >>> recipe = Recipe(share=0.5, weight=0.3, labels="soft")
        >>> list_missing(recipe, "hard", False)
        ['targets="soft"', 'weights=0.3']
    """
    missing = []
    if targets == "hard" and recipe.labels != "hard":
        missing.append(f'targets="{recipe.labels}"')
    if weights is False and recipe.weight != 1:
        missing.append(f"weights={recipe.weight:g}")
    if classes == "natural" and recipe.draw != "natural":
        missing.append(f'classes="{recipe.draw}"')
    return missing


def _read(source: Store | Synthesizer) -> MeasuredRecipe:
    if not isinstance(source, Store):
        raise ConfigError(
            f'share="auto" needs a verdict, and this is a run; {HOW_TO_MEASURE}'
        )
    if not (source.path / RECIPE_FILE).is_file():
        raise StoreError(
            f'share="auto" needs a verdict, and {source.path} has none; '
            f"{HOW_TO_MEASURE}"
        )
    measured = read_recipe(source.path)
    refuse_other_data(measured, source.meta.data_digest, source.path)
    return measured


def _check_carrier(measured: MeasuredRecipe, source: Store | Synthesizer) -> None:
    """Raise DataError unless the store was filled by what the verdict is about."""
    assert isinstance(source, Store), "a verdict is read from a store"
    own = source.meta.config.get("carrier") or ""
    if own != measured.carrier:
        names = [name or "a trained network" for name in (measured.carrier, own)]
        raise DataError(
            f"the verdict is about images of {names[0]}, and those of {source.path} "
            f"are of {names[1]}; {HOW_TO_MEASURE}"
        )


def _check_size(measured: tuple[int, int] | None, own: tuple[int, int] | None) -> None:
    if measured is not None and own is not None and measured != own:
        (h, w), (height, width) = measured, own
        logger.warning(
            f"the verdict was measured on images of {h}×{w} pixels, and yours have "
            f"{height}×{width}: it may not hold; measure it with: ganaug gain DATA "
            f"--size {max(height, width)}"
        )


def _check_classes(measured: MeasuredRecipe, real: Mapping[str, int]) -> None:
    if set(real) != set(measured.counts):
        raise DataError(
            f"the verdict is for the classes {', '.join(measured.counts)}, and the "
            f"real set has {', '.join(real)}; {HOW_TO_MEASURE}"
        )
    if dict(real) != dict(measured.counts):
        logger.warning(
            "the real set has other numbers of images (%d in all) than the verdict was "
            "measured on (%d): it may not hold",
            sum(real.values()), sum(measured.counts.values()),
        )  # fmt: skip
