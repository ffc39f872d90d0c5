"""StyleOptions: what a caller asks of a store of styled images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ganaug.errors import ConfigError
from ganaug.scalars import make_plain
from ganaug.synth.request import Filters, check_filters
from ganaug.synth.styled.filters import STYLE_FILTERS

MOST_PER_CLASS = 100_000


@dataclass(frozen=True, kw_only=True)
class StyleOptions:
    """What a caller asks of a store of styled images, as `style_images` explains it.

    Raises:
        ConfigError: a value is not allowed.
    """

    per_class: int | None = None
    seed: int = 0
    filters: Filters = "auto"
    labels: Literal["hard", "soft"] = "hard"
    command: str = ""

    def __post_init__(self) -> None:
        make_plain(self, "per_class", "seed")
        n = self.per_class
        if n is not None and (isinstance(n, bool) or not 1 <= n <= MOST_PER_CLASS):
            raise ConfigError(
                f"{n} images per class is not allowed; give a whole number from 1 to "
                f"{MOST_PER_CLASS:,}"
            )
        check_filters(self.filters, self.labels, tuple(STYLE_FILTERS))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the filters in their order."""
        return check_filters(self.filters, self.labels, tuple(STYLE_FILTERS))
