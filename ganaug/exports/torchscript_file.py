"""torchscript: the generator as a file that torch runs in C++ and Python alike."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ganaug.exports.onnx_file import make_example


def write_torchscript(
    path: Path, network: nn.Module, latent: int, facts: Mapping[str, str]
) -> None:
    """Write a network (labels, latents) → images, with facts as its extra files."""
    with warnings.catch_warnings():
        # newer versions of torch warn that they will give TorchScript up one day
        warnings.simplefilter("ignore")
        trace: Any = torch.jit.trace
        traced = trace(network, make_example(latent))
        torch.jit.save(traced, str(path), _extra_files=dict(facts))
