"""evaluate: good and bad stores are told apart, and every special case is reported."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from ganaug_cli.main import run as run_command
from PIL import Image

import ganaug
from ganaug.classify import fit
from ganaug.config import TrainConfig
from ganaug.data.fingerprint import digest_images
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.load import load_images
from ganaug.errors import DataError, StoreError
from ganaug.evaluation.evaluation import evaluate
from ganaug.evaluation.samples import draw_samples
from ganaug.gan.inputs.training_set import split_images
from ganaug.synth.real_images import RealImages, find_real
from ganaug.synth.store import manifest
from ganaug.synth.store.meta import Meta, write_meta

METRICS = [
    "kernel", "frechet", "precision", "recall", "density", "coverage", "diversity",
    "ct", "authenticity",
]  # fmt: skip


def take_digits(per_class, classes=3):
    """Take the first digits of some classes, class by class."""
    digits = load_images("digits")
    rows = [np.flatnonzero(digits.labels == k)[:per_class] for k in range(classes)]
    chosen = digits.subset(np.concatenate(rows))
    return LabelledImages(chosen.images, chosen.labels, chosen.classes[:classes])


def save_store(folder, synthetic, real, **changes):
    """Make a store with those images, as if a GAN trained on `real` had drawn them."""
    config = TrainConfig(height=8, width=8, channels=real.channels, **changes)
    classes = synthetic.classes
    meta = Meta(
        generator_sha256="",
        data_digest=digest_images(real, [hash_pixels(x) for x in real.images]),
        config=config.to_dict(),
        class_to_idx={name: k for k, name in enumerate(classes)},
        folders={name: name for name in classes},
        size=synthetic.size, data_size=(8, 8), seed=0, versions={}, engine={},
    )  # fmt: skip
    folder.mkdir(parents=True)
    write_meta(folder, meta)
    manifest.start_manifest(folder / manifest.MANIFEST_FILE)
    rows = []
    for i, (image, label) in enumerate(
        zip(synthetic.images, synthetic.labels, strict=True)
    ):
        name = classes[label]
        (folder / name).mkdir(exist_ok=True)
        Image.fromarray(image[..., 0]).save(folder / name / f"{i:06d}.png")
        rows.append(manifest.Row(f"{name}/{i:06d}.png", name, int(label), 0, i, "", ""))
    manifest.append_rows(folder / manifest.MANIFEST_FILE, rows)
    return folder


def overall(table, features="random"):
    part = table[(table["class"] == "all") & (table["features"] == features)]
    return part.set_index("metric")


@pytest.fixture(scope="module", autouse=True)
def _short_training():
    """Shorten the training of classifiers to what 8×8 digits need."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "MOST_STEPS", 40)
        yield


@pytest.fixture(scope="module")
def digits():
    """Return 160 digits of each of 3 classes."""
    return take_digits(160)


@pytest.fixture(scope="module")
def halves(digits):
    """Split real digits: one part plays the data, the other a perfect GAN."""
    odd = np.arange(len(digits)) % 2 == 1
    return digits.subset(np.flatnonzero(~odd)), digits.subset(np.flatnonzero(odd))


@pytest.fixture(scope="module")
def perfect(halves, tmp_path_factory):
    """Evaluate a store of further real images; return the table and the store."""
    real, more = halves
    store = save_store(tmp_path_factory.mktemp("evaluation") / "s", more, real)
    return evaluate(real, store, device="cpu"), store


def test_real_images_are_as_good_as_their_floor(perfect):
    table, store = perfect
    for features in ("random", "classifier"):
        found = overall(table, features)
        assert list(found.index) == METRICS
        for name in METRICS[2:7]:
            apart = abs(found.loc[name, "value"] - found.loc[name, "floor"])
            assert apart < 0.25, (features, name)
        assert found.loc["kernel", "low"] < 0 < found.loc["kernel", "high"]
        assert abs(found.loc["ct", "value"]) < 3
    assert overall(table, "pixels").loc["cas", "value"] > 0.8
    assert set(table["class"]) == {"all", "0", "1", "2"}
    assert (table["reference"] == "36 held-out images of the run").all()
    assert (table["low"].isna() | (table["low"] <= table["value"])).all()
    shares = table[~table["metric"].isin(["kernel", "frechet", "diversity", "ct"])]
    assert shares["low"].min() >= 0
    assert shares[shares["metric"] != "density"]["high"].max() == 1
    saved = pd.read_csv(store / "evaluation.csv", dtype={"class": str})
    pd.testing.assert_frame_equal(saved, table)


def test_equal_numbers_stand_beside_each_other(perfect, halves):
    table, _ = perfect
    train_part, held = split_images(halves[0], TrainConfig())
    for k, name in enumerate(halves[0].classes):
        mine = table[table["class"] == name]
        assert set(mine["synthetic"]) == {(halves[0].labels[train_part] == k).sum()}
        assert set(mine["real"]) == {(halves[0].labels[held] == k).sum()}


@pytest.mark.slow
def test_noise_and_copies_are_told_from_good_images(tmp_path, digits):
    train_part, _ = split_images(digits, TrainConfig())
    copies = digits.subset(train_part)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, copies.images.shape, np.uint8)
    noise = LabelledImages(pixels, copies.labels, copies.classes)
    tables = {
        name: evaluate(digits, save_store(tmp_path / name, made, digits), device="cpu")
        for name, made in (("copies", copies), ("noise", noise))
    }
    bad, copied = overall(tables["noise"]), overall(tables["copies"])
    assert bad.loc["kernel", "low"] > 0
    assert bad.loc["frechet", "value"] > 10 * bad.loc["frechet", "floor"]
    assert bad.loc["coverage", "value"] < 0.1 < 0.8 < bad.loc["coverage", "floor"]
    assert bad.loc["ct", "value"] > 3
    assert bad.loc["authenticity", "value"] > bad.loc["authenticity", "floor"]
    assert copied.loc["authenticity", "value"] == 0
    assert copied.loc["ct", "value"] < -5
    assert copied.loc["coverage", "value"] > 0.8


@pytest.mark.slow
def test_a_test_set_takes_the_place_of_held_out_images(perfect, halves):
    _, store = perfect
    real, more = halves
    # its classes in another order, one of them missing
    chosen = more.subset(np.flatnonzero(more.labels != 1))
    test = LabelledImages(chosen.images, 1 - chosen.labels // 2, ("2", "0"))
    table = evaluate(real, store, test, device="cpu")
    assert (table["reference"] == f"{len(test)} test images given").all()
    by_class = table[table["metric"] == "kernel"].set_index(["class", "features"])
    assert by_class.loc[("0", "random"), "real"] == 80
    assert by_class.loc[("1", "random"), "real"] == 0
    assert np.isnan(by_class.loc[("1", "random"), "value"])
    assert by_class.loc[("all", "random"), "value"] < 0.01
    with pytest.raises(DataError, match="class 'x'"):
        evaluate(real, store, LabelledImages(more.images, more.labels, ("x", "1", "2")))
    colour = LabelledImages(more.images.repeat(3, 3), more.labels, more.classes)
    with pytest.raises(DataError, match="3 channels"):
        evaluate(real, store, colour)


def test_without_held_out_images_training_ones_are_halved(tmp_path):
    real, made = take_digits(20), take_digits(60)
    made = made.subset(np.flatnonzero(np.arange(len(made)) % 60 >= 20))
    store = save_store(tmp_path / "s", made, real, holdout=0.0)
    table = evaluate(real, store, device="cpu")
    reference = table["reference"].iloc[0]
    assert reference.startswith("30 of the 60 images that the GAN was trained on")
    found = overall(table)
    assert found.loc["kernel", ["synthetic", "real"]].tolist() == [30, 30]
    assert found.loc["coverage", "floor"] > 0.7
    assert np.isnan(found.loc["ct", "value"])
    assert np.isnan(found.loc["authenticity", "floor"])
    samples = draw_samples(ganaug.Store.load(store), find_real(store, real))
    assert not set(samples.floor) & set(samples.within)


def test_halves_of_training_images_are_unseen_by_their_classifier(tmp_path):
    real = take_digits(60, classes=2)
    store = save_store(tmp_path / "s", real, real, holdout=0.0)
    found = overall(evaluate(real, store, device="cpu"), "classifier")
    assert found.loc["kernel", ["synthetic", "real"]].tolist() == [60, 60]
    assert found.loc["coverage", "floor"] > 0.7


def test_few_images_give_dashes_not_numbers(tmp_path):
    real = take_digits(30)
    some = np.flatnonzero((real.labels == 0) | (np.arange(90) >= 87))
    store = save_store(tmp_path / "s", real.subset(some), real)
    table = evaluate(real, store, device="cpu").set_index(["class", "metric"])
    assert table.loc[("1", "kernel"), "synthetic"] == 0
    for name in METRICS:
        assert np.isnan(table.loc[("1", name), "value"]), name
    assert not np.isnan(table.loc[("2", "kernel"), "value"])
    # held-out images are 4 per class: fewer than k + 2
    for name in ("precision", "coverage", "ct"):
        assert np.isnan(table.loc[("0", name), "value"])
    assert table.loc[("1", "cas"), "real"] == 0


def test_classes_too_small_to_hold_out_are_said(tmp_path):
    digits = take_digits(40)
    keep = np.flatnonzero((digits.labels != 2) | (np.arange(120) < 85))
    real = digits.subset(keep)
    table = evaluate(real, save_store(tmp_path / "s", digits, real), device="cpu")
    kernel = table[table["metric"] == "kernel"].set_index("class")
    assert kernel.loc["2", "real"] == 0
    assert np.isnan(kernel.loc["2", "value"])
    assert kernel.loc["all", "synthetic"] == kernel.loc[["0", "1"], "synthetic"].sum()


def test_a_single_class_has_no_accuracy(tmp_path):
    real = take_digits(40, classes=1)
    table = evaluate(real, save_store(tmp_path / "s", real, real), device="cpu")
    assert set(table["features"]) == {"random"}
    own = table.drop(columns="class")
    pd.testing.assert_frame_equal(own[:9], own[9:].reset_index(drop=True))


@pytest.mark.parametrize("kind", ["constant", "identical"])
def test_images_without_variety_are_measured(tmp_path, kind):
    digits = take_digits(20, classes=2)
    pixels = np.full_like(digits.images, 9)
    if kind == "identical":
        pixels[:] = digits.images[:1]
    # one further image per class, so that the sets are not one image alone
    pixels[[0, 20]] = digits.images[[0, 20]]
    real = LabelledImages(pixels, digits.labels, digits.classes)
    train_part, held = np.arange(0, 40, 2), np.arange(1, 40, 2)
    found = RealImages(real, train_part, held, "20 images")
    made = LabelledImages(pixels[held], digits.labels[held], digits.classes)
    store = save_store(tmp_path / "s", made, real)
    table = overall(evaluate(found, store, device="cpu"))
    assert table.loc["coverage", "value"] == 1
    assert abs(table.loc["kernel", "value"]) < 1e-6
    assert np.isnan(table.loc["diversity", "value"])
    assert table.loc["ct", "value"] == 0


def test_an_unconditional_store_is_one_class(tmp_path):
    real = take_digits(40)
    made = LabelledImages(real.images, np.zeros(120, np.int64), ("unlabelled",))
    store = save_store(tmp_path / "s", made, real, conditioning="none")
    table = evaluate(real, store, device="cpu")
    assert set(table["class"]) == {"all", "unlabelled"}
    assert overall(table).loc["coverage", "value"] > 0.8


def test_larger_images_are_compared_at_the_grid(tmp_path, halves, perfect):
    real, more = halves
    large = np.stack(
        [np.kron(x[..., 0], np.ones((2, 2), np.uint8)) for x in more.images]
    )
    made = LabelledImages(large[..., None], more.labels, more.classes)
    table = evaluate(real, save_store(tmp_path / "s", made, real), device="cpu")
    value = overall(table).loc["kernel", "value"]
    assert value < 0.05
    assert value < 100 * abs(overall(perfect[0]).loc["kernel", "value"])


def test_bad_stores_are_refused(tmp_path, halves):
    real, more = halves
    empty = save_store(tmp_path / "empty", more.subset(np.arange(0)), real)
    with pytest.raises(StoreError, match="has no images"):
        evaluate(real, empty)
    other = LabelledImages(more.images, more.labels, ("x", "1", "2"))
    with pytest.raises(StoreError, match="class 'x'"):
        evaluate(real, save_store(tmp_path / "other", other, real))
    gone = save_store(tmp_path / "gone", more, real)
    (gone / "0" / "000000.png").unlink()
    with pytest.raises(StoreError, match="is missing"):
        evaluate(real, gone)
    with pytest.raises(DataError, match="--data"):
        evaluate(None, gone)


def test_the_command_prints_tables_or_json(tmp_path, halves, monkeypatch, capsys):
    real, more = (part.subset(np.arange(0, len(part), 3)) for part in halves)
    store = save_store(tmp_path / "s", more, real)
    np.savez(tmp_path / "real.npz", images=real.images[..., 0], labels=real.labels)
    words = ["ganaug", "evaluate", str(store), "--data", str(tmp_path / "real.npz")]
    monkeypatch.setattr(sys, "argv", [*words, "--json"])
    with pytest.raises(SystemExit):
        run_command()
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["metric"] for row in rows} == {*METRICS, "cas"}
    assert any(row["value"] is None for row in rows)
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit):
        run_command()
    said = capsys.readouterr().out
    assert "12 held-out images of the run" in said
    assert "by class, random features" in said
    assert "not enough" in said
    monkeypatch.setattr(
        sys, "argv", [*words, "--features", "resnet18", "--weights", "x"]
    )
    with pytest.raises(SystemExit) as ended:
        run_command()
    assert ended.value.code == 2
    assert "there is no weight file x" in capsys.readouterr().err


def test_a_deep_test_set_is_scaled_as_the_real_images_are(tmp_path):
    deep = np.arange(20 * 64, dtype=np.uint16).reshape(20, 8, 8) * 30
    labels = np.arange(20) % 2
    real = load_images((deep, labels))
    store = save_store(tmp_path / "s", real, real)
    everything = RealImages(real, np.arange(20), np.arange(0), "")
    test = (deep[5:15], labels[5:15])
    found = draw_samples(ganaug.Store.load(store), everything, test).reference
    assert np.array_equal(found.images, real.images[5:15])
