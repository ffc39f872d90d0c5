"""What the filters learned: the same bytes with it as without, and never trusted."""

import json
import logging

import numpy as np
import pytest
import torch
from safetensors import safe_open
from stores import digests

from ganaug import synthesize, train, verify
from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.synth.filters import candidates, learned
from ganaug.synth.filters.candidates import prepare_examples
from ganaug.synth.filters.learned import (
    LEARNED_FILE,
    Learned,
    make_key,
    read_learned,
    save_learned,
)
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import DEFAULT_FILTERS

pytestmark = pytest.mark.usefixtures("hasty_classifiers")
CLASSES = ("dark", "light")
CONFIG = TrainConfig(
    height=8, width=8, channels=1, base_channels=16, max_channels=16, images=64,
    batch=16, holdout=0.3,
)  # fmt: skip


def draw_images(n=80):
    """Draw stripes that are darker in one class than in the other."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 2
    x = rng.integers(0, 60, (n, 8, 8, 1)) + 90 * labels[:, None, None, None]
    x[:, rng.integers(0, 8)] += 90
    return LabelledImages(x.astype(np.uint8), labels, CLASSES)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learned") / "run"
    train(draw_images(), folder, config=CONFIG, device="cpu", progress=None)
    return folder


@pytest.fixture
def teachers(monkeypatch):
    """Count the teachers that are trained, on few batches."""
    trained, fit = [], candidates.fit_teacher

    def fit_counted(*args, **options):
        trained.append(1)
        return fit(*args, **options, steps=4)

    monkeypatch.setattr(candidates, "fit_teacher", fit_counted)
    return trained


def draw(run, out, n):
    """Return path → digest of the store's files, wherever it lies."""
    store = synthesize(
        run, out, per_class=n, filters=("copy", "duplicate"), labels="soft",
        data=draw_images(), device="cpu", progress=None,
    )  # fmt: skip
    assert store.counts.tolist() == [n, n]
    meta = (out / "meta.json").read_text().replace(str(out), "STORE")
    return digests(out) | {"meta.json": meta}


def test_a_store_is_the_same_with_what_was_learned_as_without(
    trained, tmp_path, teachers
):
    draw(trained, tmp_path / "one", 1)
    one = draw(trained, tmp_path / "one", 3)
    assert len(teachers) == 1
    (trained / LEARNED_FILE).unlink()
    draw(trained, tmp_path / "two", 1)
    (trained / LEARNED_FILE).unlink()
    assert draw(trained, tmp_path / "two", 3) == one
    assert len(teachers) == 3
    assert verify(tmp_path / "one", device="cpu") == []


def judge(folder, names=DEFAULT_FILTERS):
    """Learn, or take what the folder has, and judge real images and noise."""
    images = draw_images()
    real = RealImages(images, np.arange(56), np.arange(56, 80), "")
    examples = prepare_examples(real, CONFIG, CLASSES, folder=folder)
    pipeline = FilterPipeline(examples, names)
    if folder is not None:
        examples.save(folder)
    noise = np.random.default_rng(3).integers(0, 256, (40, 8, 8, 1), np.uint8)
    shown = np.concatenate([images.images, noise])
    judged = pipeline.judge(shown, np.arange(len(shown)) % 2)
    scores = {name: each.tobytes() for name, each in judged.scores.items()}
    return judged.reasons, scores, judged.probabilities.tobytes(), pipeline.notes


def test_all_filters_judge_the_same_with_what_was_learned(tmp_path, teachers):
    fresh = judge(None)
    assert judge(tmp_path) == judge(tmp_path) == fresh
    assert len(teachers) == 2
    content = (tmp_path / LEARNED_FILE).read_bytes()
    judge(tmp_path)
    assert (tmp_path / LEARNED_FILE).read_bytes() == content


def test_further_filters_add_to_what_was_learned(tmp_path, teachers):
    judge(tmp_path, ["label"])
    assert judge(tmp_path) == judge(None)
    assert len(teachers) == 2


def test_nothing_of_an_image_is_kept(tmp_path, teachers):
    judge(tmp_path)
    images = draw_images().images
    kinds = {
        "teacher.network0", "teacher.network1", "teacher.network2", "teacher.folds",
        "teacher.out", "copy.distances", "copy.fresh", "copy.ratios", "copy.0.medians",
        "copy.1.medians", "realism.radii", "realism.units", "realism.mean",
        "realism.scale", "realism.roughness", "duplicate.limits",
    }  # fmt: skip
    with safe_open(tmp_path / LEARNED_FILE, framework="np") as opened:
        for name in opened.keys():  # noqa: SIM118
            assert any(name == k or name.startswith(f"{k}.") for k in kinds), name
            if not name.startswith("teacher.network"):
                # a few numbers per image, far fewer than its pixels
                assert opened.get_tensor(name).size <= 4 * len(images)
    content = (tmp_path / LEARNED_FILE).read_bytes()
    assert not any(image.tobytes() in content for image in images)


@pytest.mark.parametrize("harm", ["cut", "altered", "empty", "foreign", "older"])
def test_a_file_that_does_not_fit_is_learned_again(
    tmp_path, teachers, harm, monkeypatch, caplog
):
    first = judge(tmp_path)
    path = tmp_path / LEARNED_FILE
    content = path.read_bytes()
    if harm in ("cut", "altered", "empty"):
        end = {"cut": len(content) // 2, "altered": len(content) - 4, "empty": 0}[harm]
        path.write_bytes(content[:end] + bytes(4) * (harm == "altered"))
    elif harm == "older":
        monkeypatch.setattr(learned, "RULES", learned.RULES + 1)
    else:
        key = make_key({"training": np.zeros(3)}, [])
        save_learned(tmp_path, key, filled(duplicate_limits=np.full(2, 1e9)))
    with caplog.at_level(logging.INFO):
        assert judge(tmp_path) == first
    assert len(teachers) == 2
    said = [r for r in caplog.messages if r.startswith("the filters learn again")]
    assert len(said) == (harm in ("cut", "altered", "empty"))
    judge(tmp_path)
    assert len(teachers) == 2, "it was written anew"


def filled(**arrays):
    found = Learned()
    for name, array in arrays.items():
        found.note(name.replace("_", "."), array)
    return found


def test_arrays_of_another_shape_or_type_are_computed_again():
    found = filled(limit=np.zeros(3))
    assert found.recall("limit", (2,), float, lambda: np.ones(2)).tolist() == [1, 1]
    found = filled(limit=np.zeros(2, np.float32))
    assert found.recall("limit", (2,), float, lambda: np.ones(2)).tolist() == [1, 1]
    assert found.recall("limit", (2,), float, lambda: np.zeros(2)).tolist() == [1, 1]


@pytest.mark.parametrize("name", ["teacher.network1.head.bias", "teacher.out"])
def test_a_teacher_that_lacks_a_part_is_learned_again(tmp_path, teachers, name):
    first = judge(tmp_path)
    with safe_open(tmp_path / LEARNED_FILE, framework="np") as opened:
        arrays = {n: opened.get_tensor(n) for n in opened.keys()}  # noqa: SIM118
        key = json.loads(opened.metadata()["ganaug"][64:])["key"]
    del arrays[name]
    found = Learned(arrays)
    found.changed = True
    save_learned(tmp_path, key, found)
    assert read_learned(tmp_path, key).arrays.keys() == arrays.keys()
    assert judge(tmp_path) == first
    assert len(teachers) == 2


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path, teachers, monkeypatch):
    def refuse(path, write):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("ganaug.training.weights.write_whole", refuse)
    assert judge(tmp_path) == judge(None)
    assert list(tmp_path.iterdir()) == []


def test_the_key_tells_images_labels_groups_and_threads_apart():
    x, y = np.zeros((4, 2, 2, 1), np.uint8), np.arange(4)
    key = make_key({"x": x, "y": y, "groups": None}, ["a"])
    assert key == make_key({"x": x.copy(), "y": y.copy(), "groups": None}, ["a"])
    others = [
        make_key({"x": x + 1, "y": y, "groups": None}, ["a"]),
        make_key({"x": x, "y": y[::-1], "groups": None}, ["a"]),
        make_key({"x": x, "y": y, "groups": y}, ["a"]),
        make_key({"x": x, "y": y, "groups": None}, ["b"]),
        make_key({"x": x.reshape(4, 4, 1, 1), "y": y, "groups": None}, ["a"]),
    ]
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    others.append(make_key({"x": x, "y": y, "groups": None}, ["a"]))
    torch.set_num_threads(threads)
    assert all(key != other for other in others)
