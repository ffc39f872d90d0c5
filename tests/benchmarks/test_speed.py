"""Benchmarks: they run, compare what they say, and keep what was measured before."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture
def tiny(monkeypatch):
    """One size and one pair small enough for a test, under the name `tiny`."""
    import cases
    import synthesis_speed
    import training_speed

    network = cases.NETWORKS["dcgan 64"] | {"base_channels": 4, "latent": 8}
    monkeypatch.setitem(cases.SIZES, "tiny", (8, 8, 3))
    monkeypatch.setitem(cases.NETWORKS, "tiny", network)
    monkeypatch.setattr(training_speed, "IMAGES", 128)
    monkeypatch.setattr(synthesis_speed, "SIZE", "tiny")
    monkeypatch.setattr(synthesis_speed, "NETWORK", "tiny")
    monkeypatch.setattr(synthesis_speed, "TRAINING", 1)


def speed_options(part, *words):
    import speed

    fewest = ["--steps=1", "--warm-up=1", "--repeats=2", "--workers=0", "--images=40"]
    return speed.read_options([part, *fewest, *words])


def test_turns_reverse_and_ratios_are_paired():
    from measuring import alternate, median_ratio

    order = []
    seconds = alternate(
        {name: lambda name=name: order.append(name) or len(order) for name in "ab"}, 3
    )
    assert "".join(order) == "abbaab"
    assert seconds == {"a": [1, 4, 5], "b": [2, 3, 6]}
    assert median_ratio(seconds["b"], seconds["a"]) == 6 / 5


def test_page_keeps_other_sections(tmp_path):
    from measuring import Section, update_page

    page = tmp_path / "speed.md"
    one, two = (Section(t, "How.", ("a", "b"), [("1", "2")]) for t in ("One", "Two"))
    update_page(page, "Speed", [one, two])
    update_page(page, "Speed", [Section("One", "How.", ("a", "b"), [("3", "4")])])
    text = page.read_text(encoding="utf-8")
    assert text.index("| 3 | 4 |") < text.index("## Two") < text.index("| 1 | 2 |")
    assert text.count("## ") == 2


@pytest.mark.parametrize("last", [False, True])
def test_memory_format_is_the_one_named(tiny, tmp_path, last):
    import cases
    from textbook import Habits, TextbookLoop

    config = cases.make_config((16, 16, 3), cases.NETWORKS["tiny"])
    images, labels = cases.draw_pictures(64, (16, 16, 3))
    habits = Habits(data="uint8", channels_last=last)
    loop = TextbookLoop(config, habits, images, labels, tmp_path, 0)
    seen = []
    for network in (loop.generator, loop.discriminator):
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.register_forward_hook(lambda m, x, y: seen.append(y))
    loop.step()
    formats = {y.is_contiguous(memory_format=torch.channels_last) for y in seen}
    assert seen
    assert formats == {last}


def test_operations_of_a_product_are_counted():
    from kernel_share import count_flops

    x, layer = torch.zeros(3, 5), nn.Linear(5, 7)
    assert count_flops(lambda: layer(x), 2) == 2 * 3 * 5 * 7


def test_transposed_convolution_counts_as_kernel():
    from kernel_share import KERNELS

    names = ("aten::_convolution", "aten::convolution_backward", "aten::addmm")
    assert all(map(KERNELS.fullmatch, names))
    assert not any(map(KERNELS.fullmatch, ("aten::add", "aten::copy_", "aten::sum")))


def test_training_is_compared_factor_by_factor(tiny):
    import training_speed

    options = speed_options("train", "--sizes", "tiny", "--networks", "tiny")
    section = training_speed.compare_training(options)
    full = training_speed.PRECISION != "float32"  # then our float32 has a row too
    assert len(section.rows) == 3 + full + len(training_speed.FACTORS)
    assert "≥1.4" in section.to_markdown()
    assert "≥2.5" in section.to_markdown()


def test_kernels_are_profiled(tiny):
    import cases
    import kernel_share

    row = kernel_share.measure_case((8, 8, 3), cases.NETWORKS["tiny"], 1e12, 1)
    assert 0 < float(row[1]) < 100
    assert float(row[3]) > 0


def test_synthesis_is_compared_with_its_parts(tiny, tmp_path):
    import synthesis_speed

    generator = synthesis_speed.save_generator(tmp_path / "generator.safetensors")
    rows = synthesis_speed.compare_parts(generator, tmp_path, 2, 1)
    assert [row[0] for row in rows][-1] == "synthesize"
    assert rows[-1][4] == "≤1.2"


def test_epoch_is_compared_with_folder(tiny, monkeypatch):
    import dataset_speed

    monkeypatch.setattr(dataset_speed, "SIZE", "tiny")
    section = dataset_speed.compare_epochs(speed_options("dataset"))
    assert [row[1] for row in section.rows] == ["53", "53"]


def test_neighbours_are_compared_with_products():
    import neighbour_speed

    options = speed_options("neighbours", "--rows", "300", "200")
    rows = neighbour_speed.compare_neighbours(options).rows
    assert [row[1] for row in rows] == ["300 × 200"] * 3
    assert rows[2][4] == "≤1000"


@pytest.mark.slow
def test_memory_and_help_are_measured(tiny, tmp_path):
    import help_speed
    import synthesis_speed

    options = speed_options("synth", "--memory", "10", "20", "--repeats", "1")
    assert len(synthesis_speed.compare_synthesis(options).rows) == 5
    assert len(help_speed.compare_help(options).rows) == 2


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU to measure")
def test_without_gpu_page_stays(tmp_path, capsys):
    import gpu

    page = tmp_path / "gpu.md"
    gpu.main(["--out", str(page)])
    assert "not measured" in page.read_text(encoding="utf-8")
    page.write_text("measured elsewhere", encoding="utf-8")
    gpu.main(["--out", str(page)])
    assert page.read_text(encoding="utf-8") == "measured elsewhere"
    assert capsys.readouterr().out.count("There is no CUDA device here") == 2


def test_images_per_second_are_measured(tiny):
    import cases
    import gpu

    config = cases.make_config((8, 8, 3), cases.NETWORKS["tiny"]).replace(batch=8)
    assert gpu.measure_rate(config, torch.device("cpu"), 1) > 0
    assert gpu.count_image_flops(config) > 0


def test_gain_draws_paired_sets(tmp_path):
    import first_look as gain

    options = gain.read_options(["--per-class", "20"])
    one, same, other = (gain.read_problem("digits", s, options) for s in (0, 0, 1))
    assert np.array_equal(one.train[0], same.train[0])
    assert not np.array_equal(one.train[0], other.train[0])
    assert np.bincount(one.train[1]).tolist() == [20] * 10
    assert len(one.train[1]) + len(one.test[1]) == 1797


def test_gain_interval_equals_scipy():
    from first_look import make_rows

    real, both = np.array([80.0, 82, 79, 85, 81]), np.array([83.0, 82, 84, 86, 85])
    low, high = stats.ttest_rel(both, real).confidence_interval(0.95)
    row = make_rows("digits", np.stack([real, both], axis=1))[1]
    assert row[5] == f"{(both - real).mean():+.2f}"
    assert row[6] == f"{low:+.2f} … {high:+.2f}"


def test_gain_goes_on_from_its_cells(tmp_path, capsys, monkeypatch):
    import first_look as gain

    cells = tmp_path / "gain.csv"
    words = ["--seeds", "2", "--csv", str(cells), "--data-dir", str(tmp_path)]
    options = gain.read_options(words)
    for seed in range(2):
        for arm, accuracy in ((gain.REAL, 0.8), (gain.BOTH, 0.81 + 0.01 * seed)):
            found = {"accuracy": accuracy, "gan_images": 0, "seconds": 0}
            key = gain.make_key("digits", seed, arm, options)
            gain.append_cell(cells, {**key, **found})
    monkeypatch.setattr(gain, "score", None)  # nothing may be trained again
    gain.main(words)
    said = capsys.readouterr()
    assert "+1.50" in said.out
    assert "Zalando Research" in said.err


@pytest.mark.slow
def test_gain_runs_end_to_end(tmp_path):
    cells = tmp_path / "gain.csv"
    words = [
        "--sets=digits",
        "--seeds=1",
        "--images=6400",
        "--synthetic=4",
        "--steps=4",
    ]
    subprocess.run(
        [sys.executable, BENCHMARKS / "gain.py", *words, "--csv", cells], check=True
    )
    with open(cells, newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["arm"] for row in rows] == ["real", "real + synthetic"]


def test_composed_pictures_show_what_their_captions_say():
    from captions import (
        COLOURS,
        CORNERS,
        DIGITS,
        EVERY,
        SEEN,
        UNSEEN,
        compose_set,
        split_digits,
    )

    assert len(UNSEEN) * 5 == len(EVERY) == 160
    for k, n in enumerate((10, 4, 4)):
        assert {each[k] for each in SEEN} == set(range(n))
        assert {each[k] for each in UNSEEN} == set(range(n))
    parts = split_digits()
    assert [len(part) for part in parts] == [900, 600, 297]
    asked = [(3, 2, 1), (7, 0, 2)]
    data = compose_set(parts[0], asked, 1, seed=0)
    for picture, caption, each in zip(data.images, data.captions, asked, strict=True):
        (corner, (y, x)) = list(CORNERS.items())[each[2]]
        assert picture[y : y + 8, x : x + 8].sum() == picture.sum() > 0
        name, colour = list(COLOURS.items())[each[1]]
        brightest = picture.reshape(-1, 3).max(axis=0)
        assert brightest.argmax() == np.argmax(colour)
        words = caption.replace(",", " ").replace(":", " ")
        assert name in words.split()
        assert DIGITS[each[0]] in words.split()
        assert any(place in words for place in corner)


def test_a_cell_of_the_alarms_is_trained_once_and_described(tmp_path, monkeypatch):
    import alarm_cases
    import alarms

    tiny = {"images": 640, "base_channels": 4, "loss": "bce-ns"}
    config = alarm_cases.narrow_config
    fault = alarm_cases.Case("tiny", "small", "collapse", tiny, config, 20)
    monkeypatch.setitem(alarm_cases.CASES, "tiny", fault)
    taken = alarm_cases.take_outcome(fault, 100, tmp_path, tmp_path)
    (cell,) = tmp_path.iterdir()
    assert alarm_cases.find_cell(fault, 100, tmp_path) == cell
    assert alarm_cases.take_outcome(fault, 100, tmp_path, tmp_path) == taken
    runs = [(fault, 100, taken)]
    (row,) = alarms.describe_faults(runs).rows
    assert row[:4] == ["collapse", "small", "0 of 1", ""]
    (row,) = alarms.describe_healthy(runs).rows
    assert row[:4] == ["digits", "small", "100", "none"]
    alarms.write_results(tmp_path / "alarms.csv", runs)
    with (tmp_path / "alarms.csv").open() as file:
        (found,) = csv.DictReader(file)
    assert (found["case"], found["collapse"]) == ("tiny", "")
    assert float(found["diversity"]) > 0
