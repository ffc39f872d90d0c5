"""Domains from tables, names, folder trees, arrays and Datasets."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tables import Table

from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.origin import Origin, describe_origin, read_origin, write_origin
from ganaug.data.recorded.rules import Rules
from ganaug.errors import ConfigError, DataError

PIXELS = np.arange(6 * 8 * 8, dtype=np.uint8).reshape(6, 8, 8)
LABELS = [0, 0, 0, 1, 1, 1]


def save(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8), value, np.uint8)).save(path)


def say(data):
    """Return the domain of each image by name."""
    return {
        name: data.domain_names[d] if d >= 0 else None
        for name, d in zip(data.names, data.domains.tolist(), strict=True)
    }


@pytest.fixture
def tree(tmp_path):
    for i, name in enumerate(["day/cat", "day/dog", "night/cat"]):
        save(tmp_path / name / "1.png", i)
    return tmp_path


def test_a_csv_column_with_gaps(tmp_path):
    for i in range(3):
        save(tmp_path / f"{i}.png", i)
    table = tmp_path / "a.csv"
    table.write_text("path,label,domain\n0.png,a,lamp\n1.png,b,\n2.png,a,sun\n")
    data = load_images(table)
    assert say(data) == {"0.png": "lamp", "1.png": None, "2.png": "sun"}
    part = data.subset(np.array([2, 1]))
    assert part.domains.tolist() == [1, -1]
    assert part.domain_names == ("lamp", "sun")
    assert load_images(data) is data


def test_a_table_without_any_domain_has_none(tmp_path):
    save(tmp_path / "0.png")
    (tmp_path / "a.csv").write_text("path,label,domain\n0.png,a,\n")
    data = load_images(tmp_path / "a.csv")
    assert data.domains is None
    assert data.domain_names == ()


def test_trees(tree):
    outside = load_images(tree, domains_outside=True)
    assert outside.classes == ("cat", "dog")
    assert outside.labels.tolist() == [0, 1, 0]
    assert say(outside) == {
        "day/cat/1.png": "day", "day/dog/1.png": "day", "night/cat/1.png": "night"
    }  # fmt: skip
    inside = load_images(tree, domain_from="inside")
    assert inside.classes == ("day", "night")
    assert say(inside)["day/dog/1.png"] == "dog"


def test_a_tree_in_a_train_folder_with_images_beside_the_levels(tmp_path):
    save(tmp_path / "train" / "cat" / "day" / "1.png")
    save(tmp_path / "train" / "cat" / "2.png", 1)
    save(tmp_path / "val" / "cat" / "3.png", 2)
    inside = load_images(tmp_path, domains_inside=True)
    assert say(inside) == {"train/cat/2.png": None, "train/cat/day/1.png": "day"}
    outside = load_images(tmp_path, domains_outside=True)
    assert outside.classes == ("day",)
    assert "files beside the class folders are ignored (1)" in outside.notes


def test_names_and_folders_above_a_file(tree):
    save(tree / "night" / "dog" / "lamp7_2.png", 9)
    found = say(load_images(tree, domain_regex="^lamp[0-9]"))
    assert found["night/dog/lamp7_2.png"] == "lamp7"
    assert found["day/cat/1.png"] is None
    assert load_images(tree, domain_from="parent").domain_names == ("cat", "dog")


def test_exif_and_size(tmp_path):
    exif = Image.Exif()
    exif[0x0110], exif[0x0132] = "Box 3", "2020:05:06 07:08:09"
    for name, side in (("1.jpg", 8), ("2.jpg", 16)):
        options = {"exif": exif} if side == 8 else {}
        Image.new("L", (side, side)).save(tmp_path / name, **options)
    table = tmp_path / "a.csv"
    table.write_text("path,label\n1.jpg,a\n2.jpg,b\n")
    assert say(load_images(table, domain_from="exif:Model"))["1.jpg"] == "Box 3"
    assert say(load_images(table, domain_from="exif:day")) == {
        "1.jpg": "2020-05-06",
        "2.jpg": None,
    }
    assert load_images(table, domain_from="size").domain_names == ("16 x 16", "8 x 8")
    with pytest.raises(DataError, match="says its LensModel"):
        load_images(table, domain_from="exif:LensModel")
    with pytest.raises(ConfigError, match="no such tag"):
        load_images(table, domain_from="exif:Camera")


@pytest.mark.parametrize(
    "values", [["b", "a", None, "b", "", "a"], [10, 2, -1, 10, -1, 2]]
)
def test_arrays(values):
    data = load_images((PIXELS, LABELS), domains=values)
    assert data.domains.tolist() == [1, 0, -1, 1, -1, 0]
    assert data.domain_names in [("a", "b"), ("2", "10")]


@pytest.mark.parametrize(
    "arrays",
    [
        {"domain": np.array(["b", "a", "", "b", "", "a"])},
        {
            "domain": np.array([0, 1, -1, 0, -1, 1]),
            "domain_names": np.array(["b", "a"]),
        },
    ],
)
def test_npz(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", images=PIXELS, labels=LABELS, **arrays)
    data = load_images(tmp_path / "a.npz")
    assert data.domains.tolist() == [1, 0, -1, 1, -1, 0]
    assert data.domain_names == ("a", "b")


def test_dicts_of_a_dataset():
    items = [
        {"image": pixels, "label": label, "domain": "ab"[i % 2]}
        for i, (pixels, label) in enumerate(zip(PIXELS, LABELS, strict=True))
    ]
    assert load_images(items).domains.tolist() == [0, 1, 0, 1, 0, 1]
    plain = [{"image": p, "label": 0} for p in PIXELS]
    assert load_images(plain).domains is None


def test_a_column_of_a_table_with_names_of_its_own():
    columns = {"image": list(PIXELS), "label": LABELS, "domain": [0, 1, -1, 1, 0, 0]}
    table = Table(columns, names={"label": ["cat", "dog"], "domain": ["sun", "lamp"]})
    data = load_images(table)
    assert data.domain_names == ("lamp", "sun")
    assert data.domains.tolist() == [1, 0, -1, 0, 1, 1]


def test_domains_of_images_that_are_loaded_already():
    data = load_images((PIXELS, LABELS))
    assert load_images(data, domains=list("xyxyxy")).domain_names == ("x", "y")


def test_groups_hold_across_domains(tmp_path):
    from ganaug.data.split import hold_out, make_folds

    groups = np.repeat(np.arange(20), 2)
    labels, domains = np.repeat([0, 1], 20), np.tile([0, 1], 20)
    train, held = hold_out(labels, groups)
    assert set(domains[held]) == {0, 1}
    assert not set(groups[train]) & set(groups[held])
    folds = make_folds(labels, groups)
    assert all(len(set(folds[groups == g])) == 1 for g in range(20))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"domains": ["a", "../b"] * 3}, DataError, "would leave the output folder"),
        ({"domains": ["a"]}, DataError, "one domain per image"),
        ({"domains_inside": True}, DataError, "reads a folder of folders"),
        ({"domain_from": "parent"}, DataError, "needs image files"),
        ({"domain_from": "moon"}, ConfigError, "domain-from moon is not allowed"),
        ({"domain_from": "clusters:1"}, ConfigError, "clusters:1 is not allowed"),
        (
            {"domain_from": "size", "domains_inside": True},
            ConfigError,
            "exclude each other",
        ),
        (
            {"domain_from": "clusters", "domains": list("ababab")},
            DataError,
            "exclude each other",
        ),
    ],
)
def test_what_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        load_images((PIXELS, LABELS), **options)


def test_refused_in_folders(tree):
    with pytest.raises(DataError, match="same partition"):
        load_images(tree / "day", domain_from="parent")
    with pytest.raises(DataError, match="no folders inside its class folders"):
        load_images(tree / "day", domains_inside=True)
    with pytest.raises(DataError, match="matches no file name"):
        load_images(tree, domain_regex="moon")


@pytest.mark.parametrize(
    ("domains", "names", "message"),
    [
        ([0, 1], ("a",), "run from 0 to 1"),
        ([0, -2], ("a",), "run from -2 to 0"),
        ([0], ("a",), "one integer per image"),
        ([0, 0], ("a", "a"), "occurs twice"),
        ([0, 0], ("/a",), "absolute path"),
    ],
)
def test_images_check_their_domains(domains, names, message):
    images = LabelledImages(np.zeros((2, 8, 8, 1), np.uint8), np.zeros(2, int), ("a",))
    with pytest.raises(DataError, match=message):
        replace(images, domains=np.array(domains), domain_names=names)
    with pytest.raises(DataError, match="without domains"):
        replace(images, domain_names=("a",))


def test_an_origin_keeps_the_rule(tree, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write_origin(folder, describe_origin(tree, Rules(domain_from="outside")))
    origin = read_origin(folder)
    assert origin.load().domain_names == ("day", "night")
    assert origin.list_options() == ["--domain-from", "outside"]
    assert Origin("digits").list_options() == []


def test_classes_of_different_sizes_are_noted(tmp_path):
    for i in range(12):
        path = tmp_path / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (8, 8) if i % 2 else (16, 16), i).save(path)
    said = "the images of each class have one size"
    assert any(note.startswith(said) for note in load_images(tmp_path).notes)
    Image.new("L", (8, 8)).save(tmp_path / "a" / "12.png")
    assert not any(note.startswith(said) for note in load_images(tmp_path).notes)
