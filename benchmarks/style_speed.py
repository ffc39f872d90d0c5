"""Speed of style transfer, beside a GAN's generator and a textbook's loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import (
    Section,
    alternate,
    median_ratio,
    say_target,
    time_call,
)
from ganaug import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.gan.networks.build import build_generator
from ganaug.gan.settings.resolve import resolve_config
from ganaug.translate.networks.style_generator import measure, restyle
from ganaug.translate.objective.style import (
    content_loss,
    gram_matrix,
    style_loss,
    total_variation,
)
from ganaug.translate.style.descent import STEPS, StyleWeights, optimise
from ganaug.translate.style.features import STYLE_LAYERS, Look, StyleFeatures
from ganaug.translate.style.run_folder import StyleRun
from ganaug.translate.style.signals import to_signal
from ganaug.translate.style.training import load_generator

WIDTH = 16  # channels of the first block of the features
MOST = 200  # evaluations of the textbook's loop
RATES = (0.01, 0.02, 0.05)  # of Adam


def time_generate(folder: Path, repeats: int) -> Section:
    """Time the style generator beside a GAN's of as many operations."""
    style = load_generator(StyleRun.load(folder))
    x, alpha = torch.rand(16, 3, 64, 64) * 2 - 1, torch.ones(16)
    code = style.describe(x)
    wanted = count_operations(lambda: style(x, code, alpha))
    sizes = range(8, 129, 4)
    counts = {n: count_operations(draw_by_gan(n)) for n in sizes}
    size = min(sizes, key=lambda n: abs(counts[n] - wanted))
    own = {"style": lambda: style(x, code, alpha), "gan": draw_by_gan(size)}
    times = compare_times(own, 4 * repeats)
    ratio = median_ratio(times["style"], times["gan"])
    rows = [
        [
            f"{1e3 * np.median(times['style']) / 16:.2f}",
            f"{1e3 * np.median(times['gan']) / 16:.2f}",
            f"{counts[size] / wanted:.2f}",
            f"{ratio:.2f}",
            *say_target(ratio, 3, at_least=False, why="see the figure"),
        ]
    ]
    columns = (
        "generate, ms",
        "GAN, ms",
        "operations of the GAN",
        "ratio",
        "target",
        "",
    )
    return Section(
        "Speed of generate",
        "One image of 64×64 in a batch of 16, its style read before, beside a dcgan "
        "generator whose operations come nearest (1 means as many).",
        columns,
        rows,
    )


def draw_by_gan(size: int) -> Callable[[], Any]:
    """Return a function that draws 16 images of 64×64 with a dcgan generator."""
    config = resolve_config(
        TrainConfig(
            height=64, width=64, channels=3, network="dcgan", base_channels=size,
        )
    )  # fmt: skip
    network = build_generator(config, 10).eval()
    z, y = torch.randn(16, config.latent), network.embed(torch.arange(16) % 10)
    return lambda: network(z, y)


def count_operations(call: Callable[[], Any]) -> int:
    """Return the multiplications and additions of convolutions and products."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        call()
    return int(counter.get_total_flops())


def compare_times(
    calls: dict[str, Callable[[], Any]], repeats: int
) -> dict[str, list[float]]:
    with torch.inference_mode():
        for call in calls.values():
            call()
        measures = {
            name: (lambda call=call: time_call(call)) for name, call in calls.items()
        }
        return alternate(measures, repeats)


def time_optimise(data: LabelledImages) -> Section:
    """Time `optimise` beside a textbook's loop until that has the same loss."""
    rows = np.random.default_rng(6).permutation(len(data))[: 2 * 4]
    content, style = to_signal(data.images[rows[:4]]), to_signal(data.images[rows[4:]])
    look = StyleFeatures(width=WIDTH)
    look.level(style)
    fast = look.to(memory_format=torch.channels_last)
    start = time.perf_counter()
    made = optimise(content, style, fast)
    own = (time.perf_counter() - start) / 4
    ones = [slice(k, k + 1) for k in range(4)]
    goals = [Textbook(content[k], style[k], fast).weigh(made[k]).item() for k in ones]
    slow = StyleFeatures(width=WIDTH)
    slow.scale = dict(look.scale)
    textbook = [
        Textbook(content[k], style[k], slow).reach(goal)
        for k, goal in zip(ones, goals, strict=True)
    ]
    seconds = float(np.mean([t for t, _ in textbook]))
    reached = sum(done for _, done in textbook)
    ratio = seconds / own
    columns = ("optimise, s", "textbook, s", "reached", "ratio", "target", "")
    row = [f"{own:.2f}", f"{seconds:.2f}", f"{reached} of 4", f"{ratio:.1f}"]
    row += say_target(ratio, 1.5, at_least=True, why="see the figure")
    return Section(
        "Speed of optimise",
        "One image of 64×64, the same random features and weights of the losses. "
        "`optimise` begins with the content in the style's colours, and moves four "
        "images at once. "
        "Textbook: torch's L-BFGS from the content on, one image at a time, until its "
        f"loss is that of `optimise`, or for {MOST} evaluations.",
        columns,
        [row],
    )


def compare_adam(data: LabelledImages) -> Section:
    """Compare the loss of `optimise` with Adam's after as long, from the same start."""
    rows = np.random.default_rng(7).permutation(len(data))[: 2 * 8]
    content, style = to_signal(data.images[rows[:8]]), to_signal(data.images[rows[8:]])
    look = StyleFeatures(width=WIDTH).to(memory_format=torch.channels_last)
    look.level(style)
    loop = Textbook(content, style, look)
    start = restyle(content, torch.cat(measure(style), dim=1)).clamp(-1, 1)
    rows_of = []
    for steps in (15, STEPS, 2 * STEPS):
        begin = time.perf_counter()
        made = optimise(content, style, look, steps=steps)
        seconds = time.perf_counter() - begin
        losses = [loop.weigh(made).item()]
        losses += [descend_by_adam(loop, start, rate, seconds) for rate in RATES]
        rows_of.append([f"{steps}", *(f"{loss:.4f}" for loss in losses)])
    return Section(
        "L-BFGS beside Adam",
        "Mean loss of eight images of 64×64 after L-BFGS has had so many evaluations, "
        "and after Adam at three learning rates has had as much time, from the same "
        "start.",
        ("evaluations", "L-BFGS", *(f"Adam, {rate:g}" for rate in RATES)),
        rows_of,
    )


def descend_by_adam(
    loop: Textbook, start: Tensor, rate: float, seconds: float
) -> float:
    """Return the loss after that time."""
    drawn = start.clone().requires_grad_()
    adam = torch.optim.Adam([drawn], lr=rate)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        loss = loop.weigh(drawn) * len(drawn)
        (drawn.grad,) = torch.autograd.grad(loss, drawn)
        adam.step()
        with torch.no_grad():
            drawn.clamp_(-1, 1)
    with torch.no_grad():
        return loop.weigh(drawn).item()


class _EndError(Exception):
    """The textbook's loop has the loss wanted, or has had its evaluations."""


class Textbook:
    """Gatys' loop as it is usually written, for one content and style (1, c, h, w)."""

    def __init__(self, content: Tensor, style: Tensor, look: Look) -> None:
        self.content, self.style, self.look = content, style, look
        self.aim()

    @torch.no_grad()
    def aim(self) -> None:
        """Compute what the losses compare with."""
        other = self.look(self.style)
        self.own = self.look(self.content)[self.look.content_layer]
        self.grams = {name: gram_matrix(other[name]) for name in STYLE_LAYERS}

    def weigh(self, drawn: Tensor) -> Tensor:
        """Return the loss."""
        weights, seen = StyleWeights(), self.look(drawn)
        return (
            weights.content * content_loss(seen[self.look.content_layer], self.own)
            + weights.style * style_loss(seen, self.grams)
            + weights.variation * total_variation(drawn)
        )

    def reach(self, goal: float, most: int = MOST) -> tuple[float, bool]:
        """Return the seconds that it takes, and whether it arrived."""
        start = time.perf_counter()
        self.aim()
        drawn = self.content.clone(memory_format=torch.contiguous_format)
        drawn.requires_grad_()
        optimiser = torch.optim.LBFGS([drawn], max_iter=most)
        losses: list[float] = []

        def closure() -> Tensor:
            with torch.no_grad():
                drawn.clamp_(-1, 1)
            optimiser.zero_grad()
            loss = self.weigh(drawn)
            loss.backward()  # type: ignore[no-untyped-call]
            losses.append(float(loss.detach()))
            if losses[-1] <= goal or len(losses) >= most:
                raise _EndError
            return loss

        try:
            while True:
                optimiser.step(closure)  # type: ignore[no-untyped-call]
        except _EndError:
            return time.perf_counter() - start, losses[-1] <= goal
