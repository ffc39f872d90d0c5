"""Leaks: copies, synthetic images and foreign classes in a test set."""

from dataclasses import replace

import numpy as np
import pytest
from ganaug_cli.main import app
from typer.testing import CliRunner

from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.errors import DataError
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.gain.splitting.inputs import check_data
from ganaug.gain.splitting.leaks import Leaks, check_folds, check_test_set, find_leaks
from ganaug.synth.store.png import make_mark, save_png


def draw(n, *, seed):
    """Draw n images of noise for each of three classes: no two are alike."""
    pixels = np.random.default_rng(seed).integers(0, 256, (3 * n, 16, 16, 1), np.uint8)
    labels = np.repeat(np.arange(3), n)
    return LabelledImages(pixels, labels, ("disc", "square", "stripes"))


def name_all(images, prefix):
    return replace(images, names=tuple(f"{prefix}{i}.png" for i in range(len(images))))


def join(a, b):
    return replace(
        a,
        images=np.concatenate([a.images, b.images]),
        labels=np.concatenate([a.labels, b.labels]),
        names=(*a.names, *b.names),
    )


TRAIN = name_all(draw(12, seed=0), "train/")
TEST = name_all(draw(6, seed=1), "test/")


def refuse(train, test):
    with pytest.raises(DataError) as caught:
        check_test_set(train, test)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_clean_test_set_passes():
    assert find_leaks(TRAIN, TEST) == Leaks()
    assert check_test_set(TRAIN, TEST) == []


def test_copies_are_counted_and_refused():
    leaking = join(TEST, TRAIN.subset(np.array([3, 3, 20])))
    leaking = name_all(leaking, "test/")
    found = find_leaks(TRAIN, leaking)
    assert found.copies == 3
    assert found.copy_examples[0] == ("test/18.png", "train/3.png")
    assert refuse(TRAIN, leaking) == (
        "3 of 21 test images are copies of training images (test/18.png is "
        "train/3.png); remove them, or pass --allow-leak"
    )
    notes = check_test_set(TRAIN, leaking, allow_leak=True)
    assert "3 of 21 test images are copies" in notes[0]
    assert "too good" in notes[0]


def test_images_without_names_are_numbered():
    train, test = (replace(part, names=()) for part in (TRAIN, TEST))
    assert find_leaks(train, join(test, train)).copy_examples[0] == ("18", "0")


def test_the_synthetic_mark_is_refused(tmp_path):
    for i, image in enumerate(TEST.images):
        path = tmp_path / TEST.classes[TEST.labels[i]] / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        text = make_mark("ab", 0, "disc", index=i) if i == 2 else None
        save_png(str(path), image, text)
    found = load_images(tmp_path)
    assert find_leaks(TRAIN, found).synthetic == 1
    assert "1 of 18 test images were drawn by ganaug (disc/2.png)" in refuse(
        TRAIN, found
    )
    both = join(found, TRAIN)
    assert " and 1 of 54 test images were drawn" in refuse(TRAIN, both)
    rest = found.subset(np.arange(18)[np.array(found.names) != "disc/2.png"])
    assert find_leaks(TRAIN, rest).synthetic == 0


def test_near_copies_are_a_note():
    almost = TRAIN.images[:1] // 4 * 4
    extra = LabelledImages(
        almost, TRAIN.labels[:1], TRAIN.classes, names=("test/again.png",)
    )
    leaking = join(TEST, extra)
    assert find_leaks(TRAIN, leaking).copies == 0
    (note,) = check_test_set(TRAIN, leaking)
    assert "2 images are nearly the same" in note
    assert "such as test/again.png and train/0.png" in note


def test_groups_that_training_has_too_are_refused():
    train = load_images(TRAIN, groups=[f"p{i % 12}" for i in range(36)])
    test = load_images(TEST, groups=("p3", "p3", "", *("q" * 15)))
    assert refuse(train, test) == (
        "2 of 18 test images are in groups that training images belong to as well (p3; "
        "if these are different groups, rename one); remove them, or pass --allow-leak"
    )
    kept = test.subset(np.arange(2, 18))
    assert check_test_set(train, kept) == []
    assert check_test_set(TRAIN, test) == [], "groups of one set alone are not told"


def test_a_test_set_of_one_group_is_said():
    test = load_images(TEST, groups=["tile"] * len(TEST))
    (note,) = check_test_set(TRAIN, test)
    assert "belong to one group" in note


def test_many_near_copies_in_folds_are_a_note():
    again = replace(TRAIN, images=TRAIN.images // 4 * 4)
    found, notes = check_folds(join(TRAIN, again))
    assert found.groups is None
    assert "72 of 72 images nearly repeat others" in notes[0]
    assert "--group-regex" in notes[0]


def test_copies_within_the_test_set_are_no_leak():
    assert check_test_set(TRAIN, join(TEST, TEST)) == []


def test_foreign_classes_are_refused():
    foreign = replace(TEST, classes=("disc", "square", "star"))
    assert refuse(TRAIN, foreign) == (
        "the test set has a class 'star', but training has disc, square, stripes; "
        "remove it, or add images of it to the training set"
    )
    # a class of the list without images does no harm
    spare = replace(TEST, classes=(*TEST.classes, "star"))
    assert check_test_set(TRAIN, spare) == []


def test_another_order_of_classes_is_fine():
    turned = replace(TEST, classes=TEST.classes[::-1], labels=2 - TEST.labels)
    assert check_test_set(TRAIN, turned) == []


def test_missing_classes_are_a_note():
    fewer = TEST.subset(np.flatnonzero(TEST.labels == 0))
    assert check_test_set(TRAIN, fewer) == [
        "the test set has no images of square, stripes: these classes are not tested"
    ]


def test_other_forms_are_refused():
    assert "no images" in refuse(TRAIN, TEST.subset(np.arange(0)))
    rgb = replace(TEST, images=np.repeat(TEST.images, 3, axis=3))
    assert "3 channels" in refuse(TRAIN, rgb)
    assert "12x16 pixels" in refuse(TRAIN, replace(TEST, images=TEST.images[:, 4:]))


def test_large_sets_are_sampled_for_near_copies_alone(monkeypatch):
    almost = replace(TRAIN, images=TRAIN.images // 4 * 4)
    assert find_leaks(TRAIN, almost).near == 72
    monkeypatch.setattr("ganaug.gain.splitting.leaks.SAMPLED_IMAGES", 10)
    assert find_leaks(TRAIN, almost).near <= 20
    assert find_leaks(TRAIN, join(TEST, TRAIN)).copies == 36


def test_equal_images_share_a_fold():
    twice = join(TRAIN, TRAIN)
    found, notes = check_folds(twice)
    assert notes == ["36 of 72 images repeat another one: equal images share a fold"]
    assert np.array_equal(found.groups[:36], found.groups[36:])
    assert len(np.unique(found.groups)) == 36
    made = make_folds_splits(found.labels, found.groups, folds=3)
    for split in made.splits:
        tested = {image.tobytes() for image in twice.images[split.test]}
        assert not tested & {image.tobytes() for image in twice.images[split.train]}


def test_stated_groups_grow_by_copies():
    images = join(TRAIN, TRAIN.subset(np.array([0])))
    groups = np.repeat(np.arange(10), 4)[: len(images)]  # the copy has a group alone
    found, _ = check_folds(replace(images, groups=groups))
    assert found.groups[36] == found.groups[0] == found.groups[3]
    assert len(np.unique(found.groups)) == 9
    assert check_folds(TRAIN) == (TRAIN, [])


def test_images_that_ganaug_drew_are_no_folds():
    mixed = replace(TRAIN, synthetic=("train/3.png", "train/4.png"))
    with pytest.raises(DataError, match=r"2 of 36 images were drawn .*--allow-leak"):
        check_folds(mixed)
    _, notes = check_folds(mixed, allow_leak=True)
    assert "do not hold for real images" in notes[0]


def test_a_deep_test_set_is_scaled_as_the_training_images_are(tmp_path):
    deep = np.random.default_rng(0).integers(0, 60_000, (36, 16, 16), np.uint16)
    deep //= np.repeat(np.arange(1, 37), 256).reshape(36, 16, 16).astype(np.uint16)
    labels = np.repeat([0, 1], 18)
    some = np.arange(10, 30)  # neither the darkest nor the brightest
    train = load_images((deep, labels))
    test = (deep[some], labels[some])
    _, found, _ = check_data(train, test, allow_leak=True)
    assert np.array_equal(found.images, train.images[some])
    np.savez(tmp_path / "train.npz", x=deep, y=labels)
    np.savez(tmp_path / "test.npz", x=deep[some], y=labels[some])
    words = ["gain", str(tmp_path / "train.npz"), "--test", str(tmp_path / "test.npz")]
    shown = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out")])
    assert "20 of 20 test images are copies" in str(shown.exception)
