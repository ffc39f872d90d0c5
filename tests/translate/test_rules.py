"""Rules: images carried without a network, in a translator's place."""

import numpy as np
import pytest
from carriers import draw_domains

from ganaug.errors import CheckpointError, ConfigError
from ganaug.translate.classical.carriers import CARRIERS
from ganaug.translate.classical.names import CARRIER_NAMES
from ganaug.translate.rules import load_rule
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.training import train_translator
from ganaug.translate.translator import GENERATOR, Translator

COUNTS = [[6, 6], [6, 0], [0, 6]]


@pytest.fixture(scope="module")
def data():
    return draw_domains(COUNTS, side=8)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rule") / "cells.run"
    own = {"carrier": "statistics"}
    return train_translator(data, folder, set=own, progress=None)


def test_a_rule_is_written_without_training(run, data):
    assert run.finished
    assert run.minutes == 0
    rule = load_rule(run.path / GENERATOR)
    assert rule.config.carrier == "statistics"
    assert rule.data_size == data.size == (8, 8)
    assert repr(run).endswith("statistics on 8×8 grey)")


def test_a_rule_is_no_network(run):
    with pytest.raises(CheckpointError, match="by statistics, without a network"):
        Translator.load(run.path)


def test_an_image_is_decided_by_its_source_target_seed_and_index(run, data):
    fitted = load_rule(run.path / GENERATOR).fit(data)
    homes, targets, indices = data.domains, 1 - data.domains, np.arange(len(data))
    every = fitted.carry(data.images, homes, targets, seed=3, indices=indices)
    back = indices[::-1]
    turned = fitted.carry(
        data.images[back], homes[back], targets[back], seed=3, indices=back
    )
    assert (turned[back] == every).all()
    other = fitted.carry(data.images, homes, targets, seed=4, indices=indices)
    assert (other != every).any()
    assert every[homes == 0].mean() > data.images[homes == 0].mean() + 50


def test_the_names_are_those_of_the_carriers():
    assert tuple(CARRIERS) == CARRIER_NAMES
    with pytest.raises(ConfigError, match=r"histogramm is not allowed.*histogram"):
        TranslateConfig(carrier="histogramm")
