"""Do the same to every frame, on all cores, in flat memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from threadpoolctl import threadpool_limits

from napari_iris.errors import FileError, FrameError, IrisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Frame = TypeVar("Frame", bound=os.PathLike[str])
Result = TypeVar("Result")

THREADED = ("jax", "tensorflow", "openvino")
"""Libraries with threads that Python does not know of."""

CHUNK = 16
"""Frames a worker takes at a time."""


def each_frame(
    paths: Iterable[Frame], work: Callable[[Frame], Result], jobs: int = 0
) -> Iterator[Result | FileError]:
    """Do `work` to every frame and give its results in order.

    Workers write what they make and return little: frames sent between processes cost more than
    they save. At most a few chunks a worker are under way, so memory does not grow with the night.

    Parameters
    ----------
    paths : iterable of Path
        The frames, or what stands for them and has a path (``__fspath__``).
    work : callable
        What to do; picklable. An `IrisError` that it raises becomes this frame's result.
    jobs : int
        Worker processes; 0 for one a core, 1 for none beside this one.

    Yields
    ------
    object or FileError
        The result of `work`, or what is wrong with this frame; the rest goes on.
    """
    jobs = jobs or os.cpu_count() or 1
    rest = iter(paths)
    for path in islice(rest, 1):  # what it imports, the workers inherit
        yield _outcome(work, path)
    few = list(islice(rest, 2 * CHUNK))
    if jobs == 1 or len(few) < 2 * CHUNK:
        yield from (_outcome(work, path) for path in chain(few, rest))
    else:
        yield from _in_workers(_chunks(chain(few, rest)), work, jobs)


def _chunks(paths: Iterator[Frame]) -> Iterator[tuple[Frame, ...]]:
    while chunk := tuple(islice(paths, CHUNK)):
        yield chunk


def _in_workers(
    chunks: Iterator[tuple[Frame, ...]], work: Callable[[Frame], Result], jobs: int
) -> Iterator[Result | FileError]:
    """Keep `jobs` processes busy with chunks, three a process under way at most."""
    context = multiprocessing.get_context(_start_method())
    executor = ProcessPoolExecutor(jobs, context, initializer=_settle_in)
    under_way: deque[Future[list[Result | FileError]]] = deque()
    try:
        for chunk in chunks:
            under_way.append(executor.submit(_chunk, work, chunk))
            if len(under_way) >= 3 * jobs:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()
    except BrokenProcessPool as error:
        raise IrisError("a worker process was killed (out of memory?); try --jobs 1") from error
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _settle_in() -> None:
    """Keep a worker's linear algebra to one thread, as the processes share the cores already.

    On Ctrl+C, which a terminal sends to all of them, it leaves quietly; and it leaves when the
    process that it works for was killed, whose files and locks it would keep otherwise.
    """
    threadpool_limits(1)
    signal.signal(signal.SIGINT, lambda *_: sys.exit())
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start_method() -> str:
    """Fork where it is safe (POSIX, no other thread runs): it spares each worker its imports."""
    can_fork = "fork" in multiprocessing.get_all_start_methods() and os.name == "posix"
    alone = threading.active_count() == 1 and not any(name in sys.modules for name in THREADED)
    return "fork" if can_fork and alone else "spawn"


def _chunk(work: Callable[[Frame], Result], paths: tuple[Frame, ...]) -> list[Result | FileError]:
    return [_outcome(work, path) for path in paths]


def _outcome(work: Callable[[Frame], Result], path: Frame) -> Result | FileError:
    try:
        return work(path)
    except FileError as error:
        return error
    except IrisError as error:
        return FrameError(Path(path), str(error), "leave it out")
