"""Filled cells: what a store of them has, and how it is judged."""

import json
from collections import Counter

import numpy as np
import pytest
from carriers import DOMAINS, Lamp, Swapper, draw_domains, hold_all

from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.synth.fill.ordering import FillOptions, fill_cells
from ganaug.synth.store.meta import META_FILE
from ganaug.synth.store.store import Store

COUNTS = [[20, 20], [20, 0], [0, 20]]


@pytest.fixture(scope="module", autouse=True)
def _teach_briefly():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganaug.synth.fill.label.MOST_STEPS", 40)
        yield


@pytest.fixture(scope="module")
def data():
    return draw_domains(COUNTS)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    file = tmp_path_factory.mktemp("translator") / "generator.safetensors"
    file.write_bytes(b"weights")
    return file


@pytest.fixture
def fill(data, weights):
    def call(path, translator=None, **options):
        return fill_cells(
            translator or Lamp(data), hold_all(data), path, generator=weights,
            options=FillOptions(**options),
        )  # fmt: skip

    return call


@pytest.fixture(scope="module")
def filled(data, weights, tmp_path_factory):
    return fill_cells(
        Lamp(data), hold_all(data), tmp_path_factory.mktemp("store") / "s",
        generator=weights, options=FillOptions(per_cell=12),
    )  # fmt: skip


def count_cells(store):
    return Counter(zip(store.labels.tolist(), store.domains.tolist(), strict=True))


def test_every_cell_is_filled_from_other_domains(filled, data):
    assert filled.domain_names == DOMAINS
    cells = {(label, domain) for label in range(3) for domain in range(2)}
    assert count_cells(filled) == dict.fromkeys(cells, 12)
    rows = filled.manifest
    kept = rows[rows["kept"] == 1]
    shown = {"shape 0": set(DOMAINS), "shape 1": {"dark"}, "shape 2": {"bright"}}
    for name, there in shown.items():
        own = kept[kept["class"] == name]
        assert set(own["source_domain"]) == there
        apart = own[own["domain"] != own["source_domain"]]
        assert len(apart) == (24 if len(there) == 2 else 12)
    hashes = dict(zip(data.hash_images(), data.labels, strict=True))
    assert [hashes[h] for h in rows["source_id"]] == rows["label"].tolist()


def test_images_look_like_their_domain(filled):
    light = np.array([np.median(filled.image(i)) for i in range(len(filled))])
    assert ((light > 75) == (filled.domains == 1)).all()


def test_a_working_translator_makes_a_good_store(filled):
    verdict = filled.verdict
    assert verdict.word == "good", verdict.sentence
    assert verdict.next_step is None
    assert len(verdict.cells) == 6
    assert all(cell.accepted == cell.requested == 12 for cell in verdict.cells)
    assert Store.load(filled.path).verdict == verdict


def test_a_store_in_steps_equals_one_at_once(fill, filled, tmp_path):
    fill(tmp_path / "s", per_cell=5)
    steps = fill(tmp_path / "s", per_cell=12)
    key = ["class", "index"]
    one, other = (
        s.manifest.sort_values(key, ignore_index=True) for s in (filled, steps)
    )
    assert one.equals(other)
    assert steps.verdict.word == "good"


def test_lost_files_are_drawn_again(fill, filled, tmp_path):
    store = fill(tmp_path / "s", per_cell=3, filters=None)
    lost = store.path / store.paths[4]
    before = lost.read_bytes()
    lost.unlink()
    fill(tmp_path / "s", per_cell=3, filters=None)
    assert lost.read_bytes() == before


def test_a_translator_that_does_nothing_is_poor(fill, data, tmp_path):
    store = fill(tmp_path / "s", Lamp(data, dim=0.0), per_cell=6)
    assert store.verdict.word == "poor"
    assert "look like the domain" in store.verdict.sentence
    assert "--fill" in store.verdict.next_step
    reasons = Counter(store.manifest["reason"])
    assert reasons["domain"] > 100


def test_a_lost_object_is_refused(fill, data, tmp_path):
    class Eraser(Lamp):
        def translate(self, images, domain, seed=0, indices=None):
            blank = np.median(images, axis=(1, 2, 3), keepdims=True)
            empty = np.broadcast_to(blank, images.shape).astype(np.uint8)
            return super().translate(empty, domain, seed, indices)

    store = fill(tmp_path / "s", Eraser(data), per_cell=6)
    assert store.verdict.word == "poor"
    kept = [cell.class_kept for cell in store.verdict.cells]
    assert np.mean(kept) < 0.6  # one class may be what all are taken for


def test_classes_that_change_places_and_back_are_poor(
    fill, data, tmp_path, monkeypatch
):
    monkeypatch.setattr("ganaug.synth.fill.label.MOST_STEPS", 2)  # it decides nothing
    monkeypatch.setattr("ganaug.synth.fill.ordering.TRIES", 1)
    store = fill(tmp_path / "s", Swapper(data), per_cell=2, filters=["label"])
    assert store.verdict.word == "poor"
    swapped = [cell for cell in store.verdict.cells if cell.class_name != "shape 2"]
    assert [cell.accepted for cell in swapped if cell.domain == "bright"] == [0, 0]
    notes = json.loads((store.path / "screening.json").read_text())["notes"]
    assert "label: shape 0 in bright is refused, its images show shape 1" in notes


def test_images_that_do_not_fit_are_refused(fill, data, weights, tmp_path):
    from dataclasses import replace

    with pytest.raises(DataError, match="have no domains"):
        fill_cells(
            Lamp(data), hold_all(replace(data, domains=None, domain_names=())),
            tmp_path / "s", generator=weights, options=FillOptions(),
        )  # fmt: skip
    with pytest.raises(DataError, match="domains day, night, but the translator"):
        fill_cells(
            Lamp(data), hold_all(replace(data, domain_names=("day", "night"))),
            tmp_path / "s", generator=weights, options=FillOptions(),
        )  # fmt: skip
    with pytest.raises(ConfigError, match="0 images per cell"):
        FillOptions(per_cell=0)
    with pytest.raises(ConfigError, match="no filter 'domian'"):
        FillOptions(filters=["domian"])


def test_another_translator_does_not_add_to_a_store(fill, filled, data, tmp_path):
    fill(tmp_path / "s", per_cell=2, filters=None)
    meta = json.loads((tmp_path / "s" / META_FILE).read_text())
    assert meta["domains"] == list(DOMAINS)
    with pytest.raises(StoreError, match="another seed"):
        fill(tmp_path / "s", per_cell=2, filters=None, seed=3)
