"""FillPipeline: the filters that carried images go through, each by its own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.teacher import Teacher, fit_teacher
from ganaug.data.images import LabelledImages
from ganaug.data.resize import Size, resize_images
from ganaug.synth.fill.candidates import (
    CarriedCandidates,
    add_examples,
    relabel_examples,
)
from ganaug.synth.fill.domain import filter_domains
from ganaug.synth.fill.filler import Filler
from ganaug.synth.fill.guessing import Guessed, place_labelled
from ganaug.synth.fill.label import (
    count_steps,
    filter_carried_labels,
    sample_carried,
    teach_on_carried,
)
from ganaug.synth.fill.swaps import Carried, Swap, find_swaps
from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.copies import filter_copies
from ganaug.synth.filters.filter import Filter
from ganaug.synth.filters.near_duplicates import filter_near_duplicates
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.filters.realism import filter_unrealistic
from ganaug.synth.real_images import RealImages

LEAST_REALISM = 0.4  # of the score that 95 % of real images reach

Numbers = NDArray[np.int64]  # (n,)
View = Callable[[Candidates], Candidates]


@dataclass(frozen=True, eq=False)
class FillExamples:
    """The real images that judge carried ones.

    Attributes:
        by_class: training images are the filler's sources, with a teacher.
        by_domain, by_cell: the same images and unlabelled ones, numbered by domain and
            by cell.
        pools: guessed images by the number of their domain.
        swaps: cells whose carried images show another class.
    """

    by_class: RealExamples
    by_domain: RealExamples
    by_cell: RealExamples
    pools: Mapping[int, Guessed] = field(default_factory=dict)
    swaps: tuple[Swap, ...] = ()

    @property
    def labels(self) -> Numbers:
        """Classes (n,) of the images in `by_domain`."""
        return self.by_cell.training.labels // len(self.by_domain.classes)

    @property
    def nearby(self) -> tuple[RealExamples, View]:
        """Real images that candidates must resemble, and how both are numbered.

        Of an unlabelled domain all images may be near; elsewhere those of the cell.
        """
        if self.pools:
            return self.by_domain, see_domains
        return self.by_cell, see_cells(self)


# in the order in which they judge; each gets the real images and their classes
FILL_FILTERS: dict[str, Callable[[FillExamples], Filter]] = {
    "label": lambda real: filter_carried_labels(
        real.by_class, real.swaps, real.by_domain.classes
    ),
    "domain": lambda real: filter_domains(real.by_domain, real.labels),
    "realism": lambda real: _view_realism(*real.nearby),
    "copy": lambda real: _view_copies(*real.nearby),
    "duplicate": lambda real: _view(
        filter_near_duplicates(real.by_cell), see_cells(real)
    ),
}


class FillPipeline(FilterPipeline):
    """Judges carried images, in the order in which they would enter the store.

    The class must stay and the domain must change. Where the cell has real images, they
    show what is real there, and what would be a copy; where it has none, only noise is
    refused, since images of other classes would refuse just what is missing.

    Args:
        examples: real images.
        names: filters to apply, keys of `FILL_FILTERS`.
        filler: what the candidates come from.
        seed: seed of the store.
    """

    def __init__(
        self, examples: FillExamples, names: Sequence[str], filler: Filler, seed: int
    ) -> None:
        self.examples, self.filler, self.seed = examples, filler, seed
        self.domains = len(examples.by_domain.classes)
        super().__init__(examples.by_class, names)

    def build(self, names: Sequence[str]) -> list[Filter]:
        """Fit the named filters, keys of `FILL_FILTERS`."""
        make = {name: FILL_FILTERS[name] for name in FILL_FILTERS if name in names}
        return [fit(self.examples) for fit in make.values()]

    def look(
        self, images: NDArray[np.uint8], labels: Numbers, indices: Numbers | None
    ) -> CarriedCandidates:
        """Return candidates with what they were carried over from."""
        assert indices is not None, "the index of a carried image tells its source"
        journeys, teacher = self.filler.plan.find(labels, indices), self.real.teacher
        back = images[:0]
        if teacher is not None:
            back = self.filler.carry_back(images, journeys, indices, seed=self.seed)
        grid = self.real.training.images.shape[1:3]
        return CarriedCandidates(
            resize_images(images, grid),
            labels,
            teacher,
            domains=journeys.targets,
            origins=self.filler.sources.domains[journeys.sources],
            folds=(
                np.zeros_like(labels)
                if teacher is None
                else teacher.fold_of[journeys.sources]
            ),
            back=resize_images(back, grid),
            guessed=self._find_pool(journeys.targets),
        )

    def _find_pool(self, domains: Numbers) -> Guessed | None:
        """Return the unlabelled images of candidates that are of one domain."""
        found = {self.examples.pools.get(int(d)) for d in np.unique(domains)}
        assert len(found) <= 1, "the cells of a domain are filled together"
        return next(iter(found), None)

    def remember(
        self,
        images: NDArray[np.uint8],
        labels: Numbers,
        indices: Numbers | None = None,
    ) -> None:
        """Remember images that the store has from an earlier call, by cell."""
        assert indices is not None, "the index of a carried image tells its domain"
        super().remember(images, labels * self.domains + indices % self.domains)


def prepare_fill(
    filler: Filler,
    real: RealImages,
    grid: Size,
    *,
    pools: Sequence[Guessed] = (),
    teach: bool,
    seed: int,
) -> FillExamples:
    """Bring real images to the filters' grid, and train a teacher where one is needed.

    Args:
        filler: what carries images over; its sources are the training images.
        real: the same images, and held-out ones.
        grid: (height, width) at which images are judged.
        pools: unlabelled images of the domains that are filled, if they are such.
        teach: whether to train a teacher, which takes most of the time.
        seed: seed of the store and of the teacher.
    """
    sources, data = filler.sources, place_labelled(real.images)
    images = resize_images(sources.images, grid)
    several = len(np.unique(sources.labels)) > 1 and teach
    carried = None
    if several and not pools:  # unlabelled images have a classifier of their own
        carried = sample_carried(filler, grid, seed=seed)
    teacher = _teach(filler, images, carried, seed) if several else None
    held = (
        real.held if data.domains is None else real.held[data.domains[real.held] >= 0]
    )
    examples = RealExamples(
        Candidates(images, sources.labels, teacher),
        Candidates(
            resize_images(data.images, grid, rows=held), data.labels[held], teacher
        ),
        training_rows=sources.rows,
        held_out_rows=held,
        classes=data.classes,
        hflip=False,
        vflip=False,
    )
    numbered = _number(filler, data, examples, pools, grid)
    if carried is None:
        return numbered
    return replace(numbered, swaps=_find_swaps(filler, images, data.classes, carried))


def _find_swaps(
    filler: Filler,
    images: NDArray[np.uint8],
    classes: tuple[str, ...],
    carried: Carried,
) -> tuple[Swap, ...]:
    sources = filler.sources
    real = LabelledImages(
        images,
        sources.labels,
        classes,
        groups=sources.groups,
        domains=sources.domains,
        domain_names=filler.translator.domains,
    )
    return find_swaps(real, carried)


def _teach(
    filler: Filler, images: NDArray[np.uint8], carried: Carried | None, seed: int
) -> Teacher:
    if carried is not None:
        return teach_on_carried(filler, images, carried, seed)
    sources, k = filler.sources, filler.plan.classes
    steps = count_steps(len(images))
    return fit_teacher(
        images, sources.labels, k, sources.groups, steps=steps, seed=seed
    )


def _number(
    filler: Filler,
    data: LabelledImages,
    examples: RealExamples,
    pools: Sequence[Guessed],
    grid: Size,
) -> FillExamples:
    """Number the images by domain and by cell, with the unlabelled ones."""
    sources, held = filler.sources, examples.held_out_rows
    names = filler.translator.domains
    numbers = np.array([names.index(name) for name in data.domain_names], np.int64)
    fresh = numbers[np.asarray(data.domains)[held]]
    cells = [f"{name} in {domain}" for name in data.classes for domain in names]
    domains, labels, every = [sources.domains], [sources.labels], examples
    if pools:
        more = [resize_images(pool.images, grid) for pool in pools]
        every = add_examples(examples, np.concatenate(more))
        for pool in pools:
            domains.append(np.full(len(pool.images), names.index(pool.domain)))
            labels.append(pool.found.guesses)
    placed, known = np.concatenate(domains), np.concatenate(labels)
    return FillExamples(
        examples,
        relabel_examples(every, placed, fresh, names),
        relabel_examples(
            every,
            known * len(names) + placed,
            data.labels[held] * len(names) + fresh,
            cells,
        ),
        {names.index(pool.domain): pool for pool in pools},
    )


def see_domains(candidates: Candidates) -> Candidates:
    """Return candidates numbered by their domains."""
    assert isinstance(candidates, CarriedCandidates)
    return candidates.relabel(candidates.domains)


def see_cells(real: FillExamples) -> View:
    """Return a function that numbers candidates by their cells."""
    width = len(real.by_domain.classes)

    def see(candidates: Candidates) -> Candidates:
        assert isinstance(candidates, CarriedCandidates)
        return candidates.relabel(candidates.labels * width + candidates.domains)

    return see


def _view_realism(real: RealExamples, see: View) -> Filter:
    """Judge by the real images nearby, less strictly; join the notes on cells without.

    Where images of a domain are much alike, such as dim ones, a tint that nobody sees
    takes a carried image out of their midst; it still shows what the cell lacks.
    """
    fitted = filter_unrealistic(real)
    note = "realism: only noise is rejected in cells that have too few real images"
    viewed, notes = _view(fitted, see), (note,) * bool(fitted.notes)

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        return np.asarray(np.isnan(scores) | (scores >= LEAST_REALISM))

    return replace(viewed, keep=keep, threshold=LEAST_REALISM, notes=notes)


def _view_copies(real: RealExamples, see: View) -> Filter:
    """Compare candidates with the real images nearby, unless one is their source.

    A candidate resembles its source on purpose, and that is of another domain, except
    where a class has one domain only.
    """

    def apart(candidates: Candidates) -> Candidates:
        assert isinstance(candidates, CarriedCandidates)
        view, home = see(candidates), candidates.domains == candidates.origins
        return view.relabel(np.where(home, len(real.classes), view.labels))

    viewed = _view(filter_copies(real), apart)

    def score(candidates: Candidates) -> Scores:
        found = viewed.score(candidates)
        return np.where(np.isinf(found), np.nan, found)

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        return np.asarray(np.isnan(scores) | (scores >= 1))

    return replace(viewed, score=score, keep=keep, detector=None)


def _view(filter_: Filter, see: View) -> Filter:
    """Return the filter as it judges candidates under other numbers."""

    def score(candidates: Candidates) -> Scores:
        return filter_.score(see(candidates))

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        return filter_.keep(see(candidates), scores, kept)

    return replace(filter_, score=score, keep=keep)
