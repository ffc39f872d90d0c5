"""The copy filter: a candidate must not repeat a training image of the GAN."""

from __future__ import annotations

import numpy as np

from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.copy_detector import CopyDetector
from ganaug.synth.filters.filter import Filter


def filter_copies(real: RealExamples) -> Filter:
    """Keep candidates that are not copies of the GAN's training images.

    The score is that of `CopyDetector`; copies score below 1.
    """
    detector = CopyDetector(real)

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        return np.asarray(scores >= 1)

    return Filter(
        "copy",
        detector.score,
        keep,
        threshold=1.0,
        notes=detector.notes,
        detector=detector,
    )
