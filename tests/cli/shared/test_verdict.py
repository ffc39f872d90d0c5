"""--require, and what is printed of a verdict."""

from dataclasses import replace

import pytest
import typer
from ganaug_cli.shared.verdict import check_require, enforce, print_verdict
from stores import save_untrained

from ganaug.errors import ConfigError
from ganaug.synth.store.manifest import MANIFEST_FILE
from ganaug.synth.store.meta import read_meta, write_meta
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize
from ganaug.synth.verdict.record import ClassVerdict, StoreVerdict

POOR = ClassVerdict("poor", "images alike", 1, 0.1, 1, 1)
GOOD = ClassVerdict("good", None, 1, 1, 1, 1)


def make_verdict(word):
    classes = {"ant": POOR, "bee": GOOD}
    return StoreVerdict(word, f"It is {word}.", "do more", 1, 1, 1, 1, classes)


@pytest.fixture
def path(tmp_path):
    run = save_untrained(tmp_path / "run")
    store = synthesize(run, tmp_path / "s", per_class=2, device="cpu", filters=None)
    return store.path


@pytest.mark.parametrize(
    ("word", "require", "ends"),
    [
        ("poor", "usable", True),
        ("poor", None, False),
        ("usable", "usable", False),
        ("usable", "good", True),
        ("good", "usable", False),
        ("good", "good", False),
        (None, "usable", True),
        (None, None, False),
    ],
)
def test_a_worse_store_than_required_ends_with_1(path, word, require, ends):
    verdict = None if word is None else make_verdict(word)
    write_meta(path, replace(read_meta(path), verdict=verdict))
    store = Store.load(path)
    if not ends:
        return enforce(store, require)
    with pytest.raises(typer.Exit) as found:
        enforce(store, require)
    assert found.value.exit_code == 1


def test_only_the_two_words_are_required():
    check_require("usable")
    check_require(None)
    with pytest.raises(ConfigError, match=r"--require goo \(did you mean good\?\)"):
        check_require("goo")


def test_poor_classes_and_the_next_step_are_printed(path, capsys):
    write_meta(path, replace(read_meta(path), verdict=make_verdict("poor")))
    print_verdict(Store.load(path))
    assert capsys.readouterr().out.splitlines() == [
        "It is poor.", "  ant: images alike", "next: do more"
    ]  # fmt: skip


def test_it_is_said_why_a_store_is_not_judged(path, capsys):
    print_verdict(Store.load(path))
    assert "the real images were not found" in capsys.readouterr().out
    rows = (path / MANIFEST_FILE).read_text().splitlines(keepends=True)
    (path / MANIFEST_FILE).write_text(rows[0])
    print_verdict(Store.load(path))
    assert capsys.readouterr().out == "not judged: it has no images\n"
