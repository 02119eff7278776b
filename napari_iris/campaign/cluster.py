"""Shards as tasks of a running Dask cluster, which hands them to its workers.

https://distributed.dask.org/
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, nullcontext, suppress
from itertools import filterfalse, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris import __version__
from napari_iris.campaign.manifest import find_manifests
from napari_iris.campaign.run import run_shard
from napari_iris.campaign.shard import Shard
from napari_iris.errors import FileError, IrisError, MissingPackageError
from napari_iris.io.atomic import make_folder
from napari_iris.io.remote import url_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from napari_iris.campaign.frames import CampaignFrames, ShardFrames
    from napari_iris.campaign.work import Row, Work

FRAMES = 512
"""Frames in a task: a scheduler chokes above 10^6 tasks, and a task that is lost is done again."""

AHEAD = 3
"""Tasks that the scheduler has for each thread of its workers."""

CONNECT_S = 20
"""Time to reach the scheduler [s]."""

PACKAGES = ("python", "distributed", "numpy")
"""Packages whose versions must be the same here and on the workers, without the last number."""

_alone = threading.Lock()
"""Held by tasks that use all cores, and models that only one thread may use."""


def run_on_cluster(
    address: str,
    work: Work[Row],
    frames: CampaignFrames,
    *,
    retry_failed: bool = False,
    notes: Sequence[str] = (),
    say: Callable[[str], object] = lambda _: None,
) -> Iterator[Row | FileError | None]:
    """Have the workers of a Dask cluster work on the shards of a campaign.

    Parameters
    ----------
    address : str
        Address of the scheduler, such as ``tcp://127.0.0.1:8786``.
    work : Work
        What is done to each frame; workers see the same files under the same names.
    frames : CampaignFrames
        The frames.
    retry_failed, notes
        As for `run_shard`.
    say : callable
        Takes a line on what happens to the cluster.

    Yields
    ------
    row, FileError or None
        Of each frame, as its shard ends.

    Raises
    ------
    IrisError
        If the scheduler cannot be reached or is lost, or a worker has other versions, lacks a
        folder, or dies again and again; what is done stays done.
    """
    make_folder(work.out)
    shards = _shards(work, frames)
    ends: Iterable[int] = (0, len(frames.paths) - 1) if len(frames.paths) else ()
    folders: list[str] = [str(frames.paths[place].parent) for place in ends]
    needed: list[str] = list(
        dict.fromkeys([str(work.out.absolute()), *filterfalse(url_of, folders)])
    )
    with _client(address) as client, _in_words(address):
        threads = _checked_workers(client, needed, say)
        known = _workers(client)
        from distributed import as_completed

        def submit(number: int) -> Any:
            given = frames.of(Shard(number, shards))
            how = {"retry_failed": retry_failed, "notes": list(notes), "needed": needed}
            return client.submit(_task, __version__, work, given, **how, pure=False)

        rest = iter(range(1, shards + 1))
        done = as_completed([submit(number) for number in islice(rest, AHEAD * threads)])
        for future in done:
            yield from future.result()
            future.release()
            for worker in sorted(known - (known := _workers(client))):
                say(f"the worker {worker} is gone; other workers take over its shards")
            for number in islice(rest, 1):
                done.add(submit(number))


def _task(
    version: str, work: Work[Row], frames: ShardFrames, *, needed: list[str], **how: Any
) -> list[Row | FileError | None]:
    """Work on one shard, on a worker."""
    if reason := _unfit(version, needed):
        from distributed import get_worker

        raise IrisError(f"the worker {get_worker().address} {reason}")
    with _alone if work.uses_all_cores else nullcontext():
        return list(run_shard(work.in_one_process(), frames, **how))


def _unfit(version: str, needed: list[str]) -> str:
    """Say why this worker cannot take part; empty if it can."""
    if version != __version__:
        return f"has napari-iris {__version__}, this machine {version}; install the same version"
    for folder in needed:
        if not Path(folder).is_dir():
            return f"lacks the folder {folder}; mount it there under this name"
    return ""


def _shards(work: Work[Row], frames: CampaignFrames) -> int:
    """Give the number of shards: that of an earlier run, so that it is continued."""
    earlier = {
        shard.count for command, shard in find_manifests(work.out) if command == work.command
    }
    return max(earlier) if earlier else max(1, -(-len(frames.paths) // FRAMES))


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """Connect to a scheduler; the library says nothing itself."""
    try:
        from distributed import Client
    except ImportError as error:
        fix = "--scheduler needs distributed: pip install 'napari-iris[cluster]'"
        raise MissingPackageError(fix) from error
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        try:
            client = Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            reason = f"--scheduler {address}: no Dask scheduler can be reached there"
            raise IrisError(f"{reason}; check the address, and that it runs") from error
        try:
            with client.as_current():
                yield client
        finally:
            with suppress(TimeoutError):  # of a busy machine, or a lost scheduler
                client.close(timeout=1)
    finally:
        logging.disable(before)


def _checked_workers(client: Any, needed: list[str], say: Callable[[str], object]) -> int:
    """Refuse workers that cannot take part; give the number of their threads."""
    if not _workers(client):
        say("the cluster has no worker yet; waiting for the first")
        client.wait_for_workers(1)
    versions = client.get_versions()
    here = versions["client"]["packages"]
    for worker, found in versions["workers"].items():
        for name in PACKAGES:
            there = found["packages"].get(name)
            if _short(there) != _short(here[name]):
                reason = f"has {name} {there}, this machine {here[name]}; install the same version"
                raise IrisError(f"the worker {worker} {reason}")
    for worker, reason in client.run(_unfit, __version__, needed).items():
        if reason:
            raise IrisError(f"the worker {worker} {reason}")
    threads: int = sum(client.nthreads().values())
    return max(1, threads)  # the only worker may just be starting again


def _short(version: object) -> str:
    return ".".join(str(version).split(".")[:2])


def _workers(client: Any) -> set[str]:
    return set(client.scheduler_info(n_workers=-1)["workers"])


@contextmanager
def _in_words(address: str) -> Iterator[None]:
    """Convert what a cluster raises to errors of one line."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    again = "what is done is kept: run the same command again"
    try:
        yield
    except KilledWorker as error:
        reason = "workers died repeatedly on the same shard (out of memory?)"
        raise IrisError(f"{reason}; {again}, with fewer workers per machine") from error
    except (CancelledError, CommClosedError, TimeoutError) as error:
        raise IrisError(f"the scheduler at {address} is lost; {again}") from error
    except ImportError as error:
        raise IrisError(f"a worker lacks a package ({error}); install napari-iris there") from error
