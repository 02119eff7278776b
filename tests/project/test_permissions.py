"""Folders of other users, locked databases, lost masks: errors without damage."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import FileError, MaskError
from napari_iris.masks.config import MaskConfig
from napari_iris.project import database, file_system
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="makes trouble the POSIX way"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


@pytest.fixture
def public_folder(folder: Path) -> Iterator[Path]:
    """The project where every user may read it, and none but its owner write."""
    place = Path(tempfile.mkdtemp())
    shutil.copytree(folder, place / "project")
    yield place / "project"
    open_up(place, 0o755, 0o644)
    shutil.rmtree(place)


def open_up(place: Path, folders: int, files: int) -> None:
    for path in (place, *place.rglob("*")):
        path.chmod(folders if path.is_dir() else files)


def as_a_guest() -> None:
    """Become a user who may not write: the superuser may always."""
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def answers(child: Callable, *works: Callable[[], object]) -> list[str]:
    """Lines that a guest gets for each of some works: what it gives, or the error."""

    def ask(tell: Callable) -> None:
        as_a_guest()
        for work in works:
            try:
                tell(work())
            except FileError as error:
                tell(error)

    return child(ask).end()


def look_at(folder: Path) -> str:
    with Project(folder, read_only=True) as project:
        mask = project.mask(1)
        return f"{project.decision(1).status} {None if mask is None else mask.sum()}"


def test_another_user_may_read_but_not_write(
    public_folder: Path, mask_of: Callable, child: Callable
) -> None:
    with Project(public_folder, exclusive=True) as project:
        project.approve(1, mask_of(1))
    before = (public_folder / "iris.db").read_bytes()
    open_up(public_folder.parent, 0o555, 0o444)
    seen, *refusals = answers(
        child,
        lambda: look_at(public_folder),
        lambda: Project(public_folder),
        lambda: Project(public_folder, exclusive=True),
        lambda: Project(public_folder / "new"),
        lambda: Project(public_folder.parent / "new"),
    )
    assert seen == f"approved {mask_of(1).sum()}"
    assert len(refusals) == 4
    for text in refusals[:2]:
        assert text.startswith(f"{public_folder}: ")
        assert text.endswith("; ask for permission to write, or open it read-only")
    for text in refusals[2:]:
        assert "Permission denied" in text
    assert (public_folder / "iris.db").read_bytes() == before
    assert not list(public_folder.glob("iris.db-*"))


@pytest.mark.parametrize("place", ["project", "project/iris.db"])
def test_an_unreadable_project_is_an_error(
    public_folder: Path, child: Callable, place: str
) -> None:
    open_up(public_folder.parent, 0o755, 0o644)
    (public_folder.parent / place).chmod(0)
    for text in answers(child, lambda: look_at(public_folder), lambda: Project(public_folder)):
        assert text == f"{public_folder}: is not readable; ask for permission to read it"


def test_another_user_sees_labels_made_at_the_same_time(
    public_folder: Path, mask_of: Callable, child: Callable
) -> None:
    """What was just saved is still in the write-ahead log."""
    open_up(public_folder.parent, 0o755, 0o644)

    def label(tell: Callable) -> None:
        project = Project(public_folder)
        project.approve(1, mask_of(1))
        tell("approved")
        signal.pause()

    window = child(label)
    assert window.lines.readline() == "approved\n"
    assert answers(child, lambda: look_at(public_folder)) == [f"approved {mask_of(1).sum()}"]
    window.kill()
    window.end()
    assert answers(child, lambda: look_at(public_folder)) == [f"approved {mask_of(1).sum()}"]


def test_a_disk_mounted_read_only_can_be_read(
    small_disk: Path, folder: Path, mask_of: Callable, refused: Callable
) -> None:
    place = small_disk / "project"
    shutil.copytree(folder, place)
    with Project(place) as project:
        project.approve(1, mask_of(1))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert look_at(place) == f"approved {mask_of(1).sum()}"
    for options in ({}, {"exclusive": True}):
        with refused("ask for permission to write, or open it read-only"):
            Project(place, **options)


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], object]:
    """Hold a project's database from another connection, while others wait 50 ms."""
    monkeypatch.setattr(database, "BUSY_S", 0.05)

    def begin(folder: Path, how: str) -> object:
        other = sqlite3.connect(folder / "iris.db", isolation_level=None)
        other.execute(f"BEGIN {how}")
        return closing(other)

    return begin


def test_while_another_program_writes_reading_works_and_saving_later(
    folder: Path,
    frames: list[Path],
    mask_of: Callable,
    hold: Callable,
    refused: Callable,
    check_saved: Callable,
) -> None:
    with hold(folder, "IMMEDIATE") as other, Project(folder) as project:
        with refused("another program is writing to it .*; wait until it is done"):
            project.approve(1, mask_of(1))
        with refused("another program is writing to it .*; wait until it is done"):
            list(index(project, frames, MaskConfig(shape=(24, 32)), jobs=1))
        assert project.decision(1).status == "unlabelled"
        assert project.table.status_of(0) == "unlabelled"
        other.execute("COMMIT")
        project.approve(1, mask_of(1))
    check_saved(folder, {1: mask_of(1)})


def test_without_a_write_ahead_log_a_writer_blocks_readers(
    folder: Path,
    mask_of: Callable,
    hold: Callable,
    refused: Callable,
    monkeypatch: pytest.MonkeyPatch,
    check_saved: Callable,
) -> None:
    monkeypatch.setattr(file_system, "file_system", lambda folder: "nfs4")
    Project(folder).close()
    with hold(folder, "EXCLUSIVE"), refused("another program is writing to it"):
        Project(folder)
    with Project(folder) as project:
        project.approve(1, mask_of(1))
    check_saved(folder, {1: mask_of(1)})


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"\0" * 99)])
def test_a_lost_mask_is_reported_and_not_approved(
    project: Project,
    mask_of: Callable,
    refused: Callable,
    damage: Callable[[Path], object],
    check_saved: Callable,
) -> None:
    number = project.save_mask(1, mask_of(1))
    project.approve(2, mask_of(2))
    (path,) = project.folder.glob(f"masks/*/{project.store.save(mask_of(1), durable=False)}*")
    damage(path)
    for action in (
        lambda: project.mask(1),
        lambda: project.approve(1),
        lambda: project.restore(1, number),
    ):
        with refused(f"{path.name}: is .*; restore it from a backup", MaskError):
            action()
    assert project.decision(1).status == "edited"
    assert len(project.history(1)) == 1
    np.testing.assert_array_equal(project.mask(2), mask_of(2))
    project.approve(1, mask_of(1))
    check_saved(project.folder, {1: mask_of(1), 2: mask_of(2)})
