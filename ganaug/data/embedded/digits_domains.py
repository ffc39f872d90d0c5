"""digits-domains: digits in four kinds of light, six classes in one of them only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ganaug.data.embedded.digits import read_digits
from ganaug.data.readers.arrays import LabelledArrays
from ganaug.data.resize import resize_images, resize_pixels

SIDE = 16  # pixels; the digits have 8
SHARED = (0, 1, 2, 3)  # classes seen in every domain; each other one in one of them
TRAINED = 24  # training images of a cell
TESTED = 18  # test images of every cell
PATCH_SIDES = (24, 72)  # pixels of a photograph that one background shows

Pixels = NDArray[np.uint8]
Look = Callable[[Pixels, Pixels], Pixels]  # digits (n, 16, 16), patches (n, 16, 16, 3)


def read_digits_domains() -> LabelledArrays:
    """Read the training part: 528 digits, (528, 16, 16, 3) uint8, with domains.

    Digits 0 to 3 are there in all four domains, each other one in one domain. Every
    handwritten digit occurs once, in one domain.

    Source: the digits of `read_digits`; scikit-learn's photographs `china.jpg` and
    `flower.jpg` (CC BY), of which `photo` shows patches.

    Example:
        >>> part = read_digits_domains()
        >>> part.images.shape, sorted(set(part.domains))
        ((528, 16, 16, 3), ['dim', 'inverted', 'photo', 'plain'])
    """
    return _draw("digits-domains", test=False)


def read_digits_domains_test() -> LabelledArrays:
    """Read the test part: 18 further digits of every class in every domain.

    Example:
        >>> read_digits_domains_test().images.shape
        (720, 16, 16, 3)
    """
    return _draw("digits-domains-test", test=True)


def _draw(title: str, *, test: bool) -> LabelledArrays:
    digits = read_digits()
    names = list(LOOKS)
    rows, domains = [], []
    for label in range(10):
        own = np.flatnonzero(digits.labels == label)
        for d in range(len(names)):
            if test or label in SHARED or label % len(names) == d:
                rows.append(own[_place(d, test=test)])
                domains.append(np.full(len(rows[-1]), d))
    chosen, domain = np.concatenate(rows), np.concatenate(domains)
    ink = resize_images(digits.images[chosen][..., None], (SIDE, SIDE))[..., 0]
    images = np.empty((len(chosen), SIDE, SIDE, 3), np.uint8)
    patches = _cut_patches(len(chosen), seed=int(test))
    for d, look in enumerate(LOOKS.values()):
        here = domain == d
        images[here] = look(ink[here], patches[here])
    return LabelledArrays(
        title, images, digits.labels[chosen], domains=[names[d] for d in domain]
    )


def _place(d: int, *, test: bool) -> slice:
    """Return which of a class's digits a cell takes: none is in two cells."""
    each = TESTED if test else TRAINED
    start = len(LOOKS) * TRAINED * test + each * d
    return slice(start, start + each)


def _cut_patches(n: int, *, seed: int) -> Pixels:
    """Cut n patches (n, 16, 16, 3) of different sizes out of the two photographs."""
    from sklearn.datasets import load_sample_images  # slow to import

    photographs = load_sample_images().images
    generator = np.random.default_rng(seed)
    patches = np.empty((n, SIDE, SIDE, 3), np.uint8)
    for i in range(n):
        photograph = photographs[int(generator.integers(len(photographs)))]
        side = int(generator.integers(*PATCH_SIDES))
        top, left = (
            int(generator.integers(length - side)) for length in photograph.shape[:2]
        )
        patch = photograph[top : top + side, left : left + side]
        patches[i] = resize_pixels(patch, (SIDE, SIDE))
    return patches


def _plain(ink: Pixels, _: Pixels) -> Pixels:
    return np.asarray(ink[..., None])


def _inverted(ink: Pixels, _: Pixels) -> Pixels:
    return np.asarray(255 - ink[..., None])


def _dim(ink: Pixels, _: Pixels) -> Pixels:
    return (20 + ink[..., None] * 0.2).astype(np.uint8)


def _photo(ink: Pixels, patches: Pixels) -> Pixels:
    """Subtract the digit from the background and take what is left without its sign."""
    difference = patches.astype(np.int64) - ink[..., None]
    return np.asarray(np.abs(difference), np.uint8)


LOOKS: dict[str, Look] = {
    "plain": _plain,
    "inverted": _inverted,
    "dim": _dim,
    "photo": _photo,
}
