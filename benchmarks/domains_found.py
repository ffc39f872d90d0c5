"""Are domains found that nobody wrote down, and none where there are none?

    python -m benchmarks.domains_found [--data-dir FOLDER] [--splits N]
        [--kinds domains closed sources] [--out FILE]

Sets with domains lose cells as in `benchmarks.gain --suite domains`, and their column
is hidden. Closed sets have no domains: whatever is proposed there is a false alarm.
Classes of two sets put together are to be called sources.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

import ganaug
from benchmarks.gain.domain_problems import Row, draw_part, read_domains
from benchmarks.gain.problems import read_set
from benchmarks.measuring import HERE, Section, describe_machine, positive, update_page
from ganaug.data.images import LabelledImages
from ganaug.data.looks.clusters import choose_clusters, fit_clusters
from ganaug.data.looks.look import measure_looks
from ganaug.data.looks.proposal import propose_domains
from ganaug.data.looks.sampling import pick_some

ROWS = [
    Row(name, kind, light=light, planted=planted, per_cell=40)
    for name, light, planted in (
        ("digits-4", "", False),
        ("fsdd-speaker", "", False),
        ("mt-exposure-2", "", False),
        ("mt-exposure", "", False),
        ("rsscn7-scale-32", "", False),
        ("wbc-stain", "", False),
        ("sign-digits", "border", False),
        ("neu-det", "border", False),
        ("fashion-mnist", "object", False),
        ("fashion-mnist", "", True),
    )
    for kind in ("empty", "thin")
]
CLOSED = (
    "mnist", "fashion-mnist", "cifar10-5k", "sign-digits", "bccd-cells", "neu-det",
    "magnetic-tile", "digits",
)  # fmt: skip
SOURCES = tuple(itertools.combinations(CLOSED, 2))
SMALL = (40, 100)  # images of a class in the subsets of closed sets
PER_SOURCE = 3  # classes from each of two sets
SIDE = 32  # pixels, where two sets are put together
WHOLE = 2000  # images of a whole set, at most


@dataclass(frozen=True)
class Found:
    """What was found in one case.

    Attributes:
        set: name of the set, and what was left out.
        kind: `domains`, `closed` or `sources`.
        case: number of the split, or name of the subset.
        images: number of images.
        truth: number of domains, 1 where there are none.
        known: adjusted Rand index with the true domains, their number given.
        chosen: number of clusters by the rule, 1 for none.
        index: adjusted Rand index of these.
        said: what is proposed: `domains`, `sources` or nothing.
    """

    set: str
    kind: str
    case: str
    images: int
    truth: int
    known: float | str
    chosen: int
    index: float | str
    said: str


def main() -> None:
    options = read_options()
    start = time.perf_counter()
    found = []
    for case in list_cases(options):
        print(case, file=sys.stderr)
        found.append(case)
    table = options.out.with_suffix(".csv")
    write_rows(table, [f for f in read_rows(table) if f["kind"] not in options.kinds],
               found)  # fmt: skip
    minutes = (time.perf_counter() - start) / 60
    sections = summarise(found, f"{describe_machine()} {minutes:.0f} minutes.")
    update_page(
        options.out, "Domains that nobody wrote down", sections,
        introduction=INTRODUCTION, order=list(TITLES.values()),
    )  # fmt: skip


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--splits", type=positive, default=5)
    add("--kinds", nargs="+", choices=list(TITLES), default=list(TITLES))
    add("--out", type=Path, default=HERE / "domains_found.md")
    return parser.parse_args()


def list_cases(options: argparse.Namespace) -> Iterator[Found]:
    listings = {
        "domains": list_domains, "closed": list_closed, "sources": list_sources,
    }  # fmt: skip
    for kind in options.kinds:
        yield from listings[kind](options)


def list_domains(options: argparse.Namespace) -> Iterator[Found]:
    for row in ROWS:
        found = read_domains(row, options.data_dir)
        if found is None:
            print(f"there is no {row.data}.npz in {options.data_dir}", file=sys.stderr)
            continue
        for k in range(options.splits):
            part = found[0].subset(draw_part(found[0], row, k))
            yield judge(part, row.name, "domains", str(k))
    embedded = ganaug.load_images("digits-domains")
    yield judge(embedded, "digits-domains", "domains", "0")


def list_closed(options: argparse.Namespace) -> Iterator[Found]:
    for name in CLOSED:
        read = read_set(name, options.data_dir)
        if read is not None:
            for case, part in take_subsets(read[0]):
                yield judge(part, name, "closed", case)


def list_sources(options: argparse.Namespace) -> Iterator[Found]:
    for one, other in SOURCES:
        first, second = (read_set(name, options.data_dir) for name in (one, other))
        if first is not None and second is not None:
            joined = put_together(first[0], second[0])
            yield judge(joined, f"{one} + {other}", "sources", "0")


def take_subsets(data: LabelledImages) -> Iterator[tuple[str, LabelledImages]]:
    """Take the whole set, few images of each class, and half of the classes."""
    yield "all", data.subset(pick_some(len(data), WHOLE))
    for n in SMALL:
        yield f"{n} per class", draw_per_class(data, n)
    for half in (0, 1):
        own = np.flatnonzero(data.labels % 2 == half)
        if len(data.classes) > 3:
            which = "even" if half == 0 else "odd"
            part = data.subset(own)
            yield f"{which} classes", part.subset(pick_some(len(part), WHOLE))


def draw_per_class(data: LabelledImages, n: int) -> LabelledImages:
    rng = np.random.default_rng(0)
    rows = [
        rng.permutation(np.flatnonzero(data.labels == k))[:n]
        for k in range(len(data.classes))
    ]
    return data.subset(np.sort(np.concatenate(rows)))


def put_together(one: LabelledImages, other: LabelledImages) -> LabelledImages:
    """Take the first classes of one set and the last of another, at one size."""
    parts = []
    for data, first in ((one, 0), (other, len(other.classes) - PER_SOURCE)):
        labels = data.labels
        own = np.flatnonzero((labels >= first) & (labels < first + PER_SOURCE))
        few = draw_per_class(data.subset(own), SMALL[1])
        parts.append(replace(few, labels=few.labels - first))
    like = replace(parts[0], images=np.zeros((1, SIDE, SIDE, 3), np.uint8),
                   labels=np.zeros(1, np.int64), names=(), groups=None)  # fmt: skip
    pixels = [ganaug.load_unlabelled(part.images, "x", like).images for part in parts]
    labels = np.concatenate([parts[0].labels, parts[1].labels + PER_SOURCE])
    names = tuple(f"{i}" for i in range(2 * PER_SOURCE))
    domains = np.repeat([0, 1], [len(part) for part in parts])
    return LabelledImages(np.concatenate(pixels), labels, names, domains=domains,
                          domain_names=("one", "other"))  # fmt: skip


def judge(data: LabelledImages, name: str, kind: str, case: str) -> Found:
    """Compare what is found with the hidden column."""
    looks = measure_looks(data.images)
    truth = 1 if data.domains is None else len(np.unique(data.domains))
    chosen = choose_clusters(looks, data.labels)
    proposal = propose_domains(looks, data.labels)
    known: float | str = ""
    index: float | str = ""
    if data.domains is not None:
        same = fit_clusters(looks, truth).assign(looks)
        known = round(float(adjusted_rand_score(data.domains, same)), 3)
        if chosen is not None:
            own = chosen.assign(looks)
            index = round(float(adjusted_rand_score(data.domains, own)), 3)
    return Found(
        set=name, kind=kind, case=case, images=len(data), truth=truth, known=known,
        chosen=1 if chosen is None else len(chosen.order), index=index,
        said="" if proposal is None else proposal.kind,
    )  # fmt: skip


def summarise(found: list[Found], machine: str) -> list[Section]:
    by_kind = {kind: [f for f in found if f.kind == kind] for kind in TITLES}
    rows = {
        "domains": [_row_of_domains(own) for own in _group(by_kind["domains"])],
        "closed": [_row_of_closed(own) for own in _group(by_kind["closed"])],
        "sources": _rows_of_sources(by_kind["sources"]),
    }  # fmt: skip
    alarms = sum(bool(f.said) for f in by_kind["closed"])
    totals = {
        "closed": f" In all: {alarms} of {len(by_kind['closed'])} have a proposal.",
    }
    return [
        Section(title, f"{PROTOCOLS[kind]}{totals.get(kind, '')} {machine}",
                COLUMNS[kind], rows[kind])
        for kind, title in TITLES.items()
        if by_kind[kind]
    ]  # fmt: skip


def _group(found: list[Found]) -> list[list[Found]]:
    names = dict.fromkeys(f.set for f in found)
    return [[f for f in found if f.set == name] for name in names]


def _row_of_domains(own: list[Found]) -> list[str]:
    known = [float(f.known) for f in own]
    indices = [float(f.index) for f in own if f.index != ""]
    spread = f"{np.mean(known):.2f} ({min(known):.2f} … {max(known):.2f})"
    return [
        own[0].set,
        str(own[0].truth),
        spread,
        f"{len(indices)} of {len(own)}",
        ", ".join(str(f.chosen) for f in own if f.chosen > 1) or "–",
        f"{np.mean(indices):.2f}" if indices else "–",
    ]


def _row_of_closed(own: list[Found]) -> list[str]:
    alarms = [f"{f.case}: {f.said}" for f in own if f.said]
    return [own[0].set, str(len(own)), ", ".join(alarms) or "none"]


def _rows_of_sources(own: list[Found]) -> list[list[str]]:
    """List the pairs of sets by what they are called."""
    called: dict[str, list[str]] = {}
    for f in own:
        called.setdefault(f.said or "nothing", []).append(f.set)
    return [[said, str(len(sets)), ", ".join(sets)] for said, sets in called.items()]


def read_rows(path: Path) -> list[dict[str, object]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [dict(row) for row in csv.DictReader(file)]


def write_rows(path: Path, kept: list[dict[str, object]], found: list[Found]) -> None:
    """Write earlier rows of other kinds, and the new ones."""
    names = [field.name for field in fields(Found)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(kept)
        writer.writerows({name: getattr(f, name) for name in names} for f in found)


TITLES = {
    "domains": "Sets whose column is hidden",
    "closed": "Closed sets without domains",
    "sources": "Two sets put together",
}
COLUMNS = {
    "domains": (
        "set", "domains", "index, number known: mean (least … most)", "proposed",
        "clusters", "index of these, mean",
    ),
    "closed": ("set", "subsets", "proposed"),
    "sources": ("called", "pairs", "which"),
}  # fmt: skip
PROTOCOLS = {
    "domains": (
        "Three classes keep all domains, each other one has images in one of them "
        "(*empty*), or two images elsewhere (*thin*), 40 per seen cell; which, goes "
        "round over the splits. The index is the adjusted Rand index with the true "
        "domains: 1 is equal, 0 chance. *Light*: the domains are the darkest and the "
        "brightest two fifths of unedited images; *planted*: four conditions are "
        "painted on."
    ),
    "closed": (
        "The whole training part (at most 2,000 images), 40 and 100 images of each "
        "class, and half of the classes."
    ),
    "sources": (
        "Three classes of 100 images from each of two sets, at 32 pixels in colour: "
        "each class has one source. They are called sources where each class lies in "
        "one of two or three clusters, or where a linear classifier of looks mixes up "
        "classes of one set, but not of both."
    ),
}
INTRODUCTION = (
    "`python -m benchmarks.domains_found` clusters images by their look alone "
    "(quantiles of colour, border, sharpness, spectrum, number of grey levels; a "
    "mixture of Gaussians without covariances). The number of clusters is the largest "
    "from 2 to 6 whose table with the classes looks like domains that classes lack: "
    "three tenths of the classes (and two) have 97 % of their images in one cluster, "
    "some class is at home in several (15 % of its images each), each cluster is the "
    "home of two classes, and at most 5 % of the cells are unclear (3 to 15 % of a "
    "class). The limits were set while looking at sets of this page. Thin cells are "
    "unclear by this rule: a set that has them needs the number of clusters, or the "
    "column."
)

if __name__ == "__main__":
    main()
