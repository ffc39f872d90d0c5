"""load_images reads a user's data, in whichever form, as LabelledImages."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from ganaug.data.cells import tabulate_cells
from ganaug.data.confounding.explain import explain_cells
from ganaug.data.domains.listing import find_domains
from ganaug.data.domains.names import name_domains, number_domains
from ganaug.data.domains.rules import DomainRule, join_rule, parse_rule
from ganaug.data.domains.trees import scan_tree
from ganaug.data.embedded.digits import read_digits
from ganaug.data.embedded.digits_domains import (
    read_digits_domains,
    read_digits_domains_test,
)
from ganaug.data.groups import number_groups
from ganaug.data.images import LabelledImages
from ganaug.data.labels.notes import note_classes
from ganaug.data.looks.clusters import cluster_images
from ganaug.data.naming import Values, name_values
from ganaug.data.readers.arrays import LabelledArrays, label_arrays
from ganaug.data.readers.assemble import Glance, assemble_images, glance_at
from ganaug.data.readers.csv_table import read_table
from ganaug.data.readers.folder import scan_folder, scan_unlabelled
from ganaug.data.readers.image_list import ImageList
from ganaug.data.readers.intensity import choose_scaling
from ganaug.data.readers.notes import note_darkness
from ganaug.data.readers.npz import read_npz
from ganaug.data.readers.pages import Pages, check_pages, open_pages
from ganaug.data.readers.reading import Tell, ignore
from ganaug.data.readers.torch_dataset import ItemDataset, wrap_dataset
from ganaug.data.recorded.rules import NO_RULES, Rules
from ganaug.data.resize import Size
from ganaug.errors import DataError

ALLOWED_DATA = (
    "give a folder with one subfolder per class, a .csv, a .npz, digits or "
    "digits-domains, (images, labels) arrays or a Dataset of (image, label)"
)

Arrays: TypeAlias = tuple[NDArray[Any], Any]
Data: TypeAlias = "str | os.PathLike[str] | Arrays | ItemDataset | LabelledImages"


def load_images(
    data: Data,
    *,
    groups: Values | None = None,
    group_regex: str | None = None,
    domains: Values | None = None,
    domain_regex: str | None = None,
    domains_outside: bool = False,
    domains_inside: bool = False,
    domain_from: str | None = None,
    size: Size | None = None,
    max_side: int = 256,
    strict: bool = False,
    intensity_range: tuple[float, float] | None = None,
    scale: str | tuple[float, float] | None = None,
    pages: str = "first",
    labelled: bool = True,
    tell: Tell = ignore,
) -> LabelledImages:
    """Read labelled images from a folder, a file, arrays or a Dataset.

    Args:
        data: a folder with one subfolder per class; a .csv with path, label and
            optionally group, domain and caption; a .npz with images and labels, x_train
            and y_train, or x and y; the word "digits" or
            "digits-domains"; (images, labels) arrays, images
            (n, h, w) or (n, h, w, c), uint8, uint16 or float in [0, 1]; a Dataset that
            yields (image, label); or LabelledImages, which come back as they are.
        groups: the subject that each image shows: (n,) values in the order of the
            images, or a mapping from every source-relative name.
        group_regex: expression that finds the group in each file's name: its first
            capturing group, or else the whole match.
        domains: the circumstances of each image, such as its camera, in either form;
            None, NaN, -1 or an empty string where they are unknown.
        domain_regex: expression that finds the domain in each file's name.
        domains_outside: whether the folder is a tree domain/class/….
        domains_inside: whether the folder is a tree class/domain/….
        domain_from: another rule for domains: exif:Model or another tag, exif:day,
            parent or parent:2 (a folder above the file), size, clusters or clusters:2.
        size: (height, width) of the loaded images; None takes the common one.
        max_side: longest side of the loaded images, in pixels.
        strict: whether an unreadable file refuses the set; else it is skipped and
            listed in `skipped`.
        intensity_range: scale deep values (16-bit and more) from this range instead of
            the data's own, as for a test set: give the training images'
            `intensity_range`.
        scale: scale all values, those of 8 bits too, from this range (low, high), or
            "0:16"; `auto` takes the lowest and the highest value of the set. Without
            it, masks of 0 and 1 are nearly black. For a test set, give the training
            images' `scale`.
        pages: `first` reads the first page of a TIFF, or frame of an animated GIF,
            WebP or PNG; `all` reads each as an image, named like film.tif#2. Those of a
            file are one group; `groups` and `domains` are then given for each file.
        labelled: False takes an image, or all images of a folder at any depth, as one
            class "images".
        tell: function that is called with the number of images read, and of all.

    Raises:
        DataError: the data cannot be read; one line says why and what is allowed.
        ConfigError: there is no such rule for domains, or several are given; the scale
            is no range, or pages is another word.

    Example:
        >>> images = load_images("digits")
        >>> images.images.shape, images.classes[:3]
        ((1797, 8, 8, 1), ('0', '1', '2'))
    """
    _check_sizes(size, max_side)
    rule = join_rule(
        domain_regex=domain_regex,
        domains_outside=domains_outside,
        domains_inside=domains_inside,
        domain_from=domain_from,
    )
    told = _Told(
        groups, group_regex, domains, None if rule is None else parse_rule(rule),
        labelled=labelled,
    )  # fmt: skip
    told.check()
    scaling, which = choose_scaling(intensity_range, scale), check_pages(pages)
    if isinstance(data, LabelledImages):
        _refuse_late(data, scale=scaling.whole, pages=which)
        return _tell_again(data, told)
    form: dict[str, Any] = {"size": size, "max_side": max_side, "scaling": scaling}
    found = _open(data, told.rule) if labelled else scan_unlabelled(data)
    if isinstance(found, LabelledArrays):
        _refuse_names(told, found.title)
        found = replace(
            found,
            groups=found.groups if groups is None else groups,
            domains=found.domains if domains is None else domains,
        )
        images = label_arrays(found, **form)
    else:
        found = _tell_listing(found, told, which)
        images = assemble_images(found, strict=strict, tell=tell, **form)
    return replace(_finish(images, told), pages=which)


def glance_at_data(
    data: str | os.PathLike[str],
    workers: Executor,
    *,
    rules: Rules = NO_RULES,
    strict: bool = False,
    max_side: int = 256,
    tell: Tell = ignore,
) -> Glance | LabelledImages:
    """Look at image files without keeping their pixels; other data are loaded.

    Args:
        data: a path, or the word digits.
        workers: what `start_workers` started.
        rules: how they are read.
        strict, max_side, tell: as for `load_images`.

    Raises:
        DataError: the data cannot be read; one line says why and what is allowed.
    """
    rule = None if rules.domain_from is None else parse_rule(rules.domain_from)
    found = _open(data, rule)
    if not isinstance(found, ImageList) or (rule and rule.kind == "clusters"):
        return load_images(
            data, group_regex=rules.group_regex, domain_from=rules.domain_from,
            pages=rules.pages, scale=rules.scale, strict=strict, max_side=max_side,
            tell=tell,
        )  # fmt: skip
    told = _Told(None, rules.group_regex, None, rule)
    found = _tell_listing(found, told, check_pages(rules.pages))
    seen = glance_at(
        found, workers, max_side=max_side, strict=strict, tell=tell,
        scaling=choose_scaling(scale=rules.scale),
    )  # fmt: skip
    noted = _note_all(seen.thumbnails, seen.brightest)
    return replace(seen, thumbnails=noted)


def list_names(path: Path, rules: Rules = NO_RULES) -> list[str]:
    """List the names of a source's images, unreadable ones too; no image is opened.

    Raises:
        DataError: the source cannot be listed.
    """
    found: ImageList | LabelledArrays
    if rules.labelled:
        rule = rules.domain_from
        found = _open_path(path, None if rule is None else parse_rule(rule))
    else:
        found = scan_unlabelled(path)
    if not isinstance(found, ImageList):
        return []
    return [*found.names, *(name for name, _ in found.skipped)]


@dataclass(frozen=True)
class _Told:
    """What the user says of the images: values, or rules that find them."""

    groups: Values | None
    group_regex: str | None
    domains: Values | None
    rule: DomainRule | None
    labelled: bool = True

    def check(self) -> None:
        if not self.labelled and self.rule is not None and self.rule.kind in TREES:
            _refuse_tree(self.rule, "a set without classes")
        if self.groups is not None and self.group_regex is not None:
            raise DataError(
                "groups and group_regex exclude each other; give one of them"
            )
        if self.domains is not None and self.rule is not None:
            raise DataError(
                f"domains and a rule for them ({self.rule.kind}) exclude each other; "
                "give one of them"
            )


def load_embedded(name: str, scale: str | None = None) -> LabelledImages:
    """Load a set that comes with ganaug, even if a file or folder has its name."""
    scaling = choose_scaling(scale=scale)
    return _note_all(label_arrays(EMBEDDED[name](), scaling=scaling))


def _check_sizes(size: Size | None, max_side: int) -> None:
    if max_side < 1 or (size is not None and min(size) < 1):
        raise DataError(
            f"size {size} and max_side {max_side} must be positive numbers of pixels"
        )


def _tell_again(data: LabelledImages, told: _Told) -> LabelledImages:
    """Give LabelledImages other groups and domains."""
    if not data.names:
        _refuse_names(told, data.source or "the set")
    names = data.names or tuple(str(i) for i in range(len(data)))
    named = name_values(names, values=told.groups, regex=told.group_regex)
    if named is not None:
        data = replace(data, groups=number_groups(named), group_names=named)
    regex = told.rule.detail if told.rule and told.rule.kind == "regex" else None
    found = name_domains(names, told.domains, regex)
    if found is not None:
        domains, domain_names = number_domains(found)
        return replace(data, domains=domains, domain_names=domain_names)
    if told.rule is not None:
        _refuse_files(told.rule, data.source or "the set")
        return cluster_images(data, int(told.rule.detail or 0) or None)
    return data


def _open(data: Data, rule: DomainRule | None = None) -> ImageList | LabelledArrays:
    if isinstance(data, str | os.PathLike):
        return _open_path(Path(data), rule)
    if rule is not None and rule.kind in TREES:
        _refuse_tree(rule, "the data")
    if isinstance(data, tuple):
        if len(data) != 2:
            raise DataError(f"a tuple of {len(data)} is not data; {ALLOWED_DATA}")
        return LabelledArrays("arrays", data[0], data[1])
    if hasattr(data, "__len__") and hasattr(data, "__getitem__"):
        return wrap_dataset(data)
    raise DataError(f"a {type(data).__name__} is not data; {ALLOWED_DATA}")


def _open_path(path: Path, rule: DomainRule | None) -> ImageList | LabelledArrays:
    if path.is_dir():
        tree = rule is not None and rule.kind in TREES
        return scan_tree(path, rule.kind) if rule and tree else scan_folder(path)
    if rule is not None and rule.kind in TREES:
        _refuse_tree(rule, str(path))
    suffix = path.suffix.lower()
    if path.is_file() and suffix in READERS:
        return READERS[suffix](path)
    if str(path) in EMBEDDED and not path.exists():
        return EMBEDDED[str(path)]()
    what = "is neither" if path.exists() else "does not exist"
    raise DataError(f"{path} {what}; {ALLOWED_DATA}")


def _refuse_late(data: LabelledImages, *, scale: bool, pages: Pages) -> None:
    """Raise DataError for what must be known before images are read."""
    if scale and not data.scaled:
        late = "scale"
    elif pages != "first" and data.pages != pages:
        late = "pages"
    else:
        return
    raise DataError(
        f"these images have been read without {late}=; give it to the load_images that "
        "reads them"
    )


def _tell_listing(found: ImageList, told: _Told, pages: Pages) -> ImageList:
    """Give a list the groups and domains that were told, and then all pages."""
    if told.group_regex is not None and not found.named:
        _refuse_names(told, found.title)
    named = name_values(found.names, values=told.groups, regex=told.group_regex)
    if named is not None:
        found = replace(found, groups=named)
    if told.domains is not None:
        found = replace(found, domains=name_domains(found.names, told.domains))
    if told.rule is not None:
        found = find_domains(found, told.rule)
    return open_pages(found) if pages == "all" else found


def _refuse_names(told: _Told, title: str) -> None:
    """Raise DataError for rules that look at file names, where there are none."""
    if told.group_regex is not None:
        raise DataError(
            f"group_regex needs file names, but {title} has none; pass groups="
        )
    if told.rule is not None:
        _refuse_files(told.rule, title)


def _refuse_files(rule: DomainRule, title: str) -> None:
    if rule.kind != "clusters":
        raise DataError(
            f"the rule {rule.kind} for domains needs image files, but {title} has "
            "none; pass domains="
        )


def _refuse_tree(rule: DomainRule, title: str) -> None:
    raise DataError(
        f"--domains-{rule.kind} reads a folder of folders, and {title} is none; omit it"
    )


def _finish(images: LabelledImages, told: _Told) -> LabelledImages:
    """Cluster images if that is the rule, and note what is unusual about the set."""
    if told.rule is not None and told.rule.kind == "clusters":
        images = cluster_images(images, int(told.rule.detail or 0) or None)
    return _note_all(images)


def _note_all(images: LabelledImages, brightest: int | None = None) -> LabelledImages:
    """Note odd class names, nearly black images, and classes not in all domains."""
    images = note_classes(images)
    if brightest is None:
        brightest = int(images.images[..., :3].max(initial=0))
    notes = images.notes + note_darkness(brightest, scaled=images.scaled)
    table = tabulate_cells(images)
    wrong = None if table is None else explain_cells(table)
    return replace(images, notes=notes if wrong is None else (*notes, wrong))


TREES = ("outside", "inside")
READERS: dict[str, Callable[[Path], ImageList | LabelledArrays]] = {
    ".csv": read_table,
    ".npz": read_npz,
}
EMBEDDED: dict[str, Callable[[], LabelledArrays]] = {
    "digits": read_digits,
    "digits-domains": read_digits_domains,
    "digits-domains-test": read_digits_domains_test,
}
