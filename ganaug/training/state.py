"""The state of a training as one flat dictionary of tensors and plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganaug.errors import CheckpointError

State = dict[str, Any]  # tensors and plain values by flat names


def collect_tensors(
    models: Mapping[str, nn.Module], optimisers: Mapping[str, torch.optim.Adam]
) -> dict[str, Tensor]:
    """Return every tensor of the models and of Adam by a flat name, without copies.

    Example:
        >>> sorted(collect_tensors({"g": nn.Linear(2, 1)}, {}))
        ['g.bias', 'g.weight']
    """
    state = {
        f"{part}.{name}": tensor
        for part, model in models.items()
        for name, tensor in model.state_dict().items()
    }
    for part, optimiser in optimisers.items():
        for k, moments in enumerate(optimiser.state.values()):
            state |= {f"adam.{part}.{k}.{name}": t for name, t in moments.items()}
    return state


def copy_state(state: State) -> State:
    """Return a copy of the state, which later steps do not change."""
    return {k: v.clone() if isinstance(v, Tensor) else v for k, v in state.items()}


@torch.no_grad()
def restore_tensors(
    models: Mapping[str, nn.Module],
    optimisers: Mapping[str, torch.optim.Adam],
    state: Mapping[str, Any],
) -> None:
    """Restore, in place, what `collect_tensors` gave.

    Raises:
        CheckpointError: a tensor is missing or has another shape.
    """
    try:
        for part, model in models.items():
            for name, mine in model.state_dict().items():
                _copy(mine, state[f"{part}.{name}"])
        for part, optimiser in optimisers.items():
            _restore_moments(optimiser, part, state)
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"the checkpoint does not fit the networks ({error}); choose another --out"
        ) from error


def _restore_moments(
    optimiser: torch.optim.Adam, part: str, state: Mapping[str, Any]
) -> None:
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    if f"adam.{part}.0.step" not in state:  # saved before the first step
        # in place: a captured step writes to these very tensors
        for moments in optimiser.state.values():
            for tensor in moments.values():
                tensor.zero_()
        return
    for k, parameter in enumerate(parameters):
        moments = optimiser.state[parameter]
        if not moments:
            # fused and capturable Adam keep their step counter beside the parameter
            moments["step"] = torch.zeros((), device=parameter.device)
            for name in ("exp_avg", "exp_avg_sq"):
                moments[name] = torch.zeros_like(
                    parameter, memory_format=torch.preserve_format
                )
        for name, mine in moments.items():
            _copy(mine, state[f"adam.{part}.{k}.{name}"])


def _copy(mine: Tensor, saved: Any) -> None:
    """Copy a tensor of the same shape; `copy_` alone would repeat a smaller one."""
    if not isinstance(saved, Tensor) or saved.shape != mine.shape:
        raise RuntimeError("a tensor has another shape")
    mine.copy_(saved)
