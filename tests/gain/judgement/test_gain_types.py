"""A verdict whose figures were altered is refused where it is read."""

import json

import pytest
from gains import make_gain

from ganaug.errors import RunError
from ganaug.gain.judgement.result import GainResult


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (("gains", "standard"), "p", "a\nb"),
        (("gains", "standard"), "n", []),
        (("verdict",), "margin", "wide"),
        (("verdict", "against_placebo"), "mean", {}),
        (("details",), "sign_flip_p", [[]]),
        (("details",), "classes", ["a"]),
        (("details",), "again", ["none"] * 3),
        (("details",), "notes", [{}]),
        (("details", "recipes"), "opponent", ["a"]),
        (("details", "settings"), "per_class", "many"),
        (("details", "recalls"), "a", {"opponent": "x"}),
    ],
)
def test_figures_of_another_type_are_refused(tmp_path, place, name, value):
    make_gain(tmp_path / "gain", classes=("a", "b"), splits=2, each=4)
    file = tmp_path / "gain" / "verdict.json"
    values = found = json.loads(file.read_text())
    for key in place:
        found = found[key]
    found[name] = value
    file.write_text(json.dumps(values))
    with pytest.raises(RunError, match="is damaged"):
        GainResult.load(tmp_path / "gain")
