"""The filter of styles: what keeps its look is refused."""

import numpy as np
import pytest

from ganaug.synth.styled.filters import StyledCandidates, filter_styles
from ganaug.synth.styled.styler import Contents, Styler
from ganaug.translate.style.transfer import StyleTransfer


@pytest.fixture(scope="module")
def styler():
    rng = np.random.default_rng(0)
    contents = rng.integers(0, 120, (6, 8, 8, 3)).astype(np.uint8)
    style = rng.integers(0, 255, (1, 8, 8, 3)).astype(np.uint8)
    style[..., 1:] = 0
    hashes = tuple(map(str, range(6)))
    own = Contents(contents, np.zeros(6, np.int64), hashes, np.arange(6))
    return Styler(StyleTransfer(style), own, "given", 0)


def judge(styler, images):
    none = np.zeros(len(images), np.int64)
    known = styler.contents.images[: len(images)]
    candidates = StyledCandidates(
        images, none, None, contents=known, styles=none, folds=none
    )
    style_filter = filter_styles(styler, styler.contents.images)
    scores = style_filter.score(candidates)
    return scores, style_filter.keep(candidates, scores, np.ones(len(images), bool))


def test_contents_are_refused_and_the_style_itself_is_kept(styler):
    contents = styler.contents.images
    scores, kept = judge(styler, contents)
    assert np.allclose(scores, 0)
    assert not kept.any()
    style = styler.transfer.styles.match(3).images[0]
    scores, kept = judge(styler, np.stack([style, style]))
    assert np.allclose(scores, 1, atol=1e-4)
    assert kept.all()


def test_half_way_is_between(styler):
    """Half the pixels of the style bring an image nearer to it."""
    mixed = styler.contents.images.copy()
    mixed[:, :4] = styler.transfer.styles.match(3).images[0][:4]
    scores, _ = judge(styler, mixed)
    assert (scores > 0).all()
    assert (scores < 1).all()


def test_contents_and_styles_take_turns(styler):
    rows = styler.find_contents(np.zeros(12, np.int64), np.arange(12))
    assert sorted(rows[:6]) == sorted(rows[6:]) == list(range(6))
    again = styler.find_contents(np.zeros(1, np.int64), np.array([7]))
    assert again[0] == rows[7]
