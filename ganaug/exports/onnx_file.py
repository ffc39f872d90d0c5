"""onnx: the generator as a graph that ONNX Runtime, OpenCV and others run."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from ganaug.exports.extras import import_extra

OPSET = 17
INPUTS, OUTPUT = ("labels", "latents"), "images"


def write_onnx(
    path: Path, network: nn.Module, latent: int, facts: Mapping[str, str]
) -> None:
    """Write a network (labels, latents) → images, with facts as its metadata.

    The number of images is free.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    onnx = import_extra("onnx", "onnx", "--format onnx")
    with warnings.catch_warnings():
        # the exporter that torch recommends needs a further package
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            make_example(latent),
            str(path),
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes={name: {0: "n"} for name in (*INPUTS, OUTPUT)},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(path)
    onnx.helper.set_model_props(model, dict(facts))
    onnx.save(model, path)


def make_example(latent: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return labels and latents of two images, to follow a network's operations."""
    return torch.zeros(2, dtype=torch.int64), torch.zeros(2, latent)
