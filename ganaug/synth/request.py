"""SynthesisRequest: the request of a call of `synthesize`, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ganaug.config import TrainConfig
from ganaug.data.images import CAPTION
from ganaug.errors import ConfigError
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.scalars import make_plain
from ganaug.spelling import suggest
from ganaug.synth.filters.pipeline import FILTERS
from ganaug.synth.store.tally import Count, Tally

DEFAULT_FILTERS = tuple(FILTERS)
Filters = Sequence[str] | Literal["auto"] | None


@dataclass(frozen=True)
class Target:
    """The number of images that a store should have of a class, cell or caption.

    Attributes:
        class_name: class to store the images under.
        number: accepted images in all, including those that the store has already.
        caption: text to draw the images from, or None for a class.
        domain: domain of the images, or None where there are none.
        turn: the target's indices in its class: the first, and the step to the next.
        most: candidates after which the target is given up; None for no such limit.
    """

    class_name: str
    number: int
    caption: str | None = None
    domain: str | None = None
    turn: tuple[int, int] = (0, 1)
    most: int | None = None

    def count(self, tally: Tally) -> Count:
        """Return the counts of this target in a store's tally."""
        if self.caption is not None:
            return tally.of_caption(self.caption)
        if self.domain is not None:
            return tally.of_cell(self.class_name, self.domain)
        return tally.of_class(self.class_name)

    def __str__(self) -> str:
        if self.caption is not None:
            return f"caption {self.caption!r}"
        if self.domain is not None:
            return f"class {self.class_name!r} in {self.domain!r}"
        return f"class {self.class_name!r}"


@dataclass(frozen=True, kw_only=True)
class SynthesisRequest:
    """Everything except the generator that decides the contents of a store.

    Attributes:
        targets: numbers of images of each class, or of each caption.
        seed: seed for all latents.
        size: `data` for the size of the real images, None for the GAN's grid.
        filters: names of the filters in their order.
        notes: lines for the user about filters that are off.
        labels: `hard`, or `soft` to write the teacher's probabilities too.
        recipe: folder or file to copy the recipe from, or None.
        command: command that the user typed, or "".

    Raises:
        ConfigError: the size is not allowed.
    """

    targets: tuple[Target, ...]
    seed: int = 0
    size: Literal["data"] | None = None
    filters: tuple[str, ...] = DEFAULT_FILTERS
    notes: tuple[str, ...] = ()
    labels: Literal["hard", "soft"] = "hard"
    recipe: Path | None = None
    command: str = ""

    def __post_init__(self) -> None:
        make_plain(self, "seed")
        if self.size not in (None, "data"):
            raise ConfigError(
                f"size={self.size!r} is not allowed; give 'data' or omit it"
            )

    def name_classes(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """Return the store's classes: the known ones, or only `caption`."""
        captions = [t for t in self.targets if t.caption is not None]
        return (CAPTION,) if any(t.class_name == CAPTION for t in captions) else known


def resolve_filters(
    filters: Filters, labels: str, config: TrainConfig
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the filters to apply, and notes on those that are off.

    Raises:
        ConfigError: there is no such filter, or no such kind of labels.
    """
    names = check_filters(filters, labels)
    return choose_filters(config) if filters == "auto" else (names, ())


def check_filters(
    filters: Filters, labels: str, known: tuple[str, ...] = DEFAULT_FILTERS
) -> tuple[str, ...]:
    """Return names of filters in their order; all known ones for `auto`.

    Raises:
        ConfigError: there is no such filter, or no such kind of labels.

    Example:
        >>> check_filters(["copy", "label"], "hard")
        ('label', 'copy')
    """
    given = known if filters == "auto" else filters or ()
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ConfigError(
            f"there is no filter {unknown[0]!r}{suggest(unknown[0], known)}; choose "
            f"from {', '.join(known)}, or none"
        )
    _check_labels(labels, given)
    return tuple(name for name in known if name in given)


def choose_filters(config: TrainConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the filters that suit a generator, and notes on those that are off.

    Example:
        >>> choose_filters(TrainConfig(conditioning="image-warp"))[0]
        ('label', 'realism', 'duplicate')
    """
    unfit = dict(find_conditioning(config.conditioning).unfit)
    names = tuple(name for name in DEFAULT_FILTERS if name not in unfit)
    notes = tuple(
        f"the {name} filter is off: {why}; --filters {','.join(DEFAULT_FILTERS)} "
        "switches it on"
        for name, why in unfit.items()
    )
    return names, notes


def _check_labels(labels: str, filters: Sequence[str]) -> None:
    if labels not in ("hard", "soft"):
        hint = suggest(labels, ("hard", "soft"))
        raise ConfigError(
            f"labels={labels!r}{hint} is not allowed; choose hard or soft"
        )
    if labels == "soft" and not filters:
        raise ConfigError(
            "soft labels need a teacher, which only filters have; leave filters on"
        )
