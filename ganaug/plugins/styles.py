"""StyleSource: a style generator that is read once in each process."""

from __future__ import annotations

from typing import Any

from ganaug.errors import ConfigError
from ganaug.translate.style.transfer import StyleTransfer


class StyleSource:
    """Holds the path of a style generator's run, and reads it when first needed.

    Args:
        run: folder of the run.
        alpha_range: lowest and highest share of a style's look.
        device: `cpu`, `cuda` or `mps`.

    Raises:
        RunError, CheckpointError: there is no style generator.
        ConfigError: the range is not allowed.
    """

    def __init__(
        self, run: str, alpha_range: tuple[float, ...], device: str = "cpu"
    ) -> None:
        if len(alpha_range) != 2 or not 0 <= alpha_range[0] <= alpha_range[1] <= 1:
            raise ConfigError(
                f"alpha_range={alpha_range} is not allowed; give (low, high) with 0 ≤ "
                "low ≤ high ≤ 1"
            )
        self.run, self.device = run, device
        self._transfer: StyleTransfer | None = StyleTransfer.load(run, device)

    @property
    def transfer(self) -> StyleTransfer:
        if self._transfer is None:
            self._transfer = StyleTransfer.load(self.run, self.device)
        return self._transfer

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_transfer": None}
