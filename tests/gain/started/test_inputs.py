"""The run that a gain starts from: what is refused, each in one line."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from parents import train_parent
from pictures import draw_set, draw_shapes, save_set
from sklearn.linear_model import LogisticRegression

from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.resize import resize_images
from ganaug.errors import CheckpointError, ConfigError, DataError, RunError
from ganaug.gain.request import (
    GainOptions,
    identify_request,
    list_options,
    make_request,
)
from ganaug.gain.splitting.leaks import check_known
from ganaug.gain.started.inputs import read_start

DATA = draw_set(12)


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    return train_parent(tmp_path_factory.mktemp("start"))


@pytest.fixture
def moved(parent, tmp_path):
    """Copy the run to where its images are not."""
    shutil.copytree(parent.path, tmp_path / "moved-run")
    text = (tmp_path / "moved-run" / "data.json").read_text()
    old = str(parent.path.with_name("old"))
    assert old in text
    (tmp_path / "moved-run" / "data.json").write_text(text.replace(old, "/nowhere/old"))
    return tmp_path / "moved-run"


def ask(start, data=DATA, test=None, unlabelled=None, **options):
    options = {"splits": 2, "device": "cpu", **options}
    return make_request(data, test, GainOptions(start=start, **options), unlabelled)


def test_it_knows_the_runs_images_and_says_so(parent):
    request = ask(parent)
    assert request.start.images.counts.tolist() == [10, 10]
    assert request.start.images.classes == ("edged", "round")
    said = next(note for note in request.notes if "both sides" in note)
    assert "its 20 images of 2 classes" in said
    assert said.startswith("each GAN starts from old-run, ")
    assert ask(None).start is None
    assert "start" not in identify_request(ask(None)), "older folders resume"
    assert identify_request(request)["start"] == identify_request(ask(parent))["start"]


def test_options_name_paths_only(parent):
    found = list_options(GainOptions(start=parent, start_data=DATA), grouped=False)
    assert found["start"] == str(parent.path)
    assert "start_data" not in found
    found = list_options(GainOptions(start=parent, start_data="x"), grouped=False)
    assert found["start_data"] == "x"


def test_images_that_have_moved_can_be_named(parent, moved):
    with pytest.raises(DataError, match=r"/nowhere/old does not.*with --start-data$"):
        ask(moved)
    there = parent.path.with_name("old")
    assert len(ask(moved, start_data=there).start.images) == 20
    with pytest.raises(DataError, match=r"made from other images.*\(--start-data\)"):
        ask(moved, start_data=DATA)


def test_images_that_have_changed_are_refused(tmp_path):
    run = train_parent(tmp_path)
    save_set(tmp_path / "old", draw_set(10, seed=8, classes=("round", "edged")))
    with pytest.raises(DataError, match="made from other images than"):
        ask(run)


def test_runs_that_cannot_start_are_refused(parent, tmp_path):
    with pytest.raises(RunError, match="does not exist"):
        ask(tmp_path / "none")
    unfinished = shutil.copytree(parent.path, tmp_path / "unfinished")
    (unfinished / "generator.safetensors").unlink()
    with pytest.raises(RunError, match="is not finished"):
        ask(unfinished)
    damaged = shutil.copytree(parent.path, tmp_path / "damaged")
    (damaged / "generator.safetensors").write_bytes(b"x")
    with pytest.raises(CheckpointError):
        ask(damaged)
    colour = replace(DATA, images=DATA.images.repeat(3, axis=3))
    with pytest.raises(ConfigError, match="draws images of 1 channels, and these have"):
        ask(parent, colour)


def test_a_run_of_one_class_pretrains_nothing(tmp_path):
    run = train_parent(tmp_path, draw_set(10, seed=7, classes=("round",)))
    with pytest.raises(DataError, match="knows one class, and a classifier needs two"):
        ask(run)


def test_a_run_that_itself_started_from_another_is_refused(parent, tmp_path):
    child = train_parent(
        tmp_path, draw_set(10, seed=8, classes=("flat", "high")), start=parent
    )
    with pytest.raises(ConfigError, match=r"itself started from .*old-run, whose"):
        ask(child)
    notes = ask(child, allow_leak=True).notes
    assert any("the comparison may be too easy" in note for note in notes)


def test_another_grid_and_other_classes_are_fine(parent):
    small = replace(DATA, images=resize_images(DATA.images, (12, 12)))
    assert ask(parent, small).start.images.size == (16, 16)


@pytest.mark.parametrize("size", [16, 24])
def test_images_that_the_run_knows_are_refused(parent, size):
    """Also at another size: the same files, made larger by ganaug."""
    known = load_images(parent.path.with_name("old"))
    pixels = resize_images(known.images, (size, size))
    own = resize_images(DATA.images, (size, size))
    both = LabelledImages(np.concatenate([own, pixels[:2]]), np.r_[DATA.labels, 0, 0],
                          DATA.classes)  # fmt: skip
    with pytest.raises(
        DataError, match=r"^2 of 38 images are among those of .*old-run"
    ):
        ask(parent, both)
    notes = ask(parent, both, allow_leak=True).notes
    assert any("2 of 38 images are among" in note for note in notes)
    train = replace(DATA, images=own)
    test = LabelledImages(pixels[:3], np.array([0, 1, 1]), DATA.classes)
    with pytest.raises(DataError, match=r"^3 of 3 test images are among those of"):
        ask(parent, train, test)


def test_groups_that_the_run_knows_are_refused():
    def group(images, *names):
        numbers = np.arange(len(images)) % len(names)
        named = tuple(names[k] for k in numbers)
        return replace(images, groups=numbers, group_names=named)

    known = group(draw_set(4, seed=5), "p1", "p2")
    check_known(known, group(DATA, "p3", "p4"), "images", "a-run")
    with pytest.raises(DataError, match=r"18 of 36 images are in groups .*\(p2; if"):
        check_known(known, group(DATA, "p2", "p4"), "images", "a-run")


def test_near_copies_are_noted():
    known = replace(DATA, images=DATA.images // 2)
    notes = check_known(known, DATA, "images", "a-run")
    assert "nearly the same among the images and in a-run" in notes[0]


def build(size, channels, n):
    raise AssertionError("it is refused before it is built")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"style": "any"}, "with --style none is trained"),
        ({"unlabelled": {"dusk": DATA}}, "with --unlabelled none is trained"),
        ({"classifier": build}, "your own classifiers are not made for"),
        ({"classifier": LogisticRegression()}, "your own classifiers are not made for"),
    ],
)
def test_what_cannot_stand_beside_it_is_refused(parent, options, line):
    with pytest.raises(ConfigError, match=line):
        ask(parent, **options)


def test_cells_to_fill_are_refused(parent):
    data = draw_set(24)
    domains = (np.arange(len(data)) % 2) * (data.labels > 0)
    data = replace(data, domains=domains, domain_names=("sun", "dusk"))
    with pytest.raises(
        ConfigError, match="cells that a translator fills; omit --start"
    ):
        ask(parent, data)


def test_images_of_no_run_are_refused():
    with pytest.raises(ConfigError, match="--start-data is for --start RUN"):
        read_start(None, DATA, DATA, None, allow_leak=False)


def test_shapes_of_one_kind_are_drawn_alike_but_not_equal():
    """What the tests above take for granted."""
    first, second = draw_shapes(3, 0, seed=0), draw_shapes(3, 0, seed=7)
    assert not {i.tobytes() for i in first} & {i.tobytes() for i in second}
