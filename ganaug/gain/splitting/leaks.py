"""Leaks: test images that equal training images, or that a GAN drew."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ganaug.data.duplicates import find_near
from ganaug.data.groups import OWN_GROUP
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.resize import resize_images
from ganaug.errors import DataError

EXAMPLES_SHOWN = 5  # examples of each kind of leak
SAMPLED_IMAGES = 2500  # images of each set that are searched for near copies


@dataclass(frozen=True)
class Leaks:
    """Test images that make scores too good.

    Attributes:
        copies: number of test images that equal a training image, pixel for pixel.
        copy_examples: pairs (test name, training name).
        synthetic: number of test images with a file that says ganaug drew them.
        synthetic_examples: names of such images.
        shared: number of test images in groups that training images belong to as well.
        shared_example: name of such a group.
        near: number of sampled images in either set that nearly equal one in the other.
        near_examples: pairs (test name, training name).
    """

    copies: int = 0
    copy_examples: tuple[tuple[str, str], ...] = ()
    synthetic: int = 0
    synthetic_examples: tuple[str, ...] = ()
    shared: int = 0
    shared_example: str = ""
    near: int = 0
    near_examples: tuple[tuple[str, str], ...] = ()


def find_leaks(train: LabelledImages, test: LabelledImages) -> Leaks:
    """Count test images that are copies, synthetic, or in groups of training images.

    Near copies, such as a photograph saved again, are searched among at most 2,500
    images of each set; they are a hint, not a proof.

    Args:
        train: training images.
        test: test images of the same size and channels.

    Example:
        >>> pixels = np.arange(128, dtype=np.uint8).reshape(2, 8, 8, 1)
        >>> data = LabelledImages(pixels, np.array([0, 1]), ("a", "b"))
        >>> find_leaks(data, data.subset(np.array([1]))).copy_examples
        (('0', '1'),)
    """
    copies = _find_copies(train, test)
    names = set(test.names)
    drawn = [name for name in test.synthetic if name in names or not names]
    shared = _find_shared(train, test)
    near, near_examples = _find_near_copies(train, test)
    return Leaks(
        copies=len(copies),
        copy_examples=tuple(copies[:EXAMPLES_SHOWN]),
        synthetic=len(drawn),
        synthetic_examples=tuple(drawn[:EXAMPLES_SHOWN]),
        shared=len(shared),
        shared_example=shared[0] if shared else "",
        near=near,
        near_examples=near_examples,
    )


def check_test_set(
    train: LabelledImages, test: LabelledImages, *, allow_leak: bool = False
) -> list[str]:
    """Check that a test set is fit to test classifiers trained on `train`.

    Args:
        train: training images.
        test: test images.
        allow_leak: whether leaks are noted instead of refused.

    Returns:
        Lines that the user should know.

    Raises:
        DataError: the test set is empty, differs in size or channels, has classes that
            the training images lack, or leaks.

    Example:
        >>> pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(pixels, np.array([0, 1, 1]), ("a", "b"))
        >>> check_test_set(data.subset(np.array([0, 1])), data.subset(np.array([2])))
        ['the test set has no images of a: this class is not tested']
    """
    _check_form(train, test)
    missing = _compare_classes(train, test)
    leaks = find_leaks(train, test)
    found = _describe(leaks, len(test))
    if found and not allow_leak:
        raise DataError(f"{' and '.join(found)}; remove them, or pass --allow-leak")
    notes = [f"{line}: allowed, but scores will be too good" for line in found]
    if missing:
        what = "this class is" if len(missing) == 1 else "these classes are"
        notes.append(
            f"the test set has no images of {', '.join(missing)}: {what} not tested"
        )
    if len(test) > 1 and test.groups is not None and not np.ptp(test.groups):
        notes.append(
            "all test images belong to one group: differences between groups are not "
            "measured"
        )
    if leaks.near:
        ours, theirs = leaks.near_examples[0]
        notes.append(
            f"{leaks.near} images are nearly the same in the test set and in training, "
            f"such as {ours} and {theirs}: if they show the same subject, scores will "
            "be too good"
        )
    return notes


def check_styles(
    styles: LabelledImages, test: LabelledImages, *, allow_leak: bool = False
) -> list[str]:
    """Check that the images whose look others take on are no test images.

    Args:
        styles: these images, in the size and channels of the test images.
        test: test images; all images, where they are tested in folds.
        allow_leak: whether test images among them are noted instead of refused.

    Returns:
        Lines that the user should know.

    Raises:
        DataError: test images are among the styles.
    """
    leaks = find_leaks(styles, test)
    notes = []
    if leaks.near:
        theirs, ours = leaks.near_examples[0]
        notes.append(
            f"{leaks.near} images are nearly the same among the styles and the test "
            f"images, such as {ours} and {theirs}: what they show is learned from"
        )
    if not leaks.copies:
        return notes
    theirs, ours = leaks.copy_examples[0]
    line = (
        f"{leaks.copies} of {len(test)} test images are among the styles ({theirs} is "
        f"{ours})"
    )
    if not allow_leak:
        raise DataError(f"{line}; remove them, or pass --allow-leak")
    return [f"{line}: allowed, but scores will be too good", *notes]


def check_known(
    known: LabelledImages,
    images: LabelledImages,
    what: str,
    parent: object,
    *,
    allow_leak: bool = False,
) -> list[str]:
    """Check that images which decide or test are not known from an earlier run.

    Where sizes differ, images are compared at both.

    Args:
        known: images that the earlier run learned from, with the same channels.
        images: images that choose recipes, or test.
        what: these in words.
        parent: the earlier run, for the message.
        allow_leak: whether copies are noted instead of refused.

    Returns:
        Lines that the user should know.

    Raises:
        DataError: the run knows some of the images.

    Example:
        >>> pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(pixels, np.array([0, 1, 1]), ("a", "b"))
        >>> first, rest = data.subset(np.array([0, 1])), data.subset(np.array([2]))
        >>> check_known(first, rest, "images", "a run")
        []
    """
    copies = _find_copies(known, images)
    if known.size != images.size:
        copies = copies or _find_copies(known, _to_size(images, known.size))
        known = _to_size(known, images.size)
        copies = copies or _find_copies(known, images)
    shared = _find_shared(known, images)
    near, examples = _find_near_copies(known, images)
    of = f"of {len(images)} {what} are"
    found = []
    if copies:
        ours, theirs = copies[0]
        found.append(f"{len(copies)} {of} among those of {parent} ({ours} is {theirs})")
    if shared:
        found.append(
            f"{len(shared)} {of} in groups that {parent} learned from ({shared[0]}; if "
            "these are different groups, rename one)"
        )
    line = " and ".join(found)
    if found and not allow_leak:
        raise DataError(f"{line}; start from a run of others, or pass --allow-leak")
    notes = [f"{line}: allowed, but scores will be too good"] * bool(found)
    if near:
        ours, theirs = examples[0]
        notes.append(
            f"{near} images are nearly the same among the {what} and in {parent}, such "
            f"as {ours} and {theirs}: if they show the same subject, scores will be "
            "too good"
        )
    return notes


def check_folds(
    images: LabelledImages, *, allow_leak: bool = False
) -> tuple[LabelledImages, list[str]]:
    """Check that a set can be tested in folds, and group equal images.

    Images that are equal, pixel for pixel, become one group, so that none is tested by
    a network that was trained on its copy.

    Args:
        images: images that will each be tested once.
        allow_leak: whether images that ganaug drew are noted instead of refused.

    Returns:
        The images with their groups, and lines that the user should know.

    Raises:
        DataError: ganaug drew some of the images.

    Example:
        >>> pixels = np.zeros((2, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(pixels, np.array([0, 1]), ("a", "b"))
        >>> check_folds(data)[0].groups.tolist()
        [0, 0]
    """
    notes = []
    if images.synthetic:
        line = (
            f"{len(images.synthetic)} of {len(images)} images were drawn by ganaug "
            f"({images.synthetic[0]}), and folds would test on them"
        )
        if not allow_leak:
            raise DataError(
                f"{line}; remove them, or give --test, or pass --allow-leak"
            )
        notes.append(f"{line}: allowed, but scores do not hold for real images")
    hashes = [hash_pixels(image) for image in images.images]
    near = find_near(images, hashes)
    if near.many:
        ours, theirs = near.examples[0]
        notes.append(
            f"{near.images} of {near.sampled} images nearly repeat others, such as "
            f"{ours} and {theirs}: if they show the same subject, name their groups "
            "(--group-regex), or scores will be too good"
        )
    copies = np.unique(np.array(hashes), return_inverse=True)[1]
    repeated = len(images) - len(np.unique(copies))
    if not repeated:
        return images, notes
    notes.append(
        f"{repeated} of {len(images)} images repeat another one: equal images share a "
        "fold"
    )
    return replace(images, groups=_join_groups(copies, images.groups)), notes


def _join_groups(
    copies: NDArray[np.int64], groups: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Return (n,) new groups that join equal images and given groups."""
    if groups is None:
        return copies.astype(np.int64)
    named = np.unique(groups, return_inverse=True)[1]
    k = int(copies.max()) + 1
    size = k + int(named.max()) + 1
    ones = np.ones(len(copies), np.int8)
    graph = coo_array((ones, (copies, k + named)), shape=(size, size))
    parts = connected_components(graph, directed=False)[1]
    return np.asarray(parts[copies], np.int64)


def _check_form(train: LabelledImages, test: LabelledImages) -> None:
    if not len(test):
        raise DataError("the test set has no images; give some of each class")
    if test.channels != train.channels:
        raise DataError(
            f"the test images have {test.channels} channels and the training images "
            f"{train.channels}; convert them first"
        )
    if test.size != train.size:
        raise DataError(
            f"the test images have {test.size[0]}x{test.size[1]} pixels and the "
            f"training images {train.size[0]}x{train.size[1]}; load both at one size"
        )


def _compare_classes(train: LabelledImages, test: LabelledImages) -> list[str]:
    """Return the training images' classes that the test set lacks."""
    own = _list_present(test)
    known = _list_present(train)
    unknown = [name for name in own if name not in known]
    if unknown:
        raise DataError(
            f"the test set has a class {unknown[0]!r}, but training has "
            f"{', '.join(known)}; remove it, or add images of it to the training set"
        )
    return [name for name in known if name not in own]


def _list_present(images: LabelledImages) -> list[str]:
    counts = zip(images.classes, images.counts, strict=True)
    return [name for name, n in counts if n]


def _describe(leaks: Leaks, n: int) -> list[str]:
    lines = []
    if leaks.copies:
        ours, theirs = leaks.copy_examples[0]
        lines.append(
            f"{leaks.copies} of {n} test images are copies of training images "
            f"({ours} is {theirs})"
        )
    if leaks.shared:
        lines.append(
            f"{leaks.shared} of {n} test images are in groups that training images "
            f"belong to as well ({leaks.shared_example}; if these are different "
            "groups, rename one)"
        )
    if leaks.synthetic:
        lines.append(
            f"{leaks.synthetic} of {n} test images were drawn by ganaug "
            f"({leaks.synthetic_examples[0]})"
        )
    return lines


def _find_copies(train: LabelledImages, test: LabelledImages) -> list[tuple[str, str]]:
    """Return pairs of names: a test image and a training image that it equals.

    Images of different sizes are not equal.
    """
    seen = {hash_pixels(image): i for i, image in enumerate(train.images)}
    hashes = [hash_pixels(image) for image in test.images]
    return [
        (_name(test, i), _name(train, seen[h]))
        for i, h in enumerate(hashes)
        if h in seen
    ]


def _find_shared(train: LabelledImages, test: LabelledImages) -> list[str]:
    """Return the group names of test images that training images share."""
    groups = set(train.group_names or ()) - {OWN_GROUP}
    return [name for name in test.group_names or () if name in groups]


def _to_size(images: LabelledImages, size: tuple[int, int]) -> LabelledImages:
    return replace(images, images=resize_images(images.images, size))


def _find_near_copies(
    train: LabelledImages, test: LabelledImages
) -> tuple[int, tuple[tuple[str, str], ...]]:
    sets = [(images, _sample(len(images))) for images in (train, test)]
    pixels = np.concatenate([images.images[chosen] for images, chosen in sets])
    both = LabelledImages(
        pixels,
        np.zeros(len(pixels), np.int64),
        ("all",),
        # each set is a group, so that only pairs across them count
        groups=np.repeat([0, 1], [len(chosen) for _, chosen in sets]),
        names=tuple(_name(images, int(i)) for images, chosen in sets for i in chosen),
    )
    found = find_near(both, [hash_pixels(image) for image in pixels])
    return found.images, tuple((b, a) for a, b in found.examples)


def _sample(n: int) -> NDArray[np.int64]:
    if n <= SAMPLED_IMAGES:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, SAMPLED_IMAGES, replace=False))


def _name(images: LabelledImages, i: int) -> str:
    return images.names[i] if images.names else str(i)
