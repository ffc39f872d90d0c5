"""How much sooner do several processes train? Measured on this machine's cores.

`OMP_NUM_THREADS=1 python -m benchmarks.scale` times steps of one batch shared by one
and by two processes, each on a core of its own, and writes the page with a cost model.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import multiprocessing, nn

from benchmarks.measuring import HERE, Section, describe_machine, positive, update_page
from ganaug.config import PRESETS, ResolvedConfig, TrainConfig
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer
from ganaug.team import ALONE, join_team

PAGE = HERE / "scale.md"
CLASSES = 10
WARM_UP = 4
INTRODUCTION = """\
`ganaug train --processes N` and `torchrun … -m ganaug train` share every batch: each
process computes the gradients of its part, and their mean is exchanged once for each
network and step. `OMP_NUM_THREADS=1 python -m benchmarks.scale` measures it."""
CASES = {
    "dcgan, 28 grey": {"network": "dcgan", "height": 28, "width": 28, "channels": 1},
    "dcgan, 32 RGB": {"network": "dcgan", "height": 32, "width": 32, "channels": 3},
    "r3, 32 RGB": {"network": "r3", "height": 32, "width": 32, "channels": 3},
}


@dataclass(frozen=True)
class Cluster:
    """The assumptions of the cost model.

    Attributes:
        gpus, per_node: number of GPUs, and of those in a node.
        between: bytes a second that a node exchanges with others.
        latency: seconds of one step of a ring between nodes.
        step: seconds of a training step of 64 images on one GPU.
        loading: share of a step that no GPU shares: draws, reports, snapshots.
    """

    gpus: int = 64
    per_node: int = 8
    between: float = 25e9
    latency: float = 10e-6
    step: float = 0.01818
    loading: float = 0.02


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--steps", type=positive, default=24)
    parser.add_argument("--repeats", type=positive, default=5)
    options = parser.parse_args()
    sections = [measure(options.steps, options.repeats), model(Cluster())]
    update_page(PAGE, "Several processes", sections, introduction=INTRODUCTION)


def measure(steps: int, repeats: int) -> Section:
    """Time steps with one and two processes in turns; return the table."""
    rows = []
    for name, values in CASES.items():
        config = configure(values)
        one, two = [], []
        for _ in range(repeats):
            one.append(time_processes(config, 1, steps))
            two.append(time_processes(config, 2, steps))
        speedups = [a / b for a, b in zip(one, two, strict=True)]
        speedup = statistics.median(speedups)
        rows.append([
            name, f"{1e3 * statistics.median(one):.0f}",
            f"{1e3 * statistics.median(two):.0f}", f"{speedup:.2f}×",
            f"{min(speedups):.2f} … {max(speedups):.2f}", f"{100 * speedup / 2:.0f}%",
            f"{count_bytes(config) / 1e6:.1f}",
        ])  # fmt: skip
        print(*rows[-1], flush=True)
    return Section(
        "Two cores",
        "One batch of 64 images, shared by one process and by two, each with one "
        f"thread on a core of its own, in turns; {steps} steps, {repeats} repeats, the "
        f"median. gloo exchanges the gradients. {describe_machine()}",
        (
            "case", "one, ms per step", "two, ms per step", "speed-up", "range",
            "efficiency", "MB of gradients per step",
        ),
        rows,
    )  # fmt: skip


def configure(values: dict[str, object]) -> ResolvedConfig:
    return resolve_config(
        TrainConfig(
            **values, batch=64, norm=None, precision="float32", base_channels=64
        )
    )


def time_processes(config: ResolvedConfig, n: int, steps: int) -> float:
    """Return the seconds of a step with n processes: the slowest one's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    arguments = (n, port, config.to_dict(), steps, queue)
    multiprocessing.spawn(work, arguments, nprocs=n)
    return max(queue.get() for _ in range(n))


def work(
    rank: int, n: int, port: int, config: dict[str, object], steps: int, queue: object
) -> None:
    """Train some steps in one of n processes, on the core of its number."""
    os.environ |= {
        "RANK": str(rank), "WORLD_SIZE": str(n), "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }  # fmt: skip
    os.sched_setaffinity(0, {rank % (os.cpu_count() or 1)})
    torch.set_num_threads(1)
    device = torch.device("cpu")
    team = join_team(device) if n > 1 else ALONE
    settings = ResolvedConfig(**config)  # type: ignore[arg-type]
    shape = (256, settings.height, settings.width, settings.channels)
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.integers(0, 256, shape, np.uint8))
    trainer = Trainer(
        settings, images, torch.arange(256) % CLASSES, CLASSES, device, team=team
    )
    for _ in range(WARM_UP):
        trainer.step()
    team.wait()
    start = time.perf_counter()
    for _ in range(steps):
        trainer.step()
    queue.put((time.perf_counter() - start) / steps)  # type: ignore[attr-defined]


def count_bytes(config: ResolvedConfig) -> int:
    """Count the bytes of both networks' gradients in float32."""
    networks: list[nn.Module] = [
        build_generator(config, CLASSES), build_discriminator(config, CLASSES)
    ]  # fmt: skip
    return 4 * sum(p.numel() for each in networks for p in each.parameters())


def model(cluster: Cluster) -> Section:
    """Work out on paper what a large cluster would need."""
    config = resolve_config(
        TrainConfig(
            network="r3",
            height=64,
            width=64,
            stem="full",
            **PRESETS["small"],  # type: ignore[arg-type]
        )
    )
    size = count_bytes(config)
    seen, batch = 20 * 1_000_000, 64 * cluster.gpus
    rows = []
    for gpus in (1, cluster.per_node, cluster.gpus):
        nodes = max(1, gpus // cluster.per_node)
        exchange = 0.0
        if nodes > 1:
            exchange = 2 * (nodes - 1) / nodes * size / cluster.between
            exchange += 2 * 2 * (nodes - 1) * cluster.latency  # two networks
        step = cluster.step * (1 + cluster.loading) + exchange
        efficiency = cluster.step / step
        hours = seen / (64 * gpus) * step / 3600
        rows.append([
            f"{gpus}", f"{64 * gpus:,}", f"{seen // (64 * gpus):,}",
            f"{1e3 * exchange:.2f}", f"{1e3 * step:.1f}", f"{100 * efficiency:.0f}%",
            f"{hours:.2f}",
        ])  # fmt: skip
    return Section(
        "On paper: 1,000,000 images, 64 GPUs",
        "Nothing below was run. 20 passes over 1,000,000 images of 64×64 RGB with the "
        "small r3 pair, 64 images a step and GPU, so that "
        f"{cluster.gpus} GPUs have a batch of {batch:,}. Assumed: "
        f"{1e3 * cluster.step:.1f} ms a step, as measured on an H200 in bfloat16 "
        f"([gpu.md](gpu.md)); {cluster.per_node} GPUs a node, whose exchange inside "
        "costs nothing beside that; a ring between nodes of "
        f"{cluster.between / 1e9:.0f} GB/s and {1e6 * cluster.latency:.0f} µs a hop; "
        f"{size / 1e6:.1f} MB of gradients a step, not overlapped with computation; "
        f"{100 * cluster.loading:.0f} % of a step for what only one process does. "
        "Steps of several processes are not captured as CUDA graphs today, which small "
        "networks will notice and this model leaves out; whether a batch this large "
        "learns as much from each image is another question.",
        (
            "GPUs", "batch", "steps", "exchange, ms", "step, ms", "efficiency", "hours",
        ),
        rows,
    )  # fmt: skip


if __name__ == "__main__":
    main()
