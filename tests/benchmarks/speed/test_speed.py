"""The speed benchmarks run and compare what they say."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.speed import (
    around,
    cases,
    dataset,
    gpu,
    kernels,
    neighbours,
    synthesis,
    training,
    translation,
)
from benchmarks.speed import help as help_speed
from benchmarks.speed.__main__ import read_options
from benchmarks.speed.textbook import Habits, TextbookLoop


@pytest.fixture
def tiny(monkeypatch):
    """Add one size and one pair small enough for a test, under the name `tiny`."""
    network = cases.NETWORKS["dcgan 64"] | {"base_channels": 4, "latent": 8}
    monkeypatch.setitem(cases.SIZES, "tiny", (8, 8, 3))
    monkeypatch.setitem(cases.NETWORKS, "tiny", network)
    monkeypatch.setattr(training, "IMAGES", 128)
    monkeypatch.setattr(synthesis, "SIZE", "tiny")
    monkeypatch.setattr(synthesis, "NETWORK", "tiny")
    monkeypatch.setattr(synthesis, "TRAINING", 1)


def speed_options(part, *words):
    fewest = ["--steps=1", "--warm-up=1", "--repeats=2", "--workers=0", "--images=40"]
    return read_options([part, *fewest, *words])


@pytest.mark.parametrize("last", [False, True])
def test_memory_format_is_the_one_named(tiny, tmp_path, last):
    config = cases.make_config((16, 16, 3), cases.NETWORKS["tiny"])
    images, labels = cases.draw_images(64, (16, 16, 3))
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
    x, layer = torch.zeros(3, 5), nn.Linear(5, 7)
    assert kernels.count_flops(lambda: layer(x), 2) == 2 * 3 * 5 * 7


def test_transposed_convolution_counts_as_kernel():
    names = ("aten::_convolution", "aten::convolution_backward", "aten::addmm")
    assert all(map(kernels.KERNELS.fullmatch, names))
    assert not any(
        map(kernels.KERNELS.fullmatch, ("aten::add", "aten::copy_", "aten::sum"))
    )


def test_training_is_compared_factor_by_factor(tiny):
    options = speed_options("train", "--sizes", "tiny", "--networks", "tiny")
    section = training.compare_training(options)
    full = training.PRECISION != "float32"  # then our float32 has a row too
    assert len(section.rows) == 3 + full + len(training.FACTORS)
    assert "≥1.4" in section.to_markdown()
    assert "≥2.5" in section.to_markdown()


def test_kernels_are_profiled(tiny):
    row = kernels.measure_case((8, 8, 3), cases.NETWORKS["tiny"], 1e12, 1)
    assert 0 < float(row[1]) < 100
    assert float(row[3]) > 0


def test_synthesis_is_compared_with_its_parts(tiny, tmp_path):
    generator = synthesis.save_generator(tmp_path / "generator.safetensors")
    rows = synthesis.compare_parts(generator, tmp_path, 2, 1)
    assert [row[0] for row in rows][-1] == "synthesize"
    assert rows[-1][4] == "≤1.2"


def test_epoch_is_compared_with_folder(tiny, monkeypatch):
    monkeypatch.setattr(dataset, "SIZE", "tiny")
    section = dataset.compare_epochs(speed_options("dataset"))
    assert [row[1] for row in section.rows] == ["53", "53"]


def test_neighbours_are_compared_with_products(monkeypatch):
    monkeypatch.setattr(neighbours, "USUAL", ([30, 40],))
    options = speed_options("neighbours", "--rows", "300", "200")
    rows = neighbours.compare_neighbours(options).rows
    assert [row[1] for row in rows] == ["30 × 40"] * 3 + ["300 × 200"] * 4
    assert rows[5][4] == "≤2"
    assert rows[6][4] == "≤1000"


@pytest.mark.slow
def test_memory_and_help_are_measured(tiny, tmp_path):
    options = speed_options("synth", "--memory", "10", "20", "--repeats", "1")
    assert len(synthesis.compare_synthesis(options).rows) == 5
    assert len(help_speed.compare_help(options).rows) == 2


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU to measure")
def test_without_gpu_page_stays(tmp_path, capsys):
    page = tmp_path / "gpu.md"
    gpu.main(["--out", str(page)])
    assert "not measured" in page.read_text(encoding="utf-8")
    page.write_text("measured elsewhere", encoding="utf-8")
    gpu.main(["--out", str(page)])
    assert page.read_text(encoding="utf-8") == "measured elsewhere"
    assert capsys.readouterr().out.count("There is no CUDA device here") == 2


def test_images_per_second_are_measured(tiny):
    config = cases.make_config((8, 8, 3), cases.NETWORKS["tiny"]).replace(batch=8)
    assert gpu.measure_rate(config, torch.device("cpu"), 1) > 0
    assert gpu.count_image_flops(config) > 0


def test_translation_is_compared_with_a_textbooks_loop(tiny, monkeypatch):
    monkeypatch.setattr(translation, "MEASURED", ("tiny",))
    monkeypatch.setattr(translation, "BATCH", 8)
    options = speed_options("translation", "--sizes", "tiny")
    section = translation.compare_translation(options)
    assert [row[1] for row in section.rows] == ["ganaug", *translation.TITLES.values()]


def test_what_spares_time_around_a_training_is_compared(
    tiny, tmp_path, monkeypatch, hasty_classifiers
):
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    x = rng.integers(0, 90, (40, 8, 8), np.uint8) + 120 * labels[:, None, None]
    np.savez(
        tmp_path / "light.npz", x_train=x.astype(np.uint8), y_train=labels,
        class_names=["dark", "light"],
    )  # fmt: skip
    monkeypatch.setenv("GANAUG_DATA", str(tmp_path))
    monkeypatch.setattr(around, "SETS", {"light": 15, "missing": 3})
    monkeypatch.setattr(around, "PLANNED", ("tiny",))
    monkeypatch.setattr(around, "SIZE", "tiny")
    monkeypatch.setattr(around, "REAL", 120)
    monkeypatch.setattr(around, "DRAWN", 6)
    monkeypatch.setattr(around, "CLASS_COUNTS", (2, 3))
    monkeypatch.setattr(around.flips, "STEPS", 20)
    section = around.measure_around(speed_options("around"))
    parts = [row[0] for row in section.rows]
    assert parts == ["flips", "plan", "filters", "drawing", "drawing"]
    assert section.rows[0][1] == "light (15)"
    assert section.rows[0][-1].endswith("of 30")
    assert float(section.rows[2][2]) < float(section.rows[2][3])
