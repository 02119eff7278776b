"""A full disk: saved labels stay, errors say so, and work continues later."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import FileError, ProjectError
from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = (128, 160)
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="makes trouble the POSIX way"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def fill(disk: Path, spare: int) -> None:
    """Leave some bytes of a disk."""
    stat = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(max(0, stat.f_bavail * stat.f_frsize - spare)))


def save_or_say(project: Project, frame: int, mask: np.ndarray) -> bool:
    """Save a mask; an error must be one line with a fix."""
    try:
        project.approve(frame, mask)
    except FileError as error:
        return check_message(error)
    return True


def check_message(error: FileError) -> bool:
    assert re.fullmatch(r"[^\n]+: [^\n]+; make room\b[^\n]+", str(error))
    return False


@pytest.mark.parametrize("reopen", [False, True])
def test_a_full_disk_costs_no_label(
    small_disk: Path, folder: Path, mask_of: Callable, check_saved: Callable, *, reopen: bool
) -> None:
    """However much room is left: for nothing, for the mask alone, for all but the last bytes."""
    place = small_disk / "project"
    shutil.copytree(folder, place)
    saved: dict[int, np.ndarray] = {}
    outcomes = []
    project = Project(place)
    for step, spare in enumerate(range(0, 144 * 1024, 8192)):
        frame, mask = step % 6 + 1, mask_of(step, LARGE)
        if reopen:
            project.close()
        fill(small_disk, spare)
        try:
            project = Project(place) if reopen else project
        except ProjectError as error:
            outcomes.append(check_message(error))
        else:
            outcomes.append(save_or_say(project, frame, mask))
            if outcomes[-1]:
                saved[frame] = mask
            project.close() if reopen else None
        (small_disk / "filler").unlink()
    project.close()
    assert not outcomes[0]
    assert outcomes[-1]
    check_saved(place, saved)
    with Project(place) as project:
        assert all(save_or_say(project, frame, mask_of(frame)) for frame in range(1, 7))
    assert not list(place.rglob("*.part"))


def test_indexing_on_a_full_disk_is_an_error_and_continues_later(
    small_disk: Path,
    tmp_path: Path,
    write_frame: Callable,
    frames: list[Path],
    check_saved: Callable,
) -> None:
    place, config = small_disk / "project", MaskConfig(shape=(24, 32))
    with Project(place) as project:
        list(index(project, frames[:1], config, jobs=1))
        for spare in (0, 8192, 16384):
            fill(small_disk, spare)
            try:
                outcomes = list(index(project, frames, config, jobs=1))
            except ProjectError as error:
                outcomes = [error]
            failed = [one for one in outcomes if isinstance(one, FileError)]
            assert failed or spare
            assert all("make room" in str(error) for error in failed)
            (small_disk / "filler").unlink()
        assert sorted(index(project, frames, config, jobs=1)) == frames
        assert all(project.mask(frame) is not None for frame in range(1, 7))
    check_saved(place, {})


def test_a_database_that_may_not_grow_is_an_error(
    project: Project, folder: Path, mask_of: Callable, refused: Callable, check_saved: Callable
) -> None:
    project.approve(1, mask_of(1))
    pages = project.repository.connection.execute("PRAGMA page_count").fetchone()[0]
    project.repository.connection.execute(f"PRAGMA max_page_count = {pages}")
    with refused("the disk is full .*; make room, then try again"):
        project.set_note(1, "long " * 99_999)
    with refused("the disk is full .*; make room, then try again"):
        while True:
            project.approve(2, mask_of(2))
    assert project.decision(1).note == ""
    project.repository.connection.execute("PRAGMA max_page_count = 1000000")
    project.approve(2, mask_of(3))
    project.close()
    check_saved(folder, {1: mask_of(1), 2: mask_of(3)})


@pytest.mark.parametrize("limit", [100, 5_000, 10_000, 30_000])
def test_a_file_that_may_not_grow_costs_no_label(
    folder: Path, mask_of: Callable, child: Callable, limit: int, check_saved: Callable
) -> None:
    def label(tell: Callable) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Project(folder) as project:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                for step in range(99):
                    project.approve(step % 6 + 1, mask_of(step, LARGE))
                    tell(step)
            except FileError as error:
                tell(error)

    lines = child(label).end()
    assert "make room" in lines[-1]
    assert lines[:-1] == [str(step) for step in range(len(lines) - 1)]
    check_saved(folder, {int(step) % 6 + 1: mask_of(int(step), LARGE) for step in lines[-7:-1]})
