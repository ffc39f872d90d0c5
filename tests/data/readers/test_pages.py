"""Every page of a file is an image of its class, and those of a file one group."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from ganaug.data.fingerprint import describe_glance, take_fingerprint
from ganaug.data.load import glance_at_data, load_images
from ganaug.data.origin import describe_origin, read_origin, write_origin
from ganaug.data.readers.decode import read_file_pixels, read_page_headers
from ganaug.data.recorded.rules import Rules
from ganaug.data.thumbnails import start_workers
from ganaug.data.unlabelled import load_unlabelled
from ganaug.errors import ConfigError, DataError

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 8, 12, 3), np.uint8)


def save_film(path, frames=FRAMES, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *others = map(Image.fromarray, frames)
    first.save(path, save_all=True, append_images=others, **options)
    return path


@pytest.fixture
def films(tmp_path):
    """Two films and a photograph of each class."""
    for i, name in enumerate(("ant", "bee")):
        for k in range(2):
            save_film(tmp_path / "films" / name / f"p{k}_x.tif", FRAMES ^ (2 * i + k))
        Image.fromarray(FRAMES[0] // 2 + i).save(tmp_path / "films" / name / "p1_y.png")
    return tmp_path / "films"


def test_the_first_page_is_read_and_the_option_for_the_others_is_named(films):
    images = load_images(films)
    assert len(images) == 6
    assert images.names[0] == "ant/p0_x.tif"
    assert images.groups is None
    (said,) = [note for note in images.notes if "several pages" in note]
    assert said.startswith("4 files have several pages or frames: the first of each")
    assert "16 are left out; --pages all reads them" in said


def test_all_pages_are_images_of_the_class_and_group_of_their_file(films):
    images = load_images(films, pages="all")
    assert images.pages == "all"
    assert images.counts.tolist() == [11, 11]
    assert images.names[:2] == ("ant/p0_x.tif#1", "ant/p0_x.tif#2")
    assert images.names[10] == "ant/p1_y.png"
    assert len(set(images.names)) == 22
    np.testing.assert_array_equal(images.images[5:10], FRAMES ^ 1)
    assert images.groups.tolist()[:12] == [0] * 5 + [1] * 5 + [2, 3]
    (said,) = [note for note in images.notes if "several pages" in note]
    assert said.endswith("20 are read as images, those of one file as one group")


def test_an_expression_for_groups_joins_files_and_never_parts_pages(films):
    images = load_images(films, pages="all", group_regex="^p1")
    groups = images.groups.tolist()
    assert len(set(groups[5:11] + groups[16:])) == 1  # p1 of both classes
    assert len(set(groups[:5])) == 1  # no match: its file is its group
    assert len(set(groups)) == 3


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_frames_of_animations_are_read_as_they_are_seen(tmp_path, ending):
    options = {} if ending == "gif" else {"lossless": True}
    path = save_film(tmp_path / "a" / f"film.{ending}", **options)
    images = load_images(tmp_path, pages="all")
    assert images.names == tuple(f"a/film.{ending}#{k}" for k in range(1, 6))
    with Image.open(path) as film:
        for k, image in enumerate(images.images):
            film.seek(k)
            np.testing.assert_array_equal(image, np.asarray(film.convert("RGB")))


def test_a_long_film_is_opened_a_few_times_and_its_frames_come_in_order(
    tmp_path, monkeypatch
):
    many = np.repeat(np.arange(100, dtype=np.uint8), 64).reshape(100, 8, 8)
    save_film(tmp_path / "a" / "film.tif", many)
    opened, real_open = [], Image.open
    monkeypatch.setattr(
        Image, "open", lambda *a, **k: opened.append(a) or real_open(*a, **k)
    )
    images = load_images(tmp_path, pages="all")
    assert images.images[:, 0, 0, 0].tolist() == list(range(100))
    assert len(opened) == 3  # for the headers, the first page, and all others


def break_chain(path, page):
    """Let the directory of a page lead nowhere."""
    content = bytearray(path.read_bytes())
    at = 4
    for _ in range(page):
        (start,) = struct.unpack_from("<I", content, at)
        at = start + 2 + 12 * struct.unpack_from("<H", content, start)[0]
    struct.pack_into("<I", content, at, len(content) + 99)
    path.write_bytes(content)


def test_pages_before_and_beside_a_broken_one_are_kept(tmp_path):
    break_chain(save_film(tmp_path / "a" / "chain.tif"), 3)
    cut = save_film(tmp_path / "a" / "cut.gif")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 3 // 5])
    squeezed = save_film(tmp_path / "b" / "hole.tif", compression="tiff_deflate")
    content = squeezed.read_bytes()
    with Image.open(squeezed) as film:
        film.seek(1)
        (place,) = film.tag_v2[273][:1]
    squeezed.write_bytes(content[:place] + bytes(60) + content[place + 60 :])
    images = load_images(tmp_path, pages="all")
    skipped = dict(images.skipped)
    assert list(skipped) == ["a/chain.tif#4", "a/cut.gif#3", "b/hole.tif#2"]
    assert skipped["a/chain.tif#4"].endswith("pages after it are left out")
    assert images.counts.tolist() == [3 + 2, 4]
    assert len(load_images(tmp_path)) == 3  # the first pages are sound


def test_pages_of_other_sizes_are_resized_and_reduced_copies_left_out(tmp_path):
    large, small = (Image.fromarray(FRAMES[i]).resize((12 * i, 8 * i)) for i in (4, 2))
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254] = 1  # a copy at reduced resolution
    copy = large.resize((12, 8))
    copy.encoderinfo = {"tiffinfo": tags}
    (tmp_path / "a").mkdir()
    large.save(tmp_path / "a" / "x.tif", save_all=True, append_images=[copy, small])
    images = load_images(tmp_path, pages="all", max_side=24)
    assert images.names == ("a/x.tif#1", "a/x.tif#3")
    assert images.size_range == ((16, 24), (32, 48))


def test_deep_colours_are_those_of_the_page(tmp_path):
    deep = [np.full((8, 9, 3), value, np.uint16) for value in (0, 30000, 60000)]
    cv2.imwritemulti(str(tmp_path / "deep.tif"), deep)
    assert read_file_pixels(tmp_path / "deep.tif", (8, 9), 1).max() == 30000
    assert read_page_headers(tmp_path / "deep.tif")[2].deep


def test_too_many_pages_are_refused_in_one_line(films, monkeypatch):
    monkeypatch.setattr("ganaug.data.readers.decode.MOST_PAGES", 4)
    with pytest.raises(DataError, match=r"p0_x\.tif has more than 4 pages; divide it"):
        load_images(films, pages="all")


def test_a_page_that_is_a_bomb_is_refused(tmp_path, monkeypatch):
    large = [np.zeros((8, 8, 3), np.uint8), np.zeros((40, 40, 3), np.uint8)]
    save_film(tmp_path / "a" / "x.tif", large)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(DataError, match="decompression bomb"):
        load_images(tmp_path, pages="all")


def test_rows_of_a_table_hold_for_all_pages(tmp_path):
    save_film(tmp_path / "x.tif", FRAMES[:2])
    save_film(tmp_path / "y.tif", FRAMES[2:4])
    (tmp_path / "t.csv").write_text(
        "path,label,group,domain,caption\nx.tif,a,,sun,an ant\ny.tif,b,p7,rain,a bee\n"
    )
    images = load_images(tmp_path / "t.csv", pages="all")
    assert images.captions == ("an ant", "an ant", "a bee", "a bee")
    assert images.domains.tolist() == [1, 1, 0, 0]
    assert images.group_names[2:] == ("p7", "p7")
    assert images.groups.tolist() == [0, 0, 1, 1]


def test_a_glance_sees_all_pages(films):
    with start_workers() as workers:
        seen = glance_at_data(films, workers, rules=Rules(pages="all"))
    found, loaded = (
        describe_glance(seen),
        take_fingerprint(load_images(films, pages="all")),
    )
    assert found.counts == loaded.counts
    assert found.notes == loaded.notes
    assert found.groups == 6


def test_they_are_read_again_from_what_was_recorded(films, tmp_path):
    images = load_images(films, pages="all")
    (films / "ant" / "broken.png").write_text("no image")
    images = load_images(films, pages="all")
    write_origin(tmp_path, describe_origin(films, Rules(pages="all")).note(images))
    origin = read_origin(tmp_path)
    assert origin.files == 7
    assert origin.list_options() == ["--pages", "all"]
    assert origin.load().names == images.names
    assert describe_origin(images).pages == "all"


def test_unlabelled_films_are_read_in_the_same_way(films, tmp_path):
    like = load_images(films, pages="all")
    assert len(load_unlabelled(films / "ant", "sun", like)) == 11


@pytest.mark.parametrize("words", ["every", "", "2"])
def test_other_words_are_refused(films, words):
    with pytest.raises(ConfigError, match="is not allowed; give first or all"):
        load_images(films, pages=words)


def test_images_that_were_read_already_are_not_read_again(films):
    images = load_images(films)
    with pytest.raises(DataError, match="have been read without pages="):
        load_images(images, pages="all")
    assert load_images(load_images(films, pages="all"), pages="all").pages == "all"
