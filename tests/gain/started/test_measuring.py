"""A gain that starts from an earlier run: both sides may know its images."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from ganaug_cli.gain_result import print_result
from parents import train_parent
from pictures import draw_set, save_set

from ganaug.data.recorded.rules import Rules
from ganaug.errors import RunError
from ganaug.gain import gan_pools
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.kept import Kept
from ganaug.gain.measuring import measure_gain
from ganaug.gain.protocol import choices, final_fits
from ganaug.gain.protocol.arms import OPPONENT, ORACLE, PLACEBO, STANDARD, SYNTHETIC
from ganaug.gain.protocol.split_data import Experiment
from ganaug.gain.protocol.split_run import run_split
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.gain.started import pretraining
from ganaug.gain.started.pretraining import PRETRAINED
from ganaug.recipe import HELPS, read_recipe
from ganaug.report.rendering import render_report

TINY = Settings(
    steps=2, grid=(16, 16), gan_minutes=0.02, per_class=4, tune=False, ensemble=False,
    initialisations=1, policies=("light",), mixes=("none",), mixtures=MIXTURES[2:3],
)  # fmt: skip


def measure(folder, **options):
    given = {
        "out": folder / "gain", "splits": 2, "settings": TINY, "device": "cpu",
        "start": folder / "old-run", "progress": None, **options,
    }  # fmt: skip
    return measure_gain(folder / "new", **given)


@pytest.fixture(scope="module")
def seen():
    """What the networks of the gain below learned from."""
    return {"pretrained": [], "started": []}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, hasty_classifiers, seen):
    root = tmp_path_factory.mktemp("started")
    train_parent(root)
    save_set(root / "new", draw_set(10))
    fit, train = pretraining.fit_arm, gan_pools.train

    def look(task, recipe, *, seed):
        seen["pretrained"].append(task)
        return fit(task, recipe, seed=seed)

    def begin(images, *args, start=None, **options):
        seen["started"].append((images, start))
        return train(images, *args, start=start, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretraining, "fit_arm", look)
        patch.setattr(gan_pools, "train", begin)
        measure(root)
    return root


def list_bytes(images):
    return {image.tobytes() for image in images}


def test_one_classifier_learns_from_no_image_of_the_gain(folder, seen):
    (task,) = seen["pretrained"]
    assert list_bytes(task.images) == list_bytes(
        draw_set(10, seed=7, classes=("round", "edged")).images
    )
    assert not list_bytes(task.images) & list_bytes(draw_set(10).images)
    assert (folder / "gain" / "cells" / f"{PRETRAINED}.npz").is_file()


def test_each_splits_gan_starts_from_the_run(folder, seen):
    starts = [start for _, start in seen["started"]]
    assert starts == [str(folder / "old-run")] * 2
    tests = json.loads((folder / "gain" / "splits.json").read_text())["splits"]
    for (images, _), split in zip(seen["started"], tests, strict=True):
        assert len(images) == len(split["fit"])


def test_what_was_compared_is_said_in_plain_words(folder):
    found = GainResult.load(folder / "gain")
    assert found.verdict.start == "old-run"
    sentence = found.verdict.sentence
    assert sentence.startswith("For a small network, ")
    assert "both sides may start from the images of old-run" in sentence
    assert "no other pretrained classifier was measured" in sentence
    assert any("classifiers of both sides may" in n for n in found.details.notes)
    assert found.details.options["start"] == str(folder / "old-run")
    page = render_report(folder / "gain", data=folder / "new").read_text("utf-8")
    assert "both sides may start from the images of old-run" in page
    assert "every GAN starts from old-run" in page


def test_the_next_command_starts_from_the_run(folder, capsys):
    found = GainResult.load(folder / "gain")
    helps = replace(found, verdict=replace(found.verdict, word=HELPS))
    print_result(helps, "new", False, Rules())
    printed = " ".join(capsys.readouterr().out.split())
    start = f"--start {folder / 'old-run'}"
    assert f"next: ganaug synth new {start} --recipe" in printed
    print_result(found, "new", True, Rules())
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"]["start"] == "old-run"
    assert said["details"]["options"]["start"] == str(folder / "old-run")
    page = render_report(folder / "gain", data="new").read_text("utf-8")
    assert "--start" in page, "the command that measures again"


def test_the_same_call_gives_the_same_figures(folder):
    before = GainResult.load(folder / "gain")
    for path in (folder / "gain" / "cells" / "split-01").glob("final-*"):
        path.unlink()
    again = measure(folder)
    assert again.gains == before.gains
    assert again.recipe == before.recipe


def test_a_folder_begun_with_another_run_is_refused(folder, tmp_path):
    other = train_parent(tmp_path, draw_set(9, seed=8, classes=("flat", "high")))
    with pytest.raises(RunError, match=r"begun with other settings \(start\)"):
        measure(folder, start=other)


def test_wrong_starts_are_one_line_on_the_command_line(folder, call):
    data = str(folder / "new")
    for words, line in (
        (["--start", str(folder / "new")], "is no run, and there is no new.run"),
        (["--start-data", data], "--start-data is for --start RUN; give both"),
        (
            ["--start", str(folder / "old-run"), "--style", "any"],
            "with --style none is trained",
        ),
        (
            ["--start", str(folder / "old-run"), "--label-column", "x"],
            "--start is for images",
        ),
    ):
        status, out, said = call("gain", data, "--splits", "2", *words)
        assert status == 2, words
        assert line in " ".join(said.split()), said
        assert not out


def test_an_estimate_counts_the_start(folder, call, monkeypatch):
    monkeypatch.setattr("ganaug.gain.budget._time_step", lambda *_: 0.01)
    words = ["gain", str(folder / "new"), "--estimate", "--json", "--splits", "2"]
    fits = []
    for more in ([], ["--start", str(folder / "old-run")]):
        status, out, _ = call(*words, *more)
        assert status == 0
        found = json.loads(out)
        fits.append(found["fits"] / found["splits"])
    assert fits[1] > fits[0] + 3
    assert any("both sides may" in n for n in found["notes"])


def plant(good, looked=None):
    """Return a function in place of fits that is right where `good` says so."""

    def predict(task, recipe, pool, images, *, seed):
        if looked is not None:
            looked.append(images)
        found = np.full((len(images), 3), 0.2, np.float32)
        right = 0.6 if good(recipe) else 0.3
        found[np.arange(len(images)), find_labels(images)] = right
        return found / found.sum(axis=1, keepdims=True)

    return predict


DATA = draw_set(12)
LABELS = {
    image.tobytes(): label
    for image, label in zip(DATA.images, DATA.labels, strict=True)
}


def find_labels(images):
    return np.array([LABELS[image.tobytes()] for image in images])


def make_pool(fit, folder, seed):
    soft = np.eye(len(fit.classes), dtype=np.float32)[fit.labels]
    pool = {"images": fit.images, "labels": fit.labels, "soft": soft}
    placebo = {f"placebo_{name}": value for name, value in pool.items()}
    return {**pool, **placebo, "flips": np.zeros(2, bool)}


def run_planted(path, monkeypatch, good, *, parent=True, looked=None):
    predict = plant(good, looked)
    monkeypatch.setattr(choices, "fit_and_predict", predict)
    monkeypatch.setattr(
        final_fits, "fit_and_predict_each",
        lambda task, recipe, pool, sets, *, seed: (
            plant(good)(task, recipe, pool, images, seed=seed) for images in sets
        ),
    )  # fmt: skip
    experiment = Experiment(
        data=DATA, settings=replace(TINY, mixtures=MIXTURES[:4]), kept=Kept(path, {}),
        make_pool=make_pool, build=find_classifier().build,
        parent={"x": torch.zeros(1)} if parent else None,
    )  # fmt: skip
    split = make_folds_splits(DATA.labels, folds=3).splits[0]
    return split, run_split(experiment, split, 0, oracle=DATA.subset(split.test[:3]))


def test_the_start_is_chosen_where_it_is_better(tmp_path, monkeypatch):
    for start in ("scratch", "parent"):
        _, found = run_planted(
            tmp_path / start, monkeypatch, lambda r, start=start: r.start == start
        )
        for arm in (OPPONENT, SYNTHETIC, PLACEBO, ORACLE):
            assert found.recipes[arm].start == start, arm
        assert found.recipes[STANDARD].start == "scratch"


def test_both_sides_choose_on_their_own(tmp_path, monkeypatch):
    _, found = run_planted(
        tmp_path / "a", monkeypatch, lambda r: (r.start == "parent") != bool(r.share)
    )
    assert found.recipes[OPPONENT].start == "parent"
    assert found.recipes[SYNTHETIC].start == "scratch"
    assert found.recipes[PLACEBO].start == "scratch"


def test_without_a_run_nothing_starts_elsewhere(tmp_path, monkeypatch):
    _, found = run_planted(
        tmp_path / "a", monkeypatch, lambda r: r.start == "parent", parent=False
    )
    assert {recipe.start for recipe in found.recipes.values()} == {"scratch"}


def test_the_start_is_chosen_on_folds_of_the_training_part(tmp_path, monkeypatch):
    looked = []
    split, _ = run_planted(tmp_path / "a", monkeypatch, lambda _: True, looked=looked)
    judged = set().union(*map(list_bytes, looked))
    assert judged <= list_bytes(DATA.images[split.train])
    assert not judged & list_bytes(DATA.images[split.test])


def test_the_recipe_has_the_start_that_most_splits_chose(folder):
    found = GainResult.load(folder / "gain")
    said = found.details.recipes[SYNTHETIC]
    started = sum("pretrained on" in each for each in said)
    if started != 1:  # of two splits
        assert (read_recipe(folder / "gain").recipe.start == "parent") == (started == 2)
