"""Team: the processes that train one GAN together, as torchrun starts them."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganaug.errors import ConfigError, TrainingError

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

ENVIRONMENT = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")  # torchrun's names
LOST = (
    "another process of this training has ended; the last checkpoint is there: run the "
    "same command again to resume"
)
NOT_MET = (
    "the processes of this training did not meet; check that all were started, and "
    "that MASTER_ADDR and MASTER_PORT can be reached"
)


@dataclass(frozen=True)
class Team:
    """One of the processes of a training.

    Each computes the gradients of its part of the batch. Their mean is that of the
    whole batch where no image's gradient depends on another image.

    Attributes:
        rank: its number; process 0 leads: it alone writes.
        size: number of processes; 1 where there are no others.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, n: int) -> slice:
        """Return which of n rows are this process's.

        Example:
            >>> Team(rank=1, size=2).share(64)
            slice(32, 64, None)
        """
        each = n // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def check_batch(self, batch: int, group: int = 1, *, fixed: bool = False) -> None:
        """Raise ConfigError unless processes can share a batch evenly.

        Args:
            batch: images of a step.
            group: images that must stay together.
            fixed: whether a run has this batch already.
        """
        step = self.size * group
        if batch % step == 0:
            return
        cure = f"--set batch={max(1, round(batch / step)) * step}, or "
        raise ConfigError(
            f"{self.size} processes cannot share a batch of {batch} images; give "
            f"{'' if fixed else cure}another --processes"
        )

    def average_gradients(self, model: nn.Module) -> None:
        """Replace each gradient by the mean of all processes'."""
        if self.size == 1:
            return
        import torch

        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        joined = torch.cat([gradient.flatten() for gradient in gradients])
        self.add(joined)
        joined /= self.size
        parts = torch.split(joined, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def add(self, tensor: Tensor) -> None:
        """Replace a tensor by the sum of all processes', in place."""
        if self.size > 1:
            from torch import distributed

            with _explain_loss(LOST):
                distributed.all_reduce(tensor)

    def follow(self, number: int) -> int:
        """Return the leader's number, in every process."""
        if self.size == 1:
            return number
        told = _make_number(int(number) if self.leads else 0)
        from torch import distributed

        with _explain_loss(LOST):
            distributed.broadcast(told, src=0)
        return int(told)

    def all(self, flag: bool) -> bool:
        """Return whether all processes say so."""
        if self.size == 1:
            return flag
        against = _make_number(int(not flag))
        self.add(against)
        return int(against) == 0

    def wait(self) -> None:
        """Wait until all processes are here."""
        self.follow(0)


ALONE = Team()


def count_processes() -> int:
    """Return how many processes torchrun, or `--processes`, has started.

    Raises:
        ConfigError: WORLD_SIZE is no number.
    """
    return _read_number("WORLD_SIZE", 1)


def find_rank() -> int:
    """Return the number of this process among those; 0 where it is alone."""
    return _read_number("RANK", 0) if count_processes() > 1 else 0


def _read_number(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal():
        raise ConfigError(
            f"{name}={text} is no whole number; unset it, or use torchrun"
        )
    return int(text)


def pick_own_device(device: torch.device) -> torch.device:
    """Return the GPU of this process, where several share a machine.

    Args:
        device: what was asked for; a GPU without a number may be any.

    Raises:
        ConfigError: the machine has fewer GPUs than processes.
    """
    if str(device) != "cuda" or count_processes() == 1:
        return device
    import torch

    place, there = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if place >= there:
        raise ConfigError(
            f"process {place} of this machine has no GPU, of which there are {there}; "
            f"start {there} processes, or use --device cpu"
        )
    return torch.device("cuda", place)


def join_team(device: torch.device) -> Team:
    """Meet the other processes, if there are any, until this one ends.

    They talk through gloo on CPUs and through nccl on GPUs. A script of the user's that
    has met them already keeps its group.

    Raises:
        ConfigError: torchrun's variables are incomplete, or the device is an mps.
        TrainingError: the others did not come.
    """
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        return Team(distributed.get_rank(), distributed.get_world_size())
    size = count_processes()
    if size == 1:
        return ALONE
    missing = [name for name in ENVIRONMENT if name not in os.environ]
    if missing:
        raise ConfigError(
            f"WORLD_SIZE={size}, but {missing[0]} is not set; start with torchrun or "
            "--processes, or unset WORLD_SIZE"
        )
    if device.type == "mps":
        raise ConfigError("several processes need --device cpu or cuda, not mps")
    if device.type == "cuda":
        import torch

        torch.cuda.set_device(device)
    with _explain_loss(NOT_MET):
        distributed.init_process_group(
            "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
        )
    atexit.register(distributed.destroy_process_group)
    return Team(distributed.get_rank(), size)


def _make_number(number: int) -> Tensor:
    """Make a tensor that the processes can exchange."""
    import torch
    from torch import distributed

    on_gpu = distributed.get_backend() == "nccl"
    return torch.tensor(number, dtype=torch.int64, device="cuda" if on_gpu else "cpu")


@contextmanager
def _explain_loss(message: str) -> Iterator[None]:
    """Turn torch's words about other processes into a line."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        words = str(error).partition("\n")[0][:120]
        raise TrainingError(f"{message} ({words})") from error
