"""Checkpoints: the whole state of a Trainer, one file per moment, the last two kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ganaug.config import TrainConfig
from ganaug.errors import CheckpointError
from ganaug.gan.settings.resolve import fill_in
from ganaug.training.weights import load_tensors, save_tensors

if TYPE_CHECKING:
    from ganaug.gan.trainer import Trainer

KEPT = 2
FOLDER = "checkpoints"


def save_checkpoint(run: Path, trainer: Trainer, values: dict[str, float]) -> Path:
    """Write the state to `run/checkpoints/`; raises CheckpointError on a full disk.

    Args:
        run: the run folder.
        trainer: whose state is saved.
        values: further numbers that the loop wants back.
    """
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / f"{trainer.seen:09d}.safetensors"
    counters = {
        "kind": "checkpoint",
        "config": trainer.config.to_dict(),
        "seen": trainer.seen,
        "rate_scale": trainer.rate_scale,
        **values,
    }
    save_tensors(path, collect_state(trainer), counters)
    for old in sorted(folder.glob("*.safetensors"))[:-KEPT]:
        old.unlink()
    return path


def load_checkpoint(run: Path, trainer: Trainer) -> dict[str, float] | None:
    """Restore the last checkpoint of the run; None when there is none yet.

    Raises:
        CheckpointError: damaged, altered, or of another configuration.
    """
    files = sorted((run / FOLDER).glob("*.safetensors"))
    if not files:
        return None
    tensors, values = load_tensors(files[-1])
    if _read_config(values) != trainer.config.to_dict():
        raise CheckpointError(
            f"{files[-1]} belongs to another configuration than {run}/config.json; "
            "restore that file or choose another --out"
        )
    restore_state(trainer, tensors)
    trainer.seen = int(values["seen"])
    trainer.rate_scale = float(values["rate_scale"])
    return {
        k: v for k, v in values.items() if k not in ("kind", "config", "rate_scale")
    }


def _read_config(values: dict[str, Any]) -> dict[str, Any] | None:
    """As saved, with what a checkpoint of an earlier version does not have."""
    saved = values.get("config")
    return saved and fill_in(TrainConfig.from_dict(saved)).to_dict()


def collect_state(trainer: Trainer) -> dict[str, Tensor]:
    """Every tensor that training changes, by a flat name; no copies."""
    state = {"totals": trainer.totals} | {
        f"{part}.{name}": tensor
        for part, model in _models(trainer).items()
        for name, tensor in model.state_dict().items()
    }
    for part, optimiser in trainer.optimisers.items():
        for k, moments in enumerate(optimiser.state.values()):
            state |= {f"adam.{part}.{k}.{name}": t for name, t in moments.items()}
    return state


@torch.no_grad()
def restore_state(trainer: Trainer, state: dict[str, Tensor]) -> None:
    """Put back what `collect_state` gave, in place.

    Raises:
        CheckpointError: a tensor is missing or has another shape.
    """
    try:
        for part, model in _models(trainer).items():
            for name, mine in model.state_dict().items():
                mine.copy_(state[f"{part}.{name}"])
        # an earlier version did not save what was summed up for the next metrics
        trainer.totals.copy_(state.get("totals", torch.zeros_like(trainer.totals)))
        for part, optimiser in trainer.optimisers.items():
            _restore_moments(optimiser, part, state)
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"the checkpoint does not fit the networks ({error}); choose another --out"
        ) from error


def _models(trainer: Trainer) -> dict[str, torch.nn.Module]:
    return {
        "g": trainer.generator,
        "d": trainer.discriminator,
        "ema": trainer.average,
    }


def _restore_moments(
    optimiser: torch.optim.Adam, part: str, state: dict[str, Tensor]
) -> None:
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    if f"adam.{part}.0.step" not in state:  # saved before the first step
        # in place: a captured step goes on writing to these very tensors
        for moments in optimiser.state.values():
            for tensor in moments.values():
                tensor.zero_()
        return
    for k, parameter in enumerate(parameters):
        moments = optimiser.state[parameter]
        if not moments:
            moments["step"] = torch.zeros((), device=_step_device(parameter))
            for name in ("exp_avg", "exp_avg_sq"):
                moments[name] = torch.zeros_like(
                    parameter, memory_format=torch.preserve_format
                )
        for name, mine in moments.items():
            mine.copy_(state[f"adam.{part}.{k}.{name}"])


def _step_device(parameter: Tensor) -> torch.device:
    # fused and capturable Adam keep their step counter beside the parameter
    return parameter.device
