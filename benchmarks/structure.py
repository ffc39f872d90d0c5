"""The code's shape in numbers: rooms, import circles, long and branching functions.

    python -m benchmarks.structure [TREE]

TREE is a checkout with the library in ganaug/ and the commands in cli/, this one by
default. Complexity is counted by radon where it is installed, else by ruff.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measuring import HERE, make_table

MOST_FILES, MOST_COMPLEXITY, MOST_LINES, MOST_PARAMETERS = 14, 10, 40, 6
MANY_POSITIONAL = 7
RECORD = "conditions.py"  # the one file that may compare conditionings

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A source file: its dotted name, its path in the tree, and what it says."""

    name: str
    path: Path
    lines: int
    tree: ast.Module

    @property
    def functions(self) -> Iterator[Function]:
        return (n for n in ast.walk(self.tree) if isinstance(n, Function))

    def locate(self, node: ast.stmt | ast.expr, name: str = "") -> str:
        return f"{self.path}:{node.lineno} {name}".rstrip()


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tree", nargs="?", type=Path, default=HERE.parent)
    parser.add_argument("--list", action="store_true", help="say where each one is")
    options = parser.parse_args(words)
    modules = read_modules(options.tree, "ganaug", "cli")
    print(make_table(("room", "files", "lines"), count_rooms(modules)), end="\n\n")
    found = find_all(options.tree, modules)
    rows = [(what, str(len(places))) for what, places in found.items()]
    rows.append(("lines of tests per line of library", f"{weigh_tests(options.tree)}"))
    print(make_table(("measured", "number"), rows))
    for what, places in found.items() if options.list else ():
        print("", f"{what}:", *sorted(places), sep="\n  ")


def find_all(root: Path, modules: list[Module]) -> dict[str, list[str]]:
    """Return what is counted → where each one is."""
    return {
        f"folders with more than {MOST_FILES} files": find_full_folders(modules),
        "import circles": find_circles(modules),
        f"functions over cyclomatic complexity {MOST_COMPLEXITY}": find_complex(root),
        f"functions over {MOST_LINES} lines without docstring": find_long(modules),
        f"functions over {MOST_PARAMETERS} parameters": find_wide(modules),
        f"calls with {MANY_POSITIONAL} or more positional arguments": find_calls(
            modules
        ),
        "string comparisons of conditioning": find_comparisons(modules),
    }


def read_modules(root: Path, *tops: str) -> list[Module]:
    """Parse every Python file below the folders."""
    modules = []
    for top in tops:
        for path in sorted((root / top).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            place = path.relative_to(root)
            parts = place.with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            modules.append(
                Module(name, place, text.count("\n"), ast.parse(text, str(path)))
            )
    return modules


def count_rooms(modules: list[Module]) -> list[tuple[str, str, str]]:
    """Count each folder's own files and lines, without the folders below it."""
    rooms: dict[str, tuple[int, int]] = {}
    for module in modules:
        files, lines = rooms.get(str(module.path.parent), (0, 0))
        own = module.path.name != "__init__.py"
        rooms[str(module.path.parent)] = files + own, lines + module.lines
    total = [sum(column) for column in zip(*rooms.values(), strict=True)]
    counted = [*sorted(rooms.items()), ("all", tuple(total))]
    return [(room, f"{files:,}", f"{lines:,}") for room, (files, lines) in counted]


def find_full_folders(modules: list[Module]) -> list[str]:
    counts = [(room, int(files)) for room, files, _ in count_rooms(modules)[:-1]]
    return [f"{room}: {files}" for room, files in counts if files > MOST_FILES]


def find_circles(modules: list[Module]) -> list[str]:
    """List sets of modules that import each other.

    Imports inside functions and for type checking alone count too.
    """
    names = {module.name for module in modules}
    imports = {
        m.name: set(_find_imports(m.tree, names)) - {m.name, "ganaug"} for m in modules
    }
    reached = {name: _reach(name, imports) for name in names}
    circles = {
        frozenset(other for other in reached[name] if name in reached[other])
        for name in names
        if name in reached[name]
    }
    return [" ↔ ".join(sorted(circle)) for circle in circles]


def _find_imports(node: ast.AST, names: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (a.name for a in node.names if a.name in names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        source = node.module.replace("ganaug_cli", "cli")
        for alias in node.names:
            yield from [n for n in (f"{source}.{alias.name}", source) if n in names][:1]
    for child in ast.iter_child_nodes(node):
        yield from _find_imports(child, names)


def _reach(name: str, imports: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = set(imports[name])
    while waiting:
        found = waiting.pop()
        seen.add(found)
        waiting |= imports.get(found, set()) - seen
    return seen


def find_complex(root: Path) -> list[str]:
    """List functions over the complexity that radon counts, else ruff."""
    if find_spec("radon") is None:
        ruff = ["ruff", "check", "--isolated", "--select=C901", "--exit-zero"]
        said = _run([*ruff, "--output-format=json", "ganaug", "cli"], root)
        return [f"{e['filename']}:{e['location']['row']}" for e in json.loads(said)]
    blocks = json.loads(_run(["radon", "cc", "--json", "ganaug", "cli"], root))
    return [
        f"{path}:{block['lineno']} {block['name']} {block['complexity']}"
        for path, found in blocks.items()
        for block in found
        if block["type"] != "class" and block["complexity"] > MOST_COMPLEXITY
    ]


def _run(words: list[str], folder: Path) -> str:
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def find_long(modules: list[Module]) -> list[str]:
    return [
        module.locate(f, f"{f.name} {lines}")
        for module in modules
        for f in module.functions
        if (lines := _count_lines(f)) > MOST_LINES
    ]


def _count_lines(function: Function) -> int:
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    docstring = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - docstring


def find_wide(modules: list[Module]) -> list[str]:
    return [
        module.locate(f, f"{f.name} {n}")
        for module in modules
        for f in module.functions
        if (n := _count_parameters(f.args)) > MOST_PARAMETERS
    ]


def _count_parameters(arguments: ast.arguments) -> int:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(a.arg not in ("self", "cls") for a in named)


def find_calls(modules: list[Module]) -> list[str]:
    """List calls of the tree's own functions and classes by many positions."""
    ours = {
        node.name
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, Function | ast.ClassDef)
    }
    return [
        module.locate(node, name)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and len(node.args) >= MANY_POSITIONAL
        and (name := _name(node.func)) in ours
    ]


def find_comparisons(modules: list[Module]) -> list[str]:
    """List comparisons of a conditioning with text, but for those in its record."""
    return [
        module.locate(node)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Compare)
        and module.path.name != RECORD
        and any(_name(s) == "conditioning" for s in (node.left, *node.comparators))
        and any(_has_text(s) for s in (node.left, *node.comparators))
    ]


def _name(node: ast.expr) -> str:
    """Return the last name of an expression: `b` of `a.b`, of `a["b"]` and of `b`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return node.id if isinstance(node, ast.Name) else ""


def _has_text(node: ast.expr) -> bool:
    values = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return any(isinstance(v, ast.Constant) and isinstance(v.value, str) for v in values)


def weigh_tests(root: Path) -> str:
    library, tests = (
        sum(module.lines for module in read_modules(root, *tops))
        for tops in (("ganaug", "cli"), ("tests",))
    )
    return f"{tests / library:.2f} ({tests:,} : {library:,})"


if __name__ == "__main__":
    main()
