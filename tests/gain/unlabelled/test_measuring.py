"""A gain beside unlabelled images, from the request to the verdict and its page."""

from dataclasses import replace

import numpy as np
import pytest
from lights import draw_data, make_softmax

from ganaug.classify.adaptation import reversing
from ganaug.data.unlabelled import UnlabelledImages
from ganaug.errors import ConfigError, DataError
from ganaug.gain.budget import plan_gain
from ganaug.gain.fitting.tasks import CPU
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.measuring import measure_gain
from ganaug.gain.request import GainOptions, identify_request, make_request
from ganaug.gain.settings import Settings
from ganaug.gain.unlabelled import measuring
from ganaug.gain.unlabelled.jobs import count_unlabelled_fits
from ganaug.gain.unlabelled.splits import find_hidden
from ganaug.gain.unlabelled.translated import carry_by_translator
from ganaug.report.rendering import render_report
from ganaug.synth.fill import guessing
from ganaug.translate.settings import TranslateConfig

TINY = Settings(
    steps=3, initialisations=1, ensemble=False, tune=False, grid=(8, 8),
    gan_minutes=0.01, per_class=4,
)  # fmt: skip
TRANSLATOR = TranslateConfig(
    height=8, width=8, channels=1, features=8, blocks=1, features_d=8, latent=2,
    batch=8, images=16, snapshots=0,
)  # fmt: skip
OPTIONS = GainOptions(classifier=make_softmax, splits=2)


def draw_labelled(seed=0):
    """Draw shapes in one light."""
    data = draw_data(seed=seed)
    plain = data.subset(np.flatnonzero(data.domains == 0))
    return replace(plain, domains=None, domain_names=())


def draw_inverted(seed):
    """Draw the same shapes in the other light."""
    plain = draw_labelled(seed)
    return replace(plain, images=220 - plain.images.clip(0, 220))


def draw_pool():
    return UnlabelledImages(draw_inverted(7).images, "dusk")


def draw_both():
    """Draw all shapes in both lights."""
    plain, other = draw_labelled(), draw_inverted(3)
    return replace(
        plain,
        images=np.concatenate([plain.images, other.images]),
        labels=np.concatenate([plain.labels, other.labels]),
        domains=np.repeat([0, 1], [len(plain), len(other)]),
        domain_names=("plain", "inverted"),
    )


def carry_by_hand(config, per_class, *, device, progress=None):
    """Invert the labelled images, which is what the new light does."""

    def make(data, pool, folder, guesses, *, policy, seed):
        assert guesses.shape == (len(pool), 4)
        every = np.arange(len(data))
        return {"images": 220 - data.images, "labels": data.labels, "sources": every}

    return make


@pytest.fixture(scope="module", autouse=True)
def _learn_briefly():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganaug.classify.flips.STEPS", 2)
        patch.setattr(reversing, "POLICIES", ("none", "shift"))
        patch.setattr(measuring, "plan_carrying", lambda *a, **k: TRANSLATOR.to_dict())
        patch.setattr(measuring, "carry_by_translator", carry_by_hand)
        yield


@pytest.fixture(scope="module")
def gain(tmp_path_factory):
    seen = []
    result = measure_gain(
        draw_labelled(), draw_inverted(5), tmp_path_factory.mktemp("g") / "gain",
        unlabelled={"dusk": draw_pool()}, classifier=make_softmax,
        settings=TINY, splits=2, progress=seen.append,
    )  # fmt: skip
    return result, seen


def test_the_verdict_is_about_the_new_domain(gain):
    result, seen = gain
    assert "in dusk" in result.verdict.metric
    assert result.details.tested_on == "the given test set"
    assert {"self-trained", "settled", "opponent", "placebo"} <= set(result.gains)
    assert all(status.done <= status.jobs for status in seen if status.split)
    assert result.recipe.share == 0 or result.verdict.word == "helps"


def test_images_are_carried_by_a_translator(tmp_path, monkeypatch):
    def brief(*args, **options):
        return train(*args, **{**options, "steps": 5, "policy": "none"})

    train = guessing.self_train
    monkeypatch.setattr(guessing, "self_train", brief)
    data, pool = draw_labelled(), draw_pool()
    guesses = np.eye(4, dtype=np.float32)[data.labels]
    make = carry_by_translator(TRANSLATOR, 3, device=CPU, filters=())
    made = make(data, pool, tmp_path, guesses, policy="none", seed=0)
    assert made["images"].shape == (12, 8, 8, 1)
    assert np.bincount(made["labels"]).tolist() == [3, 3, 3, 3]
    assert (data.labels[made["sources"]] == made["labels"]).all()


def test_the_page_shows_every_arm(gain):
    result, _ = gain
    assert GainResult.load(result.path).recipe == result.recipe
    page = render_report(result.path).read_text(encoding="utf-8")
    for arm in ("self-trained", "consistent", "settled", "blended", "standard"):
        assert arm in result.details.arms
        assert f">{arm}<" in page
    assert "unlabelled images" in page


def test_without_a_test_set_known_domains_are_hidden():
    request = make_request(
        draw_both(), None, replace(OPTIONS, splits=3), {"dusk": draw_pool()}
    )
    assert measuring.say_where(request) == "hidden domains (plain, inverted)"
    assert any("nothing is said about dusk itself" in note for note in request.notes)
    data = request.data
    for split in request.splits.splits:
        hidden = set(data.domains[split.test].tolist())
        assert len(hidden) == 1
        assert not hidden & set(data.domains[split.train].tolist())
        pool = find_hidden(data, split)
        assert len(pool) == len(split.test) == 16
        assert pool.domain == data.domain_names[hidden.pop()]


def test_without_a_test_set_and_domains_no_verdict_is_possible():
    with pytest.raises(DataError, match="no verdict on it is possible"):
        make_request(draw_labelled(), None, OPTIONS, {"dusk": draw_pool()})


def test_copies_of_test_images_are_refused_unless_allowed():
    test = draw_inverted(5)
    pool = {"dusk": UnlabelledImages(test.images, "dusk")}
    with pytest.raises(DataError, match=r"32 of 32 unlabelled images .* test images"):
        make_request(draw_labelled(), test, OPTIONS, pool)
    allowed = replace(OPTIONS, allow_leak=True)
    notes = make_request(draw_labelled(), test, allowed, pool).notes
    assert any("scores may be too good" in note for note in notes)


def test_one_unlabelled_domain_at_a_time():
    with pytest.raises(ConfigError, match="not in 2"):
        make_request(
            draw_labelled(), draw_inverted(5), OPTIONS,
            {"dusk": draw_pool(), "dawn": draw_pool()},
        )  # fmt: skip


def test_other_unlabelled_images_are_another_request():
    made = [
        identify_request(make_request(draw_both(), draw_inverted(5), OPTIONS, pool))
        for pool in (None, {"dusk": draw_pool()}, {"dawn": draw_pool()})
    ]
    assert len({request.get("unlabelled") for request in made}) == 3


def test_the_budget_counts_what_self_training_costs(monkeypatch):
    monkeypatch.setattr("ganaug.gain.budget._time_step", lambda *a: 1e-3)
    options = replace(OPTIONS, budget=20, splits=3)
    request = make_request(draw_both(), draw_inverted(5), options, {"d": draw_pool()})
    estimate = plan_gain(request)
    assert estimate.splits == 3
    assert estimate.fits == round(3 * count_unlabelled_fits(estimate.settings))
    assert estimate.minutes == pytest.approx(20, rel=0.3)
