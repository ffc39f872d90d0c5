"""Totals: named sums over the steps of a training, kept on its device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


class Totals:
    """Named sums in one tensor; adding to them does not wait for the device.

    Attributes:
        names: names of the sums, in the tensor's order.
        tensor: (len(names),) float32; a captured step adds to this very tensor.

    Example:
        >>> totals = Totals(["loss", "steps"], torch.device("cpu"))
        >>> totals.add({"loss": torch.tensor(0.5), "steps": torch.tensor(1.0)})
        >>> totals.take(), totals.tensor.tolist()
        ({'loss': 0.5, 'steps': 1.0}, [0.0, 0.0])
    """

    def __init__(self, names: Sequence[str], device: torch.device) -> None:
        self.names = tuple(names)
        self.tensor = torch.zeros(len(self.names), device=device)
        self.nothing = torch.zeros((), device=device)

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Add values (scalars) to the sums of these names."""
        assert set(values) <= set(self.names), set(values) - set(self.names)
        summands = [values.get(name, self.nothing) for name in self.names]
        self.tensor += torch.stack([s.detach().float() for s in summands])

    def take(self) -> dict[str, float]:
        """Return the sums and set them to 0; waits for the device."""
        sums: list[float] = self.tensor.tolist()
        self.tensor.zero_()
        return dict(zip(self.names, sums, strict=True))
