"""Open a project's database: journal mode, schema version, transactions."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError
from napari_iris.project.file_system import is_network
from napari_iris.project.folder import DATABASE
from napari_iris.project.schema import APPLICATION_ID, MIGRATIONS, check_schema
from napari_iris.project.sqlite_errors import sqlite_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST = 100_000_000
"""Most bytes in a value, a row or a statement: none of ours comes near it."""

BUSY_S = 5.0
"""Time to wait for another program that is writing to the same project [s]."""


class Connection(sqlite3.Connection):
    """A connection that remembers which file it was opened on.

    Attributes
    ----------
    file : os.stat_result or None
        Of the database file when it was opened.
    """

    file: os.stat_result | None = None


def connect(folder: Path, *, read_only: bool = False) -> Connection:
    """Open a project's database, migrated to the current schema.

    Parameters
    ----------
    folder : Path
        The project folder; for a new database it must exist.
    read_only : bool
        Whether nothing may be written, not even a migration.

    Returns
    -------
    Connection
        In autocommit mode; see `transaction`.

    Raises
    ------
    ProjectError
        If it is missing, damaged, foreign, locked, or of a newer version.
    """
    path = folder / DATABASE
    if path.is_fifo():  # SQLite would wait for its other end
        raise ProjectError(folder, f"its {DATABASE} is a named pipe", "restore it from a backup")
    with sqlite_errors(folder):
        uri = _uri(path, read_only)
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S, factory=Connection)
        connection.isolation_level = None
        try:
            connection.file = path.stat()
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            version = _prepare(folder, connection, read_only)
            if read_only and version < len(MIGRATIONS):
                connection = _migrated_copy(folder, connection)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(folder: Path, connection: Connection) -> Iterator[Connection]:
    """Run statements that take effect all together or not at all.

    Parameters
    ----------
    folder : Path
        The project folder.
    connection : Connection
        Its database.

    Yields
    ------
    Connection
        The same connection, with the database locked for writing.

    Raises
    ------
    ProjectError
        If SQLite fails, or the database file was removed or replaced; nothing is changed then.
    """
    with sqlite_errors(folder):
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
    """Refuse to write to a removed or replaced file: SQLite would, and lose the changes."""
    try:
        found = (folder / DATABASE).stat()
    except OSError:
        found = None
    if found is None or (connection.file and not os.path.samestat(found, connection.file)):
        fix = "put it back, or restore it from a backup, and open the project again"
        raise ProjectError(folder, f"its {DATABASE} was removed or replaced", fix)


def _uri(path: Path, read_only: bool) -> str:
    """SQLite URI of a file; ``immutable`` where SQLite could not create its lock files."""
    if not read_only:
        return f"{path.absolute().as_uri()}?mode=rwc"
    try:
        at_rest = not path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:  # the last program that wrote has removed it
        at_rest = True
    immutable = at_rest and not os.access(path.parent, os.W_OK)
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if immutable else ''}"


def _migrated_copy(folder: Path, connection: Connection) -> Connection:
    """Copy the database of an older version, which must not be written, and migrate the copy."""
    copy = sqlite3.connect(":memory:", factory=Connection)
    copy.isolation_level = None
    connection.backup(copy)
    copy.file = connection.file
    connection.close()
    _migrate(folder, copy)
    copy.execute("PRAGMA query_only = ON")
    return copy


def _prepare(folder: Path, connection: Connection, read_only: bool) -> int:
    """Check that the file is a project database, set how it is written, and migrate it.

    Its version when it was opened is given.
    """
    connection.execute("BEGIN")  # one snapshot: another program may be creating it right now
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    is_new = connection.execute("SELECT * FROM sqlite_master").fetchone() is None
    if owner == APPLICATION_ID and version <= len(MIGRATIONS):
        check_schema(connection, MIGRATIONS[:version])
    connection.execute("COMMIT")
    if owner != APPLICATION_ID and (owner or version or not is_new):
        reason = f"its {DATABASE} is not a napari-iris project"
        raise ProjectError(folder, reason, "choose another folder")
    if version > len(MIGRATIONS):
        fix = "update napari-iris to open it"
        raise ProjectError(folder, f"has a newer version ({version})", fix)
    if read_only:
        return version
    # the write-ahead log needs shared memory, which network file systems do not have
    _set_journal(connection, "DELETE" if is_network(folder) else "WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if version < len(MIGRATIONS):
        _migrate(folder, connection)
    return version


def _set_journal(connection: Connection, mode: str) -> None:
    """Set the journal mode, retrying while locked: SQLite's own timeout does not apply here."""
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
    """Run the remaining migrations, all or none; another program may just have done so."""
    with transaction(folder, connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        for script in MIGRATIONS[version:]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
