"""The domain filter: a carried image must look as its new domain does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.looks.look import measure_looks
from ganaug.data.split import make_folds
from ganaug.synth.fill.candidates import CarriedCandidates
from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.filter import Filter, keep_all, score_nothing
from ganaug.synth.filters.label import SKILL

FOLDS = 3
FEWEST = 6  # images of a domain that a classifier can learn it from

Numbers = NDArray[np.int64]  # (n,)


def filter_domains(real: RealExamples, labels: Numbers) -> Filter:
    """Keep candidates that lie nearer to their domain than to the source's.

    A classifier learns the domains from plain statistics of colour, contrast and fine
    structure, with all cells at equal weight; these hardly know what an image shows, so
    that a class of one domain does not stand for the domain. Domains that it cannot
    tell in real images are not filtered. The score is the probability of the target
    domain, where the source's is the only other.

    Args:
        real: real images numbered by domain.
        labels: (n,) their classes.
    """
    looks, domains = measure_looks(real.training.images), real.training.labels
    model = learn_domains(looks, domains, labels)
    if model is None:
        note = "domain: not filtered, the domains have too few images"
        return Filter("domain", score_nothing, keep_all, notes=(note,))
    skill = measure_skill(looks, domains, labels)
    known = np.array([skill.get(d, 0.0) >= SKILL for d in range(len(real.classes))])
    unknown = [real.classes[d] for d in skill if not known[d]]
    note = (
        f"domain: not filtered for {', '.join(unknown)}, whose real images do not "
        "differ from others in colour or texture"
    )

    def score(candidates: Candidates) -> Scores:
        assert isinstance(candidates, CarriedCandidates)
        found = predict_domains(model, candidates.images, len(real.classes))
        rows = np.arange(len(candidates))
        target = found[rows, candidates.domains]
        both = target + found[rows, candidates.origins]
        return np.asarray(target / np.maximum(both, 1e-12), np.float32)

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        assert isinstance(candidates, CarriedCandidates)
        home = candidates.domains == candidates.origins
        blind = ~known[candidates.domains] | ~known[candidates.origins]
        return np.asarray((scores >= 0.5) | home | blind)

    return Filter("domain", score, keep, threshold=0.5, notes=(note,) * bool(unknown))


def learn_domains(
    looks: NDArray[np.float32], domains: Numbers, labels: Numbers
) -> Any | None:
    """Fit a classifier of domains; None where these have too few images."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    counts = np.bincount(domains)
    if (counts >= FEWEST).sum() < 2:
        return None
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    weights = weigh_cells(labels, domains)
    return model.fit(looks, domains, logisticregression__sample_weight=weights)


def predict_domains(
    model: Any, images: NDArray[np.uint8], n_domains: int
) -> NDArray[np.float64]:
    """Return (n, d) probabilities; 0 for domains that the classifier has not seen."""
    found = np.zeros((len(images), n_domains))
    if len(images):
        found[:, model.classes_] = model.predict_proba(measure_looks(images))
    return found


def measure_skill(
    looks: NDArray[np.float32], domains: Numbers, labels: Numbers
) -> dict[int, float]:
    """Measure domain → recall on images that were not learnt; 0 is chance, 1 perfect.

    Every cell of a domain counts equally.
    """
    cells = labels * (int(domains.max()) + 1) + domains
    folds = make_folds(np.unique(cells, return_inverse=True)[1], folds=FOLDS)
    hits = np.zeros(len(looks))
    for fold in range(FOLDS):
        held = folds == fold
        model = learn_domains(looks[~held], domains[~held], labels[~held])
        if model is not None and held.any():
            hits[held] = model.predict(looks[held]) == domains[held]
    weights, there = weigh_cells(labels, domains), np.unique(domains)
    chance = 1 / len(there)
    return {
        int(d): (np.average(hits[own], weights=weights[own]) - chance) / (1 - chance)
        for d in there
        if (own := domains == d).any()
    }


def weigh_cells(labels: Numbers, domains: Numbers) -> NDArray[np.float64]:
    """Return weights (n,) that give each cell of a domain, and each domain, the same.

    Example:
        >>> weigh_cells(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])).tolist()
        [0.5, 0.5, 1.0, 2.0]
    """
    weights = np.empty(len(labels))
    for domain in np.unique(domains):
        own = domains == domain
        counts = np.bincount(labels[own])
        weights[own] = 1 / (counts[labels[own]] * (counts > 0).sum())
    return np.asarray(weights * len(labels) / weights.sum())
