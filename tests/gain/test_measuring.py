"""The protocol from data to verdict, on shapes that are easy to tell apart."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ganaug_cli.gain_result import print_result
from ganaug_cli.main import app
from pictures import CLASSES, draw_set, save_set
from sklearn.linear_model import LogisticRegression
from torch import nn
from typer.testing import CliRunner

from ganaug import engine, load_recipe
from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.data.recorded.rules import Rules
from ganaug.errors import ConfigError, DataError, RunError, TrainingError
from ganaug.gain.budget import Estimate, list_cuts, plan_gain
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.fitting import fits
from ganaug.gain.gan_pools import fix_plan, plan_gan
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult, summarise
from ganaug.gain.kept import Kept, read_kept
from ganaug.gain.measuring import default_out, estimate_gain, measure_gain
from ganaug.gain.protocol import choices
from ganaug.gain.protocol.arms import OPPONENT, ORACLE, PLACEBO, SYNTHETIC
from ganaug.gain.protocol.jobs import count_fits
from ganaug.gain.protocol.split_data import Experiment
from ganaug.gain.protocol.split_run import run_split
from ganaug.gain.recipes import is_uneven
from ganaug.gain.request import GainOptions, make_request
from ganaug.gain.settings import AGAIN, MIXTURES, Settings
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.gain.splitting.inputs import split_set
from ganaug.gan.timing import Timing
from ganaug.report.gain.material import open_gain
from ganaug.report.gain.snippets import write_training

TINY = Settings(
    steps=8, grid=(16, 16), gan_minutes=0.02, per_class=8, tune=False,
    policies=("none",), mixes=("none", "mixup"), mixtures=MIXTURES[4:8],
)  # fmt: skip
HASTY = replace(TINY, steps=1)
SMALL = find_classifier().build
DESIGN = Design(
    overlap=0.5, margin=0.01, classifier="a net", pretrained_run=False,
    classes=("a", "b", "c"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory, hasty_classifiers):
    """Make a folder with `shapes` and the finished gain of it."""
    root = tmp_path_factory.mktemp("gain")
    data = save_set(root / "shapes", draw_set(16))
    measure_gain(data, out=root / "gain", splits=2, settings=TINY, device="cpu")
    return root


def make_echo(fit, folder, seed):
    """Make no pool at all: each batch repeats its own images."""
    k = len(fit.classes)
    soft = np.zeros((0, k), np.float32)
    nothing = {"images": fit.images[:0], "labels": fit.labels[:0], "soft": soft}
    placebo = {f"placebo_{name}": value for name, value in nothing.items()}
    flags = {"echo": np.array(True), "placebo_echo": np.array(True)}
    return {**nothing, **placebo, **flags, "flips": np.zeros(2, bool)}


def run_splits(path, data, make_pool=make_echo, settings=TINY, **options):
    made = make_folds_splits(data.labels, folds=2)
    experiment = Experiment(
        data=data,
        settings=settings,
        kept=Kept(path, {"seed": settings.seed}),
        make_pool=make_pool,
        build=SMALL,
    )
    return [
        run_split(experiment, split, number, **options)
        for number, split in enumerate(made.splits)
    ]


def test_its_recipe_comes_into_ones_own_loop(folder, capsys):
    result = GainResult.load(folder / "gain")
    recipe = load_recipe(folder / "gain")
    assert recipe.shape == (16, 16, 1)
    assert recipe.measured.flips is not None, "the splits have found it out"
    assert recipe.steps == TINY.steps
    assert recipe.recipe.mix == result.recipe.mix
    print_result(result, str(folder / "shapes"), False, Rules())
    _, lines = capsys.readouterr().out.split("for your own training loop:\n")
    found: dict = {}
    exec(lines, found)
    assert found["images"].shape[1:] == (1, 16, 16)
    page = open_gain(folder / "gain", folder / "shapes")
    with torch.random.fork_rng():
        exec(write_training(page), found)
    assert torch.isfinite(found["loss"])


def test_every_arm_is_scored_and_the_verdict_is_one_of_four(folder):
    result = GainResult.load(folder / "gain")
    arms = {"plain", "standard", "opponent", "synthetic", "placebo"}
    ensembles = {"opponent ×4", "synthetic ×4"}
    assert set(result.cells["arm"]) == arms | ensembles
    assert set(result.gains) == arms - {"synthetic"}
    assert result.verdict.word in ("helps", "no difference", "hurts", "cannot tell")
    assert result.recipe.share > 0
    again = folder / "gain" / "cells" / "split-00" / "placebo.json"
    assert read_kept(again)["policy"] in AGAIN
    assert result.details.estimate is None, "nothing was timed"
    minutes = result.details.minutes
    assert result.verdict.minutes_per_split == pytest.approx(minutes / 2, rel=0.01)
    assert result.details.options == {
        "classifier": "small", "grouped": False, "splits": 2, "device": "cpu"
    }  # fmt: skip
    networks = result.cells.groupby(["split", "arm"]).size()
    assert networks[0, "plain"] == 2
    assert networks[0, "synthetic"] == 4
    opponent = result.cells[result.cells["arm"] == "opponent"]["balanced_accuracy"]
    synthetic = result.cells[result.cells["arm"] == "synthetic"]["balanced_accuracy"]
    difference = synthetic.mean() - opponent.mean()
    assert result.gains["opponent"].mean == pytest.approx(difference, abs=1e-9)


def test_a_verdict_names_the_size_that_images_were_reduced_to(
    tmp_path, hasty_classifiers
):
    made = measure_gain(
        draw_set(16), out=tmp_path / "g", splits=2,
        settings=replace(HASTY, grid=(8, 8)), device="cpu",
    )  # fmt: skip
    named = "a small network trained from scratch on images of 8×8 pixels"
    assert made.verdict.sentence.startswith(f"For {named}, ")
    recipe = json.loads((tmp_path / "g" / "recipe.json").read_text())
    assert recipe["classifier"] == named
    assert recipe["settings"]["grid"] == recipe["size"] == [8, 8]


@pytest.mark.parametrize("best", AGAIN)
def test_a_placebo_is_augmented_again_unless_that_is_worse(tmp_path, monkeypatch, best):
    """Plant the losses of trials, and look at what is fitted at the end."""
    data, pools = draw_set(16), []
    fit = fits.fit_arm

    def look(task, recipe, pool=None, *, seed):
        pools.append(pool)
        return fit(replace(task, steps=1), recipe, pool, seed=seed)

    def choose(items, attempt, judged):
        if set(items) != set(AGAIN):
            return items[0]
        attempt(best, 0)
        return best

    def make_pool(fit, folder, seed):
        soft = np.eye(3, dtype=np.float32)[fit.labels]
        pool = {"images": fit.images, "labels": fit.labels, "soft": soft}
        placebo = {f"placebo_{name}": value for name, value in pool.items()}
        return {**pool, **placebo, "flips": np.zeros(2, bool)}

    monkeypatch.setattr(fits, "fit_arm", look)
    monkeypatch.setattr(choices, "choose_best", choose)
    run_splits(tmp_path, data, make_pool)
    real = {image.tobytes() for image in data.images}
    kept = [image.tobytes() in real for image in pools[-1].images]
    assert np.mean(kept) == 1 if best == "none" else np.mean(kept) < 0.2


def test_the_same_call_computes_nothing_again(folder):
    seen = []
    before = (folder / "gain" / "verdict.json").read_text()
    cells = {
        p: p.stat().st_mtime_ns for p in (folder / "gain" / "cells").rglob("*.npz")
    }
    again = measure_gain(
        folder / "shapes", out=folder / "gain", splits=2, settings=TINY, device="cpu",
        progress=seen.append,
    )  # fmt: skip
    assert seen[-1].split == 2
    assert all(status.gan is None for status in seen)
    assert all(status.done <= status.jobs for status in seen if status.split)
    assert {p: p.stat().st_mtime_ns for p in cells} == cells
    old, new = json.loads(before), json.loads((again.path / "verdict.json").read_text())
    assert old["gains"] == new["gains"]


def test_a_folder_begun_otherwise_is_refused(folder):
    with pytest.raises(RunError, match=r"other settings \(initialisations\)"):
        measure_gain(
            folder / "shapes", out=folder / "gain", splits=2, initialisations=3
        )
    with pytest.raises(RunError, match=r"other settings \(budget\)"):
        measure_gain(folder / "shapes", out=folder / "gain", splits=2, budget=60)
    with pytest.raises(RunError, match=r"other settings \(data, order or groups\)"):
        measure_gain(draw_set(16, seed=5), out=folder / "gain", splits=2)
    other = replace(TINY, steps=9)
    with pytest.raises(RunError, match=r"other settings \(settings\)"):
        measure_gain(folder / "shapes", out=folder / "gain", splits=2, settings=other)
    images = draw_set(16)
    grouped = replace(images, groups=np.arange(len(images)) // 2)
    with pytest.raises(RunError, match=r"other settings \(order or groups\)"):
        measure_gain(grouped, out=folder / "gain", splits=2)
    with pytest.raises(RunError, match=r"other settings \(test\)"):
        measure_gain(
            folder / "shapes", draw_set(9, seed=3), out=folder / "gain", splits=2
        )


def test_the_folder_of_a_gan_goes_once_its_images_are_kept(tmp_path):
    run = tmp_path / "g" / "gans" / "split-00"

    def make_pool(fit, folder, seed):
        folder.mkdir(parents=True)
        (folder / "metrics.jsonl").touch()
        return make_echo(fit, folder, seed)

    run_splits(tmp_path / "g", draw_set(16), make_pool=make_pool)
    assert not run.exists()
    run.mkdir()  # as a kill in the midst of the removal leaves it
    (run / "metrics.jsonl").touch()
    run_splits(tmp_path / "g", draw_set(16), make_pool=None)
    assert not run.exists()


def test_a_gan_of_a_gain_is_the_planned_one(monkeypatch):
    monkeypatch.setattr("ganaug.gain.gan_pools.with_flips", lambda f, *_, **__: f)
    timed = []

    def time_once(config, *_, **__):
        timed.append(config)
        return Timing(config, "", rate=100.0, overhead=10.0)

    monkeypatch.setattr("ganaug.gan.plan.time_training", time_once)
    images, device = draw_set(16), torch.device("cpu")
    planned = plan_gan(images, {}, device, budget=5).config
    overrides = fix_plan(images, device, budget=5)
    assert len(timed) == 2
    fixed = plan_gan(images, overrides, device).config
    assert len(timed) == 2, "each split has the same length, so nothing is timed"
    assert planned.ema != TrainConfig(height=16, width=16).ema
    assert fixed == planned


def build_wide(width):
    def net(size, channels, n):
        pixels = size[0] * size[1] * channels
        return nn.Sequential(
            nn.Flatten(), nn.Linear(pixels, width), nn.Linear(width, n)
        )

    return net


def test_another_network_of_the_same_name_is_refused(tmp_path, hasty_classifiers):
    words = {"out": tmp_path / "g", "splits": 2, "settings": HASTY, "device": "cpu"}
    before = measure_gain(draw_set(16), classifier=build_wide(4), **words)
    again = measure_gain(draw_set(16), classifier=build_wide(4), **words)
    assert again.gains == before.gains
    with pytest.raises(RunError, match="begun with another network named net"):
        measure_gain(draw_set(16), classifier=build_wide(5), **words)


def test_classifiers_learn_where_the_gan_does(tmp_path, monkeypatch, hasty_classifiers):
    where, tasks = torch.device("cpu", 0), []
    fit = fits.fit_arm
    monkeypatch.setattr(engine, "pick_device", lambda _: where)
    monkeypatch.setattr(
        fits, "fit_arm", lambda *a, **more: tasks.append(a[0]) or fit(*a, **more)
    )
    measure_gain(draw_set(16), out=tmp_path / "g", splits=2, settings=HASTY)
    assert {task.device for task in tasks} == {where}


def test_a_budget_that_was_refused_may_grow(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("ganaug.gain.budget._time_step", lambda *_: 1.0)
    where = {"out": tmp_path / "g", "device": "cpu"}
    for budget in (1, 2):
        with pytest.raises(ConfigError, match="too small for one split"):
            measure_gain(folder / "shapes", budget=budget, **where)
        assert not (tmp_path / "g").exists()


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        (
            {"budget": 4},
            "one split cannot decide whether GAN images help; "
            "5 splits take 17 minutes: --budget 17m; or give --anyway",
        ),
        (
            {"budget": 60, "splits": 2},
            "2 splits cannot decide whether GAN images help; "
            "5 splits take 17 minutes: --splits 5 --budget 17m; or give --anyway",
        ),
        (
            {"budget": 2},
            "a budget of 2 minutes is too small for one split, which takes 3.0 here; "
            "5 splits take 17 minutes: --budget 17m",
        ),
    ],
)
def test_a_budget_that_decides_nothing_is_refused(tmp_path, monkeypatch, numbers, line):
    monkeypatch.setattr("ganaug.gain.budget._time_step", lambda *_: 0.03)
    monkeypatch.setattr("ganaug.gain.measuring.run_splits", None)
    data = draw_set(16)
    with pytest.raises(ConfigError) as refused:
        measure_gain(data, out=tmp_path / "g", device="cpu", **numbers)
    assert str(refused.value) == line
    assert not (tmp_path / "g").exists()
    planned = estimate_gain(data, **{**numbers, "budget": 60}, device="cpu")
    decides = planned.splits > 2
    assert decides == (not any("cannot decide" in note for note in planned.notes))


def test_more_than_five_splits_repeat_the_folds():
    images = draw_set(16)
    five, twelve = (split_set(images, n, given=False, seed=0) for n in (5, 12))
    assert len(twelve.splits) == 12
    for few, many in zip(five.splits, twelve.splits[:5], strict=True):
        assert np.array_equal(few.test, many.test)
    assert twelve.overlap == pytest.approx(five.overlap)


def test_less_than_was_asked_for_is_said():
    request = make_request(draw_set(16), None, GainOptions(device="cpu"))
    estimate = Estimate(2, replace(TINY, grid=(8, 8)), 1, 1, 1)
    assert list_cuts(request, estimate) == (
        "the budget allows 2 splits instead of 5",
        "images of 16×16 pixels are compared at 8×8, as on the device that this "
        "measurement was begun on",
    )
    whole = Estimate(5, TINY, 1, 1, 1)
    assert list_cuts(request, whole) == ()


def test_less_than_was_asked_for_is_said_beforehand(tmp_path, monkeypatch):
    monkeypatch.setattr("ganaug.gain.budget._time_step", lambda *_: 1e-3)
    data = save_set(tmp_path / "shapes", draw_set(16))
    grey = np.full((1, 16, 16, 1), 9, np.uint8)
    save_set(data, LabelledImages(grey, np.zeros(1, np.int64), ("lone",)))
    words = ["gain", str(data), "--budget", "2m", "--device", "cpu"]
    test = save_set(tmp_path / "test", draw_set(2, seed=1, classes=CLASSES[:2]))
    tested = CliRunner().invoke(app, [*words, "--estimate", "--test", str(test)])
    assert "no images of lone, stripes: these classes are not tested" in tested.output
    leak = CliRunner().invoke(app, [*words, "--estimate", "--test", str(data)])
    assert "are copies of training images" in str(leak.exception)
    shown = CliRunner().invoke(app, [*words, "--estimate"])
    assert shown.exit_code == 0, shown.output
    assert "note: the budget allows" in shown.output
    assert "class lone has 1 image" in shown.output
    notes = json.loads(CliRunner().invoke(app, [*words, "--estimate", "--json"]).stdout)
    assert all(f"note: {note}" in shown.output for note in notes["notes"])
    said = []

    def listen(status):
        if status.plan is not None:
            said.append(status.plan.notes)
            raise StopIteration

    with pytest.raises(StopIteration):
        measure_gain(data, None, tmp_path / "g", budget=2, anyway=True, progress=listen)
    assert list(said[0]) == notes["notes"]


def test_the_command_prints_the_verdict_and_can_require_help(folder):
    words = [
        "gain",
        str(folder / "shapes"),
        "--out",
        str(folder / "gain"),
        "--splits",
        "2",
    ]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0, shown.output
    verdict = GainResult.load(folder / "gain").verdict
    assert verdict.word in shown.output
    found = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert found["verdict"]["word"] == verdict.word
    required = CliRunner().invoke(app, [*words, "--require", "helps"])
    assert required.exit_code == (0 if verdict.word == "helps" else 1)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--require", "luck"], "--require luck is not allowed; give helps"),
        (["--splits", "1"], "splits=1 is too few"),
        (["--margin", "-1"], "a margin of -1 points must lie in [0, 100)"),
        (["--budget", "soon"], "is not a time"),
        (["--classifier", "resnet0"], "is neither small nor a torchvision network"),
        (["--frozen", "--classifier", "resnet18"], "needs weights"),
        (["--classifier", "resnet18", "--weights", "no.pth"], "there is no weight"),
        (["--budget", "1s"], "is too small for one split, which takes"),
        (["--seed", "-1"], "seed=-1 must be 0 or more"),
        (["--frozen"], "the small network does not use frozen"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(folder, tmp_path, words, line):
    out = tmp_path / "out"
    command = ["gain", str(folder / "shapes"), "--out", str(out), *words]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code != 0
    assert line in str(shown.exception)
    assert not shown.stdout


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        ({"splits": 1}, "splits=1 is too few for an interval"),
        ({"initialisations": 0}, r"initialisations=0 must lie in \[1, 100\]"),
        ({"seed": -1}, "seed=-1 must be 0 or more"),
        ({"size": 7}, "size=7 must be the pixels of the longest side"),
        ({"size": "64"}, "a whole number from 8 to 1024"),
    ],
)
def test_numbers_out_of_range_are_refused_from_python_too(tmp_path, numbers, line):
    with pytest.raises(ConfigError, match=line):
        measure_gain(draw_set(12), out=tmp_path / "g", **numbers)
    with pytest.raises(ConfigError, match=line):
        estimate_gain(draw_set(12), **numbers)
    with pytest.raises(ConfigError, match="a margin of 100 points"):
        measure_gain(draw_set(12), out=tmp_path / "g", margin=1)
    assert not (tmp_path / "g").exists()


def test_one_class_and_a_factory_that_raises(tmp_path):
    data = draw_set(12)
    one = LabelledImages(data.images[:12], data.labels[:12], ("disc",))
    with pytest.raises(DataError, match="class"):
        measure_gain(one, out=tmp_path / "one", settings=TINY)
    with pytest.raises(DataError, match="class"):
        estimate_gain(one)

    def broken(size, channels, n_classes):
        raise ValueError("no such layer")

    with pytest.raises(ConfigError, match=r"factory failed.*ValueError: no such layer"):
        measure_gain(data, out=tmp_path / "two", budget=9, classifier=broken)


def test_the_oracle_is_an_arm_of_real_images_with_hard_labels(tmp_path):
    data, more = draw_set(10), draw_set(30, seed=9)
    results = run_splits(tmp_path / "g", data, oracle=more)
    assert set(results[0].predictions) >= {OPPONENT, SYNTHETIC, PLACEBO, ORACLE}
    assert results[0].predictions[ORACLE].shape == (2, len(results[0].labels), 3)
    assert results[0].recipes[ORACLE].labels == "hard"


def test_an_empty_pool_leaves_the_opponent_alone(tmp_path):
    def nothing(fit, folder, seed):
        return {**make_echo(fit, folder, seed), "echo": np.array(False)}

    results = run_splits(tmp_path / "g", draw_set(10), nothing)
    assert results[0].recipes[SYNTHETIC] == results[0].recipes[OPPONENT]
    a, b = (results[0].predictions[name] for name in (OPPONENT, SYNTHETIC))
    assert np.array_equal(a, b)
    found = summarise(results, DESIGN, path=tmp_path)
    assert found.verdict.word == "cannot tell"
    assert "nothing was measured" in found.verdict.sentence
    assert found.details.minimum_detectable_gain is None


def test_a_failed_fit_drops_its_pair_and_is_counted(tmp_path):
    results = run_splits(tmp_path / "g", draw_set(10))
    whole = summarise(results, DESIGN, path=tmp_path)
    broken = dict(results[0].predictions)
    broken[SYNTHETIC] = broken[SYNTHETIC].copy()
    broken[SYNTHETIC][1] = np.nan
    found = summarise(
        [replace(results[0], predictions=broken), results[1]], DESIGN, path=tmp_path
    )
    assert whole.details.failed_fits == 0
    assert found.details.failed_fits == 1
    rows = found.cells[(found.cells["split"] == 0) & (found.cells["arm"] == SYNTHETIC)]
    assert rows["network"].tolist() == [0, 2, 3]


def test_a_split_or_an_arm_without_any_fit_is_left_out(tmp_path):
    results = run_splits(tmp_path / "g", draw_set(10))

    def spoil(result, *arms):
        spoiled = {a: np.full_like(result.predictions[a], np.nan) for a in arms}
        return replace(result, predictions={**result.predictions, **spoiled})

    one = summarise([spoil(results[0], SYNTHETIC), results[1]], DESIGN, path=tmp_path)
    assert one.gains[OPPONENT].n == 1
    assert all(row.synthetic is not None for row in one.details.recalls.values())
    json.dumps(one.details.to_dict(), allow_nan=False)
    none = summarise([spoil(r, "plain") for r in results], DESIGN, path=tmp_path)
    assert set(none.gains) == {"standard", OPPONENT, PLACEBO}
    assert "plain" not in none.details.arms
    with pytest.raises(TrainingError, match="loss was not finite"):
        summarise([spoil(r, SYNTHETIC) for r in results], DESIGN, path=tmp_path)


def test_fits_that_arms_share_fail_once(tmp_path):
    results = run_splits(tmp_path / "g", draw_set(10))
    first = results[0]
    assert first.recipes["standard"] == first.recipes[OPPONENT]
    broken = {k: v.copy() for k, v in first.predictions.items()}
    broken["standard"][0] = broken[OPPONENT][0] = np.nan
    spoiled = replace(first, predictions=broken)
    found = summarise([spoiled, results[1]], DESIGN, path=tmp_path)
    assert found.details.failed_fits == 1


def test_uneven_classes_meet_their_own_opponents(tmp_path):
    data = draw_set(16)
    keep = np.r_[0:16, 16:24, 32:37]
    results = run_splits(tmp_path / "g", data.subset(keep))
    assert is_uneven(data.subset(keep).counts)
    tried = list((tmp_path / "g" / "cells" / "split-00").glob("try-*-0-1-0-fold-0.npz"))
    names = [path.name for path in tried]
    assert len(names) == 2 + 1 + 2, "two standard ones, plain, two for uneven classes"
    assert sum("balanced" in name for name in names) == 1
    assert sum("adjusted" in name for name in names) == 1
    assert results[0].trials.keys() == set(MIXTURES[4:8])
    best = min(results[0].trials.values())
    tried = (tmp_path / "g" / "cells" / "split-00").glob("try-*-0.25.json")
    assert best == min(read_kept(path)["loss"] for path in tried)
    assert not results[0].recipes[OPPONENT].share


def test_an_estimator_costs_whole_fits(monkeypatch):
    monkeypatch.setattr("ganaug.gain.budget._time_fit", lambda *_: 6.0)
    options = GainOptions(classifier=LogisticRegression(), budget=60, device="cpu")
    request = make_request(draw_set(16), None, options)
    made = plan_gain(request)
    # 3 policies on the first two of 5 folds, and on the others; plain; 16 mixtures;
    # two placebos on all folds; 2 + 4 × 2 + 2 at the end
    fits = 3 * 2 + 3 * 3 + 5 + (16 + 2 * 5) * 1.4 + 2 * 2.4 + 4 * 2.4
    assert made.fit_minutes == pytest.approx(made.splits * fits * 0.1, rel=0.01)
    assert made.minutes <= 60
    assert "steps" not in made.say()
    assert not made.settings.tune
    with pytest.raises(ConfigError, match="too small for one split"):
        plan_gain(replace(request, options=replace(options, budget=4)))


def test_the_budget_decides_steps_and_splits(monkeypatch):
    # two stopwatches on a busy machine may differ by more than the budgets do
    monkeypatch.setattr("ganaug.gain.budget._time_step", lambda *_: 0.05)
    few, many = (
        plan_gain(make_request(draw_set(16), None, GainOptions(budget=b, device="cpu")))
        for b in (8, 60)
    )
    assert many.settings.steps >= few.settings.steps
    assert many.settings.gan_minutes > few.settings.gan_minutes
    assert few.minutes <= 8 * 1.1
    assert many.splits == 5
    even = count_fits(Settings(), folds=1, uneven=False)
    assert count_fits(Settings(), folds=1, uneven=True) > even
    assert count_fits(Settings(), folds=5, uneven=False) > even


def test_a_default_folder_lies_beside_the_data(tmp_path, monkeypatch):
    assert default_out("a/photos.npz", None) == Path("a/photos-gain")
    folder = tmp_path / "photos.v2" / "in it"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert default_out(".", None) == folder.with_name("in it-gain")
    assert default_out("..", None) == tmp_path / "photos.v2-gain"
    assert default_out(folder.parent, None) == tmp_path / "photos.v2-gain"
    with pytest.raises(ConfigError, match="give out="):
        default_out(draw_set(2), None)


def test_a_gain_by_a_budget_runs_to_its_end(tmp_path, monkeypatch, hasty_classifiers):
    plan = Estimate(1, HASTY, gan_minutes=0.02, fit_minutes=0.1, fits=10)
    monkeypatch.setattr("ganaug.gain.measuring.plan_gain", lambda _: plan)
    own = "ganaug.gain.protocol.measuring."
    monkeypatch.setattr(f"{own}fix_plan", lambda *_, **__: {"images": 64})
    monkeypatch.setattr(f"{own}GanPoolMaker", lambda **_: make_echo)
    data, told = save_set(tmp_path / "shapes", draw_set(16)), []
    result = measure_gain(
        data, out=tmp_path / "gain", budget=1, anyway=True, device="cpu",
        progress=told.append,
    )  # fmt: skip
    assert told[-1].plan.minutes == plan.minutes
    assert any(status.key == "gan" and not status.split for status in told)
    assert result.verdict.against_opponent.n == 1
