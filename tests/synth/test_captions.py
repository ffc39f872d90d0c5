"""Images by caption: latents, stores, their filters, verification, and the command."""

import shlex
import sys
from dataclasses import replace

import numpy as np
import pytest
from ganaug_cli.main import run as run_command
from PIL import Image

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.evaluation.samples import draw_samples
from ganaug.gan.inputs.latents import draw_latents
from ganaug.gan.training import train
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.recipe import describe_recipe
from ganaug.synth.real_images import find_real
from ganaug.synth.synthesis import synthesize
from ganaug.synth.synthesizer import Synthesizer
from ganaug.synth.verification import verify

CONFIG = TrainConfig(
    height=16, width=16, channels=1, base_channels=16, max_channels=16, latent=8,
    batch=8, images=80, snapshots=0, conditioning="caption", network="dcgan",
)  # fmt: skip
RED, BLUE, NEW = "a red one", "a blue two", "a blue one"


def save_table(folder, *, labels=True):
    rng = np.random.default_rng(0)
    folder.mkdir()
    lines = ["path,label,caption"] if labels else ["path,caption"]
    for k in range(24):
        pixels = rng.integers(0, 256, (16, 16), np.uint8)
        Image.fromarray(pixels).save(folder / f"{k}.png")
        words = [f"{k}.png", "two" if k % 2 else "one", BLUE if k % 2 else RED]
        lines.append(",".join(words if labels else [words[0], words[2]]))
    table = folder / "set.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    return table


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Train a run of captions, with known classes."""
    root = tmp_path_factory.mktemp("captions")
    return train(save_table(root / "data"), root / "run", config=CONFIG, device="cpu")


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory):
    root = tmp_path_factory.mktemp("unlabelled")
    table = save_table(root / "data", labels=False)
    return train(table, root / "run", config=CONFIG, device="cpu")


def test_an_image_follows_from_seed_caption_and_index(run):
    synthesizer = Synthesizer.load(run, "cpu")
    one = synthesizer.sample(captions=[RED, NEW, RED, NEW], seed=1)
    many = synthesizer.sample(captions=[NEW] * 40 + [RED] * 40, seed=1)
    assert (one[[0, 2]] == many[[40, 41]]).all()
    assert (one[[1, 3]] == many[:2]).all()
    assert (one[0] != one[2]).any()
    assert (synthesizer.sample(captions=[RED], seed=2)[0] != one[0]).any()
    made = synthesizer.generators
    z = np.concatenate([draw_latents(1, RED, [k], 8) for k in range(32)])
    rows = made.captions.read([RED] * 32)
    import torch

    drawn = made.draw_captions(torch.from_numpy(z), rows).numpy()
    assert (drawn == many[40:72]).all()


def test_labels_draw_captions_of_their_class(run):
    synthesizer = Synthesizer.load(run, "cpu")
    labels, indices = np.array([0, 1, 0]), np.array([0, 0, 5])
    assert synthesizer.choose_captions(labels, indices) == [RED, BLUE, RED]
    found = synthesizer.sample(["one", "two", "one"], seed=3)
    assert (found == synthesizer.sample(captions=[RED, BLUE, RED], seed=3)).all()


def test_classes_of_known_captions_get_their_images(run, tmp_path):
    store = synthesize(run, tmp_path / "s", captions={RED: 3, BLUE: 2}, device="cpu",
                       filters=None)  # fmt: skip
    assert store.classes == ("one", "two")
    assert store.counts.tolist() == [3, 2]
    assert store.manifest["caption"].tolist() == [RED] * 3 + [BLUE] * 2
    assert (tmp_path / "s" / "one" / "000002.png").is_file()
    assert verify(store) == []


def test_a_caption_without_a_class_puts_all_under_caption(run, tmp_path):
    at_once = synthesize(run, tmp_path / "a", captions={RED: 3, NEW: 40},
                         device="cpu", filters=None)  # fmt: skip
    assert at_once.classes == ("caption",)
    assert len(at_once) == 43
    for n in (10, 40):
        steps = synthesize(run, tmp_path / "b", captions={RED: 3, NEW: n},
                           device="cpu", filters=None)  # fmt: skip
    for path in at_once.paths:
        found = (steps.path / path).read_bytes()
        assert (at_once.path / path).read_bytes() == found
    assert verify(at_once) == []
    lost = steps.path / "caption" / "000001.png"
    before = lost.read_bytes()
    lost.unlink()
    assert [d.what for d in verify(steps)] == ["missing"]
    synthesize(run, tmp_path / "b", captions={NEW: 40}, device="cpu", filters=None)
    assert lost.read_bytes() == before
    with pytest.raises(StoreError, match=r"another set of classes \(caption\)"):
        synthesize(run, tmp_path / "b", per_class=3, device="cpu", filters=None)


def test_captions_at_once_or_in_turn_make_one_store(run, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "ganaug.synth.filters.near_duplicates.CLOSE", 1.0
    )  # some are refused
    monkeypatch.setattr("ganaug.synth.filling._Filling._guess", lambda *_: 60)
    asked, options = {NEW: 3, RED: 20}, {"device": "cpu", "filters": ["duplicate"]}
    at_once = synthesize(run, tmp_path / "a", captions=asked, **options)
    for part in ({NEW: 3}, asked):
        turns = synthesize(run, tmp_path / "b", captions=part, **options)
    assert len(at_once) == 23
    assert len(at_once.manifest) > 23, "some were refused"
    assert at_once.manifest.equals(turns.manifest)


def test_a_report_says_how_to_draw_captions_again(run, tmp_path):
    store = synthesize(run, tmp_path / "s", captions={RED: 2, NEW: 3}, device="cpu",
                       filters=None)  # fmt: skip
    sources = RunMaterial(store.path, None, store, None, None)
    (_, command), _ = describe_recipe(sources)["steps"]
    asked = shlex.join(["--caption", RED, "--caption", NEW, "-n", "3"])
    assert f"ganaug synth {store.path} {asked} --filters none" in command


def test_verify_finds_an_altered_caption(run, tmp_path):
    store = synthesize(run, tmp_path / "s", captions={RED: 2, NEW: 2}, device="cpu",
                       filters=None)  # fmt: skip
    table = store.path / "manifest.csv"
    text = table.read_text()
    table.write_text(text.replace(RED, NEW, 1))
    (found,) = verify(store)
    assert (found.path, found.what[:14]) == ("caption/000000.png", "drawn again, i")
    table.write_text(text.replace(RED, "purple", 1))
    assert [d.path for d in verify(store)] == ["manifest.csv"]


def test_such_a_store_is_compared_with_all_real_images(run, tmp_path):
    store = synthesize(run, tmp_path / "s", captions={NEW: 9}, device="cpu",
                       filters=None)  # fmt: skip
    samples = draw_samples(store, find_real(store))
    assert samples.synthetic.classes == samples.training.classes == ("caption",)
    assert len(samples.synthetic) == len(samples.floor) == 9
    assert len(samples.training) + len(samples.reference) == 24


def test_a_store_per_class_says_which_captions_it_drew(unlabelled, tmp_path):
    store = synthesize(unlabelled, tmp_path / "s", per_class=24, device="cpu",
                       filters=None)  # fmt: skip
    assert store.classes == ("caption",)
    captions = store.manifest["caption"].tolist()
    known = Synthesizer.load(unlabelled, "cpu").captions
    seen = [known.texts[k] for k in known.by_class[0]]
    assert captions == [seen[i % len(seen)] for i in range(24)]
    assert len(set(captions)) == 2
    assert verify(store) == []


def test_filters_judge_captions_as_one_class(run, tmp_path, hasty_classifiers):
    store = synthesize(run, tmp_path / "s", captions={NEW: 2}, device="cpu",
                       filters=["label", "copy"])  # fmt: skip
    row = store.manifest.iloc[0]
    assert row["nearest_real_distance"] >= 0
    assert np.isnan(row["label_score"])
    assert "nothing to tell apart" in (store.path / "screening.json").read_text()


def test_an_encoder_of_ones_own_is_asked_for_everywhere(tmp_path):
    def encode(captions):
        return np.array([[len(c), c.count("e")] for c in captions], float)

    data = load_images(save_table(tmp_path / "data"))
    run = train(data, tmp_path / "run", config=CONFIG, encode=encode, device="cpu")
    with pytest.raises(ConfigError, match="encode="):
        Synthesizer.load(run, "cpu")
    store = synthesize(run, captions={"anything": 2}, encode=encode, device="cpu",
                       filters=None)  # fmt: skip
    assert verify(store, encode=encode) == []
    with pytest.raises(ConfigError, match="encode="):
        verify(store)


def test_what_cannot_be_asked_is_refused_in_a_line(run, tmp_path):
    synthesizer = Synthesizer.load(run, "cpu")
    with pytest.raises(DataError, match="'purple' has no word of the training"):
        synthesizer.sample(captions=["purple"])
    with pytest.raises(ConfigError, match="in place of labels"):
        synthesizer.sample([0], captions=[RED])
    with pytest.raises(ConfigError, match="a list of texts"):
        synthesizer.sample(captions=RED)
    for captions, message in (({RED: 0}, "0 images of the caption"), ({}, "0 images")):
        with pytest.raises(ConfigError, match=message):
            synthesize(run, tmp_path / "s", captions=captions, device="cpu")
    with pytest.raises(ConfigError, match="captions say what is drawn"):
        synthesize(run, tmp_path / "s", captions={RED: 1}, per_class=1)
    data = load_images(run.path.parent / "data" / "set.csv")
    assert isinstance(data, LabelledImages)
    config = CONFIG.replace(conditioning="class")
    plain = train(replace(data, captions=None), tmp_path / "p", config=config)
    with pytest.raises(ConfigError, match="not trained with captions; give labels"):
        synthesize(plain, tmp_path / "s", captions={RED: 1}, filters=None)


def test_unknown_words_are_named_once(run, tmp_path, caplog):
    synthesize(run, tmp_path / "s", captions={"a purple one": 40}, filters=None,
               device="cpu")  # fmt: skip
    said = [r for r in caplog.records if "purple" in r.getMessage()]
    assert len(said) == 1


def call(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["ganaug", "synth", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        run_command()
    return ended.value.code or 0


def test_the_command_writes_each_caption(run, tmp_path, monkeypatch, capsys):
    words = ["--caption", NEW, "--caption", RED, "-n", 3, "--filters", "none"]
    assert call(monkeypatch, run.path, *words, "--out", tmp_path / "s") == 0
    assert "6 images" in capsys.readouterr().out
    files = sorted(p.name for p in (tmp_path / "s" / "caption").iterdir())
    assert files == [f"{k:06d}.png" for k in range(6)]
    assert call(monkeypatch, run.path, "--caption", NEW) == 2
    assert "go together; give both" in capsys.readouterr().err
    assert call(monkeypatch, tmp_path, "--caption", NEW, "-n", 3) == 2
    assert "--caption needs a run" in capsys.readouterr().err
    assert call(monkeypatch, run.path, *words, "--per-class", 3) == 2
    assert "captions say what is drawn" in capsys.readouterr().err
