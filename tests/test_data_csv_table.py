"""CSV tables of path, label and group."""

import pytest
from PIL import Image

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
        ("path,label\n1.png,\n", "without path or label"),
        ("path,label\n1.png\n", "without path or label"),
        ("path,label\n1.png,a\n8.png,a\n9.png,a\n", r"2 files that .* first .*8\.png"),
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
