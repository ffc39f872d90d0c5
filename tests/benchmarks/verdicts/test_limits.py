"""The words in the table are those that the rules in use give, and seldom wrong."""

import pandas as pd

from benchmarks.measuring import HERE
from benchmarks.verdicts.limits import apply_rules, count_errors
from benchmarks.verdicts.stores import OVERALL

ROWS = pd.read_csv(HERE / "results" / "verdicts.csv", dtype={"class": str})


def test_the_table_has_the_words_of_the_rules_in_use():
    assert apply_rules(ROWS)["word"].tolist() == ROWS["word"].tolist()


def test_at_most_one_word_in_twenty_is_wrong():
    for wrong, total in count_errors(ROWS[ROWS["class"] == OVERALL]).values():
        assert wrong <= 0.05 * total
