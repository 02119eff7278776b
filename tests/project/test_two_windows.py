"""Two programs with one project: one labels, others read, index and import."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.masks.config import MaskConfig
from napari_iris.project import indexing
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIG = MaskConfig(shape=(24, 32))

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="forks and kills the POSIX way"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


@pytest.fixture
def window(folder: Path, child: Callable) -> object:
    """Another process that has the project open exclusively."""

    def live(tell: Callable) -> None:
        with Project(folder, exclusive=True):
            tell("open")
            signal.pause()

    other = child(live)
    assert other.lines.readline() == "open\n"
    return other


def test_a_second_window_is_refused_and_may_read(
    folder: Path, window: object, refused: Callable
) -> None:
    for _ in range(2):
        with refused("is open in another window; close it there, or open it read-only"):
            Project(folder, exclusive=True)
    with Project(folder, read_only=True) as project:
        assert len(project.table) == 6
    with Project(folder) as project:
        project.set_note(1, "a command may write beside")


def test_the_lock_is_free_after_the_window_was_killed(folder: Path, window: object) -> None:
    window.kill()
    window.end()
    with Project(folder, exclusive=True) as project:
        project.set_note(1, "free")


def test_the_lock_is_free_after_the_window_was_closed(folder: Path, refused: Callable) -> None:
    for _ in range(2):
        with Project(folder, exclusive=True), refused("is open in another window"):
            Project(folder, exclusive=True)


def test_a_window_that_cannot_open_frees_the_lock(folder: Path, refused: Callable) -> None:
    away = (folder / "iris.db").rename(folder / "away.db")
    (folder / "iris.db").write_bytes(b"garbage!" * 999)
    with refused("damaged"):
        Project(folder, exclusive=True)
    away.replace(folder / "iris.db")
    Project(folder, exclusive=True).close()


@pytest.mark.timeout(60)
def test_workers_of_a_killed_window_free_the_lock(
    tmp_path: Path, write_frame: Callable, child: Callable
) -> None:
    """Workers inherit the lock, so they must end with the window."""
    paths = [write_frame(f"many/{number}.fits") for number in range(200)]

    def take_in(tell: Callable) -> None:
        def slowly(path: Path) -> object:
            tell(os.getpid())
            time.sleep(0.2)
            return read_frame(path)

        read_frame, indexing.read_frame = indexing.read_frame, slowly
        with Project(tmp_path / "project", exclusive=True) as project:
            list(index(project, paths, CONFIG, jobs=2))

    window = child(take_in)
    workers: set[int] = set()
    while len(workers) < 2:
        workers |= {int(window.lines.readline())} - {window.pid}
    try:
        window.kill()
        assert set(map(int, window.end())) <= workers, "lines come until the last of them has ended"
    finally:
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
    Project(tmp_path / "project", exclusive=True).close()


@pytest.mark.slow
def test_labelling_and_indexing_at_the_same_time_lose_nothing(
    folder: Path, write_frame: Callable, mask_of: Callable, child: Callable, check_saved: Callable
) -> None:
    paths = [write_frame(f"many/{number}.fits") for number in range(150)]

    def take_in(tell: Callable) -> None:
        indexing.BATCH_S = 0.002
        with Project(folder) as project:
            for path in index(project, paths, CONFIG, jobs=1):
                tell(path)

    command = child(take_in)
    rounds = 0
    reported = [command.lines.readline()]
    saved: dict[int, np.ndarray] = {}
    with Project(folder, exclusive=True) as project:
        while os.waitid(os.P_PID, command.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            frame = rounds % 6 + 1
            saved[frame] = mask_of(rounds)
            project.approve(frame, saved[frame])
            rounds += 1
        reported += command.end()
        assert command.code == 0
        assert [line.strip() for line in reported] == [str(path) for path in paths]
        assert rounds > 20, "both were at it"
        assert project.status()["status"]["approved"] == 6
        project.reload()
        assert project.status()["masks"] == {"auto": 150, "model": 0, "human": 6}
    check_saved(folder, saved)


@pytest.mark.slow
def test_two_programs_index_each_frame_once(
    tmp_path: Path, write_frame: Callable, child: Callable, check_saved: Callable
) -> None:
    place = tmp_path / "project"
    paths = [write_frame(f"many/{number}.fits") for number in range(30)]

    def take_in(tell: Callable) -> None:
        indexing.BATCH_S = 0
        with Project(place) as project:
            for path in index(project, paths, CONFIG, jobs=1):
                tell(path)

    commands = [child(take_in) for _ in range(2)]
    for command in commands:
        assert command.end() == [str(path) for path in paths]
        assert command.code == 0
    with Project(place) as project:
        assert list(project.table.paths) == paths
        assert project.status()["masks"]["auto"] == 30
        assert project.status()["duplicates"]["same"] == 29
    check_saved(place, {})
