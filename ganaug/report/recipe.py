"""The recipe: commands, seeds and hashes that make the same images again."""

from __future__ import annotations

import shlex
from typing import Any

from ganaug.data.origin import Origin, read_origin
from ganaug.errors import DataError
from ganaug.gan.run_folder import GENERATOR, Run
from ganaug.gan.weights import file_digest
from ganaug.report.sources import Sources
from ganaug.synth.store import Store
from ganaug.synth.synthesis import DEFAULT_FILTERS


def describe_recipe(sources: Sources) -> dict[str, Any]:
    """Steps, each a reason and a command, and the (name, value) facts they rest on."""
    run, store = sources.run, sources.store
    steps: list[tuple[str, str]] = []
    facts: list[tuple[str, str]] = []
    if run is not None:
        steps.append(_train_again(run))
    if store is not None:
        steps += _draw_again(store)
        facts.append(("Generator (SHA-256)", store.meta.generator_sha256))
        facts.append(("Real images (SHA-256)", store.meta.data_digest))
        facts.append(("Seed of the images", str(store.meta.seed)))
    elif run is not None:
        if run.finished:
            words = ["ganaug", "synth", str(run.path), "--per-class", "500"]
            steps.append(("Draw labelled images from it", shlex.join(words)))
            facts.append(("Generator (SHA-256)", file_digest(run.path / GENERATOR)))
        facts.append(("Real images (SHA-256)", run.fingerprint.digest))
    facts.append(("Seed of the training", str(sources.config.seed)))
    return {"steps": steps, "facts": facts}


def _train_again(run: Run) -> tuple[str, str]:
    try:
        origin = read_origin(run.path)
    except DataError:
        origin = Origin()
    path = run.path
    words = ["ganaug", "train", origin.source or "DATA"]
    if origin.group_regex is not None:
        words += ["--group-regex", origin.group_regex]
    if not run.finished:
        return "Go on with the training", shlex.join([*words, "--out", str(path)])
    again = path.with_name(f"{path.name}-again")
    words += ["--config", str(path / "config.json"), "--out", str(again)]
    return "Train once more, the same way", shlex.join(words)


def _draw_again(store: Store) -> list[tuple[str, str]]:
    path = store.path
    again = str(path.with_name(f"{path.name}-again"))
    words = ["ganaug", "synth", str(path), *_ask_counts(store)]
    if store.meta.seed:
        words += ["--seed", str(store.meta.seed)]
    if store.meta.size != store.meta.grid:
        words += ["--size", "data"]
    if store.meta.filters != DEFAULT_FILTERS:
        words += ["--filters", ",".join(store.meta.filters) or "none"]
    if store.meta.labels != "hard":
        words += ["--labels", store.meta.labels]
    return [
        ("Draw the same images again", shlex.join([*words, "--out", again])),
        (
            "Check every file against its row",
            shlex.join(["ganaug", "verify", str(path)]),
        ),
    ]


def _ask_counts(store: Store) -> list[str]:
    counts = dict(zip(store.classes, store.counts.tolist(), strict=True))
    if len(set(counts.values())) == 1:
        return ["--per-class", str(next(iter(counts.values())))]
    wanted = {name: n for name, n in counts.items() if n}
    return [word for name, n in wanted.items() for word in ("--class", f"{name}={n}")]
