"""The verdict on the page: word, figures and next step, also in the title."""

import json
import math
from dataclasses import replace

import pytest
from stores import save_untrained

from ganaug.report.rendering import render_report
from ganaug.report.run.reading.material import open_material
from ganaug.report.run.verdict import describe_verdict
from ganaug.synth.synthesis import synthesize
from ganaug.synth.verdict.record import ClassVerdict, StoreVerdict

WEAK = ClassVerdict("poor", "a <third> of the variety", 0.5, 0.3, 0.2, 0.9)
FINE = ClassVerdict("good", None, 0.9, 1.1, 0.9, math.nan)
VERDICT = StoreVerdict(
    "usable", "Usable: ant draws <little>.",
    "draw <longer>: ganaug synth a --budget 10m",
    0.7, 1.1, 0.55, math.nan, classes={"ant": FINE, "bee": WEAK},
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("verdict")
    save_untrained(root / "run")
    return synthesize(root / "run", root / "ants", per_class=2, filters=None)


def judge(store, verdict):
    path = store.path / "meta.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "verdict": verdict and verdict.to_dict()}))


@pytest.mark.parametrize("word", ["poor", "usable", "good"])
def test_the_word_comes_first_and_is_in_the_title(store, tmp_path, word):
    sentence = VERDICT.sentence.replace("Usable", word.capitalize())
    judge(store, replace(VERDICT, word=word, sentence=sentence))
    page = render_report(store.path, tmp_path / "a.html").read_text()
    assert f"<title>ants: {word} · ganaug report</title>" in page
    body = page[page.index("<body>") :]
    places = [
        body.index(text)
        for text in (
            f'<div class="band {word}">',
            f'<h1 class="verdict">{word.capitalize()}</h1>',
            "Ant draws &lt;little&gt;.",
            "draw &lt;longer&gt;</p>",
            "ganaug synth a --budget 10m</pre>",
            "a &lt;third&gt; of the variety",
            'class="mosaic"',
            'id="gallery"',
        )
    ]
    assert places == sorted(places)


def test_figures_stay_on_their_bars(store):
    judge(store, VERDICT)
    found = describe_verdict(open_material(store.path))
    assert [each["text"] for each in found["figures"]] == [
        "70\xa0%", "110\xa0%", "55\xa0%", "–"
    ]  # fmt: skip
    assert [each["width"] for each in found["figures"]] == [70, 100, 55, 0]
    assert [name for name, _ in found["weak"]] == ["bee"]
    assert found["rows"][0]["figures"] == ["90\xa0%", "110\xa0%", "90\xa0%", "–"]


def test_an_unjudged_store_says_how_to_judge_it(store, tmp_path):
    judge(store, None)
    page = render_report(store.path, tmp_path / "a.html").read_text()
    assert '<h1 class="verdict">Not judged</h1>' in page
    assert f"ganaug evaluate {store.path}" in page
    assert "<title>ants · ganaug report</title>" in page
