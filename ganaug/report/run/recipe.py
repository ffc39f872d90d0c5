"""The recipe: commands, seeds and hashes to make the same images again."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import Any

from ganaug.data.images import CAPTION
from ganaug.data.origin import Origin, read_origin
from ganaug.errors import DataError
from ganaug.files import beside
from ganaug.gan.run_folder import GENERATOR, Run
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.fill.pipeline import FILL_FILTERS
from ganaug.synth.request import DEFAULT_FILTERS
from ganaug.synth.store.store import Store
from ganaug.synth.styled.opening import was_styled
from ganaug.training.weights import file_digest


def describe_recipe(material: RunMaterial) -> dict[str, Any]:
    """Return steps, each a reason and a command, and facts such as seeds and hashes."""
    run, store = material.run, material.store
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
    facts.append(("Seed of the training", str(material.config.seed)))
    return {"steps": steps, "facts": facts}


def _train_again(run: Run) -> tuple[str, str]:
    try:
        origin = read_origin(run.path)
    except DataError:
        origin = Origin()
    path = run.path
    words = ["ganaug", "train", origin.source or "DATA", *origin.list_options()]
    if not run.finished:
        return "Resume the training", shlex.join([*words, "--out", str(path)])
    again = beside(path, "-again")
    words += ["--config", str(path / "config.json"), "--out", str(again)]
    return "Train again in the same way", shlex.join(words)


def _draw_again(store: Store) -> list[tuple[str, str]]:
    path = store.path
    again = str(beside(path, "-again"))
    check = (
        "Check every file against its row",
        shlex.join(["ganaug", "verify", str(path)]),
    )
    if was_styled(store.meta):
        return [*_style_again(store.meta.command, again), check]
    words = ["ganaug", "synth", str(path)]
    captions = _count_captions(store)
    words += _request_captions(captions) if captions else _request_counts(store)
    filled = store.domains is not None
    if store.meta.seed:
        words += ["--seed", str(store.meta.seed)]
    if store.meta.size != store.meta.grid and not filled:
        words += ["--size", "data"]
    if store.meta.filters != (tuple(FILL_FILTERS) if filled else DEFAULT_FILTERS):
        words += ["--filters", ",".join(store.meta.filters) or "none"]
    if store.meta.labels != "hard":
        words += ["--labels", store.meta.labels]
    return [
        (
            "Draw images of these captions again"
            if captions
            else "Draw the same images again",
            shlex.join([*words, "--out", again]),
        ),
        check,
    ]


def _style_again(command: str, again: str) -> list[tuple[str, str]]:
    """Return the command that drew styled images, with another folder for them."""
    words = shlex.split(command)
    if words[:2] != ["ganaug", "style"]:
        return []
    if "--out" in words:
        at = words.index("--out")
        words[at : at + 2] = []
    line = shlex.join([*words, "--out", again])
    return [("Draw the same images again", line)]


def _count_captions(store: Store) -> Counter[str]:
    """Count images of each requested caption; empty if classes were requested."""
    if CAPTION not in store.classes:
        return Counter()
    rows = store.read_rows()
    return Counter(row.caption for row in rows if row.kept)


def _request_captions(counts: Counter[str]) -> list[str]:
    """Return options that request the largest number of images for every caption."""
    words = [word for caption in counts for word in ("--caption", caption)]
    return [*words, "-n", str(max(counts.values()))]


def _request_counts(store: Store) -> list[str]:
    if store.verdict is not None and store.verdict.cells:
        most = max(cell.requested for cell in store.verdict.cells)
        return ["--per-cell", str(most)]
    counts = dict(zip(store.classes, store.counts.tolist(), strict=True))
    if len(set(counts.values())) == 1:
        return ["--per-class", str(next(iter(counts.values())))]
    wanted = {name: n for name, n in counts.items() if n}
    return [word for name, n in wanted.items() for word in ("--class", f"{name}={n}")]
