"""Pretrained torchvision and timm models: their weight files, and features of them."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug.errors import MissingExtraError
from ganaug.spelling import suggest

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's colours
SIZES = {"inception_v3": 299}  # pixels; all other models use 224
IMAGES_AT_ONCE = 32
HEADS = (nn.Linear, nn.Conv2d)  # kinds of layers that make logits


def load_extractor(
    name: str, weights: Path | str | None = None, *, device: str | torch.device = "cpu"
) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """Load a pretrained model as a feature extractor; nothing is downloaded.

    Args:
        name: a torchvision model, such as `resnet18` or `inception_v3`, or a timm
            model, such as `vit_small_patch14_dinov2.lvd142m`.
        weights: a .pth or .safetensors file with its state; by default the file that
            torchvision has downloaded before.
        device: device to compute on.

    Returns:
        (n, h, w, c) uint8 of any size, c in 1, 3, 4 → (n, d) float32. Images are
        resized to the model's size; an alpha channel is omitted.

    Raises:
        MissingExtraError: there is no such model, or its weights are not there.
    """
    model = _build(name)
    load_state(name, model.network, _find_weights(name, weights))
    network = model.network.eval().requires_grad_(False).to(device)

    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            parts = [
                network(_prepare(images[i : i + IMAGES_AT_ONCE], model).to(device))
                .cpu()
                .numpy()
                for i in range(0, max(1, len(images)), IMAGES_AT_ONCE)
            ]
        return np.concatenate(parts)

    return extract


def load_state(name: str, network: nn.Module, path: Path | str) -> None:
    """Load a weight file, .pth or .safetensors, into a network.

    Raises:
        MissingExtraError: there is no such file, or it has no weights, or those of
            another network.
    """
    if not Path(path).is_file():
        raise MissingExtraError(f"there is no weight file {path}")
    state = _read_state(name, Path(path))
    try:
        missing = network.load_state_dict(state, strict=False).missing_keys
    except (RuntimeError, TypeError, AttributeError) as error:
        raise MissingExtraError(f"the weights are not those of {name}") from error
    if missing:
        raise MissingExtraError(
            f"the weights are not those of {name}: {missing[0]} is missing"
        )


class _Model(NamedTuple):
    """A network without its last layer, and what its images must be like."""

    network: nn.Module
    size: int
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD


def _build(name: str) -> _Model:
    from torchvision import models

    known = models.list_models(models)
    if name in known:
        network = build_torchvision(name, pretrained=True)
        replace_head(network, lambda _: nn.Identity())
        return _Model(network, SIZES.get(name, 224))
    try:
        timm: Any = importlib.import_module("timm")
    except ImportError:
        raise MissingExtraError(
            f"torchvision has no model {name!r}{suggest(name, known)}; for a timm "
            "model, pip install timm"
        ) from None
    if not timm.is_model(name):
        raise MissingExtraError(
            f"neither torchvision nor timm has a model {name!r}"
            f"{suggest(name, [*known, *timm.list_models()])}; give another name"
        )
    made: Any = timm.create_model(name, pretrained=False, num_classes=0)
    usual = made.default_cfg
    return _Model(made, usual["input_size"][1], usual["mean"], usual["std"])


def build_torchvision(name: str, *, pretrained: bool = False) -> nn.Module:
    """Build the torchvision network of that name, untrained, without auxiliary outputs.

    Args:
        name: name of the network in torchvision.
        pretrained: whether pretrained weights will be loaded; inception_v3 and
            googlenet then scale their inputs as in their own training.
    """
    from torchvision import models

    extra = {}
    if name in ("inception_v3", "googlenet"):
        extra = {
            "init_weights": False,
            "aux_logits": False,
            "transform_input": pretrained,
        }
    network: nn.Module = models.get_model(name, weights=None, **extra)
    return network


def replace_head(
    network: nn.Module, make: Callable[[nn.Linear | nn.Conv2d], nn.Module]
) -> None:
    """Replace the last layer, which makes the logits.

    It is a linear layer, or a 1×1 convolution in fully convolutional networks.

    Args:
        network: network that is changed in place.
        make: function old layer → new layer.

    Example:
        >>> network = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> replace_head(network, lambda old: nn.Linear(old.in_features, 7))
        >>> network(torch.zeros(1, 3)).shape
        torch.Size([1, 7])
    """
    path = name_head(network)
    parent, _, last = path.rpartition(".")
    old = network.get_submodule(path)
    assert isinstance(old, HEADS)
    setattr(network.get_submodule(parent), last, make(old))


def name_head(network: nn.Module) -> str:
    """Name the last layer, which makes the logits.

    Example:
        >>> name_head(nn.Sequential(nn.Linear(3, 2), nn.ReLU()))
        '0'
    """
    *_, head = (n for n, own in network.named_modules() if isinstance(own, HEADS))
    return str(head)


def _find_weights(name: str, weights: Path | str | None) -> Path:
    if weights is not None:
        if not Path(weights).is_file():
            raise MissingExtraError(f"there is no weight file {weights}")
        return Path(weights)
    there = find_downloaded(name)
    if there is not None:
        return there
    found = _known_file(name)
    where = f"put {found} into {_find_folder()}, or " if found else ""
    raise MissingExtraError(
        f"{name} needs its weights, and nothing is downloaded: {where}name the file "
        "with --weights"
    )


def find_downloaded(name: str) -> Path | None:
    """Find the weights that torchvision has downloaded for that model before."""
    found = _known_file(name)
    path = None if found is None else _find_folder() / found
    return path if path is not None and path.is_file() else None


def download_weights(name: str) -> Path:
    """Find torchvision's weights of that model, or download them; the user agreed.

    Returns:
        The file, where torchvision looks for it too. Its name holds the first digits of
        its SHA-256, which were checked.

    Raises:
        MissingExtraError: torchvision has no such model, or the file does not arrive.
    """
    from torchvision import models

    file, there = _known_file(name), find_downloaded(name)
    if there is not None:
        return there
    if file is None:
        known = models.list_models(models)
        raise MissingExtraError(
            f"torchvision has no model {name!r}{suggest(name, known)}"
        )
    path, url = _find_folder() / file, str(models.get_model_weights(name).DEFAULT.url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        digits = Path(file).stem.rpartition("-")[2]
        torch.hub.download_url_to_file(url, str(path), digits, progress=False)
    except (OSError, RuntimeError) as error:
        raise MissingExtraError(
            f"{url} could not be downloaded ({error}); put the file into "
            f"{path.parent}, or name it"
        ) from error
    return path


def _find_folder() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints"


def _known_file(name: str) -> str | None:
    """Return the name that torchvision gives the file of its best weights."""
    from torchvision import models

    if name not in models.list_models(models):
        return None
    return os.path.basename(str(models.get_model_weights(name).DEFAULT.url))


def _read_state(name: str, path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state: dict[str, Tensor] = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # every format has errors of its own
        raise MissingExtraError(f"{path} contains no weights of {name}") from error
    return state


def _prepare(images: NDArray[np.uint8], model: _Model) -> Tensor:
    x = torch.from_numpy(np.array(images[..., :3])).permute(0, 3, 1, 2).float() / 255
    x = x.expand(-1, 3, -1, -1)
    x = F.interpolate(
        x,
        size=(model.size, model.size),
        mode="bilinear",
        antialias=True,
        align_corners=False,
    )
    mean, std = (torch.tensor(a).view(3, 1, 1) for a in (model.mean, model.std))
    return (x - mean) / std
