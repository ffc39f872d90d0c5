"""Runs, stores and gains that an earlier version wrote are opened and used."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ganaug import (
    GainResult,
    Run,
    Store,
    Synthesizer,
    SyntheticDataset,
    evaluate,
    load_images,
    load_recipe,
    measure_gain,
    render_report,
    synthesize,
    train,
    verify,
)
from ganaug.classify.learning import Optimisation
from ganaug.errors import RunError
from ganaug.gain.settings import Settings
from ganaug.recipe import Recipe, read_recipe

pytestmark = pytest.mark.usefixtures("hasty_classifiers")
OLD = Path(__file__).parent / "old"
DIGITS = OLD / "digits.npz"


@pytest.fixture
def old(tmp_path):
    """Make a copy that may be written to."""
    return Path(shutil.copytree(OLD, tmp_path / "old"))


def test_an_old_run_draws_and_is_returned_by_train(old):
    run = train(DIGITS, old / "class", device="cpu")
    assert run.finished
    assert run.config.to_dict() == Run.load(old / "class").config.to_dict()
    images = Synthesizer.load(run.path).sample(["one", "zero"], seed=1)
    assert images.shape == (2, 8, 8, 1)
    assert np.asarray(images).std() > 0


def test_an_old_run_of_captions_draws(old):
    synthesizer = Synthesizer.load(old / "caption")
    images = synthesizer.sample(captions=["a straight zero", "a round one"])
    assert images.shape == (2, 8, 8, 1)


def test_an_old_unfinished_run_resumes(old):
    seen = json.loads((OLD / "half" / "config.json").read_text())["images"]
    run = train(DIGITS, old / "half", device="cpu")
    assert run.finished
    rows = (run.path / "metrics.jsonl").read_text().splitlines()
    images = [json.loads(row)["images"] for row in rows]
    assert images == sorted(images)
    assert images[-1] == seen
    # what was there before the checkpoint stays
    before = (OLD / "half" / "metrics.jsonl").read_text().splitlines()
    kept = [row for row in before if json.loads(row)["images"] <= 72]
    assert [json.loads(r) for r in rows[: len(kept)]] == [json.loads(r) for r in kept]


def test_an_old_store_is_verified_completed_mixed_and_reported(old):
    store = Store.load(old / "store")
    assert store.counts.tolist() == [3, 3]
    assert [d for d in verify(store.path, device="cpu") if "pixel" not in d.what] == []
    more = synthesize(
        old / "class", old / "store", per_class=4, labels="soft",
        filters=["duplicate"], data=DIGITS, seed=1, device="cpu",
    )  # fmt: skip
    assert more.counts.tolist() == [4, 4]
    for row in (OLD / "store" / "manifest.csv").read_text().splitlines():
        assert row in (old / "store" / "manifest.csv").read_text()
    mixed = SyntheticDataset(load_images(DIGITS), more.path, share=0.2, targets="soft")
    assert len(mixed) == 30
    table = evaluate(DIGITS, more.path, device="cpu")
    assert set(table["class"]) >= {"zero", "one", "all"}
    page = render_report(more.path, data=DIGITS)
    assert page.stat().st_size > 10_000


def test_an_old_gain_is_read_and_reported(old):
    result = GainResult.load(old / "gain")
    assert result.verdict.word in ("helps", "no difference", "hurts", "cannot tell")
    assert read_recipe(old / "gain").recipe == result.recipe
    loaded = load_recipe(old / "gain", channels=1)
    assert loaded.recipe == Recipe("rand", mix="cutmix"), "the training without GAN"
    assert loaded.optimisation == Optimisation()
    assert render_report(old / "gain").stat().st_size > 10_000


def test_an_old_gain_is_not_resumed(old):
    (old / "gain" / "cells").mkdir()
    before = sorted(old.rglob("*"))
    cure = "compares in another way, so it is not resumed; choose another --out"
    with pytest.raises(RunError, match=cure):
        measure_gain(DIGITS, out=old / "gain", settings=Settings(), device="cpu")
    assert sorted(old.rglob("*")) == before
    assert render_report(old / "gain").is_file()
