"""The benchmark of sharp and coarse images: what arms see, and how rows are paired."""

import numpy as np

from benchmarks.resolution import ARMS, GRID, SIDE, Coarse, make_row


def test_arms_make_real_images_coarse_as_often_as_they_say():
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 1), np.uint8)

    def count(arm, *, synthetic):
        made = Coarse(None, ARMS[arm], 0)
        found = [made.reduce(pixels, synthetic=synthetic) for _ in range(100)]
        return sum(not np.array_equal(image, pixels) for image in found)

    assert GRID < SIDE
    assert [count(arm, synthetic=False) for arm in ("off", "always")] == [0, 100]
    assert 35 < count("sometimes", synthetic=False) < 65
    assert 35 < count("both kinds", synthetic=False) < 65
    assert 35 < count("both kinds", synthetic=True) < 65
    assert count("always", synthetic=True) == 0


def test_rows_pair_the_seeds_that_every_arm_has():
    scores = {"real alone": (0.9, 0.8, 0.5), "off": (0.88, 0.8), "always": (0.7, 0.6)}
    rows = [
        {
            "set": "neu-det", "network": "small", "arm": arm, "seed": str(seed),
            "balanced_accuracy": str(value),
        }
        for arm, values in scores.items()
        for seed, value in enumerate(values)
    ]  # fmt: skip
    row = make_row("neu-det", "small", "always", rows)
    assert row[3:6] == ["2", "65.0", "-20.0"]
    assert row[6] == "-20.0 … -20.0"
    assert row[7] == "-19.0"
    assert make_row("neu-det", "small", "sometimes", rows) == []
    assert make_row("neu-det", "small", "real alone", rows)[5:7] == ["–", "–"]
