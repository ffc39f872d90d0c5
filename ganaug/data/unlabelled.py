"""Unlabelled images: a domain's images whose classes nobody wrote down."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.naming import find_fault
from ganaug.data.readers.arrays import LabelledArrays, label_arrays
from ganaug.data.readers.assemble import assemble_images
from ganaug.data.readers.csv_table import read_paths
from ganaug.data.readers.folder import find_files, list_files
from ganaug.data.readers.image_list import ImageList
from ganaug.data.readers.intensity import choose_scaling
from ganaug.data.readers.npz import read_npz_images
from ganaug.data.readers.pages import open_pages
from ganaug.data.readers.reading import Tell, bring_channels, ignore
from ganaug.display.words import count
from ganaug.errors import DataError

NO_LABEL = "unlabelled"  # stands for the class while images are read
FEWEST = 10  # images that show what a domain looks like
FEW = 100  # below, a note says that more would help
ALLOWED = "give a folder of images, a .csv with a column path, a .npz or an array"


@dataclass(frozen=True, eq=False)
class UnlabelledImages:
    """Images of one domain without labels, in the form of a labelled set.

    Attributes:
        images: (m, h, w, c) uint8.
        domain: name of the domain.
        names: path or name of each image, relative to its source.
        notes: one sentence for each thing that loading decided or noticed.
    """

    images: NDArray[np.uint8]
    domain: str
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)


def load_unlabelled(
    source: Any,
    domain: str,
    like: LabelledImages,
    *,
    strict: bool = False,
    tell: Tell = ignore,
) -> UnlabelledImages:
    """Read images without labels, in the size, channels and range of labelled ones.

    Args:
        source: a folder of images, at any depth; a .csv with a column path; a .npz with
            images, x_train or x; an array (m, h, w) or (m, h, w, c).
        domain: name of their domain.
        like: the labelled images.
        strict: whether an unreadable file refuses the images; else it is skipped.
        tell: function that is called with the number of images read, and of all.

    Raises:
        DataError: the images cannot be read, are fewer than 10, or the name of the
            domain cannot be that of a folder.

    Example:
        >>> from ganaug.data.load import load_images
        >>> pool = np.zeros((20, 16, 16, 3), np.uint8)
        >>> load_unlabelled(pool, "camera-b", load_images("digits")).images.shape
        (20, 8, 8, 1)
    """
    fault = find_fault(domain)
    if fault:
        raise DataError(f"domain name {domain!r} {fault}; rename it")
    found = _read(source, like, strict=strict, tell=tell)
    if len(found) < FEWEST:
        raise DataError(
            f"{count(len(found), 'unlabelled image')} of {domain} cannot show what it "
            f"looks like; give {FEWEST} or more, better {FEW}"
        )
    notes = [note for note in found.notes if NO_LABEL not in note]
    if len(found) < FEW:
        notes.append(
            f"{count(len(found), 'unlabelled image')} of {domain} are few: {FEW} or "
            "more show better what it looks like"
        )
    if found.channels != like.channels:
        notes.append(
            f"unlabelled images of {domain} are brought from {found.channels} to "
            f"{like.channels} channels, like the labelled ones"
        )
    images = bring_channels(found.images, like.channels)
    return UnlabelledImages(images, domain, found.names, tuple(notes))


def check_unlabelled(
    pool: UnlabelledImages,
    data: LabelledImages,
    test: LabelledImages | None = None,
    *,
    allow_leak: bool = False,
) -> list[str]:
    """Refuse unlabelled images that are copies of labelled or test images.

    Args:
        pool: what `load_unlabelled` returned.
        data: the labelled images.
        test: test images of the same size and channels, or None.
        allow_leak: whether copies are noted instead of refused.

    Returns:
        Lines that the user should know.

    Raises:
        DataError: there are copies.
    """
    kinds = {"labelled": data} | ({} if test is None else {"test": test})
    found = [
        f"{copies:,} of {count(len(pool), 'unlabelled image')} of {pool.domain} "
        f"{'is a copy' if copies == 1 else 'are copies'} of {kind} images"
        for kind, images in kinds.items()
        if (copies := count_copies(pool, images))
    ]
    if found and not allow_leak:
        raise DataError(f"{' and '.join(found)}; remove them, or pass --allow-leak")
    return [f"{line}: allowed, but scores may be too good" for line in found]


def count_copies(pool: UnlabelledImages, images: LabelledImages) -> int:
    """Count unlabelled images that equal another image, pixel for pixel.

    Example:
        >>> from ganaug.data.load import load_images
        >>> digits = load_images("digits")
        >>> count_copies(load_unlabelled(digits.images[:20], "b", digits), digits)
        20
    """
    known = set(images.hash_images())
    return sum(hash_pixels(image) in known for image in pool.images)


def _read(
    source: Any, like: LabelledImages, *, strict: bool, tell: Tell
) -> LabelledImages:
    form: dict[str, Any] = {
        "size": like.size,
        "max_side": max(like.size),
        "scaling": choose_scaling(
            None if like.scaled else like.intensity_range, like.scale
        ),
    }
    if isinstance(source, str | os.PathLike):
        found = _open(Path(source))
    elif hasattr(source, "shape"):
        found = np.asarray(source)
    else:
        raise DataError(
            f"a {type(source).__name__} is not a set of unlabelled images; {ALLOWED}"
        )
    if isinstance(found, ImageList):
        found = open_pages(found) if like.pages == "all" else found
        return assemble_images(found, strict=strict, tell=tell, **form)
    labels = [NO_LABEL] * len(found)
    return label_arrays(LabelledArrays(NO_LABEL, found, labels), **form)


def _open(path: Path) -> ImageList | NDArray[Any]:
    if path.is_dir():
        files = find_files(path)
        if not files:
            raise DataError(f"{path} contains no images; {ALLOWED}")
        return list_files(path.resolve().name, path, files, [NO_LABEL] * len(files))
    suffix = path.suffix.lower()
    if path.is_file() and suffix == ".csv":
        return read_paths(path, NO_LABEL)
    if path.is_file() and suffix == ".npz":
        return np.asarray(read_npz_images(path))
    what = "is neither" if path.exists() else "does not exist"
    raise DataError(f"{path} {what}; {ALLOWED}")
