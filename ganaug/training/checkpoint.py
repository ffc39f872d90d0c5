"""Checkpoints: the whole state of a training, one file per moment; two are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from ganaug.errors import CheckpointError
from ganaug.files import refuse_damage
from ganaug.records import conform
from ganaug.training.state import State
from ganaug.training.weights import (
    WEIGHTS_CURE,
    count_bytes,
    load_tensors,
    save_tensors,
)

CHECKPOINTS = "checkpoints"  # folder in a run
KEPT_CHECKPOINTS = 2
SMALL = 1 << 28  # bytes of networks that a run may have before its first checkpoint


class Resumable(Protocol):
    """An object whose state can be saved and restored.

    Attributes:
        seen: images seen so far, which name the file.
    """

    @property
    def seen(self) -> int: ...

    def state_dict(self) -> State:
        """Return tensors and plain values by flat names, without copying them."""

    def load_state_dict(self, state: State) -> None:
        """Restore, in place, what `state_dict` gave; ignore other plain values.

        Raises:
            CheckpointError: the state belongs to another training.
        """


def save_checkpoint(run: Path, trained: Resumable, values: dict[str, float]) -> Path:
    """Write the state to `run/checkpoints/`, and delete all but the last two files.

    Args:
        run: folder of the training.
        trained: trainer whose state is saved.
        values: further numbers that `load_checkpoint` will return.

    Raises:
        CheckpointError: the file cannot be written.
    """
    folder = run / CHECKPOINTS
    folder.mkdir(exist_ok=True)
    path = folder / f"{trained.seen:09d}.safetensors"
    state = trained.state_dict()
    tensors = {k: v for k, v in state.items() if isinstance(v, Tensor)}
    plain = {k: v for k, v in state.items() if k not in tensors}
    save_tensors(path, tensors, {"kind": "checkpoint", **plain, **values})
    for old in sorted(folder.glob("*.safetensors"))[:-KEPT_CHECKPOINTS]:
        old.unlink()
    return path


def load_checkpoint(run: Path, trained: Resumable) -> dict[str, Any] | None:
    """Restore the run's last checkpoint and return its plain values, if there is one.

    Raises:
        CheckpointError: the file is damaged, altered, or of another configuration.
    """
    files = sorted((run / CHECKPOINTS).glob("*.safetensors"))
    if not files:
        return None
    tensors, values = load_tensors(files[-1])
    with refuse_damage(files[-1], CheckpointError, WEIGHTS_CURE):
        conform(values["seen"], int, "seen")
        conform(values.get("elapsed", 0.0), float, "elapsed")
        trained.load_state_dict({**values, **tensors})
    return values


def refuse_huge(run: Path, *builds: Callable[[], nn.Module]) -> None:
    """Refuse a run whose networks would be larger than the weights that it holds.

    Who sends a run chose its config.json, which says how large they are; so this is
    asked before they are built.

    Args:
        run: folder of the run.
        builds: functions that build its networks.

    Raises:
        CheckpointError: its weight files are smaller, and the networks are not small.
    """
    held = sum(path.stat().st_size for path in run.rglob("*.safetensors"))
    asked = count_bytes(*builds)
    if asked > max(SMALL, held):
        raise CheckpointError(
            f"{run} has a config.json that asks for networks of {asked >> 20:,} MB, "
            "which its weight files do not hold; choose another --out"
        )
