"""Snippets: code for a gain's best training, to be copied."""

from __future__ import annotations

from ganaug.gain.classifiers.specs import SMALL_NETWORK
from ganaug.gain.classifiers.torchvision_networks import NO_WEIGHTS
from ganaug.gain.settings import Settings
from ganaug.plugins.recipes.explanation import list_lacking
from ganaug.recipe import PARENT
from ganaug.report.gain.adapted import (
    ROUNDS_OF,
    quote,
    write_loading,
    write_self_training,
)
from ganaug.report.gain.material import GainMaterial

SETTLE = [
    "# the last epochs had real images only: batch norm is estimated anew on these",
    "torch.optim.swa_utils.update_bn(loader, model)",
]


def write_training(material: GainMaterial, store: str | None = None) -> str:
    """Write Python that trains a network by the best training that was found.

    The code runs as it is if the data and the network are known by name.

    Args:
        material: the gain.
        store: path of the store, where synthetic images help.
    """
    recipe = material.result.recipe
    settings = material.result.details.settings or Settings()
    if recipe.adaptation in ROUNDS_OF and settings.classifier == SMALL_NETWORK:
        return write_self_training(material)
    height, width = settings.grid
    return "\n".join(
        [
            *["import torch", ""] * _settles(material, store),
            "from ganaug import load_images, load_recipe",
            *_import(material, settings.classifier),
            "",
            *_say_lacking(material),
            f"recipe = load_recipe({quote(str(material.result.path))})",
            write_loading(material, f"size=({height}, {width})"),
            f"loader = recipe.loader({_say_sets(store)})",
            "criterion, epochs = recipe.loss(real), recipe.count_epochs(real)",
            *_build(material, settings.classifier),
            *["model = recipe.begin(model)  # as the earlier run's images taught it"]
            * (recipe.start == PARENT),
            "optimiser, schedule = recipe.optimise(model, epochs * len(loader))",
            "",
            *LOOP,
            *SETTLE * _settles(material, store),
            "model.eval()",
        ]
    )


def write_lines(material: GainMaterial, store: str | None = None) -> str:
    """Write the few lines of Python that bring it into a training loop.

    Args:
        material: the gain.
        store: path of the store, where synthetic images help.
    """
    return "\n".join(
        [
            "from ganaug import load_images, load_recipe",
            f"recipe = load_recipe({quote(str(material.result.path))})",
            write_loading(material),
            f"loader = recipe.loader({_say_sets(store)})",
            "criterion = recipe.loss(real)",
            *["# before it, what the earlier run's images taught: recipe.begin(model)"]
            * (material.result.recipe.start == PARENT),
            "for images, targets in loader: ...  # criterion(model(images), targets)",
        ]
    )


LOOP = [
    "for epoch in range(epochs):",
    "    for images, targets in loader:",
    "        loss = criterion(model(images), targets)",
    "        optimiser.zero_grad()",
    "        loss.backward()",
    "        optimiser.step()",
    "        schedule.step()",
]


def _say_sets(store: str | None) -> str:
    return "real" if store is None else f"real, {quote(store)}"


def _settles(material: GainMaterial, store: str | None) -> bool:
    return store is not None and material.result.recipe.real_only > 0


def _say_lacking(material: GainMaterial) -> list[str]:
    """Say which parts of the recipe the code leaves out."""
    lacking = list_lacking(material.result.recipe)
    if not lacking:
        return []
    return [f"# it was measured with {' and '.join(lacking)}, which is left out here"]


def _import(material: GainMaterial, classifier: str) -> list[str]:
    if classifier == SMALL_NETWORK:
        return ["from ganaug.classify.network import build_classifier"]
    if _is_torchvision(material, classifier):
        return ["from ganaug.gain.classifiers.lookup import find_classifier"]
    return []


def _is_torchvision(material: GainMaterial, classifier: str) -> bool:
    own = material.result.details.options.get("classifier", "") is None
    return not own and classifier.isidentifier() and classifier != SMALL_NETWORK


def _build(material: GainMaterial, classifier: str) -> list[str]:
    if classifier == SMALL_NETWORK:
        return ["model = build_classifier(real.size, real.channels, len(real.classes))"]
    if _is_torchvision(material, classifier):
        words = [quote(classifier), *_say_weights(material)]
        return [
            f"found = find_classifier({', '.join(words)})",
            "model = found.build(real.size, real.channels, len(real.classes), 0)"
            "  # 0: a seed",
        ]
    return [
        "model = build_your_network(len(real.classes))"
        "  # (n, c, h, w) in [-1, 1] to logits"
    ]


def _say_weights(material: GainMaterial) -> list[str]:
    """List the arguments that give the network the weights it was measured with."""
    options = material.result.details.options
    if not material.result.verdict.pretrained_run:
        return [f"weights={quote(NO_WEIGHTS)}"]
    weights = options.get("weights")  # without a file, the downloaded ones
    given = [f"weights={quote(weights)}"] if weights else []
    return given + ["frozen=True"] * bool(options.get("frozen"))
