"""Gains made up for tests: predictions with a chosen accuracy, in a real folder."""

import json
from dataclasses import replace

import numpy as np

from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import summarise
from ganaug.gain.kept import KEPT_FOLDER, SETTINGS_FILE
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, PLAIN_ARM, STANDARD, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.recipes import PLAIN
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.recipe import Recipe

OPPONENT_RECIPE = Recipe(policy="rand", mix="cutmix")
MIXTURES = (
    Recipe(policy="rand", mix="cutmix", share=0.25, labels="soft", real_only=0.4),
    Recipe(policy="rand", mix="cutmix", share=0.5, weight=0.3),
)
SCORES = {PLAIN_ARM: 0.7, STANDARD: 0.78, OPPONENT: 0.78, PLACEBO: 0.78}


def make_gain(
    path, *, classes, gain=0.0, splits=5, each=40, noise=0.0, details=None, **options
):
    """Save a gain of `splits` splits, and return its result.

    Args:
        path: a folder that is made.
        classes: names.
        gain: of the synthetic arm over all others but plain, a share.
        splits: folds.
        each: test images per class and split.
        noise: standard deviation of the gain over splits.
        details: fields of GainDetails.
        options: fields of Design.
    """
    rng = np.random.default_rng(0)
    found = [
        _make_split(rng, k, len(classes), each, gain + noise * rng.standard_normal())
        for k in range(splits)
    ]
    (path / KEPT_FOLDER / "split-00").mkdir(parents=True)
    pool = rng.integers(0, 256, (4 * len(classes), 8, 8, 3), np.uint8)
    labels = np.repeat(np.arange(len(classes)), 4)
    np.savez(path / KEPT_FOLDER / "split-00" / "pool.npz", images=pool, labels=labels)
    (path / SETTINGS_FILE).write_text(json.dumps({"classifier": "small", "test": None}))
    made = make_folds_splits(np.repeat(np.arange(len(classes)), 10), folds=5)
    (path / "splits.json").write_text(made.to_json())
    design = {
        "overlap": made.overlap,
        "margin": 0.01,
        "classifier": "a small network trained from scratch",
        "pretrained_run": False,
        "classes": classes,
        "minutes_per_split": 6.0,
    }
    result = summarise(found, Design(**{**design, **options}), path=path)
    known = {
        "settings": Settings(),
        "estimate": "5 splits: a GAN of 3.0 min each; 30 min in all",
        "minutes": 29.5,
        "fingerprint": "0" * 64,
        "counts": dict.fromkeys(classes, 10),
        "tested_on": "folds of the data",
    }
    result = replace(
        result, details=replace(result.details, **{**known, **(details or {})})
    )
    result.save()
    return result


def _make_split(rng, number, k, each, gain):
    labels = np.repeat(np.arange(k), each)
    scores = {**SCORES, SYNTHETIC: SCORES[OPPONENT] + gain}
    networks = {OPPONENT: 4, SYNTHETIC: 4}
    predictions = {
        arm: np.stack([_predict(rng, labels, k, score)] * networks.get(arm, 2))
        for arm, score in scores.items()
    }
    recipes = {
        PLAIN_ARM: PLAIN,
        STANDARD: OPPONENT_RECIPE,
        OPPONENT: OPPONENT_RECIPE,
        SYNTHETIC: MIXTURES[number % 3 // 2],
        PLACEBO: MIXTURES[number % 3 // 2],
    }
    kept = np.where(np.arange(k) % 4 == 3, 120, 200)
    return SplitResult(number, labels, predictions, recipes, kept)


def _predict(rng, labels, k, score):
    """Draw probabilities (n, k), exactly this share of which is right."""
    n = len(labels)
    hits = rng.permutation(n) < round(score * n)
    wrong = (labels + rng.integers(1, max(2, k), n)) % k
    chosen = np.where(hits, labels, wrong)
    found = np.full((n, k), 0.2 / k, np.float32)
    found[np.arange(n), chosen] += 0.8
    return found
