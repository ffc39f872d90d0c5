"""Stores of styled images: what they have, what is refused, how they are judged."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.synth.store.meta import META_FILE
from ganaug.synth.store.store import Store
from ganaug.synth.styled.ordering import style_images
from ganaug.synth.verification import verify

OPTIMISE = {"engine": "optimise", "progress": None, "training": None}


@pytest.fixture(scope="module", autouse=True)
def _tint_quickly(hasty_classifiers):
    """Blend contents with the mean colour of their style, which takes no time."""

    def tint(content, styles, look, *, alpha, **others):
        means = torch.cat([style.mean((2, 3), keepdim=True) for style in styles])
        return torch.lerp(content, means, 0.6 * alpha[:, None, None, None])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganaug.translate.style.engines.optimise", tint)
        patch.setattr("ganaug.synth.styled.filters.WIDTH", 8)
        yield


def draw_bars(n=12, side=8):
    """Draw upright bars and level ones, dim and grey."""
    rng = np.random.default_rng(0)
    images = rng.integers(60, 90, (2 * n, side, side, 3)).astype(np.uint8)
    labels = np.repeat([0, 1], n)
    for image, label in zip(images, labels, strict=True):
        at = rng.integers(1, side - 3)
        where = np.s_[:, at : at + 3] if label else np.s_[at : at + 3]
        image[where] += 120
    return LabelledImages(images, labels, ("level", "upright"))


@pytest.fixture(scope="module")
def red(tmp_path_factory):
    folder = tmp_path_factory.mktemp("red")
    for k in range(2):
        image = np.zeros((16, 20, 3), np.uint8)
        image[..., 0] = np.random.default_rng(k).integers(180, 220, (16, 20))
        Image.fromarray(image).save(folder / f"{k}.png")
    return folder


@pytest.fixture(scope="module")
def data():
    return draw_bars()


@pytest.fixture(scope="module")
def styled(data, red, tmp_path_factory):
    out = tmp_path_factory.mktemp("styled") / "store"
    return style_images(data, red, out, per_class=8, **OPTIMISE)


def test_every_image_names_its_content_and_style(styled, data):
    rows = [row for row in styled.read_rows() if row.kept]
    hashes = dict(zip(data.hash_images(), data.labels.tolist(), strict=True))
    assert len(rows) == len(styled) == 16
    assert {row.style_id for row in rows} == {"0.png", "1.png"}
    assert {row.alpha for row in rows} == {"1"}
    assert all(hashes[row.source_id] == row.label for row in rows)
    contents = [row.source_id for row in styled.read_rows() if not row.label]
    assert len(set(contents)) == len(contents)  # none comes again so soon


def test_styled_images_are_redder_than_their_contents(styled, data):
    files = [styled.path / row.path for row in styled.read_rows() if row.kept]
    drawn = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    real = data.images.astype(int)
    redness = [float((x[..., 0] - x[..., 2]).mean()) for x in (drawn.astype(int), real)]
    assert redness[0] > redness[1] + 30
    assert set(styled.manifest["style_id"]) == {"0.png", "1.png"}


def test_held_out_images_are_not_drawn(styled, data):
    split = json.loads((styled.path / "split.json").read_text())
    used = {row.source_id for row in styled.read_rows()}
    assert used <= set(split["train"])
    assert len(split["held_out"]) == 4


def test_a_store_is_verified_without_its_styles(styled, data, red):
    assert verify(styled, data=data, sample=3) == []


def test_a_store_is_continued_and_refuses_another_alpha(data, red, tmp_path_factory):
    out = tmp_path_factory.mktemp("more") / "store"
    options = {**OPTIMISE, "filters": None}
    style_images(data, red, out, per_class=2, **options)
    first = {row.path: row.file_sha256 for row in Store.load(out).read_rows()}
    store = style_images(data, red, out, per_class=4, **options)
    rows = {row.path: row.file_sha256 for row in store.read_rows()}
    assert first.items() <= rows.items()
    assert len(rows) == 8
    with pytest.raises(StoreError, match="another alpha"):
        style_images(data, red, out, per_class=4, alpha=0.5, **options)


def test_the_verdict_speaks_of_styles(styled):
    meta = json.loads((styled.path / META_FILE).read_text())
    assert "took on the style" in meta["verdict"]["sentence"]
    cells = meta["verdict"]["cells"]
    assert [(cell["class_name"], cell["domain"]) for cell in cells] == [
        ("level", ""), ("upright", ""),
    ]  # fmt: skip
    assert meta["config"]["kind"] == "style"


@pytest.mark.parametrize("mode", ["within-class", "any"])
def test_styles_of_the_same_set(data, mode, tmp_path):
    store = style_images(
        data, mode, tmp_path / "s", per_class=3, filters=None, **OPTIMISE
    )
    labels = dict(zip(data.hash_images(), data.labels.tolist(), strict=True))
    rows = list(store.read_rows())
    assert all(row.style_id != row.source_id for row in rows)
    if mode == "within-class":
        assert all(labels[row.style_id] == row.label for row in rows)
    assert verify(store, data=data, sample=2) == []


def test_images_without_classes_go_to_one_folder(red, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for k in range(3):
        Image.fromarray(draw_bars().images[k]).save(folder / f"{k}.png")
    store = style_images(folder, red, tmp_path / "s", filters=None, **OPTIMISE)
    assert store.classes == ("images",)
    assert len(store) == 3
    assert verify(store, sample=1) == []  # the real images are found again
    single = style_images(
        folder / "0.png", red, tmp_path / "t", filters=None, **OPTIMISE
    )
    assert len(single) == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"alpha": 1.5}, ConfigError, "alpha"),
        ({"engine": "draw"}, ConfigError, "engine"),
        ({"per_class": 0}, ConfigError, "0 images per class"),
        ({"filters": ["copy"]}, ConfigError, "no filter 'copy'"),
        ({"styles": "no-such-folder"}, DataError, "no-such-folder"),
    ],
)
def test_bad_input_is_refused(data, red, tmp_path, options, error, message):
    given = {"styles": red, **OPTIMISE, **options}
    with pytest.raises(error, match=message):
        style_images(data, out=tmp_path / "s", **given)
    assert not (tmp_path / "s").exists()


GENERATE = {"progress": None, "training": None, "filters": None, "per_class": 2}
TINY = {"images": 16, "batch": 8, "features": 8, "blocks": 1, "features_d": 8}


def test_a_network_draws_the_same_images_again(data, red, tmp_path):
    """Also without the folder of its training, which the store does not need."""
    store = style_images(data, red, tmp_path / "s", set=TINY, **GENERATE)
    assert verify(store, data=data, sample=4) == []
    shutil.rmtree(tmp_path / "s.run")
    options = {**GENERATE, "per_class": 3}
    more = style_images(data, red, tmp_path / "s", **options)
    assert len(more) == 6
    assert not (tmp_path / "s.run").exists()
    assert verify(more, data=data, sample=6) == []


def test_copies_stay_together_and_count_once(data, red, tmp_path):
    twice = np.tile(np.arange(len(data)), 2)
    doubled = data.subset(twice)
    store = style_images(
        doubled, red, tmp_path / "s", filters=None, per_class=9, **OPTIMISE
    )
    split = json.loads((store.path / "split.json").read_text())
    assert not set(split["train"]) & set(split["held_out"])
    sources = [row.source_id for row in store.read_rows()]
    assert len(set(sources)) == len(sources)
    assert verify(store, data=doubled, sample=9) == []


def test_other_contents_do_not_go_on_with_a_store(data, red, tmp_path):
    options = {**OPTIMISE, "filters": None, "per_class": 2}
    style_images(data, red, tmp_path / "s", **options)
    fewer = data.subset(np.arange(1, len(data)))
    with pytest.raises(StoreError, match="another set of real images"):
        style_images(fewer, red, tmp_path / "s", **options)


def test_held_out_images_are_no_styles(data, tmp_path):
    with pytest.raises(DataError, match="4 of the styles are held-out"):
        style_images(data, data.images, tmp_path / "s", **OPTIMISE)


def test_a_lone_image_of_a_class_has_no_style(data, tmp_path):
    lone = data.subset(np.array([0, 1, 2, 12]))
    with pytest.raises(DataError, match="class 'upright' has no other image"):
        style_images(lone, "within-class", tmp_path / "s", **GENERATE)
    assert not (tmp_path / "s.run").exists()


def test_without_a_style_nothing_is_said_of_it(data, red, tmp_path):
    store = style_images(data, red, tmp_path / "s", per_class=2, alpha=0, **OPTIMISE)
    assert "style" not in store.verdict.sentence
