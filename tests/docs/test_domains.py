"""docs/domains.md: its Python runs word for word, on a tree of classes and domains."""

import re
from pathlib import Path

from carriers import Lamp, draw_domains, hold_all
from PIL import Image

from ganaug import load_images
from ganaug.synth.fill.ordering import FillOptions, fill_cells

TEXT = (Path(__file__).parents[2] / "docs" / "domains.md").read_text(encoding="utf-8")


def test_the_code_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = draw_domains([[8, 8], [12, 0], [0, 4]])
    rows = zip(made.images, made.labels, made.domains, strict=True)
    for k, (image, label, domain) in enumerate(rows):
        folder = Path("photos", made.classes[label], made.domain_names[domain])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.squeeze()).save(folder / f"{k}.png")
    real, weights = load_images("photos", domain_from="inside"), Path("weights")
    weights.write_bytes(b"weights")
    fill_cells(
        Lamp(real), hold_all(real), tmp_path / "photos-filled", generator=weights,
        options=FillOptions(per_cell=9, filters=None),
    )  # fmt: skip
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    found: dict = {}
    exec(code, found)
    images, labels = next(iter(found["loader"]))
    assert len(images) == len(labels) == 64
    assert set(labels.tolist()) == {0, 1, 2}
