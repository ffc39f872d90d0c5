"""A gain's folder, with any verdict and recipe that a test needs."""

import pandas as pd

from ganaug.gain.judgement.details import GainDetails
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.judgement.statistics import paired_interval
from ganaug.gain.judgement.verdict import Verdict
from ganaug.gain.settings import Settings
from ganaug.recipe import Recipe


def save_gain(folder, counts, *, word="helps", fingerprint="", size=None, **recipe):
    """Write a gain as `measure_gain` does, and return its folder."""
    gain = paired_interval([0.02, 0.03])
    verdict = Verdict(
        word=word, sentence=f"On these data: {word}.", against_opponent=gain,
        against_placebo=gain, margin=0.01, classifier="a small network",
        pretrained_run=True, metric="accuracy", splits_needed=2,
    )  # fmt: skip
    details = GainDetails(
        sign_flip_p=0.5, minimum_detectable_gain=None, arms={}, recalls={}, recipes={},
        failed_fits=0, kept=(), classes=(), fingerprint=fingerprint, counts=counts,
        settings=None if size is None else Settings(grid=size),
    )  # fmt: skip
    folder.mkdir(exist_ok=True)
    made = {"share": 0.5, **recipe}
    table = pd.DataFrame({"split": [0]})
    GainResult(folder, verdict, {}, Recipe(**made), table, details).save()
    return folder
