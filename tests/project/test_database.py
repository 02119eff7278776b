"""The project's database: version, migrations, journal, and what may happen to its file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import FileError
from napari_iris.project import database, file_system
from napari_iris.project.database import connect
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

NEXT = (*MIGRATIONS, "ALTER TABLE frame ADD COLUMN moon REAL;\nUPDATE frame SET moon = 0.5;\n")
BROKEN = (*MIGRATIONS, "ALTER TABLE frame ADD COLUMN moon REAL;\nUPDATE planet SET moon = 0.5")


def pragmas(project: Project, *names: str) -> list[object]:
    return [project.repository.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]


def columns(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "iris.db")) as connection:
        return {row[1] for row in connection.execute("PRAGMA table_info(frame)")}


def test_a_new_database_has_our_version_and_safe_settings(tmp_path: Path) -> None:
    with Project(tmp_path / "a" / "b") as project:
        version, owner, journal = pragmas(project, "user_version", "application_id", "journal_mode")
        assert (version, owner, journal) == (len(MIGRATIONS), APPLICATION_ID, "wal")
        assert pragmas(project, "synchronous", "foreign_keys") == [2, 1]
        assert len(project.table) == 0
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["iris.db"]


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_on_a_network_disk_there_is_no_write_ahead_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(file_system, "file_system", lambda folder: kind)
    with Project(folder) as project:
        assert pragmas(project, "journal_mode") == ["delete"]
        project.reject(1, "a bird")
    assert not list(folder.glob("iris.db-*"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's table of mounts")
@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ada/night", "ext4"),
        ("/mnt/my disk/night", "nfs4"),
        ("/mnt/my disk", "nfs4"),
        ("/mnt/my diskette", "ext4"),
        ("/mnt/my disk/fast/night", "xfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount_point(
    monkeypatch: pytest.MonkeyPatch, folder: str, kind: str
) -> None:
    mounts = "/dev/a / ext4 rw 0 0\nserver:/b /mnt/my\\040disk nfs4 rw 0 0\n"
    mounts += "/dev/c /mnt/my\\040disk/fast xfs rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: mounts)
    assert file_system.file_system(Path(folder)) == kind


def test_an_older_database_is_migrated_and_keeps_its_labels(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mask_of: Callable, whole: Callable
) -> None:
    with Project(folder) as project:
        project.approve(1, mask_of(1))
        before = project.decision(1)
    monkeypatch.setattr(database, "MIGRATIONS", NEXT)
    with Project(folder) as project:
        assert pragmas(project, "user_version") == [len(NEXT)]
        assert project.repository.connection.execute(
            "SELECT DISTINCT moon FROM frame"
        ).fetchall() == [(0.5,)]
        assert project.decision(1) == before
        np.testing.assert_array_equal(project.mask(1), mask_of(1))
        project.reject(2, "a bird")
    assert whole(folder)


def test_a_read_only_project_is_migrated_in_memory_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / "iris.db").read_bytes()
    monkeypatch.setattr(database, "MIGRATIONS", NEXT)
    with Project(folder, read_only=True) as project:
        assert len(project.table) == 6
        connection = project.repository.connection
        assert connection.execute("SELECT DISTINCT moon FROM frame").fetchall() == [(0.5,)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("UPDATE frame SET moon = 1")
    assert "moon" not in columns(folder)
    assert (folder / "iris.db").read_bytes() == before


def test_the_log_may_be_removed_while_a_project_is_opened_read_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program that writes removes it when it closes the project."""
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: path.name.endswith("-wal") or exists(path))
    with Project(folder, read_only=True) as project:
        assert len(project.table) == 6


def test_an_interrupted_migration_leaves_the_old_version_intact(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mask_of: Callable, refused: Callable
) -> None:
    with Project(folder) as project:
        project.approve(1, mask_of(1))
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", BROKEN)
        with refused("no such table: planet"):
            Project(folder)
    assert "moon" not in columns(folder)
    with Project(folder) as project:
        assert pragmas(project, "user_version", "integrity_check") == [len(MIGRATIONS), "ok"]
        np.testing.assert_array_equal(project.mask(1), mask_of(1))


@pytest.mark.slow
def test_processes_that_create_a_project_together_make_one(tmp_path: Path, child: Callable) -> None:
    """Several processes create a project in the same folder at once."""
    place = tmp_path / "project"
    for _ in range(5):

        def begin(tell: Callable) -> None:
            with Project(place) as project:
                tell(*pragmas(project, "user_version", "integrity_check"))

        children = [child(begin) for _ in range(4)]
        assert [one.end() for one in children] == [[f"{len(MIGRATIONS)} ok"]] * 4
        shutil.rmtree(place)


BEGIN = "import sys; from napari_iris.project.project import Project; Project(sys.argv[1]).close()"


def test_a_database_created_during_the_check_is_not_foreign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: Callable
) -> None:
    """The other creates it between our two checks; one may have to wait for the other."""
    others = []

    class Slow(database.Connection):
        def execute(self, statement: str, *rest: object) -> sqlite3.Cursor:
            if "sqlite_master" in statement and not others:
                words = [sys.executable, "-c", BEGIN, str(tmp_path / "project")]
                others.append(subprocess.Popen(words))
                with suppress(subprocess.TimeoutExpired):
                    others[0].wait(timeout=1.5)
            return super().execute(statement, *rest)

    monkeypatch.setattr(database, "Connection", Slow)
    with Project(tmp_path / "project") as project:
        assert pragmas(project, "user_version") == [len(MIGRATIONS)]
    assert others[0].wait() == 0
    assert whole(tmp_path / "project")


def make_foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE frame (id)")


def set_pragma(path: Path, pragma: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA {pragma}")


def replace(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


STATES: dict[str, tuple[Callable[[Path], object], str]] = {
    "removed": (lambda path: path.unlink(), "missing or empty; restore it from a backup"),
    "emptied": (lambda path: path.write_bytes(b""), "missing or empty; restore it from a backup"),
    "cut": (
        lambda path: path.write_bytes(path.read_bytes()[:9000]),
        "damaged .*put a backup's iris.db in its place",
    ),
    "cut in its header": (lambda path: path.write_bytes(path.read_bytes()[:50]), "damaged"),
    "garbage": (
        lambda path: path.write_bytes(b"garbage!" * 5000),
        "damaged .*put a backup's iris.db in its place",
    ),
    "a folder": (lambda path: replace(path, lambda path: path.mkdir()), "opened|failing"),
    "foreign": (
        lambda path: replace(path, make_foreign),
        "is not a napari-iris project",
    ),
    "another's": (
        lambda path: set_pragma(path, "application_id = 77"),
        "is not a napari-iris project",
    ),
    "newer": (lambda path: set_pragma(path, "user_version = 99"), r"version \(99\); update"),
}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_a_damaged_file_is_reported_and_left_unchanged(
    folder: Path, mask_of: Callable, refused: Callable, state: str, *, read_only: bool
) -> None:
    with Project(folder) as project:
        project.approve(1, mask_of(1))
    saved = folder.with_name("saved")
    path = (folder / "iris.db").rename(saved)
    shutil.copy(saved, folder / "iris.db")
    path = folder / "iris.db"
    damage, match = STATES[state]
    damage(path)
    left = path.read_bytes() if path.is_file() else None
    with refused(match):
        Project(folder, read_only=read_only)
    assert (path.read_bytes() if path.is_file() else None) == left, "as it was left"
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    saved.rename(path)
    with Project(folder) as project:
        assert project.decision(1).status == "approved"
        np.testing.assert_array_equal(project.mask(1), mask_of(1))


@pytest.mark.parametrize("state", ["nothing", "an empty file"])
def test_without_masks_an_empty_database_is_a_new_project(
    tmp_path: Path, refused: Callable, state: str
) -> None:
    place = tmp_path / "project"
    place.mkdir()
    if state == "an empty file":
        (place / "iris.db").touch()
    with refused("is not a project; create one with: napari-iris project"):
        Project(place, read_only=True)
    with Project(place) as project:
        assert len(project.table) == 0


@pytest.mark.parametrize("kept", ["moved away", "replaced"])
def test_a_database_removed_from_an_open_project_takes_no_labels(
    folder: Path, frames: list[Path], mask_of: Callable, refused: Callable, kept: str
) -> None:
    """SQLite would write to a file without a name, and the labels would be lost."""
    path, away = folder / "iris.db", folder / "away.db"
    with Project(folder) as project:
        project.approve(1, mask_of(1))
        path.rename(away)
        if kept == "replaced":
            shutil.copy(away, path)
        with refused("iris.db was removed or replaced; put it back"):
            project.approve(2, mask_of(2))
        with refused("iris.db was removed or replaced; put it back"):
            list(index(project, [*frames, folder / "gone.fits"], None, jobs=1))
        assert project.table.status_of(1) == "unlabelled"
        away.rename(path)
        project.approve(2, mask_of(2))
    with Project(folder) as project:
        assert [project.decision(frame).status for frame in (1, 2)] == ["approved"] * 2
        np.testing.assert_array_equal(project.mask(2), mask_of(2))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
@pytest.mark.parametrize("read_only", [False, True])
def test_a_named_pipe_is_no_database_and_nobody_waits_for_it(
    tmp_path: Path, read_only: bool, refused: Callable
) -> None:
    os.mkfifo(tmp_path / "iris.db")
    with refused("its iris.db is a named pipe"):
        connect(tmp_path, read_only=read_only)


def test_a_file_is_no_folder(tmp_path: Path, refused: Callable) -> None:
    (tmp_path / "file").touch()
    with refused("cannot be created .*choose another", FileError):
        Project(tmp_path / "file")
