"""The captions' benchmark: its images show what their captions say."""

import numpy as np

from benchmarks.captions import (
    COLOURS,
    CORNERS,
    DIGITS,
    EVERY,
    SEEN,
    UNSEEN,
    compose_set,
    split_digits,
)


def test_composed_pictures_show_what_their_captions_say():
    assert len(UNSEEN) * 5 == len(EVERY) == 160
    for k, n in enumerate((10, 4, 4)):
        assert {each[k] for each in SEEN} == set(range(n))
        assert {each[k] for each in UNSEEN} == set(range(n))
    parts = split_digits()
    assert [len(part) for part in parts] == [900, 600, 297]
    asked = [(3, 2, 1), (7, 0, 2)]
    data = compose_set(parts[0], asked, 1, seed=0)
    for picture, caption, each in zip(data.images, data.captions, asked, strict=True):
        (corner, (y, x)) = list(CORNERS.items())[each[2]]
        assert picture[y : y + 8, x : x + 8].sum() == picture.sum() > 0
        name, colour = list(COLOURS.items())[each[1]]
        brightest = picture.reshape(-1, 3).max(axis=0)
        assert brightest.argmax() == np.argmax(colour)
        words = caption.replace(",", " ").replace(":", " ")
        assert name in words.split()
        assert DIGITS[each[0]] in words.split()
        assert any(place in words for place in corner)
