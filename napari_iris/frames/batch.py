"""Map a function over frames, on all cores, in constant memory."""

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
from typing import TYPE_CHECKING, Any, TypeVar

from threadpoolctl import threadpool_limits

from napari_iris.errors import FileError, FrameError, IrisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item", bound=os.PathLike[str])
Result = TypeVar("Result")

THREADED = ("jax", "tensorflow", "openvino")
"""Libraries that start threads which Python cannot count."""

CHUNK = 16
"""Frames in one task of a worker."""

_work: list[Callable[[Any], Any]] = []
"""What this process does with each frame, if it is a worker."""


def each_frame(
    paths: Iterable[Item], work: Callable[[Item], Result], jobs: int = 0
) -> Iterator[Result | FileError]:
    """Call `work` on every frame and yield the results in order.

    `work` should write its product and return little: sending frames between processes costs more
    than it saves. Each worker has a few chunks queued at most, so memory does not grow with the
    number of frames.

    Parameters
    ----------
    paths : iterable of Path
        The frames, or objects that have the path of one (``__fspath__``).
    work : callable
        Function of one item of `paths`; picklable. An `IrisError` or OSError that it raises
        becomes the result of this frame.
    jobs : int
        Worker processes; 0 for one per core, 1 to work in this process.

    Yields
    ------
    object or FileError
        The result of `work`, or the error of this frame; the others are still processed.

    Raises
    ------
    IrisError
        If a worker process was killed.
    """
    jobs = jobs or os.cpu_count() or 1
    rest = iter(paths)
    for path in islice(rest, 1):  # in this process: forked workers inherit its imports
        yield _outcome(work, path)
    few = list(islice(rest, 2 * CHUNK))
    if jobs == 1 or len(few) < 2 * CHUNK:
        yield from (_outcome(work, path) for path in chain(few, rest))
    else:
        yield from _in_workers(_chunks(chain(few, rest)), work, jobs)


def _chunks(paths: Iterator[Item]) -> Iterator[tuple[Item, ...]]:
    while chunk := tuple(islice(paths, CHUNK)):
        yield chunk


def _in_workers(
    chunks: Iterator[tuple[Item, ...]], work: Callable[[Item], Result], jobs: int
) -> Iterator[Result | FileError]:
    """Process chunks in `jobs` worker processes, with at most three per process queued."""
    context = multiprocessing.get_context(_start_method())
    executor = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(work,))
    queued: deque[Future[list[Result | FileError]]] = deque()
    try:
        for chunk in chunks:
            queued.append(executor.submit(_chunk, chunk))
            if len(queued) >= 3 * jobs:
                yield from queued.popleft().result()
        while queued:
            yield from queued.popleft().result()
    except BrokenProcessPool as error:
        raise IrisError("a worker process was killed (out of memory?); try --jobs 1") from error
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def init_worker() -> None:
    """Initialise a worker: one BLAS thread, exit silently on SIGINT, exit if the parent dies.

    A terminal sends SIGINT to all processes. A worker that outlived its parent would keep the
    files and locks that it inherited.
    """
    threadpool_limits(1)
    signal.signal(signal.SIGINT, lambda *_: sys.exit())
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _begin(work: Callable[[Any], Any]) -> None:
    """Initialise a worker with its work, which may hold much that is then sent once."""
    init_worker()
    _work[:] = [work]


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start_method() -> str:
    """Fork where it is safe (POSIX, a single thread), so that workers need not import again."""
    can_fork = "fork" in multiprocessing.get_all_start_methods() and os.name == "posix"
    threaded = threading.active_count() > 1 or any(name in sys.modules for name in THREADED)
    return "fork" if can_fork and not threaded else "spawn"


def _chunk(paths: tuple[Item, ...]) -> list[Any]:
    (work,) = _work
    return [_outcome(work, path) for path in paths]


def _outcome(work: Callable[[Item], Result], path: Item) -> Result | FileError:
    try:
        return work(path)
    except FileError as error:
        return error
    except IrisError as error:
        return FrameError(Path(path), str(error), "leave it out")
    except OSError as error:  # such as a frame that vanishes while it is read
        reason = f"cannot be read or written ({error.strerror or error})"
        return FrameError(Path(path), reason, "leave it out")
