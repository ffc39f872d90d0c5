"""FitFacts: what a gain's fits were made with, beside their recipe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.archives import DAMAGED_ARCHIVE, read_arrays
from ganaug.classify.learning import Optimisation
from ganaug.errors import RunError
from ganaug.files import refuse_damage
from ganaug.gain.kept import KEPT_FOLDER, read_kept
from ganaug.gain.protocol.jobs import OPTIMISATION, POOL
from ganaug.gain.protocol.split_task import FLIPS
from ganaug.recipe import MEASURE_AGAIN
from ganaug.records import Types, conform_fields

Flips = tuple[bool, bool]
OPTIMISATION_TYPES: Types = {"learning_rate": float, "weight_decay": float}


@dataclass(frozen=True)
class FitFacts:
    """What a gain's fits were made with, beside their recipe.

    Attributes:
        flips: whether mirroring left-right and up-down keeps labels, as most splits
            say; None when unknown.
        channels: channels of the images; None when unknown.
        optimisation: learning rate and weight decay, as the first split tuned them.
    """

    flips: Flips | None = None
    channels: int | None = None
    optimisation: Optimisation = field(default_factory=Optimisation)


def read_fit_facts(path: Path) -> FitFacts:
    """Read what a gain's folder keeps of them.

    Raises:
        RunError: a file is damaged.

    Example:
        >>> read_fit_facts(Path("/nowhere")).flips is None
        True
    """
    kept = path / KEPT_FOLDER
    files = sorted(kept.glob(f"*/{POOL}.npz"))
    pools = [pool for pool in map(_read_pool, files) if pool]
    channels = [pool["images"].shape[-1] for pool in pools]
    return FitFacts(
        flips=_find_flips(kept, pools),
        channels=channels[0] if channels else None,
        optimisation=_read_optimisation(kept / f"{OPTIMISATION}.json"),
    )


def _read_pool(path: Path) -> dict[str, NDArray[Any]]:
    """Read a pool's images and flips; nothing of one that is damaged."""
    try:
        found = read_arrays(path, ("images", FLIPS))
    except (OSError, *DAMAGED_ARCHIVE):
        return {}
    images = found.get("images", np.empty(0))
    sound = images.ndim == 4 and images.dtype == np.uint8 and all(images.shape[1:])
    return found if sound else {}  # also one without any image is sound


def _find_flips(kept: Path, pools: list[dict[str, NDArray[Any]]]) -> Flips | None:
    """Return what most splits say; pools have it, or a file of its own."""
    told = [pool[FLIPS] for pool in pools if FLIPS in pool]
    found = [
        (bool(flips[0]), bool(flips[1]))
        for flips in told
        if flips.dtype == bool and flips.shape == (2,)
    ]
    for file in sorted(kept.glob(f"*/{FLIPS}.json")):
        with refuse_damage(file, RunError, MEASURE_AGAIN):
            across, down = read_kept(file)[FLIPS]
            found.append((bool(across), bool(down)))
    return Counter(found).most_common(1)[0][0] if found else None


def _read_optimisation(path: Path) -> Optimisation:
    """Return what the first split tuned, or the default."""
    if not path.is_file():
        return Optimisation()
    values = read_kept(path)
    with refuse_damage(path, RunError, MEASURE_AGAIN):
        return Optimisation(**conform_fields(values, OPTIMISATION_TYPES))
