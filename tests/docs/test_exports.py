"""docs/exports.md and docs/limits.md: their code runs, and what they name is there."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from sklearn.datasets import load_digits

from ganaug import TrainConfig, synthesize, train
from ganaug.exports.generators import GENERATOR_FORMATS
from ganaug.exports.stores import FORMATS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "exports.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
TINY = TrainConfig(
    height=8, width=8, channels=1, images=64, batch=16, base_channels=16, snapshots=1
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make photos, a run and a store of them."""
    folder = tmp_path_factory.mktemp("docs")
    digits = load_digits()
    for digit in range(2):
        (folder / "photos" / f"digit {digit}").mkdir(parents=True)
        for k, image in enumerate(digits.images[digits.target == digit][:24]):
            picture = Image.fromarray((image * 15).astype("uint8"))
            picture.save(folder / "photos" / f"digit {digit}" / f"{k}.png")
    run = train(folder / "photos", folder / "photos-run", config=TINY, device="cpu")
    synthesize(run.path, folder / "photos-synthetic", per_class=4, filters=None)
    return folder


class Run:
    """What wandb and mlflow take of a training, kept."""

    def __init__(self):
        self.logged = []

    def log(self, figures, step):
        assert all(isinstance(value, float) for value in figures.values())
        self.logged.append((step, sorted(figures)))

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return False


@pytest.mark.filterwarnings("default")  # of other libraries
def test_the_code_runs(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    one, two = Run(), Run()
    stubs = {
        "wandb": SimpleNamespace(init=lambda project, mode: one),
        "mlflow": SimpleNamespace(start_run=lambda: two, log_metrics=two.log),
    }
    for name, stub in stubs.items():
        monkeypatch.setitem(sys.modules, name, stub)
    for code in BLOCKS:
        exec(code.replace("budget=10", "config=tiny"), {"tiny": TINY})
    said = capsys.readouterr().out
    assert "(8, 8) 0 True" in said
    assert '["digit 0", "digit 1"] (2, 8, 8, 1) uint8' in said
    for record in (one, two):
        step, figures = record.logged[-1]
        assert step == TINY.images
        assert {"d_loss", "g_loss"} <= set(figures)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of other libraries
def test_the_services_themselves_take_it_offline(folder, tmp_path, monkeypatch):
    for name in ("wandb", "mlflow"):
        pytest.importorskip(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file:{tmp_path}/mlruns")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    (tmp_path / "photos").symlink_to(folder / "photos")
    for code in BLOCKS:
        if "wandb" in code or "mlflow" in code:
            exec(code.replace("budget=10", "config=tiny"), {"tiny": TINY})
    assert list((tmp_path / "wandb").glob("offline-run-*/*.wandb"))
    logged = {path.name for path in (tmp_path / "mlruns").rglob("metrics/*")}
    assert {"d_loss", "g_loss"} <= logged


def test_the_page_names_every_format():
    named = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    assert named == set(FORMATS)
    for name in GENERATOR_FORMATS:
        assert f"--format {name}" in TEXT or f'format="{name}"' in TEXT


@pytest.mark.parametrize("page", ["exports.md", "limits.md"])
def test_links_lead_somewhere(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        path, _, place = link.partition("#")
        target = DOCS / path if path else DOCS / page
        assert target.exists(), link
        if place:
            heads = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in heads}
            assert place in slugs, link
