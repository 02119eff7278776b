"""The project's database: its schema, its migrations, and errors that say what to do."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "iris.db"

BUSY_S = 5.0
"""Seconds to wait for another program that writes to the same project."""

APPLICATION_ID = 0x49524953
"""Marks the file as ours: 'IRIS' in ASCII."""

_FIRST = """
CREATE TABLE project (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE frame (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,       -- relative to the project where it lies inside, else absolute
    size INTEGER NOT NULL,           -- bytes
    changed INTEGER NOT NULL,        -- ns since 1970
    time INTEGER,                    -- us since 1970, UTC; NULL where the header does not say
    rows INTEGER NOT NULL,
    columns INTEGER NOT NULL,
    facts TEXT NOT NULL,             -- JSON: header cards
    hash BLOB NOT NULL,              -- of shape and pixels
    likeness INTEGER NOT NULL,       -- 64-bit perceptual hash, as a signed number
    same_as INTEGER REFERENCES frame,  -- earlier frame with the same pixels
    like INTEGER REFERENCES frame,   -- earlier frame that looks the same
    sky TEXT CHECK (sky IN ('clear', 'cloudy', 'unsure')),
    status TEXT NOT NULL DEFAULT 'unlabelled'
        CHECK (status IN ('unlabelled', 'auto', 'edited', 'approved', 'rejected')),
    reason TEXT NOT NULL DEFAULT '', -- why it was rejected
    note TEXT NOT NULL DEFAULT '',
    part TEXT CHECK (part IN ('train', 'validation', 'test')),
    auto INTEGER REFERENCES mask,    -- the mask in force of each tag
    model INTEGER REFERENCES mask,
    human INTEGER REFERENCES mask,
    labelled_at INTEGER,             -- us since 1970, UTC
    labelled_by TEXT,
    labelled_how TEXT
);
CREATE TABLE mask (                  -- every mask there ever was
    id INTEGER PRIMARY KEY,
    frame INTEGER NOT NULL REFERENCES frame,
    tag TEXT NOT NULL CHECK (tag IN ('auto', 'model', 'human')),
    object TEXT NOT NULL,            -- file in masks/
    cloud_fraction REAL,
    trust REAL,                      -- gate's, 0 to 1
    uncertainty REAL,                -- model's, 0 to 1
    threshold REAL,                  -- in the frame's unit
    method TEXT NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX mask_frame ON mask (frame);
CREATE TABLE event (                 -- every decision
    id INTEGER PRIMARY KEY,
    frame INTEGER NOT NULL REFERENCES frame,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    what TEXT NOT NULL,
    value TEXT NOT NULL
);
CREATE INDEX event_frame ON event (frame);
"""

MIGRATIONS = (_FIRST,)
"""Scripts that lead from one schema version to the next; the version is their number."""


class Connection(sqlite3.Connection):
    """A connection that knows which file it was opened on."""

    file: os.stat_result | None = None


NETWORK = ("nfs", "cifs", "smb", "fuse.sshfs", "9p", "lustre", "gpfs", "beegfs", "ceph", "afs")
"""File systems (their names' beginnings) on which SQLite's write-ahead log is not safe."""


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn SQLite's errors into one line that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _problem(folder, error) from error


def connect(folder: Path, *, read_only: bool = False) -> Connection:
    """Open a project's database, brought up to today's schema.

    Parameters
    ----------
    folder : Path
        The project folder; for a new database it must exist.
    read_only : bool
        Whether nothing may be written, not even a migration.

    Raises
    ------
    ProjectError
        If it is missing, damaged, foreign, locked, or of a newer version.
    """
    path = folder / DATABASE
    with told(folder):
        address = _address(path, read_only)
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_S, factory=Connection)
        connection.isolation_level = None
        try:
            connection.file = path.stat()
            _prepare(folder, connection, read_only)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(folder: Path, connection: Connection) -> Iterator[Connection]:
    """Run statements that take hold all together or not at all."""
    with told(folder):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            _check_in_place(folder, connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _check_in_place(folder: Path, connection: Connection) -> None:
    """Refuse to write to a file that was removed or replaced: SQLite would, and all were lost."""
    try:
        found = (folder / DATABASE).stat()
    except OSError:
        found = None
    if found is None or (connection.file and not os.path.samestat(found, connection.file)):
        fix = "put it back, or restore it from a backup, and open the project again"
        raise ProjectError(folder, f"its {DATABASE} was removed or replaced", fix)


def _address(path: Path, read_only: bool) -> str:
    """SQLite's address of a file; one at rest that may not be written is taken as it is."""
    if not read_only:
        return f"{path.absolute().as_uri()}?mode=rwc"
    log = path.with_name(f"{path.name}-wal")
    at_rest = not log.exists() or not log.stat().st_size
    as_it_is = at_rest and not os.access(path.parent, os.W_OK)
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if as_it_is else ''}"


def _prepare(folder: Path, connection: Connection, read_only: bool) -> None:
    """Check whose file it is, set how it is written, and migrate it."""
    connection.execute("BEGIN")  # one moment's state, as another program may be making it now
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    is_new = connection.execute("SELECT * FROM sqlite_master").fetchone() is None
    connection.execute("COMMIT")
    if owner != APPLICATION_ID and (owner or version or not is_new):
        raise ProjectError(folder, f"its {DATABASE} is no project of napari-iris", "choose another")
    if version > len(MIGRATIONS):
        fix = "update napari-iris to open it"
        raise ProjectError(folder, f"is of a newer version ({version})", fix)
    if read_only:
        return
    _set_journal(connection, _journal(folder))
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if version < len(MIGRATIONS):
        _migrate(folder, connection)


def _set_journal(connection: Connection, mode: str) -> None:
    """Set how it is written; for another program that does so, SQLite would not wait by itself."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode = {mode}")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(folder: Path, connection: Connection) -> None:
    """Run the scripts still to run, all or none; another program may have just done so."""
    with transaction(folder, connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        for script in MIGRATIONS[version:]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _journal(folder: Path) -> str:
    """Write-ahead log on a local disk, rollback journal elsewhere."""
    return "DELETE" if _file_system(folder).startswith(NETWORK) else "WAL"


def _file_system(folder: Path) -> str:
    """Name of the file system that a folder lies on; empty where it cannot be told."""
    if sys.platform == "win32":
        return "smb" if str(folder.absolute()).startswith("\\\\") else ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    place, best, kind = str(folder.resolve()), "", ""
    for line in mounts.splitlines():
        mount, name = line.split()[1:3]
        mount = mount.replace("\\040", " ")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, name
    return kind


_TRY_AGAIN = "then try again; what was saved before is whole"
_MAY_WRITE = "ask for permission to write, or open it read-only"
_DAMAGED = (
    f"its {DATABASE} is damaged",
    f"put a backup's {DATABASE} in its place, and delete {DATABASE}-wal and {DATABASE}-shm;"
    " the masks in masks/ are whole",
)
_PROBLEMS = {
    "locked": ("another program is writing to it", f"wait until it is done, {_TRY_AGAIN}"),
    "full": ("the disk is full", f"make room, {_TRY_AGAIN}"),
    "disk I/O": ("the disk is full or failing", f"make room or check it, {_TRY_AGAIN}"),
    "readonly": ("may not be written", _MAY_WRITE),
    "unable to open": (f"its {DATABASE} cannot be opened", _MAY_WRITE),
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
}
"""What is wrong and what to do, by a part of SQLite's message."""


def _problem(folder: Path, error: sqlite3.Error) -> ProjectError:
    """Say in one line what SQLite found wrong."""
    text = str(error)
    for part, (reason, fix) in _PROBLEMS.items():
        if part in text:
            return ProjectError(folder, f"{reason} ({text})", fix)
    return ProjectError(folder, f"its {DATABASE} failed ({text})", "restore it from a backup")
