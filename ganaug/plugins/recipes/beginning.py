"""Beginning: a user's network gets what a gain's classifiers began with."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from ganaug.archives import DAMAGED_ARCHIVE, read_arrays
from ganaug.errors import ConfigError, RunError
from ganaug.gain.fitting.building import copy_body
from ganaug.gain.kept import KEPT_FOLDER
from ganaug.gain.started.pretraining import PRETRAINED
from ganaug.recipe import MEASURE_AGAIN


def begin_pretrained(network: nn.Module, folder: Path) -> None:
    """Give a network the weights that a gain pretrained, all but its last layer's.

    Args:
        network: network of the kind that was measured; changed in place.
        folder: folder of the gain.

    Raises:
        ConfigError: the folder has no such weights, or they are another network's.
        RunError: the file is damaged.
    """
    path = folder / KEPT_FOLDER / f"{PRETRAINED}.npz"
    if not path.is_file():
        raise ConfigError(
            f"{folder} does not have the classifier that this recipe begins with; load "
            "the recipe from the folder of the gain"
        )
    try:
        found = read_arrays(path)
    except (OSError, *DAMAGED_ARCHIVE) as error:
        raise RunError(f"{path} is damaged: {error}; {MEASURE_AGAIN}") from error
    weights = {name: torch.from_numpy(values) for name, values in found.items()}
    try:
        copy_body(network, weights)
    except (KeyError, RuntimeError) as error:
        raise ConfigError(
            f"{path} has the weights of another network; begin with the one that was "
            "measured"
        ) from error
