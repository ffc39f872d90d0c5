"""evaluate: the quality of a store's images, per class, beside a floor."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganaug.classify.spaces import make_spaces
from ganaug.engine import pick_device
from ganaug.errors import StoreError
from ganaug.evaluation.accuracy import measure_accuracy
from ganaug.evaluation.feature_space import extract_features
from ganaug.evaluation.figures import compare_space
from ganaug.evaluation.memorisation import measure_memorisation
from ganaug.evaluation.samples import Samples, draw_samples
from ganaug.evaluation.table import Row, tabulate
from ganaug.files import say_disk_error, write_text
from ganaug.spreadsheets import shield
from ganaug.synth.real_images import RealImages, find_real
from ganaug.synth.store.store import Store
from ganaug.synth.verdict.recording import record_verdict

if TYPE_CHECKING:
    import pandas as pd
    import torch

EVALUATION_FILE = "evaluation.csv"


def evaluate(
    real: Any,
    store: Store | str | os.PathLike[str],
    test: Any = None,
    *,
    features: str | None = None,
    weights: Path | str | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Compare a store's images with real ones that the GAN did not see.

    Each figure comes with its floor: the same figure for as many real training images
    in place of the synthetic ones; for authenticity, for held-out images; for ct, 0.
    Up to 500 images of a class are used, as many synthetic as training
    ones, and at most 1,000 of them for a distance or a manifold over all classes; all
    are seen at the size that the GAN draws.

    Args:
        real: the images that the store was made from: whatever `load_images` takes,
            RealImages, or None to read them from where the run did.
        store: the synthetic images, or their folder; the table is written there too,
            as `evaluation.csv`, and the verdict if it has none.
        test: further real images to compare with; by default those that were held
            out from the GAN, or, where there are none, half of those it saw. Held-out
            images chose the snapshot and set the filters' thresholds, so further
            images are a stricter test.
        features: a pretrained model as a further feature space, see `load_extractor`.
        weights: the file of its weights.
        seed: decides which images are picked, and how classifiers are trained.
        device: `auto`, `cpu`, `cuda` or `mps`.
        progress: called with a few words before each step.

    Returns:
        One row per class (and `all`), metric and feature space, with the columns
        class, metric, features, value, low, high (a 95 % interval by jackknife over
        images, cut off where the metric cannot go: shares at 0 and 1; density,
        diversity and frechet at 0), floor, synthetic and real (images used),
        reference (which real ones, in words). Without enough images a value is NaN.
        The metrics are

        - kernel, frechet: distances, lower is better; frechet grows as images get
          fewer;
        - precision, density: do synthetic images lie among real ones? higher is
          better; density may exceed 1;
        - recall, coverage: are all kinds of real images there? higher is better;
        - diversity: mean distance within a class over that of real images; 1 is
          best;
        - cas: accuracy of a classifier trained on synthetic images alone, in [0, 1]
          (Ravuri and Vinyals, 2019); its interval is over test images;
        - ct: how much nearer to the training images they are than unseen real
          images, as a z-score; below −2 they look copied, above 2 they are off;
        - authenticity: share of images that are no near copies, in [0, 1].

    Raises:
        StoreError: the store is missing, empty or damaged, or the disk refuses.
        DataError: the real images are not found, or do not fit.
        MissingExtraError: a pretrained model is not there.

    Example:
        >>> table = evaluate(None, "digits-synthetic")  # doctest: +SKIP
        >>> table[table["class"] == "all"]  # doctest: +SKIP
    """
    say = progress or (lambda words: None)
    say("reading the images")
    store = store if isinstance(store, Store) else Store.load(store)
    found = real if isinstance(real, RealImages) else find_real(store, real)
    samples = draw_samples(store, found, test, seed=seed)
    rows = _measure(
        samples, features, weights, seed=seed, device=pick_device(device), say=say
    )
    table = tabulate(rows, samples.training.classes).assign(reference=samples.note)
    shielded = table.assign(**{"class": table["class"].map(shield)})
    try:
        write_text(
            store.path / EVALUATION_FILE,
            shielded.to_csv(index=False, lineterminator="\n"),
        )
        if store.verdict is None:
            record_verdict(store.path, found)
    except OSError as error:
        raise StoreError(say_disk_error(store.path / EVALUATION_FILE, error)) from error
    return table


def _measure(
    samples: Samples,
    features: str | None,
    weights: Path | str | None,
    *,
    seed: int,
    device: torch.device,
    say: Callable[[str], None],
) -> list[Row]:
    say("training classifiers for features")
    spaces = make_spaces(
        samples.training, features=features, weights=weights, seed=seed, device=device
    )
    rows = []
    for name, nets in spaces.items():
        say(f"comparing in the feature space {name}")
        space = extract_features(samples, name, nets)
        rows += compare_space(space) + measure_memorisation(space)
    say("training a classifier on synthetic images")
    return rows + measure_accuracy(samples, seed=seed, device=device)
