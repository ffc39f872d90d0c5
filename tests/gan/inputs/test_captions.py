"""Captions: which are alike, how new ones are read, and what a file keeps of them."""

import json

import numpy as np
import pytest

from ganaug.errors import ConfigError, DataError
from ganaug.gan.inputs.captions import MOST_WORDS, Captions, gather_captions
from ganaug.gan.inputs.words import split_words

TEXTS = ["a red three", "A red three!", "a blue four", "a blue four", "a red four"]
LABELS = [0, 0, 1, 1, 1]


def count_letters(captions):
    return np.array([[len(c), c.count("e"), c.count("r")] for c in captions])


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("  A red\tTHREE,\ntop-left. ", ["a", "red", "three", "top", "left"]),
        ("ΈΝΑ κόκκινο", ["ένα", "κόκκινο"]),
        ("e\u0301t\u00e9", ["\u00e9t\u00e9"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("红色的三,左上", ["红", "色", "的", "三", "左", "上"]),
        ("赤い３", ["赤", "い", "3"]),
        ("🔴❤️3 🇬🇷", ["🔴", "❤", "3", "🇬", "🇷"]),
        ("Straße №5", ["strasse", "no5"]),
        ("?!… ", []),
    ],
)
def test_words_of_any_script(caption, words):
    assert list(split_words(caption)) == words


def test_captions_with_the_same_words_are_one():
    captions = gather_captions(TEXTS, LABELS)
    assert captions.texts == ("a red three", "a blue four", "a red four")
    assert captions.number([*TEXTS, "unheard"]).tolist() == [0, 0, 1, 1, 2, -1]
    assert [sorted(own) for own in captions.by_class] == [[0, 0], [1, 1, 2]]


def test_rows_are_the_words_numbers():
    captions = gather_captions(TEXTS, LABELS)
    assert captions.words == ("a", "blue", "four", "red", "three")
    rows = captions.read(["three red", "a green four"])
    assert rows.shape == (2, MOST_WORDS)
    assert rows[0].tolist() == [5, 4] + [0] * (MOST_WORDS - 2)
    assert rows[1, :3].tolist() == [1, 3, 0]
    assert captions.find_unknown(["a green four", "x"]) == ["green", "x"]
    assert captions.read([" ".join(["red"] * 99)])[0].tolist() == [4] * MOST_WORDS


def test_what_cannot_be_read_is_refused():
    with pytest.raises(DataError, match=r"'\?!' has no words"):
        gather_captions(["a", "?!"], [0, 0])
    with pytest.raises(DataError, match=r"'green' has no word .* like 'a red three'"):
        gather_captions(TEXTS, LABELS).read(["green"])


def test_a_caption_belongs_to_the_one_class_that_has_it():
    captions = gather_captions([*TEXTS, "a red four"], [*LABELS, 0])
    found = map(captions.find_class, ("A RED THREE", "a blue four", "a red four", "x"))
    assert list(found) == [0, 1, None, None]


def test_plain_values_and_back():
    captions = gather_captions(TEXTS, LABELS)
    values = json.loads(json.dumps(captions.to_dict()))
    again = Captions.from_dict(values)
    assert again.to_dict() == captions.to_dict()
    assert (again.read(TEXTS) == captions.read(TEXTS)).all()


def test_an_encoder_of_ones_own_is_needed_again_and_known_again():
    captions = gather_captions(TEXTS, LABELS, encode=count_letters)
    assert captions.read(["tree"]).tolist() == [[4.0, 2.0, 1.0]]
    assert len(captions) == 4, "only its own encoder knows what is alike"
    values = json.loads(json.dumps(captions.to_dict()))
    assert Captions.from_dict(values, count_letters).probe == captions.probe
    with pytest.raises(ConfigError, match="which no file contains"):
        Captions.from_dict(values)
    with pytest.raises(ConfigError, match="not the encoder of the training"):
        Captions.from_dict(values, lambda texts: 2 * count_letters(texts))
    with pytest.raises(ConfigError, match="omit encode="):
        Captions.from_dict(gather_captions(TEXTS, LABELS).to_dict(), count_letters)


@pytest.mark.parametrize(
    ("encode", "message"),
    [
        (lambda texts: np.zeros(len(texts)), r"gives \(1,\) for 1 captions"),
        (lambda texts: np.full((len(texts), 2), np.nan), "not finite"),
    ],
)
def test_an_encoder_must_give_rows_of_numbers(encode, message):
    with pytest.raises(DataError, match=message):
        gather_captions(TEXTS, LABELS, encode=encode)
