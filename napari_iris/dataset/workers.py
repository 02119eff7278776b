"""Worker processes that make samples while the network learns."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from napari_iris.frames.batch import init_worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

Result = TypeVar("Result")


class Workers:
    """Processes that start with their first task, to be closed after the last.

    Parameters
    ----------
    jobs : int
        Processes; 0 for one per core.
    """

    def __init__(self, jobs: int = 0) -> None:
        self.jobs = jobs or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()

    def submit(self, work: Callable[..., Result], *arguments: object) -> Future[Result]:
        """Run a function in one of the processes; thread-safe.

        Parameters
        ----------
        work : callable
            The function; it and its arguments are picklable.
        *arguments : object
            Its arguments.

        Returns
        -------
        Future
            Its result, once there is one.
        """
        with self._lock:
            if self._pool is None:
                # Not by fork: TensorFlow and JAX start threads that do not survive it.
                spawn = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self.jobs, spawn, init_worker)
            return self._pool.submit(work, *arguments)

    def close(self) -> None:
        """End the processes; tasks that have not begun are dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
