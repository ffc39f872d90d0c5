"""Numbers of numpy are taken wherever Python's are."""

import json

import numpy as np
import pytest
from tiny_runs import TINY, tiny_images

from ganaug import (
    Store,
    Synthesizer,
    SyntheticDataset,
    TrainConfig,
    load_images,
    synthesize,
    train,
    verify,
)
from ganaug.gain.request import GainOptions
from ganaug.gain.settings import Settings
from ganaug.scalars import to_plain

WHOLE, PART = np.int64, np.float32


def to_numpy(values):
    kinds = {int: WHOLE, float: PART}
    return {k: kinds.get(type(v), type(v))(v) for k, v in values.items()}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    config = TrainConfig(**to_numpy({**TINY, "images": 64, "seed": 3, "holdout": 0.25}))
    out = tmp_path_factory.mktemp("scalars") / "run"
    options = {"config": config, "device": "cpu", "progress": None}
    train(tiny_images(), out, **options)
    return train(tiny_images(), out, **options)  # the same is resumed


def test_configs_hold_python_numbers(run):
    assert {type(v) for v in run.config.to_dict().values()} <= {
        int, float, str, bool, type(None),
    }  # fmt: skip
    assert run.config.holdout == 0.25
    train(
        tiny_images(),
        run.path,
        set=to_numpy({**TINY, "images": 64, "holdout": 0.25}),
        seed=WHOLE(3),
        device="cpu",
        progress=None,
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"per_class": WHOLE(3)},
        {"per_class": {"a": np.uint8(3)}},
        {"balance": True, "real_counts": {"a": WHOLE(3), "b": WHOLE(5)}},
    ],
)
def test_a_store_is_asked_for_in_numpy_numbers(run, tmp_path, asked):
    for _ in range(2):
        store = synthesize(
            run, tmp_path / "s", seed=WHOLE(1), filters=None, device="cpu", **asked
        )
    assert store.counts.max() in (2, 3)
    assert verify(store, sample=WHOLE(2), seed=WHOLE(1), device="cpu") == []
    assert Store.load(store.path)[np.uint8(1)][0].shape == (8, 8, 1)
    drawn = Synthesizer.load(run).sample([WHOLE(0)], seed=WHOLE(1))
    assert drawn.shape == (1, 8, 8, 1)


def test_a_mixed_set_takes_them(run, tmp_path):
    store = synthesize(run, tmp_path / "s", per_class=20, filters=None, device="cpu")
    mixed = SyntheticDataset(
        tiny_images(),
        store,
        share=PART(0.25),
        seed=WHOLE(1),
        weights=PART(0.5),
        real_only_after=PART(0.5),
    )
    mixed.set_epoch(WHOLE(1), of=np.int32(4))
    assert float(mixed[np.uint8(45)][2]) == 0.5
    assert len(list(mixed.sampler(epochs=WHOLE(4)))) == len(mixed) == 53
    plain = SyntheticDataset(
        tiny_images(), store, share=WHOLE(0), weights=np.False_, seed=WHOLE(1)
    )
    assert len(plain) == 40
    assert len(plain[WHOLE(3)]) == 2


def test_other_doors_take_them():
    images = load_images("digits", size=(WHOLE(4), WHOLE(4)), max_side=WHOLE(64))
    assert images.size == (4, 4)
    settings = Settings(steps=WHOLE(5), seed=WHOLE(1), gan_minutes=PART(0.5))
    assert json.loads(json.dumps(settings.to_dict()))["gan_minutes"] == 0.5
    options = GainOptions(splits=WHOLE(5), budget=PART(30), margin=PART(0.25))
    options.check()
    assert type(options.splits) is int


def test_only_single_numbers_are_made_plain():
    several = np.arange(3)
    assert to_plain(several) is several
    assert to_plain(None) is None
    assert to_plain(np.True_) is True
