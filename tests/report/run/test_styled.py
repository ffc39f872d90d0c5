"""The page of styled images: contents beside their styles and results."""

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.report.rendering import render_report
from ganaug.report.run.reading.material import open_material
from ganaug.report.run.styled import COLUMNS, describe_styled
from ganaug.report.run.verdict import describe_verdict
from ganaug.synth.styled.ordering import style_images


@pytest.fixture(scope="module")
def data():
    images = np.random.default_rng(0).integers(0, 200, (16, 8, 8, 1)).astype(np.uint8)
    images[8:, :4] += 50
    return LabelledImages(images, np.arange(16) // 8, ("low", "high"))


@pytest.fixture(scope="module")
def store(data, tmp_path_factory):
    def tint(content, styles, look, *, alpha, **others):
        return content - 0.3 * alpha[:, None, None, None]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganaug.translate.style.engines.optimise", tint)
        return style_images(
            data, "any", tmp_path_factory.mktemp("styled") / "s", per_class=4,
            engine="optimise", filters=["style"], progress=None, training=None,
            command="ganaug style data --styles any --out s",
        )  # fmt: skip


def test_each_class_shows_what_became_of_its_contents(store, data):
    material = open_material(store.path, data)
    found = describe_styled(material)
    kept = {row.class_name for row in store.read_rows() if row.kept}
    assert {row["name"] for row in found["rows"]} == kept
    for row in found["rows"]:
        assert 1 <= len(row["triples"]) <= COLUMNS
        for triple in row["triples"]:
            assert [what for what, _ in triple] == ["content", "style", "result"]
            assert all(picture is not None for _, picture in triple)


def test_the_band_speaks_of_styles(store, data):
    found = describe_verdict(open_material(store.path, data))
    titles = [figure["title"] for figure in found["figures"]]
    assert titles == ["Class kept", "Style reached", "Kept"]


def test_the_page_says_how_to_draw_them_again(store, data, tmp_path):
    page = render_report(store.path, tmp_path / "r.html", data=data).read_text()
    assert "Content, style and result" in page
    assert "ganaug style data --styles any --out" in page
