"""Sizes: at how many pixels a gain compares classifiers."""

from __future__ import annotations

from ganaug.data.resize import fit_inside
from ganaug.gain.request import GainRequest

CPU_SIDE, GPU_SIDE = 64, 128  # pixels of the longest side, unless another is asked for
SMALLER_SIDE = 32  # where the budget is too small for these

Size = tuple[int, int]  # (height, width)


def list_sizes(images: Size, asked: int | None, *, on_cpu: bool) -> list[Size]:
    """List the sizes to compare at: the first one that fits the budget is taken.

    Args:
        images: (height, width) of the data.
        asked: pixels of the longest side that the user asked for, or None.
        on_cpu: whether classifiers learn on a CPU.

    Example:
        >>> list_sizes((150, 200), None, on_cpu=True)
        [(48, 64), (24, 32)]
        >>> list_sizes((28, 28), 64, on_cpu=True)
        [(64, 64)]
    """
    if asked is not None:
        scale = asked / max(images)
        return [(max(1, round(images[0] * scale)), max(1, round(images[1] * scale)))]
    most = CPU_SIDE if on_cpu else GPU_SIDE
    sizes = [fit_inside(images, most), fit_inside(images, SMALLER_SIDE)]
    return list(dict.fromkeys(sizes))


def say_size(request: GainRequest, compared: Size) -> str:
    """Say that images are compared at another size than their own, and the cure."""
    (height, width), options = request.data.size, request.options
    words = (
        f"images of {height}×{width} pixels are compared at {compared[0]}×{compared[1]}"
    )
    if options.size is not None or options.settings is not None:
        return words
    on_cpu = request.device.type == "cpu"
    largest, *smaller = list_sizes(request.data.size, None, on_cpu=on_cpu)
    if compared in smaller:
        return (
            f"{words}, because the budget is too small for {largest[0]}×{largest[1]}; "
            f"give more (--budget), or --size {max(largest)}"
        )
    if compared != largest:
        return f"{words}, as on the device that this measurement was begun on"
    return f"{words}; if your classifier sees another size, give it (--size)"
