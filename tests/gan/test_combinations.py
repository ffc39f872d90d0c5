"""One training step of every pair of options, and of all combinations when slow."""

import random
from itertools import combinations, count, product

import pytest
import torch
from tiny_runs import tensors_of

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.inputs.captions import gather_captions
from ganaug.gan.objective.losses import LOSSES
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer

TINY = TrainConfig(
    height=16, width=16, channels=1, base_channels=8, max_channels=16, latent=8,
    batch=8, images=160, augment="translation", class_ramp=0.0,
)  # fmt: skip
# what decides whether a combination is allowed
CORE = {
    "network": ["dcgan", "r3"],
    "loss": list(LOSSES),
    "penalties": ["auto", None, "r1", "r2", "r1,r2", "gp"],
    "clip": ["auto", None, 0.05],
    "norm_d": [None, "batch", "spectral"],
}
DCGAN_ONLY = {
    "norm": [None, "batch", "spectral", "batch,spectral"],
    "slope": [0.2, 0.0],
    "slope_d": [0.2, 0.0],
}
FREE = {
    "critic_steps": [1, 2],
    "diversity": [None, "mode-seeking", "entropy", "mode-seeking,entropy"],
    "pack": [1, 2],
    "batch_std": [None, 2],
    "mismatch": [0.0, 0.5],
    "conditioning": ["class", "concat", "image", "image-warp", "caption", "none"],
}
OPTIONS = CORE | DCGAN_ONLY | FREE
PLAIN = {name: values[0] for name, values in DCGAN_ONLY.items()}


def is_allowed(row):
    try:
        resolve_config(TINY.replace(**row))
    except ConfigError:
        return False
    return True


def list_cores():
    rows = (dict(zip(CORE, values, strict=True)) for values in product(*CORE.values()))
    return [row for row in rows if is_allowed(row)]


CORES = list_cores()


def draw_row(rng, fixed):
    """Draw a random allowed combination with these values, or None."""
    cores = [c for c in CORES if all(c.get(k, v) == v for k, v in fixed.items())]
    for _ in range(30 if cores else 0):
        core = rng.choice(cores)
        row = {name: rng.choice(values) for name, values in OPTIONS.items()}
        row |= core | (PLAIN if core["network"] == "r3" else {}) | fixed
        if is_allowed(row):
            return row
    return None


def pairs_of(row):
    return set(combinations(row.items(), 2))


def cover_pairs():
    """Find combinations with every pair of values, and the pairs that none can have."""
    rng, rows, impossible = random.Random(0), [], set()
    missing = {
        ((a, x), (b, y))
        for a, b in combinations(OPTIONS, 2)
        for x, y in product(OPTIONS[a], OPTIONS[b])
    }
    for pair in sorted(missing, key=repr):
        if pair not in missing:
            continue
        drawn = [draw_row(rng, dict(pair)) for _ in range(5)]
        candidates = [{k: r[k] for k in OPTIONS} for r in drawn if r is not None]
        if not candidates:
            impossible.add(pair)
            continue
        rows.append(max(candidates, key=lambda row: len(pairs_of(row) & missing)))
        missing -= pairs_of(rows[-1])
    return rows, impossible


ROWS, IMPOSSIBLE = cover_pairs()


def take_a_step(row):
    config = resolve_config(TINY.replace(**row))
    classes = 0 if config.conditioning == "none" else 2
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(
        0, 256, (12, 16, 16, 1), dtype=torch.uint8, generator=generator
    )
    labels = torch.arange(12) % max(1, classes)
    told = classes
    if config.conditioning == "caption":
        told = gather_captions(["a red three", "a blue one"], [0, 1])
    trainer = Trainer(config, images, labels, told, torch.device("cpu"))
    networks = (trainer.generator, trainer.discriminator, trainer.average)
    before = [[p.detach().clone() for p in n.parameters()] for n in networks]
    trainer.step()
    assert all(t.isfinite().all() for t in tensors_of(trainer).values()), row
    # weights: batch norm's averages move by looking alone
    for network, old in zip(networks, before, strict=True):
        new = network.parameters()
        moved = [not torch.equal(a, b) for a, b in zip(old, new, strict=True)]
        assert any(moved), (type(network).__name__, row)
    assert trainer.seen == 8 * trainer.config.critic_steps


@pytest.mark.parametrize("row", ROWS, ids=map(str, range(len(ROWS))))
def test_one_step_of_every_pair_of_options(row):
    take_a_step(row)


def test_no_other_pairs_are_refused_than_those_that_cannot_go_together():
    penalties = ["r1", "r2", "r1,r2", "gp"]
    plain = {"norm": [None], "norm_d": [None], "slope": [0.2], "slope_d": [0.2]}
    want = {
        (("network", "r3"), (name, value))
        for name, kept in plain.items()
        for value in OPTIONS[name]
        if value not in kept
    }
    want |= {(("penalties", name), ("clip", 0.05)) for name in penalties}
    want |= {(("penalties", name), ("norm_d", "batch")) for name in penalties}
    want |= {(("clip", 0.05), ("norm_d", "spectral"))}
    want |= {(("mismatch", 0.5), ("conditioning", "none"))}
    want |= {
        (("norm", norm), ("conditioning", name))
        for norm in ("spectral", "batch,spectral") for name in ("image", "image-warp")
    }  # fmt: skip
    # many captions have a single image
    want |= {((name, 2), ("conditioning", "caption")) for name in ("pack", "batch_std")}
    assert want == IMPOSSIBLE


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_one_step_of_all_combinations(loss):
    names = ("diversity", "pack", "batch_std")
    others = [n for n in (*FREE, "slope", "slope_d") if n not in names]
    turn = count()
    for core, norm, *rest in product(
        [c for c in CORES if c["loss"] == loss], OPTIONS["norm"],
        *(OPTIONS[name] for name in names),
    ):  # fmt: skip
        k = next(turn)  # what changes nothing about the others takes turns
        row = core | {"norm": norm} | dict(zip(names, rest, strict=True))
        row |= {
            name: OPTIONS[name][k // 2**j % len(OPTIONS[name])]
            for j, name in enumerate(others)
        }
        if core["network"] == "r3":
            if norm is not None:
                continue
            row |= PLAIN
        if row["conditioning"] == "none":
            row["mismatch"] = 0.0
        if row["conditioning"] == "caption":
            row |= {"pack": 1, "batch_std": None}
        if row["conditioning"] in ("image", "image-warp"):
            row["norm"] = {"spectral": None, "batch,spectral": "batch"}.get(norm, norm)
        take_a_step(row)
