"""Work on items a few ahead of what is asked for, and some at a time."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future, ThreadPoolExecutor

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item], depth: int
) -> Iterator[Result]:
    """Do work in the threads of a pool.

    Parameters
    ----------
    pool : ThreadPoolExecutor
        The threads.
    work : callable
        What is done with an item.
    items : iterable
        The items; taken when there is room for them.
    depth : int
        Number of items that are begun before the first result is asked for.

    Yields
    ------
    object
        The results, in the order of the items.
    """
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > depth:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Collect items.

    Parameters
    ----------
    items : iterable
        The items.
    size : int
        Number of items in a batch; the last batch may be smaller.

    Yields
    ------
    list
        The items of a batch.
    """
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
