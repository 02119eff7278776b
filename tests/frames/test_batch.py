"""The same done to every frame: in order, on all cores, in flat memory, whatever one frame does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.frames import batch
from napari_iris.frames.batch import CHUNK, each_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

ENOUGH = 5 * CHUNK
"""Frames enough for worker processes to start."""

PATHS = [Path(f"frame_{number}.fits") for number in range(ENOUGH)]


def number_of(path: Path) -> int:
    return int(path.stem.removeprefix("frame_"))


def slow_at_first(path: Path) -> int:
    """The first frames take longest, so that later ones are done before them."""
    time.sleep(0.0002 * max(0, 20 - number_of(path)))
    return number_of(path)


def fail_on_odd(path: Path) -> int:
    number = number_of(path)
    if number % 4 == 1:
        raise FrameError(path, "is odd", "give an even one")
    if number % 4 == 3:
        raise IrisError("has no sky in it")
    return number


def kill_on_40(path: Path) -> int:
    if number_of(path) == 40:
        os.kill(os.getpid(), signal.SIGKILL)
    return number_of(path)


def break_on_40(path: Path) -> int:
    return 1 // (number_of(path) - 40)


def process_of(path: Path) -> int:
    return os.getpid()


@pytest.mark.parametrize("jobs", [0, 1, 2])
@pytest.mark.parametrize("count", [0, 1, CHUNK, 2 * CHUNK, ENOUGH])
def test_results_come_in_the_frames_order(jobs: int, count: int) -> None:
    assert list(each_frame(PATHS[:count], slow_at_first, jobs)) == list(range(count))


@pytest.mark.parametrize(
    ("jobs", "count", "workers"), [(1, ENOUGH, 0), (2, 2 * CHUNK - 1, 0), (2, ENOUGH, 2)]
)
def test_few_frames_need_no_workers(jobs: int, count: int, workers: int) -> None:
    processes = set(each_frame(PATHS[:count], process_of, jobs)) - {os.getpid()}
    assert bool(processes) == bool(workers)
    assert len(processes) <= workers


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_wrong_with_one_frame_is_its_result(jobs: int) -> None:
    for path, outcome in zip(PATHS, each_frame(PATHS, fail_on_odd, jobs), strict=True):
        match number_of(path) % 4:
            case 1:
                assert isinstance(outcome, FrameError)
                assert str(outcome) == f"{path}: is odd; give an even one"
                assert outcome.path == path
            case 3:
                assert isinstance(outcome, FileError)
                assert str(outcome) == f"{path}: has no sky in it; leave it out"
            case _:
                assert outcome == number_of(path)


@pytest.mark.skipif(os.name != "posix", reason="kills a process the POSIX way")
def test_a_killed_worker_is_said_and_ends_the_run() -> None:
    with pytest.raises(IrisError, match=r"a worker process was killed .* try --jobs 1"):
        list(each_frame(PATHS, kill_on_40, 2))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_of_our_own_is_not_hidden(jobs: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(each_frame(PATHS, break_on_40, jobs))


@pytest.mark.parametrize("jobs", [1, 2])
def test_frames_are_taken_as_they_are_needed(jobs: int) -> None:
    """Of a night without end, a bounded number is under way at any time."""
    taken = 0

    def night() -> Iterator[Path]:
        nonlocal taken
        while True:
            yield Path(f"frame_{taken}.fits")
            taken += 1

    results = each_frame(night(), number_of, jobs)
    for done in range(1, 6 * CHUNK):
        assert next(results) == done - 1
        assert taken <= done + (3 * jobs + 2) * CHUNK
    results.close()


def test_a_run_that_is_left_ends_its_workers() -> None:
    results = each_frame(PATHS * 20, process_of, 2)
    worker = next(process for process in results if process != os.getpid())
    os.kill(worker, 0)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


IDLE = """
import sys, time
from pathlib import Path
from napari_iris.frames.batch import each_frame

def work(path):
    time.sleep(0.3 * (int(path.stem) > 40))
    return path.stem

if __name__ == "__main__":
    try:
        for stem in each_frame([Path(f"{number}") for number in range(49)], work, 2):
            print(stem, flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_ctrl_c_ends_busy_and_idle_workers_without_a_traceback(tmp_path: Path) -> None:
    """One worker has the last frames, the other has nothing left to do."""
    (tmp_path / "idle.py").write_text(IDLE)
    words = [sys.executable, str(tmp_path / "idle.py")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, start_new_session=True, **pipes) as run:
        for line in run.stdout:
            if line == "32\n":
                break
        time.sleep(0.2)
        os.killpg(run.pid, signal.SIGINT)
        rest, errors = run.communicate(timeout=5)
    assert run.returncode == 130
    assert (rest, errors) == ("", "")


@pytest.mark.parametrize(
    ("threads", "methods", "expected"),
    [
        (1, ["fork", "spawn", "forkserver"], "fork"),
        (2, ["fork", "spawn", "forkserver"], "spawn"),
        (1, ["spawn"], "spawn"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="fork is of POSIX")
def test_workers_are_forked_where_that_is_safe(
    monkeypatch: pytest.MonkeyPatch, threads: int, methods: list[str], expected: str
) -> None:
    for library in batch.THREADED:  # another test may have loaded it
        monkeypatch.delitem(sys.modules, library, raising=False)
    monkeypatch.setattr(batch.threading, "active_count", lambda: threads)
    monkeypatch.setattr(batch.multiprocessing, "get_all_start_methods", lambda: methods)
    assert batch._start_method() == expected


def test_workers_that_are_spawned_do_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As beside a window, whose threads forbid to fork."""
    monkeypatch.setattr(batch, "_start_method", lambda: "spawn")
    stems = list(each_frame(PATHS, Path.as_posix, 2))
    assert stems == [path.as_posix() for path in PATHS]
