"""Sets that are read by rules, or in the way in which others were."""

from __future__ import annotations

from ganaug.data.images import LabelledImages
from ganaug.data.load import Data, load_images
from ganaug.data.readers.reading import Tell, ignore
from ganaug.data.recorded.rules import NO_RULES, Rules
from ganaug.data.resize import Size


def load_by_rules(
    data: Data,
    rules: Rules,
    *,
    strict: bool = False,
    tell: Tell = ignore,
) -> LabelledImages:
    """Read labelled images by rules that were typed or recorded.

    Args:
        data, strict, tell: as for `load_images`.
        rules: how they are read.

    Raises:
        DataError, ConfigError: as for `load_images`.
    """
    return load_images(
        data, group_regex=rules.group_regex, domain_from=rules.domain_from,
        pages=rules.pages, scale=rules.scale, labelled=rules.labelled, strict=strict,
        tell=tell,
    )  # fmt: skip


def load_like(
    data: Data,
    like: LabelledImages,
    *,
    size: Size | None = None,
    rules: Rules = NO_RULES,
    strict: bool = False,
    tell: Tell = ignore,
) -> LabelledImages:
    """Read further images of the same classes, such as a test set, in the same way.

    Args:
        data, size, strict, tell: as for `load_images`.
        like: images whose range and choice of pages are used.
        rules: how groups and domains are found; by default they are not.

    Raises:
        DataError, ConfigError: as for `load_images`.
    """
    if isinstance(data, LabelledImages):
        return data
    return load_images(
        data,
        group_regex=rules.group_regex,
        domain_from=rules.domain_from,
        pages=like.pages,
        scale=like.scale,
        intensity_range=None if like.scaled else like.intensity_range,
        size=size,
        strict=strict,
        tell=tell,
    )
