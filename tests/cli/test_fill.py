"""`ganaug synth --fill` and `--unlabelled`: from folders to verified stores."""

import json
import signal
import sys

import numpy as np
import pytest
from carriers import DOMAINS, draw_domains
from ganaug_cli.main import run
from PIL import Image

from ganaug.synth.fill import guessing

COUNTS = [[9, 9], [9, 0], [0, 9]]
TINY = [
    word
    for setting in ("images=16", "batch=4", "features=8", "blocks=1", "features_d=8")
    for word in ("--set", setting)
]


@pytest.fixture(scope="module", autouse=True)
def _learn_briefly():
    def brief(*args, **options):
        own = {"rounds": 1, "steps": 5, "policy": "shift"}
        return train(*args, **{**options, **own})

    train = guessing.self_train
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganaug.synth.fill.label.MOST_STEPS", 5)
        patch.setattr(guessing, "self_train", brief)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make a tree shapes/class/domain, and further bright images in a flat folder."""
    root = tmp_path_factory.mktemp("fill")
    data = draw_domains(COUNTS, side=8)
    for i, image in enumerate(data.images):
        place = data.classes[data.labels[i]], DOMAINS[data.domains[i]]
        save(root.joinpath("shapes", *place, f"{i}.png"), image)
    for i, image in enumerate(draw_domains([[0, 5]] * 3, side=8, seed=1).images):
        save(root / "new" / f"{i}.png", image)
    return root


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(image)[..., 0]).save(path)


@pytest.fixture
def call(root, monkeypatch):
    """Run a command inside `root` and return its exit status."""

    def run_words(*words):
        monkeypatch.chdir(root)
        monkeypatch.setattr(sys, "argv", ["ganaug", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
        return ended.value.code or 0

    handler = signal.getsignal(signal.SIGTERM)
    yield run_words
    signal.signal(signal.SIGTERM, handler)


def test_a_tree_is_filled_verified_and_shown(call, root, capsys):
    words = ["synth", "shapes", "--domains-inside", "--fill", "--per-cell", 3, *TINY]
    assert call(*words) == 0
    said = capsys.readouterr().out
    assert "shapes-filled: " in said
    assert "images of each cell" in said
    assert "next: " in said
    assert call(*words, "--json") == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(found["verdict"]["cells"]) == 6
    assert set(found["added"].values()) == {0}
    assert call("verify", "shapes-filled") == 0
    assert call("report", "shapes-filled") == 0
    assert "Filled cells" in (root / "shapes-filled" / "report.html").read_text()
    more = "synth", "shapes-filled", "--per-cell", 4, "--filters", "none", "--out", "m"
    assert call(*more) == 0
    assert "m: 24 images" in capsys.readouterr().out


def test_unlabelled_images_are_filled(call, capsys):
    words = ["synth", "shapes", "--unlabelled", "new=new", "--per-class", 4, *TINY]
    assert call(*words, "--filters", "none") == 0
    said = capsys.readouterr()
    assert "shapes-new: 12 images" in said.out
    assert "15 unlabelled images of new are few" in said.err
    assert call("verify", "shapes-new") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fill"], "no domain of any image is known"),
        (["--fill", "--domain-regex", "png"], "all images are of one domain, png"),
        (["--fill", "--per-class", "5"], "--per-class is not for filled cells"),
        (["--fill", "--caption", "a cat", "-n", "3"], "--caption is not for filled"),
        (["--per-cell", "0", "--domains-inside"], "0 images per cell is not allowed"),
        (["--fill", "--filters", "domian"], "(did you mean domain?)"),
        (["--fill", "--set", "gama=3", "--domains-inside"], "there is no field 'gama'"),
        (["--unlabelled", "new"], "is not of the form NAME=DIR"),
        (["--unlabelled", "new=new", "--fill"], "omit --fill and --per-cell"),
        (["--unlabelled", "new=shapes/shape 0", "--per-class", "3"], "--allow-leak"),
        (["--unlabelled", "new=nowhere", "--per-class", "3"], "does not exist"),
    ],
)
def test_wrong_requests_end_with_two(call, capsys, words, said):
    assert call("synth", "shapes", *words, "--out", "nothing") == 2
    assert said in " ".join(capsys.readouterr().err.split())
