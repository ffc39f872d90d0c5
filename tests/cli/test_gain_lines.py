"""The lines that `ganaug gain` prints for one's own loop run as they stand."""

import numpy as np
from gains import make_gain
from ganaug_cli.gain_result import print_result

from ganaug.data.recorded.rules import Rules


def test_the_printed_lines_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 12, 8, 3), np.uint8)
    names = np.array(["a", "b"])
    np.savez("pets.npz", images=pixels, labels=np.arange(40) % 2, classes=names)
    result = make_gain(tmp_path / "pets-gain", classes=("a", "b"))
    print_result(result, "pets.npz", False, Rules())
    _, code = capsys.readouterr().out.split("for your own training loop:\n")
    assert f'recipe = load_recipe("{tmp_path / "pets-gain"}")' in code
    found: dict = {}
    exec(code, found)
    assert found["images"].shape == (40, 3, 32, 32), "the size that was measured"
    assert found["targets"].shape == (40, 2)
    assert found["criterion"](found["targets"], found["targets"]) > 0


def test_where_images_help_a_store_is_named(tmp_path, capsys):
    result = make_gain(tmp_path / "pets-gain", classes=("a", "b"), gain=0.1, each=400)
    assert result.verdict.word == "helps"
    print_result(result, "pets", False, Rules())
    said = capsys.readouterr().out
    assert "next: ganaug synth pets --recipe" in said
    assert 'loader = recipe.loader(real, "pets-synthetic")' in said
