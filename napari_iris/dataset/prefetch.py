"""Compute the next items in threads while the current one is used."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Item = TypeVar("Item")


def prefetch(compute: Callable[[int], Item], count: int, threads: int) -> Iterator[Item]:
    """Iterate over ``compute(0)`` to ``compute(count - 1)``, in order.

    Parameters
    ----------
    compute : callable
        Computes an item from its number; called from several threads at once.
    count : int
        Number of items.
    threads : int
        Threads that compute ahead; 0 for none. At most ``threads + 1`` items exist at a time.

    Yields
    ------
    Item
        The items.
    """
    if not threads:
        yield from map(compute, range(count))
        return
    ahead: deque[Future[Item]] = deque()
    executor = ThreadPoolExecutor(threads, "batches")
    try:
        for number in range(count):
            ahead.append(executor.submit(compute, number))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
