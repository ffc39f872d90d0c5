"""The filters of styled images: they must keep their class and take on the style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.fit import default_steps
from ganaug.classify.teacher import Teacher, fit_teacher
from ganaug.data.resize import Size, fit_inside, resize_images, resize_pixels
from ganaug.synth.fill.candidates import judge_unseen
from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.filter import Filter, keep_all, score_nothing
from ganaug.synth.filters.label import filter_labels
from ganaug.synth.filters.near_duplicates import filter_near_duplicates
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.real_images import RealImages
from ganaug.synth.styled.styler import Styler
from ganaug.translate.objective.style import gram_matrix
from ganaug.translate.style.features import STYLE_LAYERS, StyleFeatures
from ganaug.translate.style.signals import to_signal

JUDGED_SIDE = 64  # pixels of the longest side at which images are judged
SEEN_LAYERS = STYLE_LAYERS[:3]  # deeper ones see too much of what small images show
WIDTH = 16  # channels of the first block of the network that looks at styles
LOOK_SEED = 77  # no style is drawn by this network
ALIKE = 0.5  # share of the mean distance between contents, at which looks are alike
LEAST_REACHED = 0.25  # share of the distance to the style, for alpha=1
# styled images that the teacher learns from, at most; one by optimise takes seconds
MOST_TAUGHT = {"generate": 1_000, "optimise": 60}
MOST_STEPS = 300  # of each of its classifiers

Images = NDArray[np.uint8]  # (n, h, w, c)
Numbers = NDArray[np.int64]  # (n,)


@dataclass(frozen=True, eq=False)
class StyledCandidates(Candidates):
    """Candidates with what they were drawn from.

    Attributes:
        contents: (n, h, w, c) uint8, the real images in their own look.
        styles: (n,) indices of the styles.
        folds: (n,) the teacher's classifier that has not seen the content.
    """

    contents: Images
    styles: Numbers
    folds: Numbers

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """Class probabilities (n, k), by classifiers that have not seen the content."""
        assert self.teacher is not None, "a single class has no teacher"
        return judge_unseen(self.teacher, self.images, self.folds)


@dataclass(frozen=True, eq=False)
class StyleExamples:
    """What judges styled images: real images by class, and the styler's styles."""

    real: RealExamples
    styler: Styler


# in the order in which they judge
STYLE_FILTERS: dict[str, Callable[[StyleExamples], Filter]] = {
    "label": lambda given: filter_labels(given.real),
    "style": lambda given: filter_styles(given.styler, given.real.training.images),
    "duplicate": lambda given: filter_near_duplicates(given.real),
}


class StylePipeline(FilterPipeline):
    """Judges styled images, in the order in which they would enter the store.

    There is no filter against copies, since a styled image is one of its content, on
    purpose.

    Args:
        examples: what judges them.
        names: filters to apply, keys of `STYLE_FILTERS`.
    """

    def __init__(self, examples: StyleExamples, names: Sequence[str]) -> None:
        self.examples = examples
        super().__init__(examples.real, names)

    def build(self, names: Sequence[str]) -> list[Filter]:
        """Fit the named filters, keys of `STYLE_FILTERS`."""
        chosen = [name for name in STYLE_FILTERS if name in names]
        return [STYLE_FILTERS[name](self.examples) for name in chosen]

    def look(
        self, images: Images, labels: Numbers, indices: Numbers | None
    ) -> StyledCandidates:
        """Return candidates with what they were drawn from."""
        assert indices is not None, "the index of a styled image tells its content"
        styler, teacher = self.examples.styler, self.real.teacher
        rows = styler.find_contents(labels, indices)
        known = self.real.training.images
        return StyledCandidates(
            resize_images(images, known.shape[1:3]),
            labels,
            teacher,
            contents=known[rows],
            styles=styler.find_styles(labels, indices),
            folds=np.zeros_like(rows) if teacher is None else teacher.fold_of[rows],
        )

    def remember(
        self, images: Images, labels: Numbers, indices: Numbers | None = None
    ) -> None:
        """Remember images that the store has from an earlier call."""
        grid = self.real.training.images.shape[1:3]
        super().remember(resize_images(images, grid), labels)


def prepare_styles(
    styler: Styler, real: RealImages, *, teach: bool, seed: int
) -> StyleExamples:
    """Bring real images to the filters' grid, and train a teacher where one is needed.

    Args:
        styler: draws the candidates; its contents are the training images.
        real: the same images, and held-out ones.
        teach: whether to train a teacher, which takes most of the time.
        seed: seed of the teacher.
    """
    contents, held = styler.contents, real.held
    grid = fit_inside(styler.size, JUDGED_SIDE)
    images, fresh = (
        resize_images(contents.images, grid),
        resize_images(np.asarray(real.images.images[held]), grid),
    )
    teacher = None
    if teach and len(np.unique(contents.labels)) > 1:
        teacher = _teach(styler, images, grid, len(real.images.classes), seed=seed)
    examples = RealExamples(
        Candidates(images, contents.labels, teacher),
        Candidates(fresh, real.images.labels[held], teacher),
        training_rows=contents.rows,
        held_out_rows=held,
        classes=real.images.classes,
        hflip=False,
        vflip=False,
    )
    return StyleExamples(examples, styler)


def _teach(
    styler: Styler, images: Images, grid: Size, classes: int, *, seed: int
) -> Teacher:
    """Train cross-fitted classifiers on real images and on styled ones of each.

    They shall not take the look for the class. What was drawn from a content shares
    its fold, so that no classifier judges an image whose content it has seen.
    """
    contents, labels = styler.contents, styler.contents.labels
    groups = contents.groups
    groups = np.arange(len(images)) if groups is None else groups
    more, indices = _choose_taught(styler)
    if len(more):
        drawn = styler.sample_rows(more, indices, seed=seed)
        images = np.concatenate([images, resize_images(drawn, grid)])
        labels = np.concatenate([labels, more])
        groups = np.concatenate([groups, groups[styler.find_contents(more, indices)]])
    return fit_teacher(
        images,
        labels,
        classes,
        groups=groups,
        steps=min(MOST_STEPS, default_steps(len(images))),
        seed=seed,
    )


def _choose_taught(styler: Styler) -> tuple[Numbers, Numbers]:
    """Choose the first candidates of every class: classes and indices (m,)."""
    places = styler.contents.places
    most = max(1, MOST_TAUGHT[styler.transfer.engine] // len(places))
    counts = {label: min(len(rows), most) for label, rows in sorted(places.items())}
    labels = np.repeat(np.array([*counts], np.int64), [*counts.values()])
    indices = np.concatenate([np.arange(n) for n in counts.values()])
    return labels, indices


def filter_styles(styler: Styler, contents: Images) -> Filter:
    """Keep candidates that have come nearer to their style.

    Both are looked at by Gram matrices of a small random network that draws no style.
    The score is the share of the squared distance between content and style that is
    gone: 1 where the matrices are those of the style, below 0 where they are farther
    from it than the content's. Where content and style are as near to each other as
    contents are, there is nothing to reach: they have no score and are kept.

    Args:
        styler: draws the candidates.
        contents: (n, h, w, c) its contents at the filters' grid, which bring the
            network's layers to one scale.
    """
    known = styler.transfer.styles.match(styler.channels)
    alpha = styler.transfer.alpha
    if not alpha:
        note = "style: not filtered, alpha=0 keeps the content's own look"
        return Filter("style", score_nothing, keep_all, notes=(note,))
    look = StyleFeatures(seed=LOOK_SEED, width=WIDTH)
    some = contents[:: -(-len(contents) // JUDGED_SIDE)]
    look.level(to_signal(some))
    alike = ALIKE * 2 * float(_describe(look, some).var(axis=0).sum())

    def score(candidates: Candidates) -> Scores:
        assert isinstance(candidates, StyledCandidates)
        if not len(candidates):
            return score_nothing(candidates)
        places = np.unique(candidates.styles, return_inverse=True)
        shown = [_describe(look, _reduce(known.images[k])[None]) for k in places[0]]
        targets = np.concatenate(shown)[places[1]]
        before, after = (
            np.square(_describe(look, images) - targets).sum(axis=1)
            for images in (candidates.contents, candidates.images)
        )
        near = before <= max(alike, 1e-12)
        gone = 1 - after / np.where(near, 1, before)
        return np.where(near, np.nan, gone).astype(np.float32)

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        return np.asarray(np.isnan(scores) | (scores >= threshold))

    threshold = LEAST_REACHED * alpha
    return Filter("style", score, keep, threshold=threshold)


def _reduce(style: Images) -> Images:
    """Bring a style to the side at which images are judged, if it is larger."""
    height, width = style.shape[:2]
    return resize_pixels(style, fit_inside((height, width), JUDGED_SIDE))


@torch.inference_mode()
def _describe(look: StyleFeatures, images: Images) -> NDArray[np.float32]:
    """Return the Gram matrices of some layers, (n, d), each layer of equal weight."""
    found = []
    for start in range(0, len(images), JUDGED_SIDE):
        seen = look(to_signal(images[start : start + JUDGED_SIDE]), SEEN_LAYERS)
        grams = [gram_matrix(seen[name]) for name in SEEN_LAYERS]
        flat = [gram.flatten(1) / gram.shape[1] for gram in grams]
        found.append(torch.cat(flat, dim=1).numpy())
    return np.concatenate(found)
