"""Checkpoints: the whole state of a training, one file per moment; two are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from ganaug.training.state import State
from ganaug.training.weights import load_tensors, save_tensors

CHECKPOINTS = "checkpoints"  # folder in a run
KEPT_CHECKPOINTS = 2


class Resumable(Protocol):
    """Whatever has a state that can be saved and put back.

    Attributes:
        seen: images seen so far, which names the file.
    """

    @property
    def seen(self) -> int: ...

    def state_dict(self) -> State:
        """Return tensors and plain values by flat names; no copies."""

    def load_state_dict(self, state: State) -> None:
        """Put back, in place, what `state_dict` gave; ignore further plain values.

        Raises:
            CheckpointError: the state is not one of this training.
        """


def save_checkpoint(run: Path, trained: Resumable, values: dict[str, float]) -> Path:
    """Write the state to `run/checkpoints/`, and delete all but the last two files.

    Args:
        run: folder of the training.
        trained: the trainer whose state is saved.
        values: further numbers that `load_checkpoint` shall return.

    Raises:
        CheckpointError: the disk refuses.
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
    """Restore the last checkpoint of the run; return its plain values, None for none.

    Raises:
        CheckpointError: the file is damaged, altered, or of another configuration.
    """
    files = sorted((run / CHECKPOINTS).glob("*.safetensors"))
    if not files:
        return None
    tensors, values = load_tensors(files[-1])
    trained.load_state_dict({**values, **tensors})
    return values
