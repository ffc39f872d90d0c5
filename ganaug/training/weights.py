"""Weight files: tensors and plain values, with a digest that is checked when read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ganaug.errors import CheckpointError
from ganaug.files import (
    HOW_TO_UNLINK,
    ODD_VALUES,
    refuse_damage,
    say_disk_error,
    say_forbidden,
    write_whole,
)
from ganaug.records import conform

NEWEST_FORMAT = 1
WEIGHTS_CURE = "delete it and run the same command again"

DRAWS = (
    torch.Tensor.normal_,
    torch.Tensor.uniform_,
    nn.init.normal_,
    nn.init.uniform_,
    nn.init.kaiming_normal_,
    nn.init.kaiming_uniform_,
)

Network = TypeVar("Network", bound=nn.Module)


def save_tensors(
    path: Path, tensors: dict[str, Tensor], values: dict[str, Any]
) -> None:
    """Write tensors and plain values as one safetensors file.

    Raises:
        CheckpointError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "w.safetensors"
        >>> save_tensors(path, {"a": torch.ones(2)}, {"seen": 64})
        >>> load_tensors(path)[1]["seen"]
        64
    """
    tensors = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
    header = json.dumps({**values, "format": NEWEST_FORMAT}, sort_keys=True)
    # a single entry: safetensors writes several in no fixed order
    metadata = {"ganaug": _digest(tensors, header) + header}
    try:
        write_whole(path, lambda hidden: save_file(tensors, hidden, metadata))
    except (OSError, SafetensorError) as error:
        problem = error if isinstance(error, OSError) else OSError(0, str(error))
        raise CheckpointError(say_disk_error(path, problem)) from error


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read the tensors and values of a file that `save_tensors` wrote.

    Raises:
        CheckpointError: the file is missing, may not be read, is truncated, altered or
            of a newer format.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is missing; train again or restore it")
    if path.is_symlink():
        raise CheckpointError(f"{path} is a link; {HOW_TO_UNLINK}")
    if not os.access(path, os.R_OK):
        raise CheckpointError(say_forbidden(path))
    try:
        with safe_open(path, framework="pt") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, *ODD_VALUES) as error:
        raise CheckpointError(f"{path} is damaged ({error}); {WEIGHTS_CURE}") from error
    digest, header = metadata.get("ganaug", "")[:64], metadata.get("ganaug", "")[64:]
    if digest != _digest(tensors, header):
        raise CheckpointError(
            f"{path} was altered or not written by ganaug; restore it, or "
            f"{WEIGHTS_CURE}"
        )
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        values = json.loads(header)
        newer = conform(values.pop("format"), int, "format") > NEWEST_FORMAT
    if newer:
        raise CheckpointError(f"{path} has a newer format; update ganaug to read it")
    return tensors, values


def fit_network(
    build: Callable[[], Network], tensors: Mapping[str, Tensor], path: Path
) -> Network:
    """Build a network and load its weights, once it is known that these fit.

    Args:
        build: function that builds it. It is called on torch's `meta` device first,
            which takes no memory, so that no file makes this process build a network
            larger than the file itself.
        tensors: weights by name.
        path: of the weight file, for messages.

    Raises:
        CheckpointError: names, shapes or types of tensors differ.
    """
    blank = _build_blank(build).state_dict()
    same = blank.keys() == tensors.keys() and all(
        (mine.shape, mine.dtype) == (tensors[name].shape, tensors[name].dtype)
        for name, mine in blank.items()
    )
    if not same:
        raise CheckpointError(
            f"{path} does not fit its networks: it was altered, or written by another "
            "version of ganaug, whose networks differ; train anew"
        )
    with _WithoutDraws():  # all weights are loaded
        network = build()
    network.load_state_dict(tensors)
    return network


def count_bytes(*builds: Callable[[], nn.Module]) -> int:
    """Return the bytes that networks would take together, without building them.

    Example:
        >>> count_bytes(lambda: nn.Linear(3, 2, bias=False))
        24
    """
    networks = [_build_blank(build) for build in builds]
    return sum(t.nbytes for each in networks for t in each.state_dict().values())


def _build_blank(build: Callable[[], Network]) -> Network:
    """Build a network on torch's `meta` device, which takes no memory."""
    with torch.device("meta"), _WithoutDraws():
        return build()


class _WithoutDraws(TorchFunctionMode):
    """Draws no weights: on `meta`, torch would load a compiler to do it."""

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        given = kwargs or {}
        if function in DRAWS:
            return args[0] if args else given["tensor"]
        return function(*args, **given)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _digest(tensors: dict[str, Tensor], header: str) -> str:
    digest = hashlib.sha256(header.encode())
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
