"""Weight files: tensors and plain values, with a digest that is checked when read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ganaug.errors import CheckpointError
from ganaug.files import say_disk_error, write_whole

NEWEST_FORMAT = 1


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
        CheckpointError: the file is missing, truncated, altered or of a newer format.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is missing; train again or restore it")
    try:
        with safe_open(path, framework="pt") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}); delete it and run the same command again"
        ) from error
    digest, header = metadata.get("ganaug", "")[:64], metadata.get("ganaug", "")[64:]
    if digest != _digest(tensors, header):
        raise CheckpointError(
            f"{path} was altered or not written by ganaug; restore it, or delete it "
            "and run the same command again"
        )
    values = json.loads(header)
    if values.pop("format") > NEWEST_FORMAT:
        raise CheckpointError(f"{path} has a newer format; update ganaug to read it")
    return tensors, values


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
