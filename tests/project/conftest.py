"""Small projects, masks by number, other processes, and the form of every error."""

from __future__ import annotations

import os
import re
import signal
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import FileError, ProjectError
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

START = np.datetime64("2024-01-15T18:00:00")
"""Time of the first frame; the others follow every 10 s."""


def ragged_mask(number: int, shape: tuple[int, int] = (24, 32)) -> NDArray[np.uint8]:
    """Mask of a number: the same in every process."""
    return np.random.default_rng(number).integers(0, 3, shape).astype(np.uint8)


@pytest.fixture(scope="session")
def mask_of() -> Callable[..., NDArray[np.uint8]]:
    """Mask by its number: ``mask_of(7)``, ``mask_of(7, (512, 640))``."""
    return ragged_mask


@pytest.fixture
def frames(write_frame: Callable[..., Path], snapshot: Callable[..., Path]) -> list[Path]:
    """Six frames of a night, 10 s apart, all different."""

    def make() -> Path:
        data = np.random.default_rng(1).integers(600, 700, (6, 24, 32)).astype(np.int16)
        times = START + np.arange(6) * np.timedelta64(10, "s")
        for number, (image, time) in enumerate(zip(data, times, strict=True)):
            path = write_frame(f"night/sky_{number}.fits", image, DATE_OBS=str(time))
        return path.parent

    night = snapshot("frames of projects", make)
    return [night / f"sky_{number}.fits" for number in range(6)]


@pytest.fixture
def folder(tmp_path: Path, frames: list[Path], snapshot: Callable[..., Path]) -> Path:
    """Folder of a closed project with the six frames, numbered from 1."""

    def make() -> Path:
        with Project(tmp_path / "project", by="ada") as project:
            assert list(index(project, frames, None, jobs=1)) == frames
        return tmp_path / "project"

    return snapshot("project", make)


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    """Project with the six frames, open; Ada labels."""
    with Project(folder, by="ada") as project:
        yield project


@pytest.fixture
def refused() -> Callable[..., object]:
    """Expect an error of one line with a fix: ``with refused("disk is full"): ...``."""

    @contextmanager
    def expect(match: str, kind: type[FileError] = ProjectError) -> Iterator[None]:
        with pytest.raises(kind, match=match) as raised:
            yield
        assert re.fullmatch(r"[^\n]+: [^\n]+; [^\n]+", str(raised.value)), "one line, with a fix"

    return expect


def is_whole(folder: Path) -> bool:
    """Whether SQLite finds a project's database intact."""
    with Project(folder) as project:
        return project.repository.connection.execute("PRAGMA integrity_check").fetchall() == [
            ("ok",)
        ]


@pytest.fixture
def whole() -> Callable[[Path], bool]:
    return is_whole


class Child:
    """A forked process that does `work` and writes lines about it.

    SQLite must not be carried over a fork: no project may be open when it starts.
    """

    def __init__(self, work: Callable[[Callable[..., None]], None]) -> None:
        reader, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            self._live(work, writer)
        os.close(writer)
        self.lines = os.fdopen(reader)
        self.code: int | None = None

    @staticmethod
    def _live(work: Callable[[Callable[..., None]], None], writer: int) -> None:
        code = 1
        try:
            with os.fdopen(writer, "w", buffering=1) as out:
                work(lambda *words: print(*words, file=out))
            code = 0
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)

    def kill(self) -> None:
        """Kill it as the system does when memory is exhausted."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> list[str]:
        """Wait for its end, and return the lines not read yet."""
        with self.lines:
            lines = self.lines.read().splitlines()
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return lines


@pytest.fixture
def child() -> Iterator[Callable[..., Child]]:
    """Start another process: ``child(lambda tell: tell("ready"))``; it ends with the test."""
    if not hasattr(os, "fork"):
        pytest.skip("forks a process the POSIX way")
    started: list[Child] = []

    def start(work: Callable[[Callable[..., None]], None]) -> Child:
        started.append(Child(work))
        return started[-1]

    yield start
    for one in started:
        if one.code is None:
            one.kill()
            one.end()


@pytest.fixture
def check_saved() -> Callable[[Path, dict[int, NDArray[np.uint8]]], None]:
    """Check that a closed project is intact, with approved masks by frame: ``{1: mask}``."""

    def check(folder: Path, saved: dict[int, NDArray[np.uint8]]) -> None:
        with Project(folder) as project:
            assert project.repository.connection.execute("PRAGMA integrity_check").fetchall() == [
                ("ok",)
            ]
            for frame, mask in saved.items():
                assert project.decision(frame).status == "approved"
                np.testing.assert_array_equal(project.mask(frame), mask)

    return check
