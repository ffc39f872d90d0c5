"""Drawing from sources: by seed and index, from one's own images, and in stores."""

import json
import sys

import numpy as np
import pytest
from ganaug_cli.main import run as run_cli
from pictures import draw_set, save_set

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError, DataError
from ganaug.gan.inputs.latents import choose_source_images
from ganaug.gan.training import train
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize
from ganaug.synth.synthesizer import Synthesizer
from ganaug.synth.verification import verify

TINY = TrainConfig(
    height=16, width=16, channels=1, base_channels=16, max_channels=16, latent=8,
    batch=16, images=320, snapshots=1, network="dcgan", conditioning="image",
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make a folder with `data`, and a run of each kind on it."""
    root = tmp_path_factory.mktemp("sources")
    save_set(root / "data", draw_set(12))
    for conditioning in ("image", "image-warp"):
        config = TINY.replace(conditioning=conditioning)
        train(str(root / "data"), root / conditioning, config=config, device="cpu")
    return root


def test_the_source_is_a_function_of_seed_class_and_index():
    together = choose_source_images(3, "cat", range(400), 5)
    order = [7, 399, 0, 8]
    np.testing.assert_array_equal(
        choose_source_images(3, "cat", order, 5), together[order]
    )
    assert np.bincount(together, minlength=5).min() > 50
    for other in (
        choose_source_images(4, "cat", range(400), 5),
        choose_source_images(3, "dog", range(400), 5),
    ):
        assert (other != together).any()
    assert set(choose_source_images(3, "cat", range(20), 1).tolist()) == {0}


@pytest.mark.parametrize("conditioning", ["image", "image-warp"])
def test_neither_number_nor_order_changes_an_image(root, conditioning):
    made = Synthesizer.load(root / conditioning, "cpu")
    labels, indices = np.repeat([0, 1, 2], 15), np.tile(np.arange(15), 3)
    together = made.sample_rows(labels, indices, seed=1)
    some = np.array([40, 3, 17])
    again = made.sample_rows(labels[some], indices[some], seed=1)
    np.testing.assert_array_equal(again, together[some])
    np.testing.assert_array_equal(made.sample(labels, seed=1), together)


def test_own_sources_may_be_given(root):
    made = Synthesizer.load(root / "image-warp", "cpu")
    kept = made.generators.sources
    labels, places = np.array([0, 0, 2]), np.array([0, 1, 0])
    names = [s.source_id for s in made.find_sources(labels, places, seed=5)]
    chosen = [kept.hashes.index(name) for name in names]
    np.testing.assert_array_equal(
        made.sample(labels, sources=kept.images[chosen].numpy(), seed=5),
        made.sample(labels, seed=5),
    )
    # of another size and of no class; the i-th as the i-th of the first class
    foreign = np.zeros((2, 20, 24, 1), np.uint8)
    np.testing.assert_array_equal(
        made.sample(sources=foreign, seed=5),
        made.sample([0, 0], sources=foreign, seed=5),
    )


def test_sources_that_do_not_fit_are_refused(root, tmp_path):
    made = Synthesizer.load(root / "image", "cpu")
    good = np.zeros((2, 16, 16, 1), np.uint8)
    for sources, labels in ((good[0], [0]), (good, [0]), (good.astype(float), [0, 1])):
        with pytest.raises(DataError, match="one for each label"):
            made.sample(labels, sources=sources)
    config = TINY.replace(conditioning="class", images=16)
    plain = train(str(root / "data"), tmp_path / "run", config=config, device="cpu")
    with pytest.raises(ConfigError, match="draws from no source images"):
        Synthesizer.load(plain, "cpu").sample([0, 1], sources=good)


def test_a_store_names_its_sources_and_draws_again_without_the_run(root, tmp_path):
    one = synthesize(
        root / "image", tmp_path / "one", per_class=5, filters=None, device="cpu"
    )
    synthesize(
        root / "image", tmp_path / "two", per_class=3, filters=None, device="cpu"
    )
    two = synthesize(
        root / "image", tmp_path / "two", per_class=5, filters=None, device="cpu"
    )
    key = ["class", "index"]
    rows, others = (
        store.manifest.sort_values(key, ignore_index=True) for store in (one, two)
    )
    assert rows.equals(others)
    split = json.loads((root / "image" / "split.json").read_text())
    assert set(rows["source_id"]) <= set(split["train"])
    assert rows["source_id"].nunique() > 3
    (root / "image").rename(root / "away")
    try:
        assert verify(one, device="cpu") == []
        made = Synthesizer.load(one, "cpu")
        np.testing.assert_array_equal(made.sample([1], seed=0)[0], one.image(5))
    finally:
        (root / "away").rename(root / "image")


@pytest.mark.usefixtures("hasty_classifiers")
@pytest.mark.parametrize(
    ("conditioning", "filters"),
    [
        ("image", ("label", "realism", "copy", "duplicate")),
        ("image-warp", ("label", "realism", "duplicate")),
    ],
)
def test_synth_leaves_out_the_copy_filter_where_images_are_bent_real_ones(
    root, tmp_path, monkeypatch, capsys, conditioning, filters
):
    words = ["synth", str(root / conditioning), "--per-class", "2"]
    words += ["--out", str(tmp_path / "store"), "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", ["ganaug", *words])
    with pytest.raises(SystemExit) as ended:
        run_cli()
    assert not ended.value.code
    store = Store.load(tmp_path / "store")
    assert store.meta.filters == filters
    note = "the copy filter is off: images of conditioning=image-warp are bent real"
    assert (note in capsys.readouterr().out) == ("copy" not in filters)
