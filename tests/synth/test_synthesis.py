"""Stores: the same bytes however they came about, and every refusal in one line."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
import torchvision
from recipes import save_gain
from stores import digests

from ganaug.config import TrainConfig
from ganaug.errors import CheckpointError, ConfigError, DataError, RunError, StoreError
from ganaug.gan.generators import Generators, Member, save_generators
from ganaug.gan.inputs.value_range import full_span
from ganaug.gan.networks.build import build_generator
from ganaug.synth.store.meta import read_meta, write_meta
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize
from ganaug.synth.synthesizer import Synthesizer
from ganaug.synth.verdict.record import StoreVerdict
from ganaug.synth.verification import verify

CLASSES = ("cat", "Dog", "dog")
CPU = torch.device("cpu")


def save_untrained(folder, *, channels=1, classes=CLASSES, separate=False, seed=0):
    config = TrainConfig(
        height=8, width=12, channels=channels, base_channels=16, max_channels=16,
        latent=8, seed=seed, conditioning="separate" if separate else "class",
    )  # fmt: skip
    groups = [(name,) for name in classes] if separate else [classes]
    members = tuple(
        Member(
            build_generator(config.replace(seed=k), 0 if separate else len(own)).eval(),
            tuple(own),
        )
        for k, own in enumerate(groups, start=seed)
    )
    generators = Generators(
        config, tuple(classes), members, (16, 24), "", CPU, full_span(channels)
    )
    folder.mkdir(parents=True, exist_ok=True)
    save_generators(folder / "generator.safetensors", generators)
    fingerprint = {"classes": list(classes), "counts": list(range(4, 4 + len(classes)))}
    (folder / "fingerprint.json").write_text(json.dumps(fingerprint))
    return folder


@pytest.fixture
def run(tmp_path):
    return save_untrained(tmp_path / "pets-run")


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_seed_decides_every_byte(tmp_path, separate, channels):
    run = save_untrained(tmp_path / "run", separate=separate, channels=channels)
    one = synthesize(run, tmp_path / "one", per_class=21, device="cpu", filters=None)
    synthesize(run, tmp_path / "two", per_class=21, device="cpu", filters=None)
    synthesize(
        run, tmp_path / "other", per_class=21, seed=1, device="cpu", filters=None
    )
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(one) == 63
    assert one.image(0).shape == (8, 12, channels)
    assert not set(one.manifest["file_sha256"]) & set(
        Store.load(tmp_path / "other").manifest["file_sha256"]
    )


def test_only_networks_whose_classes_are_drawn_are_asked(tmp_path):
    run = save_untrained(tmp_path / "run", separate=True)
    made = Synthesizer.load(run, "cpu").generators
    # members may be in another order than the classes
    turned = replace(made, members=made.members[::-1])
    assert turned.homes[0].tolist() == [2, 1, 0]
    sample = Synthesizer(made).sample(["dog", "cat", "dog"])
    assert (Synthesizer(turned).sample(["dog", "cat", "dog"]) == sample).all()
    alone = (turned.members[0], Member(None, ("Dog",)), turned.members[2])
    asked = Synthesizer(replace(turned, members=alone))
    assert (asked.sample(["dog", "cat", "dog"]) == sample).all()


def test_rows_are_drawn_again_whatever_the_batch(tmp_path, run):
    store = synthesize(run, tmp_path / "s", per_class=50, device="cpu", filters=None)
    synthesizer = Synthesizer.load(store, "cpu")
    rows = store.manifest
    picked = np.random.default_rng(0).permutation(len(rows))[:37]
    drawn = synthesizer.sample_rows(
        rows["label"].to_numpy()[picked], rows["index"].to_numpy()[picked], seed=0
    )
    for i, image in zip(picked, drawn, strict=True):
        np.testing.assert_array_equal(image, store.image(i))
    np.testing.assert_array_equal(
        synthesizer.sample(["dog", "cat", "dog"], seed=0),
        [store.image(100), store.image(0), store.image(101)],
    )


def test_more_per_class_keeps_the_first(tmp_path, run):
    synthesize(run, tmp_path / "s", per_class=20, device="cpu", filters=None)
    before = digests(tmp_path / "s")
    synthesize(run, tmp_path / "s", per_class=45, device="cpu", filters=None)
    after = digests(tmp_path / "s")
    assert {name: after[name] for name in before if name.endswith("png")} == {
        name: digest for name, digest in before.items() if name.endswith("png")
    }
    straight = synthesize(run, tmp_path / "t", per_class=45, device="cpu", filters=None)
    pngs = {n: d for n, d in digests(straight.path).items() if n.endswith("png")}
    assert {n: d for n, d in after.items() if n.endswith("png")} == pngs


def test_an_extension_that_is_stopped_has_no_verdict(tmp_path, run):
    path = synthesize(run, tmp_path / "s", per_class=2, device="cpu", filters=None).path
    old = StoreVerdict("good", "Good.", None, 1, 1, 1, 1)
    write_meta(path, replace(read_meta(path), verdict=old))
    synthesize(run, path, per_class=2, device="cpu", filters=None)
    assert read_meta(path).verdict == old, "nothing was added"

    def stop(status):
        if status.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize(run, path, per_class=600, device="cpu", filters=None, progress=stop)
    assert read_meta(path).verdict is None


def test_fewer_per_class_keeps_all(tmp_path, run, caplog):
    synthesize(run, tmp_path / "s", per_class=20, device="cpu", filters=None)
    before = digests(tmp_path / "s")
    with caplog.at_level("INFO"):
        synthesize(run, tmp_path / "s", per_class=5, device="cpu", filters=None)
    assert digests(tmp_path / "s") == before
    assert "more than 5: all stay" in caplog.text


SCRIPT = """
import sys
from ganaug.synth.synthesis import synthesize
synthesize(sys.argv[1], sys.argv[2], per_class=int(sys.argv[3]), device="cpu",
           filters=None, progress=lambda status: print(status.done, flush=True))
"""


def start(run, out, per_class, **options):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(run), str(out), str(per_class)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_a_killed_store_is_completed(tmp_path, run):
    process = start(run, tmp_path / "killed", 300)
    while int(process.stdout.readline()) < 250:
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    cut = tmp_path / "killed" / "manifest.csv"
    rows = cut.read_bytes()
    assert b"\ndog/" not in rows
    cut.write_bytes(rows[:-20])  # a row cut in the middle
    synthesize(run, tmp_path / "killed", per_class=300, device="cpu", filters=None)
    synthesize(run, tmp_path / "straight", per_class=300, device="cpu", filters=None)
    assert digests(tmp_path / "killed") == digests(tmp_path / "straight")


def test_a_lost_file_comes_back_without_a_second_row(tmp_path, run):
    store = synthesize(run, tmp_path / "s", per_class=40, device="cpu", filters=None)
    before = digests(store.path)
    (store.path / store.paths[7]).unlink()
    (store.path / store.paths[50]).write_bytes(b"")
    with pytest.raises(StoreError, match="is missing"):
        store.image(7)
    synthesize(run, store.path, per_class={"cat": 40}, device="cpu", filters=None)
    assert digests(store.path) == before


def test_image_folder_reads_a_store(tmp_path, run):
    store = synthesize(
        run, tmp_path / "s", per_class={"dog": 3, "cat": 2}, device="cpu", filters=None
    )
    folder = torchvision.datasets.ImageFolder(store.path)
    assert len(folder) == 5
    assert folder.classes == ["cat", store.meta.folders["dog"]]
    assert [store.classes[label] for label in store.labels] == ["cat"] * 2 + ["dog"] * 3
    assert [label for _, label in store] == store.labels.tolist()


def test_a_class_without_images_leaves_no_folder(tmp_path, run):
    options = {"per_class": {"cat": 2}, "device": "cpu", "filters": None}
    store = synthesize(run, tmp_path / "s", **options)
    given_up = store.path / store.meta.folders["dog"]
    given_up.mkdir()
    synthesize(run, store.path, **options)
    assert not given_up.exists()
    assert torchvision.datasets.ImageFolder(store.path).classes == ["cat"]


def test_a_recipe_brings_its_number_of_images_and_a_copy(tmp_path, run, caplog):
    gain = save_gain(tmp_path / "gain", dict.fromkeys(CLASSES, 5))
    store = synthesize(run, tmp_path / "s", recipe=gain, device="cpu", filters=None)
    assert store.counts.tolist() == [500] * 3
    assert store.meta.labels == "hard"
    assert caplog.text == ""
    copy = store.path / "recipe.json"
    assert copy.read_bytes() == (gain / "recipe.json").read_bytes()
    assert len(torchvision.datasets.ImageFolder(store.path)) == 1500
    assert verify(store, sample=4, device="cpu") == []
    few = synthesize(
        run, tmp_path / "few", recipe=copy, per_class=2, device="cpu", filters=None
    )
    assert len(few) == 6


def test_a_recipe_that_does_not_help_is_written_and_said(tmp_path, run, caplog):
    gain = save_gain(tmp_path / "gain", dict.fromkeys(CLASSES, 5), word="hurts")
    options = {"recipe": gain, "device": "cpu", "filters": None}
    store = synthesize(run, tmp_path / "s", per_class=2, **options)
    assert len(store) == 6
    assert (store.path / "recipe.json").is_file()
    assert len(caplog.records) == 1
    assert 'the verdict is "hurts": On these data: hurts.' in caplog.text


def test_a_recipe_for_other_data_is_refused(tmp_path, run):
    gain = save_gain(tmp_path / "gain", {"cat": 5}, fingerprint="abc")
    options = {"recipe": gain, "device": "cpu", "filters": None}
    with pytest.raises(DataError, match=r"other real images than those of .*pets-run;"):
        synthesize(run, tmp_path / "s", per_class=2, **options)
    assert not (tmp_path / "s").exists()


def test_images_can_have_the_size_of_the_data(tmp_path, run):
    store = synthesize(
        run, tmp_path / "s", per_class=2, size="data", device="cpu", filters=None
    )
    assert store.size == (16, 24)
    assert store.image(0).shape == (16, 24, 1)
    with pytest.raises(StoreError, match=r"begun with another size"):
        synthesize(run, tmp_path / "s", per_class=2, device="cpu", filters=None)


def test_balance_fills_up_to_the_largest_class(tmp_path, run):
    store = synthesize(run, balance=True, device="cpu", filters=None)
    assert store.path == tmp_path / "pets-synthetic"
    assert store.counts.tolist() == [2, 1, 0]
    with pytest.raises(StoreError, match="does not say how many real images"):
        synthesize(store, balance=True, device="cpu", filters=None)
    more = synthesize(store, per_class=3, device="cpu", filters=None)
    assert more.path == store.path
    assert more.counts.tolist() == [3, 3, 3]


def test_odd_names_survive(tmp_path):
    names = ("two\nlines", "a,b", "NA", '"quoted"', "caf\udce9", "x/y", "re\rturn")
    run = save_untrained(tmp_path / "run", classes=names)
    synthesize(run, tmp_path / "s", per_class=2, device="cpu", filters=None)
    store = synthesize(run, tmp_path / "s", per_class=3, device="cpu", filters=None)
    assert store.classes == names
    assert store.counts.tolist() == [3] * 7
    assert verify(store, device="cpu") == []
    assert list(dict.fromkeys(store.manifest["class"])) == list(names)
    assert store.image(17).shape == (8, 12, 1)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "nothing to synthesise"),
        ({"per_class": 0}, "from 1 to 10,000,000"),
        ({"per_class": -3}, "from 1 to 10,000,000"),
        ({"per_class": 10**7}, "30,000,000 images are requested"),
        ({"per_class": {"cat": 0}}, "from 1 to 10,000,000"),
        ({"per_class": {}}, "0 images are requested"),
        ({"per_class": {"bird": 5}}, "no class 'bird'; the classes are cat, Dog, dog"),
        ({"per_class": 5, "balance": True}, "exclude each other"),
        ({"balance": True, "real_counts": {"cat": 5}}, "give per_class instead"),
        (
            {"balance": True, "real_counts": dict.fromkeys(CLASSES, 5)},
            "balanced already",
        ),
        ({"counts": {"cat": 5}}, "counts= is now real_counts="),
        ({"per_class": 5, "size": "64"}, "give 'data'"),
    ],
)
def test_senseless_requests_are_refused(tmp_path, run, request_, message):
    with pytest.raises(ConfigError, match=message) as caught:
        synthesize(run, tmp_path / "s", device="cpu", filters=None, **request_)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "s").exists()


def test_another_generator_or_seed_is_refused(tmp_path, run):
    synthesize(run, tmp_path / "s", per_class=2, device="cpu", filters=None)
    before = digests(tmp_path / "s")
    with pytest.raises(StoreError, match=r"another seed \(0\)"):
        synthesize(run, tmp_path / "s", per_class=4, seed=1, device="cpu", filters=None)
    other = save_untrained(tmp_path / "other", seed=5)
    with pytest.raises(StoreError, match="another generator"):
        synthesize(other, tmp_path / "s", per_class=4, device="cpu", filters=None)
    assert digests(tmp_path / "s") == before


def test_a_folder_with_something_else_is_left_alone(tmp_path, run):
    foreign = tmp_path / "photos"
    foreign.mkdir()
    (foreign / "holiday.jpg").write_bytes(b"x")
    for out in (foreign, foreign / "holiday.jpg", run):
        before = digests(foreign) | digests(run)
        with pytest.raises(StoreError, match="choose another --out"):
            synthesize(run, out, per_class=2, device="cpu", filters=None)
        assert digests(foreign) | digests(run) == before


def test_no_generator_is_said(tmp_path):
    with pytest.raises(CheckpointError, match="does not exist"):
        synthesize(tmp_path / "nothing", per_class=2)
    with pytest.raises(CheckpointError, match="holds neither a run nor a store"):
        synthesize(tmp_path, per_class=2)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RunError, match="is not finished"):
        synthesize(tmp_path, per_class=2)


def test_newer_and_damaged_stores_are_refused(tmp_path, run):
    path = synthesize(run, tmp_path / "s", per_class=2, device="cpu", filters=None).path
    meta = json.loads((path / "meta.json").read_text())
    (path / "meta.json").write_text(json.dumps({**meta, "format": 2}))
    with pytest.raises(StoreError, match="newer format"):
        Store.load(path)
    (path / "meta.json").write_text("{")
    with pytest.raises(StoreError, match="is damaged"):
        Store.load(path)
    (path / "meta.json").write_text(json.dumps(meta))
    rows = (path / "manifest.csv").read_text()
    (path / "manifest.csv").write_text(rows.replace(",cat,0,", ",cat,1,"))
    with pytest.raises(StoreError, match="has label 1 for class 'cat'"):
        Store.load(path)
    (path / "manifest.csv").write_text("a,b\n")
    with pytest.raises(StoreError, match="is not a manifest"):
        Store.load(path)


def test_a_full_disk_is_one_line_and_resumable(tmp_path, run):
    most = max(40_000, (run / "generator.safetensors").stat().st_size + 1)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    process = start(run, tmp_path / "s", 200, preexec_fn=limit)
    error = process.communicate()[1]
    assert process.returncode == 1
    assert "StoreError: cannot write" in error.splitlines()[-1]
    assert 0 < len(Store.load(tmp_path / "s")) < 600
    synthesize(run, tmp_path / "s", per_class=200, device="cpu", filters=None)
    synthesize(run, tmp_path / "straight", per_class=200, device="cpu", filters=None)
    assert digests(tmp_path / "s") == digests(tmp_path / "straight")


def test_two_writers_are_refused(tmp_path, run):
    process = start(run, tmp_path / "s", 100_000)
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(StoreError, match="written by another process"):
        synthesize(run, tmp_path / "s", per_class=2, device="cpu", filters=None)
    process.kill()
    process.communicate()
    time.sleep(0.05)
    synthesize(
        run, tmp_path / "s", per_class=2, device="cpu", filters=None
    )  # the lock has died
    assert os.path.exists(tmp_path / "s" / ".lock")
