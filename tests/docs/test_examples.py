"""The example scripts, run as they stand on a small folder called photos."""

import runpy
from pathlib import Path

import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from ganaug import TrainConfig, synthesize, train

EXAMPLES = Path(__file__).parents[2] / "examples"
SAID = {
    "compare_shares": "share 0.25: accuracy",
    "train_with_hugging_face": "accuracy on real images",
    "train_with_lightning": "accuracy on real images",
}
NEEDED = {
    "train_with_hugging_face": ("datasets", "transformers", "accelerate"),
    "train_with_lightning": ("lightning",),
}


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda p: p.stem)
@pytest.mark.filterwarnings("default")  # of other libraries
def test_example_runs(script, tmp_path, monkeypatch, capsys):
    for package in NEEDED.get(script.stem, ()):
        pytest.importorskip(package)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    digits = load_digits()
    for digit in range(2):
        for k, image in enumerate(digits.images[digits.target == digit][:24]):
            part = "train" if k < 16 else "test"
            folder = tmp_path / "photos" / part / f"digit {digit}"
            folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray((image * 15).astype("uint8"))
            picture.save(folder / f"{k}.png")
    monkeypatch.chdir(tmp_path)
    config = TrainConfig(height=8, width=8, channels=1, images=640, batch=16)
    train("photos/train", "photos-run", config=config, device="cpu")
    synthesize("photos-run", "photos-synthetic", per_class=8, filters=None)
    with torch.random.fork_rng():
        runpy.run_path(str(script), run_name="__main__")
    assert SAID[script.stem] in capsys.readouterr().out
