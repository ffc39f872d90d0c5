"""Gains of texts: arms, classifiers, and what the command prints."""

import json

import numpy as np
import pytest

from ganaug.errors import ConfigError, DataError, RunError
from ganaug.gain.judgement.arm_gains import GAN
from ganaug.gain.text import arms
from ganaug.gain.text.arms import Part, count_wanted, score_arms
from ganaug.gain.text.eda import vary_text
from ganaug.gain.text.measuring import RESULT, measure_text_gain
from ganaug.gain.text.small_cnn import SmallCNN
from ganaug.text.settings import TextConfig

TINY = TextConfig(
    images=16, gan_images=320, hidden=8, latent=6, embedding=4, batch=8, length=16
)
NAMES = ["Rome", "Bern", "Oslo", "Lima", "Bonn", "Kiel", "Graz", "Linz"]
TEXTS = [f"where is {n} ?" for n in NAMES] + [f"who was {n} ?" for n in NAMES]
LABELS = np.repeat([0, 1], len(NAMES))


@pytest.fixture
def quick(monkeypatch):
    make = arms.CLASSIFIERS["small CNN"]

    def make_quickly(weighted, seed):
        found = make(weighted, seed)
        found.steps = 10
        return found

    monkeypatch.setitem(arms.CLASSIFIERS, "small CNN", make_quickly)


@pytest.fixture
def data(tmp_path):
    rows = [f"{t},{'uv'[k]}" for t, k in zip(TEXTS, LABELS, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]))
    return tmp_path / "t.csv"


def test_new_texts_fill_classes_up_or_come_again():
    assert count_wanted(LABELS) == {0: 8, 1: 8}
    assert count_wanted(LABELS[2:]) == {0: 6, 1: 8}
    assert count_wanted(LABELS[6:]) == {0: 6, 1: 0}


def test_eda_changes_few_words_and_draws_from_those_given():
    random = np.random.default_rng(0)
    text = " ".join(map(str, range(20)))
    for _ in range(50):
        made = vary_text(text, ["new"], random).split()
        assert abs(len(made) - 20) <= 2
        assert set(made) <= {*text.split(), "new"}
    assert vary_text("one", ["new"], random) in {"one new", "new one"}


def test_a_cnn_tells_classes_apart_and_repeats_itself():
    model = SmallCNN(seed=3, steps=60).fit(TEXTS, LABELS)
    assert (model.predict(TEXTS) == LABELS).all()
    again = SmallCNN(seed=3, steps=60).fit(TEXTS, LABELS)
    for one, other in zip(
        model.network.parameters(), again.network.parameters(), strict=True
    ):
        assert (one == other).all()
    assert model.predict(["unknown words 今天", "x"]).shape == (2,)


def test_every_arm_trains_on_the_real_texts(quick, monkeypatch):
    seen = {}
    make = arms.ARMS["EDA"]
    monkeypatch.setitem(
        arms.ARMS, "EDA", lambda *given: seen.setdefault("EDA", make(*given))
    )
    part = Part(TEXTS[1:15], LABELS[1:15], TEXTS[::15], LABELS[::15], ["who is Kant ?"])
    scores = score_arms(part, config=TINY, budget=None)
    assert set(scores["small CNN"]) == {
        "nothing", "class weights", "EDA", "language model", GAN,
    }  # fmt: skip
    fit = seen["EDA"]
    assert fit.texts[:14] == part.texts
    assert np.bincount(fit.labels).tolist() == [14, 14]
    assert all(0 <= s <= 1 for own in scores.values() for s in own.values())


def test_the_command_prints_a_verdict_and_resumes(call, data, quick):
    words = [
        "text", "gain", "t.csv", "--splits", "2", "--set=images=16",
        "--set=gan_images=320", "--set=hidden=8", "--set=latent=6",
    ]  # fmt: skip
    status, out, _ = call(*words)
    assert status == 0
    assert "GAN texts" in out
    assert "language model" in out
    kept = (data.parent / "t-gain" / RESULT).read_bytes()
    status, out, _ = call(*words, "--json", "--require", "helps")
    assert status == (0 if json.loads(out)[0]["word"] == "helps" else 1)
    assert (data.parent / "t-gain" / RESULT).read_bytes() == kept
    status, _, err = call(*words, "--seed", "1")
    assert status == 2
    assert "other data or another request" in err


def test_bad_requests_are_refused(data, tmp_path):
    with pytest.raises(ConfigError, match="give 2 to 100"):
        measure_text_gain(data, "text", "label", tmp_path / "g", splits=1)
    data.write_text("text,label\na,u\nb,u\nc,v\n")
    with pytest.raises(DataError, match="1 text of v; a gain needs two classes"):
        measure_text_gain(data, "text", "label", tmp_path / "g")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    data.write_text("text,label\n" + "a,u\nb,v\n" * 5)
    with pytest.raises(RunError, match="not empty"):
        measure_text_gain(data, "text", "label", tmp_path / "full")
