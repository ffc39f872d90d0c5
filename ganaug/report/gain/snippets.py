"""Snippets: code for a gain's best training without GAN, to be copied."""

from __future__ import annotations

from typing import Any

from ganaug.classify.learning import Optimisation
from ganaug.gain.classifiers.specs import SMALL_NETWORK
from ganaug.gain.classifiers.torchvision_networks import NO_WEIGHTS
from ganaug.gain.fitting.batches import BATCH_SIZE, LEAST_BATCH
from ganaug.gain.settings import Settings
from ganaug.recipe import ADAPTATIONS, Recipe
from ganaug.report.gain.adapted import (
    ROUNDS_OF,
    quote,
    write_loading,
    write_self_training,
)
from ganaug.report.gain.material import GainMaterial

MIXES = {
    "mixup": "v2.MixUp(alpha=0.2, num_classes=k)",
    "cutmix": "v2.CutMix(alpha=1.0, num_classes=k)",
}

LISA = "lisa"  # needs each image's domain


def write_training(material: GainMaterial) -> str:
    """Write Python that trains a network by the recipe, without synthetic images.

    The code runs as it is if the data and the network are known by name.
    """
    recipe = material.result.recipe
    settings = material.result.details.settings or Settings()
    if recipe.adaptation in ROUNDS_OF and settings.classifier == SMALL_NETWORK:
        return write_self_training(material)
    height, width = settings.grid
    return "\n".join(
        [
            *_import(material, recipe, settings),
            "",
            *_list_lacking(recipe),
            write_loading(material, f"size=({height}, {width})"),
            f"k, steps = len(real.classes), {settings.steps or Settings().steps}",
            *_build(material, settings.classifier),
            *_augment(recipe, material.flips),
            *_sample(recipe),
            *_optimise(material.optimisation),
            "",
            *_loop(recipe),
        ]
    )


def _list_lacking(recipe: Recipe) -> list[str]:
    """Say which parts of the recipe the code leaves out."""
    lacking = [recipe.mix] * (recipe.mix == LISA)
    lacking += ["logit adjustment in each domain"] * recipe.adjusted_in_domains
    lacking += [ADAPTATIONS[recipe.adaptation]] * (recipe.adaptation != "none")
    lacking += [recipe.invariance] * (recipe.invariance != "none")
    if not lacking:
        return []
    return [f"# it was measured with {' and '.join(lacking)}, which is left out here"]


def _import(material: GainMaterial, recipe: Recipe, settings: Settings) -> list[str]:
    lines = ["import torch", "from torch.nn.functional import cross_entropy"]
    lines += ["from torchvision.transforms import v2"] * (recipe.mix in MIXES)
    lines += ["", "from ganaug import load_images"]
    if settings.classifier == SMALL_NETWORK:
        lines.append("from ganaug.classify.network import build_classifier")
    lines.append("from ganaug.classify.policies import make_policy")
    if _is_torchvision(material, settings.classifier):
        lines.append("from ganaug.gain.classifiers.lookup import find_classifier")
    return lines


def _is_torchvision(material: GainMaterial, classifier: str) -> bool:
    own = material.result.details.options.get("classifier", "") is None
    return not own and classifier.isidentifier() and classifier != SMALL_NETWORK


def _build(material: GainMaterial, classifier: str) -> list[str]:
    if classifier == SMALL_NETWORK:
        return ["model = build_classifier(real.size, real.channels, k)"]
    if _is_torchvision(material, classifier):
        words = [quote(classifier), *_say_weights(material)]
        return [
            f"found = find_classifier({', '.join(words)})",
            "model = found.build(real.size, real.channels, k, 0)  # the last is a seed",
        ]
    return ["model = build_your_network(k)  # (n, c, h, w) in [-1, 1] to logits"]


def _say_weights(material: GainMaterial) -> list[str]:
    """List the arguments that give the network the weights it was measured with."""
    options = material.result.details.options
    if not material.result.verdict.pretrained_run:
        return [f"weights={quote(NO_WEIGHTS)}"]
    weights = options.get("weights")  # without a file, the downloaded ones
    given = [f"weights={quote(weights)}"] if weights else []
    return given + ["frozen=True"] * bool(options.get("frozen"))


def _augment(recipe: Recipe, flips: tuple[bool, bool] | None) -> list[str]:
    hflip, vflip = flips or (False, False)
    words = [quote(recipe.policy), "real.images.shape[1:]"]
    words += ["hflip=True"] * (recipe.flips and hflip)
    words += ["vflip=True"] * (recipe.flips and vflip)
    lines = [f"augment = make_policy({', '.join(words)})"]
    if recipe.flips and flips is None:
        lines[0] += "  # hflip=True where mirroring keeps labels"
    if recipe.mix in MIXES:
        lines.append(f"mix = {MIXES[recipe.mix]}")
    return lines


def _sample(recipe: Recipe) -> list[str]:
    if recipe.sampling == "cells":
        return [
            "cells = real.labels * (len(real.domain_names) + 1) + real.domains + 1",
            "sizes = torch.from_numpy(cells).bincount()",
            "chances = 1 / sizes[cells]  # each class in each domain equally often",
        ]
    counts = "torch.from_numpy(real.counts).clamp(min=1)"
    if recipe.sampling == "balanced":
        return [f"chances = (1 / {counts})[real.labels]  # each class equally often"]
    lines = ["chances = torch.ones(len(real))"]
    if recipe.adjusted:
        lines += [f"counts = {counts}", "prior = (counts / counts.sum()).log()"]
    return lines


def _optimise(tuned: Optimisation) -> list[str]:
    rate, decay = tuned
    return [
        "adam = torch.optim.AdamW("
        f"model.parameters(), {rate:g}, weight_decay={decay:g})",
        "schedule = torch.optim.lr_scheduler.OneCycleLR("
        f"adam, {rate:g}, total_steps=steps)",
    ]


def _loop(recipe: Recipe) -> list[str]:
    lines: list[Any] = [
        f"batch = min({BATCH_SIZE}, max({LEAST_BATCH}, len(real)))",
        "model.train()",
        "for _ in range(steps):",
        "    rows = chances.multinomial(batch, replacement=True).numpy()",
        "    x = torch.from_numpy(augment(real.images[rows])).permute(0, 3, 1, 2)",
        "    x, y = x / 127.5 - 1, torch.from_numpy(real.labels[rows])",
    ]
    lines += ["    x, y = mix(x, y)"] * (recipe.mix in MIXES)
    lines += [
        f"    loss = cross_entropy(model(x){' + prior' * recipe.adjusted}, y)",
        "    adam.zero_grad()",
        "    loss.backward()",
        "    adam.step()",
        "    schedule.step()",
    ]
    return [*lines, "model.eval()"]
