"""docs/tables.md: its example runs, and it names what is there."""

import re
from pathlib import Path

import pytest
from imblearn.base import BaseSampler

from ganaug import GANSampler
from ganaug.tables.columns import MOST_CATEGORIES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")


def test_the_example_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    few = 'GANSampler(settings={"images": 128}, random_state=0)'
    exec(code.replace("GANSampler(random_state=0)", few), {})
    score = float(re.search(r"accuracy (0\.\d+)", capsys.readouterr().out)[1])
    assert score > 0.8


def test_the_page_names_what_is_there():
    assert issubclass(GANSampler, BaseSampler)
    assert f"more than {MOST_CATEGORIES} different values" in TEXT
    for name in re.findall(r"`(\w+)=", TEXT):
        assert name in GANSampler().get_params(), name


@pytest.mark.slow
def test_the_example_runs_as_it_stands(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(code, {})
    assert float(re.search(r"accuracy (0\.\d+)", capsys.readouterr().out)[1]) > 0.9
