"""The example scripts, run as they stand on small folders; with hasty trainings."""

import json
import runpy
from pathlib import Path

import pytest
import torch
from PIL import Image
from recipes import save_gain
from sklearn.datasets import load_digits

from ganaug import (
    TrainConfig,
    export_store,
    load_images,
    synthesize,
    train,
    train_translator,
)
from ganaug.translate.settings import TranslateConfig

EXAMPLES = Path(__file__).parents[2] / "examples"
SAID = {
    "compare_shares": "share 0.25: accuracy",
    "quickstart": "images in an epoch",
    "train_with_albumentations": "epoch 1: loss of the last batch",
    "train_with_torchvision": "epoch 1: accuracy on real images",
    "uneven_medical_set": "share 0.25: recall of healthy",
    "custom_loss": "loss squared-hinge, penalties r1",
    "share_exports": "drew 16 images into photos-onnx.png",
    "stream_shards": "batches from 1 shards",
    "train_by_recipe": "accuracy on real images",
    "train_with_hugging_face": "accuracy on real images",
    "train_with_lightning": "accuracy on real images",
}
NEEDED = {
    "share_exports": ("datasets",),
    "stream_shards": ("webdataset",),
    "train_with_hugging_face": ("datasets", "transformers", "accelerate"),
    "train_with_lightning": ("lightning",),
}

HASTY = {
    "budget=1,": "budget=0.02,", "STEPS = 100": "STEPS = 4",
    "EPOCHS = 20": "EPOCHS = 1", "BUDGET = 10 ": "BUDGET = 0.02 ",
    "balance=True": "balance=True, filters=None",
    "per_class=50": "per_class=4, filters=None", '"digits"': '"photos/train"',
}  # fmt: skip
OTHERS = sorted(path for path in EXAMPLES.glob("*.py") if path.stem != "fill_cells")


@pytest.mark.slow
@pytest.mark.parametrize("script", OTHERS, ids=lambda p: p.stem)
@pytest.mark.filterwarnings("default")  # of other libraries
def test_example_runs(script, tmp_path, monkeypatch, capsys):
    for package in NEEDED.get(script.stem, ()):
        pytest.importorskip(package)
    monkeypatch.setattr("sys.argv", [str(script)])
    digits = load_digits()
    for digit in range(2):
        for k, image in enumerate(digits.images[digits.target == digit][:24]):
            part = "train" if k < 16 else "test"
            folder = tmp_path / "photos" / part / f"digit {digit}"
            folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray((image * 15).astype("uint8"))
            picture.save(folder / f"{k}.png")
    make_scans(tmp_path / "scans")
    monkeypatch.chdir(tmp_path)
    config = TrainConfig(height=8, width=8, channels=1, images=640, batch=16)
    train("photos/train", "photos-run", config=config, device="cpu")
    synthesize("photos-run", "photos-synthetic", per_class=8, filters=None)
    counts = {"digit 0": 16, "digit 1": 16}
    gain = save_gain(Path("photos-gain"), counts, word="hurts", size=(8, 8))
    recipe = gain / "recipe.json"
    recipe.write_text(
        recipe.read_text()
        .replace('"channels": null', '"channels": 1')
        .replace('"steps": 500', '"steps": 9')
    )
    export_store("photos-synthetic", "photos-shards", format="webdataset", real=True)
    code = hasten(script.read_text(encoding="utf-8"))
    with torch.random.fork_rng():
        exec(compile(code, str(script), "exec"), {"__name__": "__main__"})
    assert SAID[script.stem] in capsys.readouterr().out


def make_scans(root):
    """Write scans of patients, a quarter of which have a lesion."""
    digits = load_digits()
    for digit, name, n in ((3, "healthy", 40), (8, "lesion", 14)):
        for k, image in enumerate(digits.images[digits.target == digit][:n]):
            folder = root / ("test" if k % 3 == 0 else "train") / name
            folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray((image * 15).astype("uint8"))
            picture.save(folder / f"p{k // 3:02d}{digit}-{k}.png")


def hasten(code):
    for long, short in HASTY.items():
        code = code.replace(long, short)
    return code


@pytest.mark.slow
def test_the_notebook_runs(tmp_path, monkeypatch, capsys):
    digits = load_digits()
    for digit in range(2):
        folder = tmp_path / "photos" / "train" / str(digit)
        folder.mkdir(parents=True)
        for k, image in enumerate(digits.images[digits.target == digit][:24]):
            picture = Image.fromarray((image * 15).astype("uint8"))
            picture.save(folder / f"{k}.png")
    monkeypatch.chdir(tmp_path)
    cells = json.loads((EXAMPLES / "quickstart.ipynb").read_text("utf-8"))["cells"]
    known: dict = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            exec(hasten("".join(cell["source"])), known)
    assert known["images"].shape == (32, 1, 8, 8)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of other libraries
def test_cells_are_filled(tmp_path, monkeypatch, capsys):
    digits = load_digits()
    for digit in range(3):
        for k, image in enumerate(digits.images[digits.target == digit][:40]):
            part = "train" if k < 24 else "test"
            dark = k % 2 == 0
            if part == "train" and digit == 2 and dark:
                continue  # the empty cell
            light = "dark" if dark else "bright"
            folder = tmp_path / "lamps" / part / f"digit {digit}" / light
            folder.mkdir(parents=True, exist_ok=True)
            pixels = image * (5 if dark else 15)
            Image.fromarray(pixels.astype("uint8")).save(folder / f"{k}.png")
    monkeypatch.chdir(tmp_path)
    real = load_images("lamps/train", domain_from="inside")
    config = TranslateConfig(height=8, width=8, channels=1, images=64, batch=16)
    run = train_translator(real, "lamps.run", config=config, device="cpu")
    synthesize(run, "lamps-filled", data=real, per_cell=8, filters=None)
    with torch.random.fork_rng():
        runpy.run_path(str(EXAMPLES / "fill_cells.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "digit 2: bright 12, dark 0" in said
    assert "share 0.5: " in said
