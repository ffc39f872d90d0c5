"""Several small pieces of work at once: each on one thread, in one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_parallel(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> list[Result]:
    """Map a function over items in threads, each with one torch thread; keep the order.

    As many run at a time as torch has threads; the results do not depend on that.

    Example:
        >>> map_parallel(abs, [-1, 2])
        [1, 2]
    """
    threads = torch.get_num_threads()
    if threads == 1 or len(items) < 2:
        return [function(item) for item in items]
    pool = ThreadPoolExecutor(threads)
    try:
        return list(pool.map(function, items))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        torch.set_num_threads(threads)  # a worker may have left its own behind
