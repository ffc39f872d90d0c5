"""Stages: the grids from a generator's smallest one to the size of an image."""

from __future__ import annotations

Size = tuple[int, int]


def stage_sizes(height: int, width: int) -> list[Size]:
    """Return sizes from the smallest grid up to (height, width), each half the next.

    Halves are rounded up, so that any height and width works: the generator
    interpolates to the exact next size, and the discriminator pools with the same
    rounding. Halving stops before a side would become smaller than 4, unless the other
    side is still larger than 16.

    Example:
        >>> stage_sizes(28, 28)
        [(7, 7), (14, 14), (28, 28)]
        >>> stage_sizes(100, 30)
        [(13, 4), (25, 8), (50, 15), (100, 30)]
    """
    sizes = [(height, width)]
    while min(sizes[0]) >= 8 or max(sizes[0]) > 16:
        sizes.insert(0, (-(-sizes[0][0] // 2), -(-sizes[0][1] // 2)))
    return sizes


def stage_channels(stages: int, base: int, most: int, multiple: int = 16) -> list[int]:
    """Return the feature channels of each stage, from the smallest grid up.

    The last stage has `base` channels; each earlier one has twice as many, up to
    `most`. All are rounded up to a multiple of `multiple`.

    Example:
        >>> stage_channels(4, 32, 192)
        [192, 128, 64, 32]
    """
    wanted = [min(most, base * 2**k) for k in reversed(range(stages))]
    return [-(-c // multiple) * multiple for c in wanted]
