"""Stores with a known fault, made by the real filters and judged as every store is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.verdicts.plants import GAN, NOISES, PLANTS, Plant
from benchmarks.verdicts.runs import RealSet, read_parts, train_run
from ganaug.data.images import LabelledImages
from ganaug.gan.run_folder import GENERATOR, Run
from ganaug.synth.filling import fill_store
from ganaug.synth.filters.candidates import Candidates, RealExamples, prepare_examples
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.real_images import find_real
from ganaug.synth.request import DEFAULT_FILTERS, Target
from ganaug.synth.store.meta import read_meta
from ganaug.synth.synthesis import synthesize
from ganaug.synth.synthesizer import Synthesizer
from ganaug.synth.verdict.record import FIGURES, StoreVerdict
from ganaug.synth.verdict.recording import record_verdict
from ganaug.synth.writer import open_writer

PER_CLASS = 30  # images wanted of each class
NOISY = 400  # real images, and as many noisy ones of each kind, that realism judges
OVERALL = "all"


@dataclass(frozen=True, eq=False)
class Setting:
    """All that the stores of one set need."""

    real: RealSet
    own: LabelledImages
    others: LabelledImages
    runs: dict[str, Run]
    examples: RealExamples


def prepare(real: RealSet, data_dir: str, work: Path) -> Setting:
    """Read the set, train its runs, and its teacher."""
    own, others = read_parts(real, data_dir)
    runs = {
        name: train_run(own, work / f"{real.name}-{name}", seen)
        for name, seen in real.lengths.items()
    }
    found = find_real(runs["long"], own)
    examples = prepare_examples(found, runs["long"].config, own.classes)
    return Setting(real, own, others, runs, examples)


def judge_plants(setting: Setting, work: Path) -> list[dict[str, object]]:
    """Make and judge every store of a set: a row for all classes, and one for each."""
    pipeline = FilterPipeline(setting.examples, DEFAULT_FILTERS)
    rows = []
    for plant in PLANTS:
        folder = work / f"{setting.real.name}-{plant.name.replace(' ', '-')}"
        verdict = make_store(setting, plant, pipeline, folder)
        rows += _list_rows(setting.real, plant, verdict)
        print(f"{setting.real.name} {plant.name}: {verdict.sentence}", flush=True)
    return rows


def make_store(
    setting: Setting, plant: Plant, pipeline: FilterPipeline, folder: Path
) -> StoreVerdict:
    """Make one store, through the filters unless they are off, and judge it."""
    shutil.rmtree(folder, ignore_errors=True)
    run = setting.runs[plant.run]
    source = plant.make(Synthesizer.load(run, "cpu"), setting.others)
    targets = [Target(name, PER_CLASS) for name in setting.own.classes]
    # an empty store has the meta data of a real one
    numbers = dict.fromkeys(setting.own.classes[:1], 1)
    synthesize(run, folder, per_class=numbers, filters=None, data=setting.own)
    meta = replace(
        read_meta(folder), seed=plant.seed, verdict=None,
        filters=DEFAULT_FILTERS if plant.filtered else (),
    )  # fmt: skip
    shutil.rmtree(folder)
    with open_writer(folder, meta, run.path / GENERATOR) as writer:
        judges = pipeline if plant.filtered else None
        fill_store(writer, source, targets, pipeline=judges)
        verdict = record_verdict(folder, setting.examples)
    assert verdict is not None, "every store has candidates"
    return verdict


def _list_rows(
    real: RealSet, plant: Plant, verdict: StoreVerdict
) -> list[dict[str, object]]:
    truth = plant.truth
    if truth == GAN:
        truth = "healthy" if real.grown else "poor"
    known = {"set": real.name, "store": plant.name, "truth": truth}
    parts = {OVERALL: verdict, **verdict.classes}
    return [
        {
            **known, "class": part, "word": own.word,
            **{figure: getattr(own, figure) for figure in FIGURES},
        }
        for part, own in parts.items()
    ]  # fmt: skip


def measure_noise(setting: Setting) -> list[dict[str, object]]:
    """Measure which share of noise, and of real images, the realism filter refuses."""
    pipeline = FilterPipeline(setting.examples, ["realism"])
    others = setting.others
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(others))[:NOISY])
    images, labels = others.images[rows], others.labels[rows]
    held = setting.examples.held_out
    kinds = {
        "held-out real images": (held.images, held.labels),
        "other real images": (images, labels),
        **{
            kind: (fault(images, labels, rows), labels)
            for kind, fault in NOISES.items()
        },
    }
    filter_ = pipeline.filters[0]
    found = []
    for kind, (some, own) in kinds.items():
        candidates = Candidates(some, own, setting.examples.teacher)
        scores = filter_.score(candidates)
        kept = filter_.keep(candidates, scores, np.ones(len(own), bool))
        found.append({
            "set": setting.real.name, "images": kind, "number": len(own),
            "refused": round(float((~kept).mean()), 4),
        })  # fmt: skip
    return found
