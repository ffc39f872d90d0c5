"""Weights: files whose tensors or values were altered, with the right digests."""

import json

import torch
from campaign.damage import change_json
from safetensors import safe_open
from safetensors.torch import save_file

from ganaug.training.weights import _digest, file_digest


def alter_weights(path, chance):
    """Alter a weight file, and seal it as its writer does; return in words how."""
    with safe_open(path, framework="pt") as opened:
        text = opened.metadata()["ganaug"][64:]
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    values = json.loads(text)
    if chance.random() < 0.5:
        values, how = change_json(values, chance), "other values"
    else:
        tensors, how = _change_tensors(tensors, chance), "other tensors"
    text = json.dumps(values)
    save_file(tensors, path, {"ganaug": _digest(tensors, text) + text})
    return how


def _change_tensors(tensors, chance):
    """Drop, rename, reshape, retype or spoil a tensor, or add a large one."""
    name = chance.choice(list(tensors))
    old, made = tensors[name], dict(tensors)
    changes = (
        None,
        old.double(),
        old.flatten()[: max(1, old.numel() // 2)].clone(),
        torch.full_like(old, float("nan")) if old.is_floating_point() else old + 1,
        torch.full_like(old, 1e30) if old.is_floating_point() else -old,
        old[None].clone(),
        torch.zeros(0),
        torch.zeros(()),
        old.repeat(3, *[1] * (old.ndim - 1)) if old.ndim else old.repeat(3),
    )
    changed = chance.choice(changes)
    if changed is None:
        del made[name]
    else:
        made[chance.choice((name, name, name, "new"))] = changed
    return made


def note_digest(store):
    """Let a store's meta.json name the digest that its generator has now."""
    path = store / "meta.json"
    if path.is_file():
        values = json.loads(path.read_text())
        values["generator_sha256"] = file_digest(store / "generator.safetensors")
        path.write_text(json.dumps(values))
