"""docs/tutorial.md: its code runs word for word, with what its commands would write."""

import re
from pathlib import Path

import torch
from recipes import save_gain
from stores import save_untrained

from ganaug import load_images, synthesize

TEXT = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
CLASSES = ("3", "8", "9")


def test_the_code_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make, loop, recipe = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    found: dict = {}
    exec(make, found)
    photos = load_images("photos")
    assert photos.classes == CLASSES
    assert photos.counts.tolist() == [20, 20, 20]
    run = save_untrained(tmp_path / "run", classes=CLASSES, data_size=(8, 8))
    synthesize(run, "photos-synthetic", per_class=9, device="cpu", filters=None)
    exec(loop, found)
    assert "torch.Size([16, 1, 8, 8])" in capsys.readouterr().out
    counts = dict.fromkeys(CLASSES, 20)
    save_gain(tmp_path / "photos-gain", counts, word="no difference", size=(8, 8))
    file = Path("photos-gain", "recipe.json")
    file.write_text(file.read_text().replace('"channels": null', '"channels": 1'))
    with torch.random.fork_rng():
        exec(recipe, found)
    assert "no difference" in capsys.readouterr().out
