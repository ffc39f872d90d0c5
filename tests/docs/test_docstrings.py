"""The examples in docstrings give what they say."""

import doctest
import importlib
import pkgutil

import ganaug_cli
import pytest

import ganaug

MODULES = [
    found.name
    for package in (ganaug, ganaug_cli)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = doctest.testmod(importlib.import_module(name))
    assert not ran.failed, f"python -m doctest says what failed in {name}"


def test_there_are_examples_and_most_of_them_run():
    finder = doctest.DocTestFinder()
    examples = [
        example
        for name in MODULES
        for found in finder.find(importlib.import_module(name))
        for example in found.examples
    ]
    skipped = [e for e in examples if e.options.get(doctest.SKIP)]
    assert len(examples) > 350
    assert len(skipped) < 0.15 * len(examples)
