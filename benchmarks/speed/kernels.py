"""Where a step's time goes: kernels, operations counted, share of the matmul peak."""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from benchmarks.measuring import Section, describe_machine, say_target, time_steps
from benchmarks.speed.cases import (
    NETWORKS,
    SIZES,
    draw_images,
    make_config,
    make_trainer,
)
from ganaug.config import TrainConfig

# the profiler's own library reports every start, and that it finds no GPU
os.environ.setdefault("KINETO_LOG_LEVEL", "99")

# a transposed convolution's forward runs inside aten::_convolution itself
KERNELS = re.compile(
    r"aten::(_?(mkldnn|slow|thnn)_conv\w*|_?convolution\w*|_?conv_depthwise\w*"
    r"|mm|addmm|_addmm\w*|bmm|baddbmm|mv|addmv|dot|linear|mkldnn_\w*linear)"
)
WIDTHS = (32, 64, 128)
WIDTHS_AT = "32×32 RGB"
PEAK_SIZES = (1024, 2048, 4096)
TARGET = 75  # per cent
COLUMNS = (
    "images", "networks", "ms per step", "in kernels, %", "target", "GFLOP per step",
    "GFLOP/s", "of matmul peak", "result",
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """Seconds that some steps took: by the clock, and in each operation."""

    wall: float
    operations: dict[str, float]

    @property
    def share(self) -> float:
        """Share of the time inside convolution and matrix kernels."""
        times = (s for k, s in self.operations.items() if KERNELS.fullmatch(k))
        return sum(times) / self.wall

    def say_rest(self, n: int = 4) -> str:
        """Name the largest operations that are no kernels, with their shares."""
        rest = {k: s for k, s in self.operations.items() if not KERNELS.fullmatch(k)}
        return ", ".join(
            f"{name.removeprefix('aten::')} {rest[name] / self.wall:.0%}"
            for name in sorted(rest, key=rest.__getitem__, reverse=True)[:n]
        )


def measure_kernels(options: argparse.Namespace) -> Section:
    """Measure the share of kernels and of the peak, for each size, pair and width."""
    peak = measure_peak(torch.device("cpu"), torch.float32)
    cases = {(s, n): NETWORKS[n] for s in options.sizes for n in options.networks}
    for width in WIDTHS:
        network = NETWORKS["dcgan 64"] | {"base_channels": width}
        cases[WIDTHS_AT, f"dcgan {width}"] = network
    rows = [
        [size, name, *measure_case(SIZES[size], network, peak, options.steps)]
        for (size, name), network in cases.items()
    ]
    return Section("Kernels", describe_protocol(peak, options.steps), COLUMNS, rows)


def describe_protocol(peak: float, steps: int) -> str:
    return (
        f"{describe_machine()} `Trainer.step`, batch {TrainConfig().batch}; the time "
        f"of a step is measured over {steps} steps without the profiler. In kernels: "
        "self CPU time of convolutions and matrix products over wall time, in "
        "`torch.profiler` (which slows small operations down, so this is a lower "
        "limit). GFLOP: every convolution and matrix product of a step, forward, "
        "backward and penalties, as the mean of a penalty interval. Peak: "
        f"{peak / 1e9:,.0f} GFLOP/s, the best of square float32 products of 1,024 to "
        "4,096."
    )


def measure_case(
    size: tuple[int, int, int], network: dict[str, Any], peak: float, steps: int
) -> list[str]:
    config = make_config(size, network)
    trainer = make_trainer(config, *draw_images(10 * config.batch, size))
    every = config.penalty_every
    seconds = time_steps(trainer.step, -(-steps // every) * every, every)
    profiled = profile_steps(trainer.step, every)
    flops = count_flops(trainer.step, every)
    target, result = say_target(
        100 * profiled.share, TARGET, at_least=True, why=profiled.say_rest()
    )
    return [
        f"{seconds * 1000:.1f}",
        f"{100 * profiled.share:.0f}",
        target,
        f"{flops / 1e9:.2f}",
        f"{flops / seconds / 1e9:,.0f}",
        f"{flops / seconds / peak:.0%}",
        result,
    ]


def profile_steps(step: Callable[[], object], steps: int) -> Profile:
    with profile(activities=[ProfilerActivity.CPU], acc_events=True) as recorded:
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wall = time.perf_counter() - start
    events = recorded.key_averages()
    return Profile(wall, {e.key: e.self_cpu_time_total / 1e6 for e in events})


def count_flops(step: Callable[[], object], steps: int) -> float:
    """Count floating-point operations per step in convolutions and matrix products."""
    counter = FlopCounter()
    with counter:
        for _ in range(steps):
            step()
    return counter.total / steps


class FlopCounter(TorchDispatchMode):
    """Counter by PyTorch's formulas; its FlopCounterMode refuses nested gradients."""

    total: float = 0.0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        formula = flop_registry.get(func._overloadpacket)
        if formula is None:
            with self:  # in inference mode, convolutions arrive as compound operations
                parts = func.decompose(*args, **(kwargs or {}))
            if parts is not NotImplemented:
                return parts
        out = func(*args, **(kwargs or {}))
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=out)
        return out


def measure_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Measure the best FLOP/s of square matrix products."""
    return max(measure_product(n, device, dtype) for n in PEAK_SIZES)


def measure_product(n: int, device: torch.device, dtype: torch.dtype) -> float:
    """Measure the best FLOP/s of n×n by n×n in one second, of three runs at least."""
    a = torch.randn(n, n, device=device, dtype=dtype)
    best, runs, end = float("inf"), 0, time.perf_counter() + 1
    while runs < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        a @ a
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        best, runs = min(best, time.perf_counter() - start), runs + 1
    return 2 * n**3 / best
