"""synthesize with filters: counts, shortfalls, resuming, soft labels, verification."""

import json
import zlib

import numpy as np
import pytest
import torch
from pictures import draw_set, save_set
from PIL import Image
from recipes import save_gain
from stores import digests

from ganaug import load_recipe
from ganaug.config import TrainConfig
from ganaug.data.load import load_images
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.gan.training import train
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.plugins.torchvision import SyntheticBatchMix
from ganaug.synth.filling import SynthStatus, is_hopeless
from ganaug.synth.screening import read_screening
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize
from ganaug.synth.verification import Difference, verify

pytestmark = pytest.mark.usefixtures("hasty_classifiers")

CONFIG = TrainConfig(
    network="r3", height=16, width=16, channels=1, base_channels=16, max_channels=32,
    batch=32, images=16_000, ema=1500.0, snapshots=0, augment="translation",
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory, hasty_classifiers):
    """Make a folder with `shapes`, a run that learned a bit, a gain and its store."""
    root = tmp_path_factory.mktemp("screening")
    data = save_set(root / "shapes", draw_set(40))
    run = train(data, root / "run", config=CONFIG, device="cpu")
    counts = dict(zip(run.fingerprint.classes, run.fingerprint.counts, strict=True))
    gain = save_gain(
        root / "gain", counts, fingerprint=run.fingerprint.digest,
        labels="half", weight=0.3,
    )  # fmt: skip
    make(run, root / "store", 30, recipe=gain)
    return root


def make(run, out, n, **options):
    return synthesize(run, out, per_class=n, device="cpu", **options)


def test_every_class_has_what_was_asked_for(root):
    store, found = Store.load(root / "store"), read_screening(root / "store")
    rows = store.manifest
    for k, name in enumerate(store.classes):
        mine, entry = rows[rows["class"] == name], found.classes[k]
        assert entry.name == name
        assert store.counts[k] == entry.accepted == mine["kept"].sum()
        assert entry.drawn == len(mine)
        assert sum(entry.rejected.values()) == entry.drawn - entry.accepted
        assert entry.accepted == 30 or "fell short" in entry.note
        seen = found.recognised[name]
        assert sum(seen.values()) == entry.drawn
        assert entry.drawn - seen.get(name, 0) == entry.rejected["label"]
    text = (root / "store" / "screening.json").read_text()
    assert found.to_dict() == json.loads(text), "nothing is lost in reading"
    assert (rows["kept"] == 0).any(), "a hardly trained GAN has something refused"


def test_rejected_rows_have_scores_and_no_file(root):
    rows = Store.load(root / "store").manifest
    bad = rows[rows["kept"] == 0]
    assert (bad["path"] == "").all()
    assert (bad["file_sha256"] == "").all()
    assert (bad["pixel_sha256"] != "").all()
    assert set(bad["reason"]) <= {"label", "realism", "copy", "duplicate"}
    assert (rows[rows["kept"] == 1]["reason"] == "").all()
    assert rows["label_score"].between(0, 1).all()
    assert rows["realism_score"].notna().all()


def test_a_store_made_in_steps_equals_one_made_at_once(root, tmp_path):
    make(root / "run", tmp_path / "steps", 8, labels="soft")
    make(root / "run", tmp_path / "steps", 30, labels="soft")
    pngs = [
        {n: d for n, d in digests(folder).items() if n.endswith("png")}
        for folder in (tmp_path / "steps", root / "store")
    ]
    assert pngs[0] == pngs[1]
    keys = ["class", "index", "kept", "reason", "pixel_sha256"]
    both = [
        Store.load(f).manifest[keys].sort_values(keys[:2]).reset_index(drop=True)
        for f in (tmp_path / "steps", root / "store")
    ]
    assert both[0].equals(both[1])
    steps, once = (read_screening(f) for f in (tmp_path / "steps", root / "store"))
    assert steps.recognised == once.recognised


def test_a_lost_or_damaged_file_does_not_block_what_follows(root, tmp_path):
    store = make(root / "run", tmp_path / "s", 8)
    lost, empty, broken = (store.path / path for path in store.paths[:3])
    before = [path.read_bytes() for path in (lost, empty, broken)]
    lost.unlink()
    empty.write_bytes(b"")
    broken.write_bytes(b"no image")
    with pytest.raises(StoreError, match=r"is damaged \(.*delete it and run the same"):
        make(root / "run", tmp_path / "s", 12)
    broken.unlink()
    assert make(root / "run", tmp_path / "s", {"disc": 12}).counts[0] == 12
    assert [path.read_bytes() for path in (lost, empty, broken)] == before


def test_what_other_classes_were_asked_for_stays(root, tmp_path):
    make(root / "run", tmp_path / "s", 8)
    store = make(root / "run", tmp_path / "s", {"disc": 10})
    classes = read_screening(store.path).classes
    requested = {each.name: each.requested for each in classes}
    assert requested == {"disc": 10, "square": 8, "stripes": 8}


def test_progress_says_that_it_learns_after_every_refusal(root, tmp_path):
    run, seen = root / "run", []
    watch = seen.append
    with pytest.raises(StoreError, match="another seed"):
        make(run, root / "store", 30, labels="soft", seed=7, progress=watch)
    with pytest.raises(DataError, match="--filters none"):
        make(run, tmp_path / "s", 3, data="digits", progress=watch)
    assert seen == []
    store = make(run, tmp_path / "s", 3, filters=["label"], progress=watch)
    assert seen[0] == SynthStatus(learning=True)
    assert seen[1] == SynthStatus(done=0, total=9)
    assert not any(status.learning for status in seen[1:])
    assert seen[-1] == SynthStatus(len(store), 9, len(store.manifest))
    seen.clear()
    again = make(run, tmp_path / "s", 3, filters=["label"], progress=watch)
    assert len(again) == len(store)
    assert seen == [], "nothing is missing, so nothing is learnt"
    make(run, tmp_path / "all", 3, filters=None, progress=watch)
    assert not any(status.learning for status in seen)


@pytest.mark.slow
def test_a_hopeless_class_falls_short_and_says_why(root, tmp_path):
    worse = CONFIG.replace(images=32, seed=5)
    noise = train(root / "shapes", tmp_path / "noise", config=worse, device="cpu")
    store = make(noise, tmp_path / "short", 50)
    classes = read_screening(store.path).classes
    assert any("fell short" in each.note for each in classes)
    before = len(store.manifest)
    again = make(noise, tmp_path / "short", 50)
    assert len(again.manifest) == before, "what was given up stays given up"


@pytest.mark.parametrize(
    ("kept", "drawn", "hopeless"),
    [(0, 199, False), (0, 200, True), (10, 400, False), (1, 1000, True)],
)
def test_hopeless_needs_evidence(kept, drawn, hopeless):
    assert is_hopeless(kept, drawn) == hopeless


def test_soft_targets_and_weights(root):
    real = load_images(root / "shapes")
    mixed = SyntheticDataset(
        real, root / "store", share=0.25, targets="soft", weights=True
    )
    image, target, weight = mixed[0]
    assert image.shape == (16, 16, 1)
    assert target.tolist() == np.eye(3)[real.labels[0]].tolist()
    assert float(weight) == 1
    i = len(real) + 1
    _, target, weight = mixed[i]
    assert target.sum().item() == pytest.approx(1, abs=1e-5)
    assert target.argmax() == mixed.targets[i]
    assert float(weight) == pytest.approx(target.max().item(), abs=1e-3)
    fixed = SyntheticDataset(real, root / "store", share=0.25, weights=0.3)
    assert float(fixed[i][2]) == pytest.approx(0.3)
    assert len(fixed[i]) == 3
    assert len(SyntheticDataset(real, root / "store", share=0.25)[i]) == 2


def test_half_targets_are_means_and_stand_ins_are_certain(root):
    real = load_images(root / "shapes")
    soft, half = (
        SyntheticDataset(
            real, root / "store", share=0.25,
            targets=kind, weights=True, real_only_after=0.5,
        )
        for kind in ("soft", "half")
    )  # fmt: skip
    i = len(real) + 1
    certain = np.eye(3, dtype=np.float32)[half.targets[i]]
    mean = (soft[i][1].numpy() + certain) / 2
    np.testing.assert_allclose(half[i][1].numpy(), mean, atol=1e-6)
    assert half[i][1].dtype == soft[i][1].dtype == half[0][1].dtype
    assert half[0][1].tolist() == np.eye(3)[real.labels[0]].tolist()
    for mixed in (soft, half):
        mixed.set_epoch(1, of=2)
        assert mixed[i][1].tolist() == certain.tolist()
        assert float(mixed[i][2]) == 1


def test_a_recipe_decides_the_labels(root, tmp_path):
    store, real = Store.load(root / "store"), load_images(root / "shapes")
    assert store.meta.labels == "soft"
    mixed = SyntheticDataset(real, store, share="auto", targets="half", weights=0.3)
    assert len(mixed) == 2 * len(real)
    assert mixed[-1][1].sum().item() == pytest.approx(1, abs=1e-5)
    with pytest.raises(ConfigError, match="soft labels need a teacher"):
        make(root / "run", tmp_path / "s", 3, recipe=root / "gain", filters=None)


def test_a_loaded_recipe_mixes_as_it_was_measured(root):
    real = load_images(root / "shapes")
    recipe = load_recipe(root / "gain", size=(16, 16), channels=1)
    loader = recipe.loader(real, root / "store")
    data = loader.dataset
    i = len(real) + 1
    image, target, weight = data[i]
    assert image.shape == (1, 16, 16)
    assert 0.5 <= float(target[data.targets[i]]) <= 1, "half of it is the teacher's"
    assert float(weight) == pytest.approx(0.3)
    images, targets = next(iter(loader))
    assert images.shape == (128, 1, 16, 16)
    assert targets.sum().item() == pytest.approx(128, abs=1e-2)


def test_a_batch_gets_the_teachers_targets(root):
    store = Store.load(root / "store")
    known, images = store.read_soft_labels(), torch.zeros(3, 1, 16, 16)
    soft, half = (
        SyntheticBatchMix(store.path, p=1.0, targets=kind)(images, torch.arange(3))[1]
        for kind in ("soft", "half")
    )
    for row in soft:
        assert np.isclose(known, row.numpy(), atol=1e-6).all(axis=1).any()
    assert torch.allclose(half.sum(dim=1), torch.ones(3), atol=1e-4)
    assert (half.diagonal() >= 0.5).all()


def test_soft_targets_need_a_soft_store(root, tmp_path):
    real = load_images(root / "shapes")
    hard = make(root / "run", tmp_path / "hard", 3)
    with pytest.raises(StoreError, match="has hard labels only"):
        SyntheticDataset(real, hard, targets="soft")
    with pytest.raises(ConfigError, match="soft targets need a store"):
        SyntheticDataset(real, root / "run", targets="soft")
    with pytest.raises(ConfigError, match="not one of hard, half, soft"):
        SyntheticDataset(real, hard, targets="fuzzy")
    with pytest.raises(ConfigError, match=r"weights=-1 is not allowed"):
        SyntheticDataset(real, hard, weights=-1)


def test_filters_need_the_real_images(root, tmp_path):
    images = draw_set(12, seed=3)
    run = train(
        images, tmp_path / "run", config=CONFIG.replace(images=32), device="cpu"
    )
    with pytest.raises(DataError, match=r"came from memory.*--filters none"):
        make(run, tmp_path / "s", 2)
    assert len(make(run, tmp_path / "s", 2, filters=None)) == 6
    with pytest.raises(DataError, match="was made from other images"):
        make(run, tmp_path / "t", 2, data=draw_set(12, seed=4))
    assert len(make(run, tmp_path / "t", 2, data=images, filters=["duplicate"])) == 6


def test_filters_and_labels_of_a_store_stay(root, tmp_path):
    make(root / "run", tmp_path / "s", 2, filters=["duplicate"])
    with pytest.raises(StoreError, match="begun with another set of filters"):
        make(root / "run", tmp_path / "s", 3)
    with pytest.raises(StoreError, match="begun with another kind of labels"):
        make(root / "run", tmp_path / "s", 3, filters=["duplicate"], labels="soft")
    with pytest.raises(ConfigError, match="soft labels need a teacher"):
        make(root / "run", tmp_path / "t", 3, filters=None, labels="soft")


def test_a_good_store_verifies(root):
    assert verify(root / "store", sample=1000, device="cpu") == []


def test_every_kind_of_damage_is_found(root, tmp_path):
    store = make(root / "run", tmp_path / "s", 6, filters=None)
    paths = [str(path) for path in store.paths]
    (store.path / paths[0]).unlink()
    (store.path / paths[1]).write_bytes(b"no image")
    pixels = store.image(2)
    Image.fromarray(255 - pixels[:, :, 0]).save(store.path / paths[2])
    Image.fromarray(store.image(3)[:, :, 0]).save(store.path / paths[3])
    (store.path / "disc" / "mine.png").write_bytes(b"x")
    (store.path / "a new class").mkdir()
    bomb = Image.fromarray(store.image(4)[:, :, 0])
    bomb.save(store.path / paths[4])
    header = bytearray((store.path / paths[4]).read_bytes())
    header[16:24] = (60_000).to_bytes(4, "big") * 2  # its width and height
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    (store.path / paths[4]).write_bytes(header)
    table = store.path / "manifest.csv"
    table.write_bytes(table.read_bytes()[:-9])
    found = {d.path: d.what for d in verify(store, device="cpu")}
    assert found[paths[0]] == "missing"
    assert found[paths[1]].startswith("damaged")
    assert found[paths[2]].startswith("altered: other pixels")
    assert found[paths[3]].startswith("altered: the text that marks it")
    assert found["disc/mine.png"] == "not in the manifest"
    assert found["a new class/"] == "a folder of no class of this store"
    assert found[paths[4]].startswith("damaged")
    with pytest.raises(StoreError, match=r"is damaged.*delete it"):
        store.image(4)
    assert found["manifest.csv"] == "its last row is cut short"
    assert found[paths[-1]] == "not in the manifest"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [(",1,\n", ",7,\n", "neither 0 nor 1"), (",,,,1,", ",high,,,1,", "'high'")],
)
def test_numbers_of_a_manifest_are_checked(root, tmp_path, old, new, line):
    store = make(root / "run", tmp_path / "s", 1, filters=None)
    table = store.path / "manifest.csv"
    changed = table.read_text().replace(old, new, 1)
    assert changed != table.read_text()
    table.write_text(changed)
    with pytest.raises(StoreError, match=f"damaged in line 2.*{line}"):
        verify(store, device="cpu")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("disc/000000.png,disc,0,0,0,", "disc/000001.png,disc,0,0,0,", "in the row of"),
        ("disc/000000.png,disc,0,0,0,", "disc/000000.png,disc,0,7,0,", "of seed 7"),
        ("disc/000000.png,disc,0,0,0,", "disc/000005.png,disc,0,0,5,", "no row of"),
    ],
)
def test_rows_that_were_edited_are_differences(root, tmp_path, old, new, what):
    store = make(root / "run", tmp_path / "s", 2, filters=None)
    table = store.path / "manifest.csv"
    table.write_text(table.read_text().replace(old, new, 1))
    assert any(what in d.what for d in verify(store, device="cpu"))


def test_an_image_moved_to_another_class_is_a_difference(root, tmp_path):
    store = make(root / "run", tmp_path / "s", 2, filters=None)
    old, new = (store.path / name / "000000.png" for name in ("disc", "square"))
    one, other = old.read_bytes(), new.read_bytes()
    old.write_bytes(other)
    new.write_bytes(one)
    lines = (store.path / "manifest.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    a, b = (i for i, c in enumerate(cells) if c[4] == "0" and c[1] in "disc square")
    cells[a][5:7], cells[b][5:7] = cells[b][5:7], cells[a][5:7]
    text = "".join(",".join(line) + "\n" for line in cells)
    (store.path / "manifest.csv").write_text(text)
    found = {d.path: d.what for d in verify(store, device="cpu", sample=0)}
    assert "the text that marks it" in found["disc/000000.png"]
    assert "the text that marks it" in found["square/000000.png"]


def test_a_hidden_folder_would_be_a_class(root, tmp_path):
    store = make(root / "run", tmp_path / "s", 2, filters=None)
    (store.path / ".ipynb_checkpoints").mkdir()
    (found,) = verify(store, device="cpu")
    assert found.path == ".ipynb_checkpoints/"


def test_a_row_of_another_class_is_a_difference(root, tmp_path):
    store = make(root / "run", tmp_path / "s", 2, filters=None)
    table = store.path / "manifest.csv"
    table.write_text(table.read_text().replace(",disc,0,", ",disc,9,", 1))
    what = "class 'disc' has label 9, unlike meta.json"
    assert verify(store, device="cpu") == [Difference("manifest.csv", what)]


def test_another_generator_is_found(root, tmp_path):
    store = make(root / "run", tmp_path / "s", 2, filters=None)
    generator = store.path / "generator.safetensors"
    generator.write_bytes(generator.read_bytes() + b" ")
    what = "not the generator that drew the images"
    assert Difference("generator.safetensors", what) in verify(store, device="cpu")
    generator.unlink()
    assert verify(store, device="cpu")[0].what.startswith("missing")


def test_a_stray_image_is_recognised(root, tmp_path):
    data = save_set(tmp_path / "test", draw_set(3, seed=8))
    store = Store.load(root / "store")
    stray = data / "disc" / "stray.png"
    stray.write_bytes((store.path / store.paths[0]).read_bytes())
    images = load_images(data)
    assert images.synthetic == ("disc/stray.png",)
    assert any("drawn by ganaug, such as disc/stray.png" in n for n in images.notes)
    with Image.open(stray) as picture:
        text = json.loads(picture.info["ganaug"])
    assert text["class"] == "disc"
    assert text["synthetic"] is True
    assert text["generator"] == store.meta.generator_sha256


def test_processes_draw_the_same_store(root, tmp_path):
    store = make(
        root / "run", tmp_path / "store", 30, recipe=root / "gain", processes=2
    )
    assert digests(store.path) == digests(root / "store")


def test_cells_are_filled_by_one_process(tmp_path):
    with pytest.raises(ConfigError, match="filled by one process; omit processes"):
        synthesize("nowhere", tmp_path / "s", fill=True, processes=2)
