"""The palette: every colour that text has is readable on the page, light and dark."""

import re
from importlib.resources import files

import pytest

TEMPLATES = files("ganaug.report") / "templates"
STYLE = (TEMPLATES / "style.css").read_text("utf-8")
LEAST = 4.5  # WCAG 2.1, 1.4.3


def read_palette(block):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def find_light(colour):
    """Return the relative luminance of a colour, after WCAG 2.1."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    low, high = sorted((find_light(one), find_light(two)))
    return (high + 0.05) / (low + 0.05)


BLOCKS = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
USED = set(re.findall(r"(?<![\w-])color: var\(--([\w-]+)\)", STYLE))
# variables that stand for others, such as --mark for a filter's colour
STANDS_FOR = re.findall(r"--([\w-]+): var\(--([\w-]+)\)", STYLE)
GROUNDS = {"paper", "card"}  # as text they stand on a coloured ground
TEXT = sorted(
    (USED - dict(STANDS_FOR).keys() | {to for name, to in STANDS_FOR if name in USED})
    - GROUNDS
)


@pytest.mark.parametrize("block", BLOCKS[:2], ids=["light", "dark"])
@pytest.mark.parametrize("name", TEXT)
def test_text_is_readable(name, block):
    palette = read_palette(block)
    assert contrast(palette[name], palette["paper"]) >= LEAST
    assert contrast(palette[name], palette["card"]) >= LEAST


def test_the_measure_can_fail():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#b45f06", "#fbfaf7") < LEAST
    assert len(TEXT) > 5
