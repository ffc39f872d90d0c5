"""CSV tables of path, label, group and caption."""

import numpy as np
import pytest
from PIL import Image

from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.errors import DataError


@pytest.fixture
def write(tmp_path):
    for name in ("1.png", "2.png", "3.png"):
        Image.new("L", (8, 8), int(name[0])).save(tmp_path / name)

    def write_table(text, encoding="utf-8"):
        path = tmp_path / "set.csv"
        path.write_text(text, encoding=encoding)
        return path

    return write_table


def test_paths_are_relative_to_the_table(write, tmp_path):
    data = load_images(write(f"path,label\n2.png,dog\n{tmp_path / '1.png'},cat\n"))
    assert data.classes == ("cat", "dog")
    assert data.labels.tolist() == [1, 0]
    assert data.names == ("2.png", "1.png")
    assert data.images[:, 0, 0, 0].tolist() == [2, 1]


def test_groups_and_other_columns_in_any_order(write):
    text = "group,label,size,path\np1,a,x,1.png\np2,a,x,2.png\np1,a,x,3.png\n\n"
    assert load_images(write(text, "utf-8-sig")).groups.tolist() == [0, 1, 0]


def test_a_row_without_group_is_its_own_group(write):
    text = "path,label,group\n1.png,a,\n2.png,a,\n3.png,a,x\n"
    assert load_images(write(text)).groups.tolist() == [0, 1, 2]


def test_empty_columns_at_the_end_do_no_harm(write):
    data = load_images(write("path,label,,\n1.png,a,,\n2.png,b,,,\n"))
    assert data.classes == ("a", "b")


def test_names_with_dots_spaces_and_unicode_stay(write):
    data = load_images(write('path,label\n1.png,.dot\n2.png,"ça, va"\n3.png,A\n'))
    assert data.classes == (".dot", "A", "ça, va")


def test_repeated_rows_are_kept_with_a_note(write):
    data = load_images(write("path,label\n1.png,a\n1.png,a\n1.png,b\n"))
    assert len(data) == 3
    assert any("2 rows repeat a path" in note for note in data.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the column path and label"),
        ("path,class\n1.png,a\n", "lacks the column label"),
        ("path,label\n", "has no rows"),
        ("path,label\n,a\n", "a row without path: ',a'"),
        ("path,label\n1.png\n", r"1 row without a label, first row 1 \(1.png\)"),
        (
            "path,label\n1.png,a\n2.png, \n3.png,nan\n",
            r"2 rows without a label, first row 2 \(2.png\); fill in every label",
        ),
        ("path,label\n1.png,a\n8.png,a\n9.png,a\n", r"2 files that .* first .*8\.png"),
        (
            "path,label,caption\n1.png,a,b\n2.png,a,b, c\n",
            r"4 fields in line 3, .*quote it",
        ),
        ("path,label\n\n1.png,a\n\n2.png,a,b\n", "3 fields in line 5"),
        ("path,label,Label\n1.png,a,b\n", "the column label twice"),
        ("path;label\n1.png;a\n", "separated by commas, not by semicolons"),
        ("path\tlabel\n1.png\ta\n", "separated by commas, not by tabs"),
        ("path,label\n1.png,../x\n", "would leave the output folder"),
        ("path,label\n1.png,/x\n", "absolute"),
    ],
)
def test_wrong_tables_are_refused_in_one_line(write, text, message):
    with pytest.raises(DataError, match=message) as refusal:
        load_images(write(text))
    assert "\n" not in str(refusal.value)


def test_a_table_in_another_encoding_is_refused(write):
    with pytest.raises(DataError, match="UTF-8"):
        load_images(write("path,label\n1.png,é\n", "latin-1"))


def test_captions_stay_with_their_images_in_any_script(write):
    texts = ["ένα κόκκινο 3", "红色的三", "🔴 3️⃣"]
    rows = [f'{k}.png,a,"{text}"' for k, text in enumerate(texts, start=1)]
    data = load_images(write("path,label,caption\n" + "\n".join(rows)))
    assert data.captions == tuple(texts)
    assert "3 different captions" in data.notes
    assert data.subset(np.array([2, 0])).captions == (texts[2], texts[0])


def test_captions_do_without_labels(write):
    data = load_images(write("caption,path\na red one,1.png\na red two,2.png\n"))
    assert data.classes == ("caption",)
    assert data.labels.tolist() == [0, 0]
    assert data.captions == ("a red one", "a red two")


def test_captions_are_a_part_of_what_the_data_are(write):
    plain = take_fingerprint(load_images(write("path,label\n1.png,a\n2.png,a\n")))
    text = "path,label,caption\n1.png,a,one\n2.png,a,{}\n"
    first, second = (
        take_fingerprint(load_images(write(text.format(word)))).digest
        for word in ("two", "three")
    )
    assert len({plain.digest, first, second}) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1.png,a,one\n2.png,a, \n", r"1 row without a caption, first row 2 \(2.png\)"),
        ("1.png,a\n2.png,a\n3.png,a,x\n", r"2 rows without a caption, first row 1 "),
    ],
)
def test_missing_captions_are_named(write, rows, message):
    with pytest.raises(DataError, match=message):
        load_images(write(f"path,label,caption\n{rows}"))


def test_captions_from_python_are_checked():
    images, labels = np.zeros((2, 8, 8, 1), np.uint8), np.zeros(2, np.int64)
    for captions, message in (
        (("a",), "2 images but 1 captions"),
        (("a", " "), "captions of 1 images are empty or not text, first of image 1"),
    ):
        with pytest.raises(DataError, match=message):
            LabelledImages(images, labels, ("x",), captions=captions)
