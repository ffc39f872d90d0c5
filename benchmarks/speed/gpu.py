"""Training speed on a GPU: images/s per preset, and the share of the matmul peak.

    python -m benchmarks.speed.gpu

Without a GPU it says so and does not change the page.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks.measuring import HERE, Section, describe_machine, positive, update_page
from benchmarks.speed.cases import CLASSES, draw_images, make_config, make_trainer
from benchmarks.speed.kernels import count_flops, measure_peak
from ganaug import engine
from ganaug.config import PRESETS, TrainConfig
from ganaug.gan.trainer import Trainer

SIZES = {"28 grey": (28, 28, 1), "32 RGB": (32, 32, 3), "64 RGB": (64, 64, 3)}
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
COUNTED = 4  # images in a batch whose operations are counted on the CPU
COLUMNS = (
    "preset", "images", "precision", "images/s", "ms per step", "GFLOP per image",
    "of matmul peak",
)  # fmt: skip


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    if torch.cuda.is_available():
        device = torch.device("cuda")
        for section in measure_presets(device, options.steps, options.batch):
            update_page(options.out, "Training on a GPU", [section])
            print(section.to_markdown())
    else:
        print("There is no CUDA device here: nothing is measured.")
        if not options.out.exists():
            update_page(options.out, "Training on a GPU", [leave_empty()])


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=positive, default=100, help="timed steps")
    parser.add_argument("--batch", type=positive, default=TrainConfig().batch)
    parser.add_argument("--out", type=Path, default=HERE / "gpu.md", help="page")
    return parser.parse_args(words)


def measure_presets(device: torch.device, steps: int, batch: int) -> Iterator[Section]:
    """Yield the table after each preset: a row per preset, size and precision."""
    engine.prepare(device)  # products as in training
    peaks = {name: measure_peak(device, dtype) for name, dtype in PRECISIONS.items()}
    found = ", ".join(f"{p / 1e12:,.1f} TFLOP/s in {name}" for name, p in peaks.items())
    protocol = (
        f"{describe_machine(device)} `Trainer.step` of the r3 pair with full stem, "
        f"batch {batch}, {steps} steps once the step is captured as CUDA graphs, "
        "penalties in every fourth. Operations: convolutions and matrix products, "
        "penalties included. Peak: the best of square products of 1,024 to 4,096, "
        f"{found} (float32 may use TF32, in training as in the products)."
    )
    rows = []
    for preset in PRESETS:
        for size in SIZES:
            config = make_preset(preset, size, batch)
            flops = count_image_flops(config)
            for precision, peak in peaks.items():
                rate = measure_rate(config.replace(precision=precision), device, steps)
                rows.append(
                    [
                        preset, size, precision, f"{rate:,.0f}",
                        f"{1000 * batch / rate:.2f}", f"{flops / 1e9:.2f}",
                        f"{rate * flops / peak:.1%}",
                    ]
                )  # fmt: skip
        left = list(PRESETS)[list(PRESETS).index(preset) + 1 :]
        todo = f" Not measured: {', '.join(left)}." if left else ""
        yield Section("Presets", protocol + todo, COLUMNS, rows)


def leave_empty() -> Section:
    rows = [
        [preset, size, precision, *["not measured"] * 4]
        for preset in PRESETS
        for size in SIZES
        for precision in PRECISIONS
    ]
    protocol = (
        "No GPU was at hand; `python -m benchmarks.speed.gpu` fills the table on one."
    )
    return Section("Presets", protocol, COLUMNS, rows)


def make_preset(preset: str, size: str, batch: int) -> TrainConfig:
    network = {"network": "r3", "stem": "full", **PRESETS[preset]}
    return make_config(SIZES[size], network).replace(batch=batch)


def measure_rate(config: TrainConfig, device: torch.device, steps: int) -> float:
    """Measure the images per second of training."""
    every = config.penalty_every
    trainer = start(config, device)
    for _ in range(2 * every):  # captures both kinds of step
        trainer.step()
    trainer.take_means()  # waits for the device
    steps = -(-steps // every) * every
    begin = time.perf_counter()
    for _ in range(steps):
        trainer.step()
    trainer.take_means()
    return steps * config.batch / (time.perf_counter() - begin)


def count_image_flops(config: TrainConfig) -> float:
    """Count the operations per image, on the CPU, where no graph hides them."""
    trainer = start(config.replace(batch=COUNTED), torch.device("cpu"))
    return count_flops(trainer.step, config.penalty_every) / COUNTED


def start(config: TrainConfig, device: torch.device) -> Trainer:
    size = (config.height, config.width, config.channels)
    return make_trainer(config, *draw_images(100 * CLASSES, size), device)


if __name__ == "__main__":
    main()
