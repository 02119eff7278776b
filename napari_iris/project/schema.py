"""The tables of a project's database, and the migrations from one version to the next."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

APPLICATION_ID = 0x49524953
"""SQLite application id of a project database: 'IRIS' in ASCII."""

_VERSION_1 = """
CREATE TABLE project (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE frame (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,       -- relative to the project where it lies inside, else absolute
    size INTEGER NOT NULL,           -- bytes
    changed INTEGER NOT NULL,        -- modification time of the file, ns since 1970
    time INTEGER,                    -- observation time, us since 1970, UTC; NULL where unknown
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
    auto INTEGER REFERENCES mask,    -- the active mask of each tag
    model INTEGER REFERENCES mask,
    human INTEGER REFERENCES mask,
    labelled_at INTEGER,             -- us since 1970, UTC
    labelled_by TEXT,
    labelled_how TEXT
);
CREATE TABLE mask (                  -- every mask ever saved
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

_VERSION_2 = """
-- level of the frame's coldest part, and its median, ADU
ALTER TABLE frame ADD COLUMN floor REAL;
ALTER TABLE frame ADD COLUMN median REAL;
-- clear-sky reference: measured, limit or none; NULL where the mask was not made with one in mind
ALTER TABLE mask ADD COLUMN reference TEXT;
-- level of the clear sky in the frame, and median excess above it, ADU
ALTER TABLE mask ADD COLUMN level REAL;
ALTER TABLE mask ADD COLUMN excess REAL;
-- part of the frame that is undecided, and how far structure and level disagree, 0 to 1
ALTER TABLE mask ADD COLUMN undecided REAL;
ALTER TABLE mask ADD COLUMN disagreement REAL;
"""

_VERSION_3 = """
-- how unlike the model's training frames the frame is; above 1: unlike; NULL where not known
ALTER TABLE mask ADD COLUMN novelty REAL;
"""

MIGRATIONS = (_VERSION_1, _VERSION_2, _VERSION_3)
"""Scripts from one schema version to the next; the version is the number of scripts run."""

TABLES = ("project", "frame", "mask", "event")
"""All tables of a database."""


def check_schema(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Refuse a database whose tables are not as its migrations make them, or that holds code.

    SQLite runs views, triggers and generated columns whenever a table is read or written, for as
    long as whoever wrote them wants (https://www.sqlite.org/security.html).

    Parameters
    ----------
    connection : sqlite3.Connection
        The database.
    migrations : sequence of str
        The scripts that have made it.

    Raises
    ------
    sqlite3.DatabaseError
        If it is anything else.
    """
    code = connection.execute(
        "SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('view', 'trigger')"
    ).fetchone()
    if code is not None:
        raise sqlite3.DatabaseError(f"malformed schema: {code[0]}")
    for table, columns in _columns_made_by(tuple(migrations)).items():
        if _columns(connection, table) != columns:
            raise sqlite3.DatabaseError(f"malformed schema: table {table}")


@cache
def _columns_made_by(migrations: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    """Columns of the tables that these migrations make."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for script in migrations:
            fresh.executescript(script)
        return {table: _columns(fresh, table) for table in TABLES}


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    """Columns of a table: name, type, whether not null, default, key, whether generated."""
    return [row[1:] for row in connection.execute(f"PRAGMA table_xinfo({table})")]
