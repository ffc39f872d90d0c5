"""The example scripts, run as they stand on a small folder called photos."""

import runpy
from pathlib import Path

import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from ganaug import TrainConfig, synthesize, train

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda p: p.stem)
def test_example_runs(script, tmp_path, monkeypatch, capsys):
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
    assert "share 0.25: accuracy" in capsys.readouterr().out
