"""docs/text.md: its example runs, and it names what is there."""

import re
from pathlib import Path

from ganaug.text.drawing import REWRITE
from ganaug.text.filters import FILTERS
from ganaug.text.settings import TextConfig
from ganaug.text.synthesis import PROVENANCE

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "text.md").read_text(encoding="utf-8")


def test_the_example_runs():
    write, draw = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    small = TextConfig(images=64, gan_images=320, hidden=8, latent=6)
    names = {"small": small}
    exec(write.replace("budget=20", "config=small"), names)
    assert len(names["writer"].sample("person", 5)) == 5
    assert names["writer"].classes == ("person", "place")
    few = 'GANSampler(settings={"images": 128}, random_state=0)'
    exec(draw.replace("GANSampler(random_state=0)", few), names)
    assert names["model"].predict(["where is Bern ?"]).tolist() == ["place"]


def test_the_page_names_what_is_there():
    assert f"the first {TextConfig().length} tokens" in TEXT
    assert f"`{TextConfig().loss}`" in TEXT
    assert f"`rewrite={REWRITE}`" in TEXT
    for name in (*PROVENANCE, *FILTERS):
        assert f"`{name}`" in TEXT
