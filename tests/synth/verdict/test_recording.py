"""What a next step repeats of the options that a store was drawn with."""

from ganaug.config import TrainConfig
from ganaug.synth.request import DEFAULT_FILTERS
from ganaug.synth.store.meta import Meta
from ganaug.synth.verdict.recording import list_drawing_options

CONFIG = TrainConfig(height=16, width=16)


def make_meta(**values):
    known = {"size": (16, 16), "filters": DEFAULT_FILTERS} | values
    return Meta(
        generator_sha256="", data_digest="", config=CONFIG.to_dict(), class_to_idx={},
        folders={}, data_size=(64, 64), seed=0, versions={}, engine={}, **known,
    )  # fmt: skip


def test_defaults_need_no_option():
    assert list_drawing_options(make_meta(), CONFIG) == ()
    assert list_drawing_options(make_meta(filters=()), CONFIG) == ()


def test_other_options_are_repeated():
    meta = make_meta(labels="soft", size=(64, 64), filters=("label", "copy"))
    assert list_drawing_options(meta, CONFIG) == (
        "--labels soft", "--size data", "--filters label,copy",
    )  # fmt: skip
