"""Building: the network that a fit begins with, new or pretrained on other images."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganaug.classify.learning import Optimisation
from ganaug.classify.pretrained import name_head
from ganaug.gain.classifiers.specs import OnFeatures
from ganaug.gain.fitting.tasks import Task
from ganaug.recipe import PARENT, Recipe

# share of the learning rate; mnist → digits, 5 of each class, 100 steps, one seed:
# log-loss .204 with all of it, .163 with .3, .221 with .1; from scratch .275
SLOWER = 0.3


def build_network(task: Task, recipe: Recipe, seed: int) -> nn.Module:
    """Build a task's network as its recipe begins, on the task's device."""
    assert not isinstance(task.build, OnFeatures), "an estimator is no network"
    _, height, width, channels = task.images.shape
    network = task.build((height, width), channels, task.n_classes, seed)
    if recipe.start == PARENT:
        assert task.parent is not None, "this recipe needs the parent's weights"
        copy_body(network, task.parent)
    return network.to(task.device)


def find_optimisation(optimisation: Optimisation, recipe: Recipe) -> Optimisation:
    """Return what a recipe's fit is optimised by: pretrained networks learn slower.

    Example:
        >>> find_optimisation(Optimisation(0.01), Recipe(start="parent")).learning_rate
        0.003
    """
    if recipe.start != PARENT:
        return optimisation
    return optimisation._replace(learning_rate=SLOWER * optimisation.learning_rate)


@torch.no_grad()
def copy_body(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Give a network the weights of one with other classes: all but its last layer's.

    Example:
        >>> network, other = nn.Linear(3, 2), nn.Linear(3, 7)
        >>> both = [nn.Sequential(nn.Linear(3, 3), own) for own in (network, other)]
        >>> copy_body(both[0], both[1].state_dict())
        >>> torch.equal(both[0][0].weight, both[1][0].weight)
        True
    """
    head = name_head(network)
    for name, own in network.state_dict().items():
        if name.rpartition(".")[0] != head:
            own.copy_(weights[name])
