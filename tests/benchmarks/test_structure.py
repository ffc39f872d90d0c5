"""The code's shape: each thing that is counted, once, in a tree of two modules."""

from importlib.util import find_spec

from benchmarks.structure import count_rooms, find_all, main, read_modules, weigh_tests

ONE = (
    """
from ganaug.room.two import many

def branches(a, b, c, d, e, f, g):
    return [k for k in (a, b, c) if k and (d or e or f or g) and (a or b or c or d)]

def long(config):
    if config.conditioning == "class" or config.conditioning is None:
        many(1, 2, 3, 4, 5, 6, 7)
    print(1, 2, 3, 4, 5, 6, 7)
"""
    + "    pass\n" * 38
)
TWO = """
def many(*values):
    from ganaug.room import one
    return one
"""


def make_tree(root):
    for name, text in {
        "ganaug/__init__.py": "", "ganaug/room/__init__.py": "",
        "ganaug/room/one.py": ONE, "ganaug/room/two.py": TWO, "cli/main.py": "x = 1\n",
        "tests/test_one.py": "\n" * 52,
    }.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_each_thing_is_counted_once(tmp_path, capsys):
    make_tree(tmp_path)
    modules = read_modules(tmp_path, "ganaug", "cli")
    assert count_rooms(modules)[-1] == ("all", "3", "53")
    found = list(find_all(tmp_path, modules).values())
    assert found == [
        [],
        ["ganaug.room.one ↔ ganaug.room.two"],
        ["ganaug/room/one.py:4 branches 11"] if find_spec("radon") else found[2],
        ["ganaug/room/one.py:7 long 42"],
        ["ganaug/room/one.py:4 branches 7"],
        ["ganaug/room/one.py:9 many"],
        ["ganaug/room/one.py:8"],
    ]
    assert weigh_tests(tmp_path).startswith("0.98")
    main([str(tmp_path)])
    assert "| import circles                            | 1" in capsys.readouterr().out
