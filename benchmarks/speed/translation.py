"""A step of the translator's trainer against a textbook's loop around its networks."""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.measuring import (
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
)
from benchmarks.speed.cases import CLASSES, SIZES, draw_images
from benchmarks.speed.kernels import count_flops, profile_steps
from ganaug.gan.objective.diffaugment import UNIFORMS, augment, parse_operations
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import squared_gradient
from ganaug.translate.networks.discriminator import Place
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.trainer import (
    TranslationTrainer,
    build_discriminator,
    build_generator,
)

MEASURED = ("28×28 grey", "32×32 RGB")
DOMAINS, IMAGES, BATCH = 4, 1280, 64
TARGETS = {"steps": 4.0, "ratio": 2.5}  # 8 steps per second on two cores
OURS, A, B = "ganaug", "A", "B"
TITLES = {
    A: "A: textbook, our terms' share of a batch, lazy penalties",
    B: "B: textbook, whole batches there and back, penalties in every step",
}
COLUMNS = (
    "images", "loop", "ms per step", "steps per processor s", "ratio", "in kernels, %",
    "GFLOP per step", "target", "result",
)  # fmt: skip


@dataclass(frozen=True)
class Habits:
    """Habits of a textbook's loop.

    Attributes:
        share: share of a batch that goes there and back, and into its own domain.
        every: steps from one penalty to the next.
    """

    share: float = 1.0
    every: int = 1


class TextbookTranslation:
    """The loop of StarGAN's and CycleGAN's repositories, around the same networks.

    Each network has its own half of a step, with passes of its own: D judges real
    images and new fakes; G draws anew, is judged by D with D's weights in the graph,
    goes back, and into its own domain, a pass each. Memory is contiguous, Adam as it
    comes, and the average is moved weight by weight.
    """

    def __init__(
        self, config: TranslateConfig, images: Tensor, labels: Tensor, habits: Habits
    ) -> None:
        self.config, self.habits, self.steps = config, habits, 0
        self.images = images.float().div(127.5).sub(1).permute(0, 3, 1, 2).contiguous()
        self.labels, self.domains = labels, torch.arange(len(labels)) % DOMAINS
        contiguous = torch.contiguous_format
        self.g = build_generator(config, DOMAINS).to(memory_format=contiguous)
        counts = CLASSES, DOMAINS
        self.d = build_discriminator(config, counts).to(memory_format=contiguous)
        self.average = copy.deepcopy(self.g).requires_grad_(False)
        # it makes its images channels last, and convolutions would keep that format
        assert self.g.first is not None
        self.g.first.register_forward_hook(make_contiguous)
        betas = config.beta1, config.beta2
        self.adam_g = torch.optim.Adam(self.g.parameters(), config.lr, betas)
        self.adam_d = torch.optim.Adam(self.d.parameters(), config.lr, betas)
        self.loss = find_loss(config.loss)
        self.operations = parse_operations(config.augment)

    def step(self) -> None:
        """Train D, then G."""
        n = self.config.batch
        source, goal = (torch.randint(len(self.images), (n,)) for _ in range(2))
        x, real = self.images[source], self.images[goal]
        home, place = self.domains[source], self._place(goal)
        self._teach_discriminator(x, real, place)
        self._teach_generator(x, real, home, place)
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.g.parameters(), strict=True)
            for mine, theirs in pairs:
                mine.mul_(0.99).add_(theirs, alpha=0.01)
        self.steps += 1

    def _teach_discriminator(self, x: Tensor, real: Tensor, place: Place) -> None:
        penalised = self.steps % self.habits.every == 0
        fake = self._carry(x, place.domain).detach()
        real = self._augment(real).requires_grad_(penalised)
        fake = self._augment(fake).requires_grad_(penalised)
        judged, mine = self.d(real, place), self.d(fake, place)
        loss = self.loss.discriminator(judged, mine).mean()
        if penalised:
            slopes = squared_gradient(judged, real) + squared_gradient(mine, fake)
            weight = self.habits.every * self.config.gamma / 2
            loss = loss + weight * slopes.mean()
        descend(self.adam_d, loss)

    def _teach_generator(
        self, x: Tensor, real: Tensor, home: Tensor, place: Place
    ) -> None:
        m = round(self.habits.share * len(x))
        fake = self._carry(x, place.domain)
        mine = self.d(self._augment(fake), place)
        judged = self.d(self._augment(real), place)
        loss = self.loss.generator(judged, mine).mean()
        back = self._carry(fake[:m], home[:m])
        loss = loss + 2 * (back - x[:m]).abs().mean()
        same = self._carry(real[:m], place.domain[:m])
        descend(self.adam_g, loss + (same - real[:m]).abs().mean())

    def _place(self, rows: Tensor) -> Place:
        classed = (torch.arange(len(rows)) % 2).float()
        return Place(self.labels[rows], self.domains[rows], classed)

    def _carry(self, x: Tensor, domain: Tensor) -> Tensor:
        made: Tensor = self.g(x, domain, torch.randn(len(x), self.config.latent))
        return made

    def _augment(self, x: Tensor) -> Tensor:
        u = torch.rand(len(x), UNIFORMS)
        return augment(x, u, self.operations, self.config.augment_p)


def make_contiguous(module: nn.Module, inputs: object, x: Tensor) -> Tensor:
    return x.contiguous()


def descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def compare_translation(options: argparse.Namespace) -> Section:
    """Make a row for our step and for each textbook's loop, at each size."""
    rows = []
    for size in (s for s in options.sizes if s in MEASURED):
        rows += [[size, *cells] for cells in compare_loops(size, options)]
    return Section("Translation", describe_protocol(options), COLUMNS, rows)


def describe_protocol(options: argparse.Namespace) -> str:
    config = TranslateConfig()
    return (
        f"{describe_machine()} `TranslationTrainer.step` with the terms "
        f"`{config.terms}`, batch {BATCH}, {DOMAINS} domains of enlarged scikit-learn "
        "digits, against the loop of StarGAN's and CycleGAN's repositories around the "
        "same networks: a pass of G for each purpose, new fakes for each half, D's "
        "weights in G's graph, contiguous memory, Adam as it comes. Row A takes as "
        "few images back as we do, and penalties as rarely; row B takes whole batches "
        "back and into their own domain, and penalties in every step. All loops in "
        f"one process, {options.steps} steps a turn, {options.repeats} turns in an "
        "order that reverses each time; median processor times, so that other "
        "programs count little, and medians of the ratios within a turn. In kernels: "
        "self CPU time of convolutions and matrix products "
        "over wall time, in `torch.profiler`."
    )


def compare_loops(size: str, options: argparse.Namespace) -> list[list[str]]:
    height, width, channels = SIZES[size]
    config = TranslateConfig(height=height, width=width, channels=channels, batch=BATCH)
    images, labels = draw_images(IMAGES, SIZES[size])
    loops = make_loops(config, torch.from_numpy(images), labels)
    every = config.penalty_every
    steps = -(-options.steps // every) * every
    turns: dict[str, Callable[[], float]] = {
        name: partial(time_processor, step, steps, every)
        for name, step in loops.items()
    }
    seconds = alternate(turns, options.repeats)
    ours = loops[OURS]
    share = 100 * profile_steps(ours, every).share
    each = statistics.median(seconds[OURS])
    target = say_target(1 / each, TARGETS["steps"], at_least=True, why="kernels")
    flops = f"{count_flops(ours, every) / 1e9:.2f}"
    rows = [[OURS, *say_time(seconds[OURS]), "", f"{share:.0f}", flops, *target]]
    for name, title in TITLES.items():
        ratio = median_ratio(seconds[name], seconds[OURS])
        said = ["", ""]
        if name == B:
            why = f"{share:.0f} % of our step are kernels"
            said = say_target(ratio, TARGETS["ratio"], at_least=True, why=why)
        times = say_time(seconds[name])
        rows.append([title, *times, f"{ratio:.2f}×", "", "", *said])
    return rows


def time_processor(step: Callable[[], object], steps: int, warm_up: int) -> float:
    """Measure the processor seconds per step."""
    for _ in range(warm_up):
        step()
    start = time.process_time()
    for _ in range(steps):
        step()
    return (time.process_time() - start) / steps


def make_loops(
    config: TranslateConfig, images: Tensor, labels: NDArray[np.int64]
) -> dict[str, Callable[[], None]]:
    """Make every loop's step, all before any is timed."""
    domains = np.arange(len(labels)) % DOMAINS
    trainer = TranslationTrainer(
        config, images, labels, domains,
        counts=(CLASSES, DOMAINS), device=torch.device("cpu"),
    )  # fmt: skip
    known = torch.from_numpy(labels)
    lazy = Habits(share=config.share, every=config.penalty_every)
    habits = {A: lazy, B: replace(lazy, share=1.0, every=1)}
    textbooks = {
        name: TextbookTranslation(config, images, known, own)
        for name, own in habits.items()
    }
    return {OURS: trainer.step} | {name: t.step for name, t in textbooks.items()}


def say_time(seconds: list[float]) -> list[str]:
    each = statistics.median(seconds)
    return [f"{each * 1000:.1f}", f"{1 / each:.1f}"]
