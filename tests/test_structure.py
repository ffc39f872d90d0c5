"""The house: imports point down, names don't clash, heavy imports stay away."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import ganaug

ROOT = Path(ganaug.__file__).parent
FLOORS = [
    {
        "errors",
        "spelling",
        "config",
        "blas",
        "engine",
        "team",
        "workers",
        "records",
        "files",
        "archives",
        "spreadsheets",
        "display",
    },
    {"recipe"},
    {"data"},
    {"classify"},
    {"metrics"},
    {"training"},
    {"gan"},
    {"translate", "text", "tables"},
    {"synth"},
    {"mixing", "evaluation"},
    {"gain"},
    {"plugins", "report", "exports"},
]
# of ganaug/gan; names of fields are lowest, since objectives and networks check some
GAN_FLOORS = [
    {"field_names"},
    {"objective"},
    {"inputs"},
    {"networks"},
    {"settings"},
    {"step", "trainer", "generators"},
    {"start"},
    {"monitoring"},
    {
        "grids",
        "memory",
        "timing",
        "plan",
        "plan_file",
        "run_folder",
        "parts",
        "training",
    },
]


def floor_of(module):
    parts = module.split(".")
    if len(parts) == 1:
        return len(FLOORS)
    return next((k for k, rooms in enumerate(FLOORS) if parts[1] in rooms), 0)


def gan_floor_of(module):
    part = module.split(".")[2]
    return next(k for k, parts in enumerate(GAN_FLOORS) if part in parts)


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "ganaug":
            yield from (f"ganaug.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def name_module(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def list_imports():
    """Return each module with all of the project's modules that it imports."""
    paths = {name_module(path): path for path in ROOT.rglob("*.py")}
    found = {}
    for module, path in paths.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                names = [name if name in paths else node.module for name in names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            found.setdefault(module, set()).update(set(names) & set(paths))
    return found


def find_circle(imports):
    """Return the modules of a circle, or nothing."""
    left = {module: set(names) for module, names in imports.items()}
    while left:
        free = [m for m, names in left.items() if not names & left.keys() - {m}]
        if not free:
            return sorted(left)
        for module in free:
            del left[module]
    return []


def modules():
    yield from (m.name for m in pkgutil.walk_packages([str(ROOT)], "ganaug."))


def test_imports_point_down():
    for path in ROOT.rglob("*.py"):
        if path in (ROOT / "__init__.py", ROOT / "__main__.py"):
            continue
        module = "ganaug." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for imported in imports_of(path):
            assert not imported.startswith("ganaug_cli"), (module, imported)
            if imported.startswith("ganaug"):
                assert floor_of(imported) <= floor_of(module), (module, imported)


def test_imports_point_down_inside_gan():
    for module, names in list_imports().items():
        for imported in names:
            if module.startswith("ganaug.gan.") and imported.startswith("ganaug.gan."):
                assert gan_floor_of(imported) <= gan_floor_of(module), (
                    module,
                    imported,
                )


def test_no_modules_import_each_other():
    imports = list_imports()
    del imports["ganaug"]  # it looks its public names up when they are asked for
    assert find_circle(imports) == []
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) != []


def test_public_names_are_sorted_and_survive_every_import():
    assert ganaug.__all__ == sorted(ganaug.__all__)
    assert set(ganaug.__all__) == set(ganaug._HOMES)
    for _ in range(2):
        for name in modules():
            importlib.import_module(name)
        for name in ganaug.__all__:
            assert callable(getattr(ganaug, name)), name


def test_no_function_is_named_like_its_module():
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        assert path.stem not in functions, path


def test_every_room_says_in_one_sentence_what_lives_there():
    for path in ROOT.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert said, path
        assert "\n" not in said, path
        assert said.endswith("."), path


def test_rooms_are_small():
    roots = ROOT, ROOT.parent / "cli"
    for folder in {path.parent for root in roots for path in root.rglob("*.py")}:
        files = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        assert len(files) <= 14, folder


def test_light_imports():
    code = (
        "import sys, ganaug, ganaug_cli.main; "
        "heavy = {'torch', 'pandas', 'sklearn', 'torchvision'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
