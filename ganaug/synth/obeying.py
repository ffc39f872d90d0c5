"""Obeying: what share="auto" means for a real set and the store beside it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ganaug.errors import DataError
from ganaug.synth.recipe_file import NAME, RUN, Wanted, read_recipe, refuse_other_data
from ganaug.synth.store import Store
from ganaug.synth.synthesizer import Synthesizer

logger = logging.getLogger(__name__)


def obey_recipe(
    source: Store | Synthesizer,
    real: Mapping[str, int],
    *,
    targets: str,
    weights: bool | float,
    classes: str = "natural",
    digest: str | None = None,
) -> tuple[float, float | None]:
    """The share that a store's recipe.json allows, and its `real_only_after`.

    Says in the log why the share is 0, and what else the recipe wants that the caller
    does not do.

    Args:
        source: of the synthetic images.
        real: images by class name.
        targets, weights, classes: as the caller of `SyntheticDataset` gave them.
        digest: of the real images, where it can be told.

    Raises:
        DataError: there is no recipe, it is damaged, or it is for other data.
    """
    wanted = _read(source)
    _check_classes(wanted, real)
    if digest and wanted.fingerprint and digest != wanted.fingerprint:
        raise DataError(
            "the real images are not those that the verdict was measured on, or were "
            f"loaded otherwise; load them as then, give share= a number, or {RUN}"
        )
    if not wanted.helps:
        logger.warning(
            'share="auto" takes no synthetic images, the verdict is "%s": %s',
            wanted.verdict, wanted.sentence,
        )  # fmt: skip
        return 0.0, None
    missing = list_missing(wanted, targets, weights, classes)
    if missing:
        logger.warning(
            "the recipe was measured with more than a share; pass %s",
            ", ".join(missing),
        )
    ways = ["equally many images of each class"] * wanted.balanced
    ways += ["a logit-adjusted loss"] * wanted.adjusted
    ways += ["batch norm estimated anew on real images at the end"] * (
        wanted.real_only > 0
    )
    if ways:
        logger.warning(
            "the recipe was measured with %s: train so too", " and ".join(ways)
        )
    return wanted.share, 1 - wanted.real_only if wanted.real_only else None


def list_missing(
    wanted: Wanted, targets: str, weights: bool | float, classes: str = "natural"
) -> list[str]:
    """Arguments that the recipe wants and that the caller left at their defaults.

    Example:
        >>> wanted = Wanted("helps", "", 0.5, 0.5, 0.3, "soft", 0.0, "", {})
        >>> list_missing(wanted, "hard", False)
        ['targets="soft"', 'weights=0.3']
    """
    missing = []
    if targets == "hard" and wanted.labels != "hard":
        missing.append(f'targets="{wanted.labels}"')
    if weights is False and wanted.weight != 1:
        missing.append(f"weights={wanted.weight:g}")
    if classes == "natural" and wanted.balanced:
        missing.append('classes="balanced"')
    return missing


def _read(source: Store | Synthesizer) -> Wanted:
    if not isinstance(source, Store):
        raise DataError(f'share="auto" needs a verdict, and this is a run; {RUN}')
    if not (source.path / NAME).is_file():
        raise DataError(
            f'share="auto" needs a verdict, and {source.path} has none; {RUN}'
        )
    wanted = read_recipe(source.path)
    refuse_other_data(wanted, source.meta.data_digest, source.path)
    return wanted


def _check_classes(wanted: Wanted, real: Mapping[str, int]) -> None:
    if set(real) != set(wanted.counts):
        raise DataError(
            f"the verdict is for the classes {', '.join(wanted.counts)}, and the real "
            f"set has {', '.join(real)}; {RUN}"
        )
    if dict(real) != dict(wanted.counts):
        logger.warning(
            "the real set has other numbers of images (%d in all) than the verdict was "
            "measured on (%d): it may not hold",
            sum(real.values()), sum(wanted.counts.values()),
        )  # fmt: skip
