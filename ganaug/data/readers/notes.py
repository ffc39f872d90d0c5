"""Notes: one sentence for each decision that loading made for the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ganaug.data.readers.image_list import ImageHeader
from ganaug.data.readers.intensity import Scaling, say_range
from ganaug.data.readers.reading import Form
from ganaug.data.resize import Size
from ganaug.display.words import CHANNEL_NAMES

UNSTEADY = (
    "the dataset yields other pixels at each reading, as with a random transform: they "
    "will not be found again; load it without that transform"
)
LONG = 16  # times the shorter side
FEWEST = 10  # images; with fewer, equal sizes may be chance
DARK = 32  # grey levels, of which no photograph has as few


def describe_choices(
    headers: dict[int, ImageHeader],
    form: Form,
    native: Size,
    scaling: Scaling,
) -> tuple[str, ...]:
    """Note mixed channels, deep values, uneven sizes and a reduced size."""
    notes: list[str] = []
    kinds = Counter(header.channels for header in headers.values())
    if len(kinds) > 1:
        listed = ", ".join(f"{n} {CHANNEL_NAMES[c]}" for c, n in sorted(kinds.items()))
        notes.append(
            f"the set mixes {listed}: all are read as {CHANNEL_NAMES[form.channels]}"
        )
    deep = sum(header.deep for header in headers.values())
    if form.intensity_range:
        said = say_range(form.intensity_range, scaling)
        some = "all values" if form.scaled else f"{deep} images of more than 8 bits"
        notes.append(
            f"{some} are scaled by one range for the whole set: {said} become 0 to 255"
        )
    notes += _note_pages(headers) + _note_empty(headers, form)
    sizes = {header.size for header in headers.values()}
    if len(sizes) > 1:
        notes.append(
            f"sizes are uneven ({len(sizes)} different): all are resized to "
            f"{form.size[0]} × {form.size[1]} (median {native[0]} × {native[1]})"
        )
        return (*notes, *note_long(native))
    return tuple(notes) + note_size(native, form.size)


def _note_pages(headers: dict[int, ImageHeader]) -> list[str]:
    more = [header.pages - 1 for header in headers.values() if header.pages > 1]
    if not more:
        return []
    files = "1 file has" if len(more) == 1 else f"{len(more):,} files have"
    return [
        f"{files} several pages or frames: the first of each is read, and "
        f"{sum(more):,} are left out; --pages all reads them, and makes a group of "
        "each file"
    ]


def _note_empty(headers: dict[int, ImageHeader], form: Form) -> list[str]:
    values = {h.empty for h in headers.values() if h.empty is not None}
    if form.left_out is not None:
        values.add(form.left_out)
    listed = ", ".join(f"{value:g}" for value in sorted(values))
    return [
        f"pixels of the value {listed} have no data: they are left out of the range"
    ] * bool(values)


def note_darkness(brightest: int, *, scaled: bool) -> tuple[str, ...]:
    """Note a set whose values are so low that nothing would be seen.

    Example:
        >>> note_darkness(1, scaled=False)[0].partition(":")[0]
        'the images are nearly black'
        >>> note_darkness(1, scaled=True), note_darkness(200, scaled=False)
        ((), ())
    """
    if scaled or brightest > DARK:
        return ()
    return (
        f"the images are nearly black: no value is above {brightest} of 255, as in "
        "masks or maps of labels; --scale auto brings the lowest and the highest value "
        "of the set to 0 and 255",
    )


def note_class_sizes(
    labels: Sequence[object], headers: dict[int, ImageHeader]
) -> tuple[str, ...]:
    """Note classes that have one size each, where the sizes are not all equal.

    Example:
        >>> small, large = ImageHeader((8, 8), 1), ImageHeader((9, 9), 1)
        >>> headers = {i: (small, large)[i // 5] for i in range(10)}
        >>> len(note_class_sizes(["a"] * 5 + ["b"] * 5, headers))
        1
        >>> len(note_class_sizes(["a", "b"] * 5, headers))
        0
    """
    sizes: dict[object, set[Size]] = {}
    for i, header in headers.items():
        sizes.setdefault(labels[i], set()).add(header.size)
    alone = all(len(own) == 1 for own in sizes.values())
    if not alone or len(headers) < FEWEST or len(set.union(*sizes.values())) < 2:
        return ()
    return (
        "the images of each class have one size, and other classes other sizes: if the "
        "classes come from different sources, a classifier can take the source for the "
        "class, and no generator can repair it",
    )


def note_size(native: Size, held: Size) -> tuple[str, ...]:
    """Note that images are held at another size than the data's common one.

    Example:
        >>> note_size((512, 512), (256, 256))
        ('images of 512 × 512 are held at 256 × 256',)
    """
    notes = note_long(native)
    if native == held:
        return notes
    said = f"images of {native[0]} × {native[1]} are held at {held[0]} × {held[1]}"
    return (said, *notes)


def note_long(size: Size) -> tuple[str, ...]:
    """Note images of which a network of small square images would see little.

    Example:
        >>> note_long((200, 4))
        ('images are very long (200 × 4): cut them into shorter pieces, if you can',)
        >>> note_long((20, 40))
        ()
    """
    if max(size) < LONG * min(size):
        return ()
    return (
        f"images are very long ({size[0]} × {size[1]}): cut them into shorter pieces, "
        "if you can",
    )


def note_strays(names: Sequence[str]) -> tuple[str, ...]:
    """Note images that ganaug drew itself.

    Example:
        >>> note_strays(["cat/01.png"])
        ('1 of the images was drawn by ganaug, such as cat/01.png: never test on it',)
        >>> note_strays([])
        ()
    """
    if not names:
        return ()
    some = "1 of the images was" if len(names) == 1 else f"{len(names)} images were"
    it = "it" if len(names) == 1 else "them"
    return (f"{some} drawn by ganaug, such as {names[0]}: never test on {it}",)
