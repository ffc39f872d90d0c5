"""Texts: vocabulary, autoencoder, training, draws, and odd input."""

import signal

import numpy as np
import pytest
import torch

from ganaug import TextAugmenter
from ganaug.errors import CheckpointError, ConfigError, DataError, RunError
from ganaug.text.autoencoder import draw_top, pad_rows
from ganaug.text.filters import edit_distance, fit_text_filter
from ganaug.text.settings import TextConfig
from ganaug.text.trainer import AutoencoderTrainer, damage
from ganaug.text.vocabulary import END, UNKNOWN, fit_vocabulary
from ganaug.training.interrupt import StoppedError
from ganaug.training.state import copy_state

SMALL = TextConfig(
    images=64, gan_images=640, hidden=8, latent=6, embedding=4, batch=8, length=16
)
TEXTS = ["where is Rome ?", "where is Bern ?", "who was Bach ?", "who was Bohr ?"]
LABELS = ["place", "place", "person", "person"]
ODD = {
    "chinese": ["今天天气很好", "我想订一张机票", "明天会下雨吗"],
    "japanese": ["天気はどうですか。", "東京へ行きたい"],
    "arabic": ["أين المحطة؟", "كم الساعة الآن؟"],
    "emoji": ["👩‍👩‍👧 I ❤️ it 😀😀", "🇨🇭 no 😡"],
    "newlines": ["a\nb\r\n\tc", 'say "no",\n\nnow'],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("text") / "run"
    return out, TextAugmenter.fit(TEXTS, LABELS, out, config=SMALL)


def make_trainer(config=SMALL):
    words = fit_vocabulary(TEXTS, config.words)
    rows = [words.encode(text, config.length) for text in TEXTS]
    return AutoencoderTrainer(config, rows, len(words))


@pytest.mark.parametrize("texts", ODD.values(), ids=ODD)
def test_a_vocabulary_gives_every_text_back(texts):
    words = fit_vocabulary([*texts, *texts], words=100)
    for text in texts:
        assert words.decode(words.encode(text, 1000)) == text.strip()


def test_a_vocabulary_spells_words_that_it_does_not_know():
    words = fit_vocabulary(["the cat", "the dog"], words=10)
    assert words.tokens[-3:] == ("the", " cat", " dog")
    assert words.decode(words.encode("the dot", 16)) == "the dot"
    assert UNKNOWN in words.encode("the zebra", 16)


def test_a_long_text_is_cut_quickly():
    words = fit_vocabulary(["x" * 100_000, "no spaces" * 11_000], words=10)
    numbers = words.encode("y z" * 33_000, 32)
    assert len(numbers) == 32
    assert numbers[-1] == END


def test_top_p_draws_only_likely_tokens():
    p = torch.tensor([[0.5, 0.1, 0.4]]).repeat(2000, 1)
    drawn = draw_top(p, 0.8, torch.Generator().manual_seed(0))
    share = np.bincount(drawn.numpy(), minlength=3) / 2000
    assert share[1] == 0
    assert abs(share[0] - 5 / 9) < 0.04
    assert (draw_top(p, 1e-6, torch.Generator()) == 0).all()


def test_damage_keeps_the_tokens_and_their_end():
    rows = pad_rows([[4, 5, 6, 7, END], [8, 9, END]])
    mixed = damage(rows, 0.0, 0.5, torch.Generator().manual_seed(1))
    assert (mixed.sort(dim=1).values == rows.sort(dim=1).values).all()
    assert (mixed != rows).any()
    assert (mixed[rows <= UNKNOWN] == rows[rows <= UNKNOWN]).all()
    hidden = damage(rows, 0.9, 0.0, torch.Generator().manual_seed(1))
    assert set(hidden[hidden != rows].tolist()) == {UNKNOWN}


def test_an_autoencoder_learns_to_write_what_it_reads():
    trainer = make_trainer(SMALL.replace(images=400, hidden=16, latent=8, lr=0.03))
    trainer.step()
    before = trainer.take_means()["loss"]
    while trainer.seen < 400:
        trainer.step()
    assert trainer.take_means()["loss"] < before / 2


def test_a_restored_autoencoder_goes_on_as_if_never_stopped():
    straight, other = make_trainer(), make_trainer()
    for _ in range(2):
        straight.step()
    other.load_state_dict(copy_state(straight.state_dict()))
    for trainer in (straight, other):
        trainer.step()
    for mine, theirs in zip(
        straight.model.parameters(), other.model.parameters(), strict=True
    ):
        assert torch.equal(mine, theirs)
    with pytest.raises(CheckpointError, match="another configuration"):
        make_trainer(SMALL.replace(seed=1)).load_state_dict(straight.state_dict())


def test_a_loaded_augmenter_writes_the_same(run):
    out, made = run
    loaded = TextAugmenter.load(out)
    assert loaded.classes == ("person", "place")
    for rewrite in (None, 0.5):
        texts = made.sample("place", 3, seed=5, rewrite=rewrite)
        assert len(texts) == 3
        assert loaded.sample("place", 3, seed=5, rewrite=rewrite) == texts
    assert made.sample("place", 3, seed=6, rewrite=None) != texts
    assert loaded.augment(TEXTS[0], 2) == made.augment(TEXTS[0], 2)
    assert not any(path.suffix in {".pkl", ".pt"} for path in out.rglob("*"))


def make_questions():
    names = ["Rome", "Bern", "Oslo", "Lima", "Bonn", "Kiel"]
    kinds = [
        "where is {} ?",
        "in which land is {} ?",
        "who was {} ?",
        "when was {} born ?",
    ]
    texts = [kind.format(name) for kind in kinds for name in names]
    return texts, np.repeat([0, 1], 12)


def test_filters_know_classes_and_copies():
    texts, labels = make_questions()
    judge = fit_text_filter(texts, labels, fit_vocabulary(texts, 100), 16)
    found = judge.judge([texts[0], "when was in which land born who"], 0)
    assert found.copied.tolist() == [True, False]
    assert found.wrong.tolist() == [False, True]
    assert found.agreement[0] > 0.5 > found.agreement[1]
    assert not len(judge.judge([], 0).wrong)


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [([], [], 0), ([1], [], 1), ([1, 2], [2, 1], 1), ([1, 2, 3], [1, 3], 1 / 3)],
)
def test_edit_distance(a, b, distance):
    assert edit_distance(a, b) == edit_distance(b, a) == pytest.approx(distance)


def test_filtered_texts_pass_the_filters_if_enough_do():
    texts, labels = make_questions()
    config = SMALL.replace(images=640, hidden=16, latent=8, lr=0.02)
    made = TextAugmenter.fit(texts, labels, config=config)
    both = ("label", "copy")
    found = made.judge.judge(made.sample(1, 4, rewrite=None, filters=both), 1)
    assert not (found.wrong | found.copied).any()
    free = made.judge.judge(made.sample(1, 20, rewrite=None, filters=()), 1)
    assert (free.wrong | free.copied).any()


def test_new_texts_come_before_copies(run):
    made = run[1].sample("person", 5, rewrite=None)
    assert len(set(made)) == 5
    assert not set(made) & set(TEXTS)


def test_the_same_call_resumes_and_another_is_refused(run):
    out, made = run
    again = TextAugmenter.fit(TEXTS, LABELS, out, config=SMALL)
    assert again.sample("place", 2) == made.sample("place", 2)
    with pytest.raises(RunError, match="other texts"):
        TextAugmenter.fit(TEXTS[:2], LABELS[:2], out, config=SMALL)
    with pytest.raises(RunError, match="other settings"):
        TextAugmenter.fit(TEXTS, LABELS, out, config=SMALL.replace(seed=3))


def test_a_stopped_training_resumes(tmp_path, run, monkeypatch):
    def stop(status):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("ganaug.training.progress.TICK_SECONDS", 0.0)
    with pytest.raises(StoppedError):
        TextAugmenter.fit(TEXTS, LABELS, tmp_path / "a", config=SMALL, progress=stop)
    with pytest.raises(RunError, match="not finished"):
        TextAugmenter.load(tmp_path / "a")
    made = TextAugmenter.fit(TEXTS, LABELS, tmp_path / "a", config=SMALL)
    assert made.sample("place", 3) == run[1].sample("place", 3)


def test_a_budget_shortens_a_training():
    many = 10_000_000
    long = SMALL.replace(images=many, gan_images=many, loss="relativistic")
    made = TextAugmenter.fit(TEXTS, LABELS, config=long, budget=0.2)
    assert len(made.sample("place", 1)) == 1
    with pytest.raises(ConfigError, match="above 0"):
        TextAugmenter.fit(TEXTS, LABELS, budget=0)


@pytest.mark.parametrize("texts", [*ODD.values(), ["x" * 100_000, "y z"]])
def test_odd_texts_with_one_for_each_class(texts):
    config = SMALL.replace(images=16, gan_images=320)
    made = TextAugmenter.fit(texts, np.arange(len(texts)), config=config)
    assert made.classes == tuple(range(len(texts)))
    assert len(made.sample(1, 2)) == 2
    assert len(made.augment(texts[0], 1)) == 1


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["a", " \n"], [0, 1], "text 1 is empty"),
        (["a", None], [0, 1], "text 1 is None"),
        (["a", "b"], [0, float("nan")], "label 1 is nan"),
        (["a", "b"], [0, None], "label 1 is None"),
        (["a", "b"], [0], "2 texts and 1 labels"),
        ([], [], "0 texts"),
        ("ab", [0, 1], "lists"),
    ],
)
def test_bad_texts_and_labels_are_refused(texts, labels, message):
    with pytest.raises(DataError, match=message):
        TextAugmenter.fit(texts, labels)


def test_bad_requests_are_refused(run):
    made = run[1]
    with pytest.raises(ConfigError, match="choose one of person, place"):
        made.sample("plaec", 1)
    with pytest.raises(ConfigError, match="top_p"):
        made.sample("place", 1, top_p=0)
    with pytest.raises(ConfigError, match="fluent"):
        made.sample("place", 1, filters=("fluent",))
    with pytest.raises(ConfigError, match="n=-1"):
        made.sample("place", -1)
    with pytest.raises(DataError, match="empty"):
        made.augment("", 1)
    with pytest.raises(ConfigError, match="no field"):
        TextConfig.from_dict({"depth": 3})
    with pytest.raises(RunError, match=r"text\.json"):
        TextAugmenter.load("nowhere")


def test_labels_keep_their_kind():
    config = SMALL.replace(images=8, gan_images=320)
    made = TextAugmenter.fit(["a b", "c d", "e"], [2.5, "2.5", True], config=config)
    assert made.classes == (True, 2.5, "2.5")
    assert made.sample("2.5", 0) == []


def test_an_encoder_of_the_users_judges_classes_and_copies():
    texts, labels = make_questions()
    words = fit_vocabulary(texts, 100)

    def encode(given):
        return np.array([[t.startswith("wh"), "born" in t, len(t)] for t in given], "f")

    judge = fit_text_filter(texts, labels, words, 16, encoder=encode)
    found = judge.judge([texts[0], "what is this ?"], 0)
    assert found.copied[0]
    assert judge.embed(texts).shape == (24, 3)
    made = TextAugmenter.fit(texts, labels, encoder=encode, config=SMALL)
    assert len(made.sample(0, 2)) == 2
    for bad in (
        lambda given: np.zeros(len(given)),
        lambda given: np.full((len(given), 2), np.nan),
    ):
        with pytest.raises(ConfigError, match="a row for each text"):
            fit_text_filter(texts, labels, words, 16, encoder=bad)


def test_unlabelled_texts_are_read_and_kept(tmp_path):
    config = SMALL.replace(images=16, gan_images=320)
    more = ["why zebras ?"]
    made = TextAugmenter.fit(
        TEXTS, LABELS, tmp_path / "a", unlabelled=more, config=config
    )
    loaded = TextAugmenter.load(tmp_path / "a")
    assert loaded.sample("place", 2) == made.sample("place", 2)
    with pytest.raises(RunError, match="other texts"):
        TextAugmenter.fit(TEXTS, LABELS, tmp_path / "a", config=config)
    with pytest.raises(DataError, match="unlabelled text 1 is empty"):
        TextAugmenter.fit(TEXTS, LABELS, unlabelled=["a", " "])
