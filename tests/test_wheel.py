"""What pip installs: every module, the typing marks, and nothing called cli."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
IMPORT_ALL = """
import importlib, pkgutil, sys
for top in ("ganaug", "ganaug_cli"):
    package = importlib.import_module(top)
    assert package.__file__.startswith(sys.argv[1]), package.__file__
    for module in pkgutil.walk_packages(package.__path__, top + "."):
        importlib.import_module(module.name)
"""


def test_the_wheel_holds_every_module(tmp_path):
    # build from a copy, so that nothing is left in the working tree
    source = tmp_path / "source"
    source.mkdir()
    for name in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "ganaug",
        "cli",
        "benchmarks",
    ):
        target = source / name
        if (ROOT / name).is_dir():
            for path in (ROOT / name).rglob("*"):
                if path.suffix in (".py", ".typed", ".html", ".css", ".js"):
                    copy = target / path.relative_to(ROOT / name)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(path.read_bytes())
        else:
            target.write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (source / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        opened.extractall(tmp_path / "site")
    tops = {name.split("/")[0] for name in names}
    assert tops == {"ganaug", "ganaug_cli", "ganaug-0.1.0.dist-info"}
    assert {"ganaug/py.typed", "ganaug_cli/py.typed"} <= set(names)
    templates = ROOT / "ganaug" / "report" / "templates"
    files = {p.relative_to(ROOT).as_posix() for p in templates.rglob("*.*")}
    assert len(files) > 20
    assert files <= set(names)
    modules = [p for p in names if p.endswith(".py")]
    expected = [p for top in ("ganaug", "cli") for p in (ROOT / top).rglob("*.py")]
    assert len(modules) == len(expected)
    subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, str(tmp_path / "site")],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        cwd=tmp_path,
        check=True,
    )
