"""What `ganaug inspect` says of a set."""

import numpy as np
from ganaug_cli.inspect import _print_tables, describe_checks

from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)


def fingerprint(**fields):
    pixels = PIXELS[[0, 1, 2, 3, 4, 0]]
    labels = np.array([0, 0, 0, 0, 1, 1])
    names = tuple(f"{i}.png" for i in range(6))
    data = LabelledImages(pixels, labels, ("[red]", "b\udce9"), names=names, **fields)
    return take_fingerprint(data)


def test_checks_state_every_finding():
    found = fingerprint(data_size=(80, 80), size_range=((8, 8), (90, 90)))
    rows = dict(describe_checks(found))
    assert rows["size (h × w)"] == "80 × 80, uneven: 8 × 8 to 90 × 90, read at 8 × 8"
    assert rows["channels"] == "RGB"
    assert rows["imbalance"] == "2.0 : 1"
    assert rows["equal images with different labels"] == "2"
    assert rows["such as"] == "0.png = 5.png"
    assert rows["left-right flips"] == "not measured"


def test_tables_print_names_as_they_are(capsys):
    found = fingerprint(skipped=(("x[1].png", "empty file"),), notes=("a [note]",))
    step = {"choice": "network", "value": "r3", "reason": "it fits"}
    _print_tables(found, [step])
    text = capsys.readouterr().out
    for word in ("[red]", "b\\udce9", "x[1].png", "empty file", "a [note]", "it fits"):
        assert word in text
