"""A conditioning is a record, and nothing but its table asks for its name."""

import ast
from pathlib import Path

import ganaug_cli
import pytest

import ganaug
from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.inputs import conditions
from ganaug.gan.inputs.conditions import CONDITIONINGS, find_conditioning
from ganaug.gan.networks.build import DISCRIMINATORS, GENERATORS
from ganaug.gan.settings.resolve import resolve_config
from ganaug.synth.filters.pipeline import FILTERS


def reads_a_name(node):
    """Whether a conditioning is compared with text, or looked up in a table."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        constants = [c for side in sides for c in ast.walk(side)]
        words = [c for c in constants if isinstance(c, ast.Constant)]
        named = any(ast.unparse(side).endswith("conditioning") for side in sides)
        return named and any(isinstance(word.value, str) for word in words)
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.slice).endswith(".conditioning")
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".get"):
        return any(ast.unparse(arg).endswith(".conditioning") for arg in node.args)
    return False


def test_the_search_finds_comparisons_and_tables():
    for line in (
        'config.conditioning == "none"',
        'c.conditioning in ("separate", "none")',
        "TABLE[config.conditioning]",
        "TABLE.get(config.conditioning, own)",
    ):
        assert any(map(reads_a_name, ast.walk(ast.parse(line)))), line


def test_no_other_module_asks_which_conditioning_it_has():
    roots = [Path(package.__file__).parent for package in (ganaug, ganaug_cli)]
    for path in [path for root in roots for path in root.rglob("*.py")]:
        if path == Path(conditions.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not reads_a_name(node), (path, ast.unparse(node))


@pytest.mark.parametrize("name", CONDITIONINGS)
def test_what_a_record_names_is_there(name):
    record = find_conditioning(name)
    assert record.generator in GENERATORS
    assert record.discriminator in DISCRIMINATORS
    assert {filter_name for filter_name, _ in record.unfit} <= set(FILTERS)
    assert not (record.conditioned and record.per_class)
    assert resolve_config(TrainConfig(conditioning=name)).mismatch == record.mismatch


def test_an_unknown_name_is_refused():
    with pytest.raises(
        ConfigError, match="no conditioning 'text'; choose one of class"
    ):
        find_conditioning("text")
