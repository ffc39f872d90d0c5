"""The resolutions through which a generator grows an image of any size."""

from __future__ import annotations

Size = tuple[int, int]


def stage_sizes(height: int, width: int) -> list[Size]:
    """Return sizes from the smallest grid up to (height, width), each half the next.

    Halves are rounded up, so that any height and width works: the generator
    interpolates to the exact next size, the discriminator pools with the same
    rounding. Halving ends before a side falls under 4, unless the other side is
    still above 16.

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

    The last stage has `base`; each earlier one doubles it, up to `most`. Then all are
    rounded up to a multiple of the groups' size.

    Example:
        >>> stage_channels(4, 32, 192)
        [192, 128, 64, 32]
    """
    wanted = [min(most, base * 2**k) for k in reversed(range(stages))]
    return [-(-c // multiple) * multiple for c in wanted]
