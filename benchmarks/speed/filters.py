"""What judging a candidate costs, beside drawing it."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measuring import (
    Section,
    alternate,
    describe_machine,
    say_target,
    time_call,
)
from benchmarks.speed.cases import (
    CLASSES,
    NETWORKS,
    SIZES,
    draw_images,
    make_config,
    make_trainer,
)
from benchmarks.speed.kernels import count_flops
from ganaug import engine
from ganaug.data.images import LabelledImages
from ganaug.gan.generators import Generators, Member
from ganaug.gan.inputs.value_range import full_span
from ganaug.synth.filters.candidates import Candidates, prepare_examples
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import DEFAULT_FILTERS
from ganaug.synth.synthesizer import Synthesizer

SIZE, NETWORK = "32×32 RGB", "dcgan 64"
REAL, CANDIDATES = 1_400, 1_024
FORWARD, TEACHER = "generator's forward pass", "teacher (three networks)"
ALL, REST = "all filters", "all filters, without the teacher"
COLUMNS = ("part", "ms per candidate", "of the forward pass", "target", "result")


def measure_filters(options: argparse.Namespace) -> Section:
    """Time each part of the filters against the generator's forward pass."""
    synthesizer, pipeline = make_pipeline()
    labels = np.arange(CANDIDATES) % CLASSES
    places = np.arange(CANDIDATES)
    images = synthesizer.sample_rows(labels, places, seed=0)
    teacher = pipeline.real.teacher
    assert teacher is not None, "there are several classes"

    def judge() -> Candidates:
        made = Candidates(images, labels, teacher)
        made.random, made.features, made.probabilities  # noqa: B018
        return made

    ready = judge()
    parts: dict[str, Callable[[], object]] = {
        FORWARD: lambda: synthesizer.sample_rows(labels, places, seed=0),
        TEACHER: lambda: teacher.features(images),
        "random network": lambda: Candidates(images, labels, teacher).random,
        **{
            f"{f.name} filter": lambda f=f: f.keep(ready, f.score(ready))
            for f in pipeline.filters
        },
        ALL: lambda: pipeline.judge(images, labels),
    }
    turns = {name: (lambda call=call: time_call(call)) for name, call in parts.items()}
    seconds = alternate(turns, options.repeats)
    with engine.one_thread():  # the counter sees what this thread does
        flops = {name: count_flops(parts[name], 1) for name in (FORWARD, TEACHER)}
    rows = make_rows(seconds, flops)
    return Section("Filters", describe_protocol(options), COLUMNS, rows)


def make_pipeline() -> tuple[Synthesizer, FilterPipeline]:
    """Make an untrained generator of the default plan, and its filters."""
    config = make_config(SIZES[SIZE], NETWORKS[NETWORK])
    images, labels = draw_images(REAL, SIZES[SIZE])
    trainer = make_trainer(config, images, labels)
    names = tuple(map(str, range(CLASSES)))
    member = Member(trainer.average, names)
    cpu, size = torch.device("cpu"), SIZES[SIZE]
    made = Generators(
        config, names, (member,), size[:2], "benchmark", cpu, full_span(size[2])
    )
    held = np.arange(REAL) % 7 == 0
    real = RealImages(
        LabelledImages(images, labels, names),
        np.flatnonzero(~held),
        np.flatnonzero(held),
        "benchmark",
    )
    examples = prepare_examples(real, config, names)
    return Synthesizer(made), FilterPipeline(examples, DEFAULT_FILTERS)


def describe_protocol(options: argparse.Namespace) -> str:
    return (
        f"{describe_machine()} {CANDIDATES:,} candidates, {SIZE}, {NETWORK}, ten "
        f"classes; {REAL:,} real images, a seventh held out. {options.repeats} turns "
        "in an order that reverses each time; medians. The copy filter compares each "
        "candidate with every training image of its class at every other shift."
    )


def make_rows(
    seconds: dict[str, list[float]], flops: dict[str, float]
) -> list[list[str]]:
    took = {name: statistics.median(each) for name, each in seconds.items()}
    took[REST] = took[ALL] - took[TEACHER]
    forward = took[FORWARD]
    bigger = flops[TEACHER] / flops[FORWARD]
    why = (
        f"the teacher counts {bigger:.1f} times the operations of the generator and "
        f"takes {took[TEACHER] / forward:.2f} times as long; below, without it"
    )
    cells = {
        name: say_target(took[name] / forward, 1, at_least=False, why=why)
        for name in (ALL, REST)
    }
    return [
        [
            name,
            f"{1000 * own / CANDIDATES:.3f}",
            f"{own / forward:.2f}×",
            *cells.get(name, ["", ""]),
        ]
        for name, own in took.items()
    ]
