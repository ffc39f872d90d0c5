"""WorkerSeeds: other random numbers in each worker of a DataLoader, and each epoch."""

from __future__ import annotations

from torch.utils.data import get_worker_info


class WorkerSeeds:
    """Tells once in each worker which seed to begin anew with.

    A worker is a copy of the main process, so without that all of them would draw what
    that process draws next, and again in each epoch.

    Example:
        >>> WorkerSeeds().find_new() is None  # this is the main process
        True
    """

    def __init__(self) -> None:
        self._last: int | None = None

    def find_new(self) -> int | None:
        """Return the seed of this worker if it was not told yet."""
        worker = get_worker_info()
        if worker is None or worker.seed == self._last:
            return None
        self._last = worker.seed
        return int(worker.seed)
