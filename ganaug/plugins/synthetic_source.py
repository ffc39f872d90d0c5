"""SyntheticSource: synthetic images by class, opened once in each process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.data.labels.label import read_label
from ganaug.errors import ConfigError, DataError
from ganaug.mixing.pool import StorePool, open_source
from ganaug.mixing.targets import read_targets
from ganaug.spelling import suggest
from ganaug.synth.store.png import to_pil
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import Synthesizer

MOST_PICKS = 2**31 - 1  # numbers that choose an image are below it
Numbers = NDArray[np.int64]


class SyntheticSource:
    """Synthetic images of each class, of a store or drawn by a run's generator.

    It holds a path; each process opens it once, so that it can be pickled and sent to
    workers.

    Args:
        path: folder of a store or a run.
        classes: names of the classes in the order of the user's labels; by default the
            source's own.
        device: where a run draws: `auto`, `cpu`, `cuda` or `mps`.

    Raises:
        StoreError, RunError, CheckpointError: there is neither, or it is damaged.
        ConfigError: no name is one of the source's classes.
    """

    def __init__(
        self, path: str, classes: Sequence[str] | None = None, device: str = "cpu"
    ) -> None:
        self.path, self.device = path, device
        self._opened: _Opened | None = None
        own = self._open().source.classes
        self.names = tuple(own if classes is None else classes)
        if not set(self.names) & set(own):
            raise ConfigError(
                f"classes={', '.join(self.names)} are none of those of {path}: "
                f"{', '.join(own)}"
            )

    def _open(self) -> _Opened:
        if self._opened is None:
            source = open_source(self.path, self.device)
            pool = StorePool(source) if isinstance(source, Store) else None
            self._opened = _Opened(source, pool)
        return self._opened

    def find_class(self, label: Any) -> int:
        """Find the number of a label among `names`.

        Raises:
            DataError: there is no such class.
        """
        found = read_label(label)
        if isinstance(found, int) and 0 <= found < len(self.names):
            return found
        if isinstance(found, str) and found in self.names:
            return self.names.index(found)
        hint = suggest(found, self.names) if isinstance(found, str) else ""
        raise DataError(
            f"label {label!r}{hint} is no class; give a number below "
            f"{len(self.names)} or one of {', '.join(self.names)}"
        )

    def has(self, number: int) -> bool:
        """Whether there are synthetic images of that class."""
        source, pool = self._open()
        name = self.names[number]
        return name in (source.classes if pool is None else pool.rows)

    def draw(self, numbers: Numbers, picks: Numbers) -> list[Image.Image]:
        """Return an image for each class number.

        Args:
            numbers: (n,) classes that it has.
            picks: (n,) numbers from 0 to `MOST_PICKS`, which choose the images.
        """
        source, pool = self._open()
        if pool is not None:
            rows = self._find_rows(pool, numbers, picks)
            return [pool.pil_image(int(row)) for row in rows]
        assert isinstance(source, Synthesizer)
        own = [source.classes.index(self.names[k]) for k in numbers]
        drawn = source.sample_rows(np.array(own, np.int64), picks, seed=0)
        return [to_pil(image) for image in drawn]

    def read_soft(self, numbers: Numbers, picks: Numbers) -> NDArray[np.float32]:
        """Read the teacher's distribution over `names` for the same images, (n, k).

        Raises:
            ConfigError: it is a run, which has no soft labels.
            StoreError: the store has hard labels.
        """
        pool = self._open().pool
        if pool is None:
            raise ConfigError(
                "soft targets need a store, and this is a run; write one with: ganaug "
                "synth RUN --labels soft"
            )
        return self._soft[self._find_rows(pool, numbers, picks)]

    @cached_property
    def _soft(self) -> NDArray[np.float32]:
        pool = self._open().pool
        assert pool is not None, "only a store has soft labels"
        return read_targets(pool, self.names)

    def _find_rows(self, pool: StorePool, numbers: Numbers, picks: Numbers) -> Numbers:
        rows = [pool.rows[self.names[k]] for k in numbers]
        pairs = zip(rows, picks, strict=True)
        return np.array([own[pick % len(own)] for own, pick in pairs], np.int64)

    def __getstate__(self) -> dict[str, Any]:
        kept = {"path": self.path, "device": self.device, "names": self.names}
        return {**kept, "_opened": None}


class _Opened(NamedTuple):
    """A source, and a store's images by class."""

    source: Store | Synthesizer
    pool: StorePool | None


def check_blend(blend_range: Sequence[float], p: float) -> tuple[float, float]:
    """Return the range of a synthetic image's share in a blend.

    Raises:
        ConfigError: the range or the probability is not allowed.

    Example:
        >>> check_blend([0.5, 1], 0.5)
        (0.5, 1.0)
    """
    if len(blend_range) != 2 or not 0 <= blend_range[0] <= blend_range[1] <= 1:
        raise ConfigError(
            f"blend_range={tuple(blend_range)} is not allowed; give (low, high) with "
            "0 ≤ low ≤ high ≤ 1"
        )
    if not 0 <= p <= 1:
        raise ConfigError(f"p={p} must lie in [0, 1]")
    return float(blend_range[0]), float(blend_range[1])
