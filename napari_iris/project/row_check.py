"""Check the rows of a database before they are used: a project may come from anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError
from napari_iris.labels import FRAME_CLASSES, PARTS, STATUSES, TAGS
from napari_iris.project.folder import DATABASE
from napari_iris.project.sqlite_errors import sqlite_errors

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.project.database import Connection

_YEAR_1, _YEAR_9999 = -62_135_596_800_000_000, 253_402_300_799_000_000
"""First and last time that Python's dates hold [us since 1970]."""

# SQLite orders numbers before texts before blobs: a comparison tells the type, without a call.
_NUMBER = "{0} BETWEEN -9e999 AND 9e999"
_WHOLE = "{0} BETWEEN -9223372036854775808 AND 9223372036854775807"
_SIDE = "{0} BETWEEN 1 AND 2147483647"
_TEXT = "{0} >= '' AND {0} < x''"
_TIME = f"{{0}} BETWEEN {_YEAR_1} AND {_YEAR_9999}"
_PART = "{0} BETWEEN 0 AND 1"
_HASH = "{0} >= x'00' AND length({0}) <= 64"
_PATH = (
    "{0} > '' AND {0} < x'' AND NOT instr({0}, char(0)) AND"
    " (NOT instr({0}, '..') OR NOT instr('/' || replace({0}, '\\', '/') || '/', '/../'))"
)
"""A path inside the project, or an absolute one: neither has ``..``, see `stored_path`."""
_NAME = (
    "{0} > '' AND {0} < x'' AND {0} NOT GLOB '*[^0-9a-f]*'"
    " AND length(CAST({0} AS BLOB)) = length({0})"
)
"""A name in the mask store: hexadecimal digits, and nothing hidden behind a NUL."""


def _one_of(names: tuple[str, ...]) -> str:
    return f"{{0}} IN ({', '.join(map(repr, names))})"


def _or_null(condition: str) -> str:
    return f"{{0}} IS NULL OR {condition}"


_RULES: dict[str, dict[str, str]] = {
    "project": {"key, value": _TEXT},
    "frame": {
        "path": _PATH,
        "id, size, changed, likeness": _WHOLE,
        "rows, columns": _SIDE,
        "time, labelled_at": _or_null(_TIME),
        "facts, reason, note": _TEXT,
        "labelled_by, labelled_how": _or_null(_TEXT),
        "hash": _HASH,
        "status": _one_of(STATUSES),
        "sky": _or_null(_one_of(FRAME_CLASSES)),
        "part": _or_null(_one_of(PARTS)),
        "same_as, like": _or_null("{0} IN (SELECT id FROM frame)"),
        "auto, model, human": _or_null(_WHOLE),
        "floor, median": _or_null(_NUMBER),
    },
    "mask": {
        "object": _NAME,
        "id, frame": _WHOLE,
        "tag": _one_of(TAGS),
        "method, by": _TEXT,
        "at": _TIME,
        "reference": _or_null(_TEXT),
        "cloud_fraction, trust, uncertainty, undecided, disagreement": _or_null(_PART),
        "threshold, level, excess, novelty": _or_null(_NUMBER),
    },
    "event": {"id, frame": _WHOLE, "at": _TIME, "by, what, value": _TEXT},
}
"""What each column must hold, by table."""


def check_rows(folder: Path, connection: Connection) -> None:
    """Refuse a database with a row that no version of napari-iris writes.

    Parameters
    ----------
    folder : Path
        The project folder.
    connection : Connection
        Its database, of the current schema.

    Raises
    ------
    ProjectError
        If a row holds a path that leaves the folder, a foreign status, class or other value, or a
        value of another type; the message names the row and the column.
    """
    with sqlite_errors(folder):
        for table, rules in _RULES.items():
            found = connection.execute(_query(table, rules)).fetchone()
            if found is not None:
                row, column = found
                name = f"{table} {row}" if isinstance(row, int) else f"a row of {table}"
                reason = f"its {DATABASE} is damaged, or made to harm ({name} has a bad {column})"
                raise ProjectError(folder, reason, f"put a backup's {DATABASE} in its place")


def _query(table: str, rules: dict[str, str]) -> str:
    """Write the query for the first bad row of a table, and its first bad column."""
    cases = " ".join(
        f"WHEN ({rule.format(f'{table}.{column}')}) IS NOT TRUE THEN '{column}'"
        for columns, rule in rules.items()
        for column in columns.split(", ")
    )
    row = "NULL" if table == "project" else "id"
    case = f"CASE {cases} END"
    return f"SELECT {row}, {case} AS bad FROM {table} WHERE bad IS NOT NULL LIMIT 1"
