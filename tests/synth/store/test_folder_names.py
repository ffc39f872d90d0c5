import json
import unicodedata
from urllib.parse import unquote_to_bytes

import pytest

from ganaug.synth.store.folder_names import explain_order, name_folders

ODD = [
    "plain", "two words", "T-shirt/top", "back\\slash", ".hidden", "50%", "a%2Fb",
    "Überraschung", "猫", "con", "Com1.txt", "ends.", "ends ", 'q"<>|?*:', "tab\there",
    "new\nline", "meta.json", "caf\udce9", "lead space", " x", "%=12345678",
]  # fmt: skip


def read_back(folder):
    """Return the class of a folder whose name was not too long."""
    return unquote_to_bytes(folder.partition("%=")[0]).decode(errors="surrogateescape")


def test_folders_are_reversible_and_single_components():
    folders = name_folders(ODD)
    assert [read_back(folders[name]) for name in ODD] == ODD
    for folder in folders.values():
        assert not set(folder) & set('/\\<>:"|?*\n\t')
        assert folder[0] != "."
        assert folder[-1] not in ". "
        folder.encode()  # Unicode, whatever the class name was


def test_plain_names_stay():
    folders = name_folders(["cat", "Überraschung", "two words", "a.b", "console"])
    assert list(folders) == list(folders.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cat", "cat"),
        (unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")),
        ("straße", "STRASSE"),
        ("con", "CON"),
        (".a", ".A"),
    ],
)
def test_names_that_some_file_system_takes_for_one_stay_apart(one, other):
    folders = name_folders([one, other, "third"])
    keys = {unicodedata.normalize("NFC", f).casefold() for f in folders.values()}
    assert len(keys) == 3
    assert read_back(folders[one]) == one
    assert read_back(folders[other]) == other
    assert folders == {n: name_folders(["third", other, one])[n] for n in folders}


def test_names_that_are_too_long_are_cut_and_stay_apart():
    long = ["猫" * 100 + "a", "猫" * 100 + "b"]
    folders = name_folders(long)
    assert len(set(folders.values())) == 2
    assert all(len(folder.encode()) <= 255 for folder in folders.values())


def test_the_mapping_survives_json():
    folders = name_folders(ODD)
    assert json.loads(json.dumps(folders)) == folders


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (tuple(map(str, range(12))), "its label 2 is the class 10, not 2"),
        (tuple(sorted(map(str, range(12)))), "its label 2 is the class 10, not 2"),
        (("dog", "cat"), "its label 0 is the class cat, not dog"),
        (("cat", "dog"), ""),
        (("00", "01", "10"), ""),
    ],
)
def test_an_order_other_than_that_of_folders_is_said(classes, said):
    assert said in explain_order(classes)
    assert bool(said) == bool(explain_order(classes))
