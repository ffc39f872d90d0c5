"""Edited texts: which words may change, and to which others."""

import inspect

import numpy as np
import pytest
import torch
from ganaug_cli.text.commands import synth

from ganaug.text.autoencoder import Autoencoder
from ganaug.text.drawing import REWRITE, TOP_P
from ganaug.text.editing import count_classes, edit_texts
from ganaug.text.settings import TextConfig
from ganaug.text.vocabulary import END, START, UNKNOWN, Vocabulary

# where is N / who was N: 4 and 5 tell the classes, names are of both
WHERE, IS, ROME, BERN, BACH, WHO = range(4, 10)
ROWS = [
    [WHERE, IS, ROME, END], [WHERE, IS, BERN, END], [WHERE, IS, BACH, END],
    [WHO, IS, BACH, END], [WHO, IS, ROME, END], [WHO, IS, ROME, END],
] * 2  # fmt: skip
LABELS = np.array([0, 0, 0, 1, 1, 1] * 2)
WORDS = Vocabulary(("where", " is", " Rome", " Bern", " Bach", "who"))


@pytest.fixture
def words():
    return count_classes(ROWS, LABELS, WORDS)


def edit(words, rows, share=1.0, top_p=1.0, seed=0):
    torch.manual_seed(0)
    small = TextConfig(embedding=4, hidden=6, latent=3)
    latents = torch.nn.functional.normalize(torch.randn(len(rows), 3), dim=1)
    return edit_texts(
        Autoencoder(len(WORDS), small), latents, rows, words,
        share=share, top_p=top_p, random=np.random.default_rng(seed),
    )  # fmt: skip


def test_words_that_tell_the_class_stay(words):
    assert not words[0].free[[WHERE, WHO, END, UNKNOWN, START]].any()
    assert words[0].free[IS]
    for seed in range(10):
        made = edit(words[0], ROWS[:3], seed=seed)
        assert [row[0] for row in made] == [WHERE] * 3
        assert [len(row) for row in made] == [4] * 3
        assert all(row[-1] == END for row in made)


def test_new_words_are_the_classes_own(words):
    made = [edit(words[1], [ROWS[3]], seed=seed)[0] for seed in range(20)]
    # neither the word that was there, nor one of the other class or without a space
    assert {row[2] for row in made} == {IS, ROME}


def test_one_word_changes_at_least_and_few_with_a_small_share(words):
    rows = [[IS, IS, IS, IS, END]] * 40
    changed = [sum(k != IS for k in row[:-1]) for row in edit(words[0], rows, 0.01)]
    assert min(changed) == 1
    assert np.mean(changed) < 1.2


def test_chances_before_a_word_are_those_of_the_class(words):
    found = words[0].weigh(ROME)
    # after IS: 6 words of 3 kinds, 2 of them Rome; all words: 24, 2 of them Rome
    assert found[IS] == pytest.approx((2 + 3 * 2 / 24) / (6 + 3))
    assert found[WHO] == 0  # no word of the class


def test_nothing_is_free_or_there_is_no_other_word():
    one = count_classes([[WHERE, END], [WHO, END]], np.array([0, 1]), WORDS)
    assert edit(one[0], [[WHERE, END]]) == [[WHERE, END]]
    assert edit(one[0], []) == []


def test_the_command_has_the_librarys_defaults():
    usual = {k: p.default for k, p in inspect.signature(synth).parameters.items()}
    assert (usual["top_p"], usual["rewrite"]) == (TOP_P, REWRITE)


def test_signs_stay():
    vocabulary = Vocabulary(("a", "b", ",", " .", " c"))
    rows = [[4, 6, 8, END], [5, 7, 8, END]]
    (found,) = count_classes(rows, np.array([0, 0]), vocabulary)
    assert found.forms[4:].tolist() == [1, 1, 0, 0, 2]
    assert found.free[4:].tolist() == [True, True, False, False, True]
