"""CSV tables: written atomically, appended row by row, read with their columns checked.

A table of many rows may be stored as Parquet in place of its CSV file, and is read alike.

All are UTF-8 with Unix line ends. Bytes of a file name that are not UTF-8 are kept
(``surrogateescape``); None is an empty cell.
"""

from __future__ import annotations

import csv
from contextlib import contextmanager, suppress
from io import SEEK_END, TextIOWrapper
from typing import TYPE_CHECKING, Any, TypeVar, cast

from napari_iris.errors import FileError
from napari_iris.io.atomic import atomic_open, writing
from napari_iris.io.parquet import ParquetCells, parquet_path, write_parquet
from napari_iris.io.regular import refuse_special
from napari_iris.io.table_cells import CellReader, TableWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

Row = dict[str, str]
Parsed = TypeVar("Parsed")


@contextmanager
def write_table(path: Path, columns: Iterable[str]) -> Iterator[TableWriter]:
    """Write a table that takes the place of an older one when the block ends without an error.

    Parameters
    ----------
    path : Path
        File to write; until the block ends an older one stays.
    columns : iterable of str
        Names of the columns.

    Yields
    ------
    TableWriter
        Takes the rows.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    with atomic_open(path) as file:
        text = TextIOWrapper(file, "utf-8", "surrogateescape", newline="", write_through=True)
        table = TableWriter(text)
        table.writerow(columns)
        yield table
        text.detach()  # flushes, and leaves the file to be closed by `atomic_open`


@contextmanager
def append_to_table(path: Path) -> Iterator[Callable[[Iterable[Any]], None]]:
    """Append rows to a table; each is handed to the system at once, so that a crash loses none.

    Parameters
    ----------
    path : Path
        A table; its last line must be complete, see `is_cut_short`.

    Yields
    ------
    callable
        Takes a row.

    Raises
    ------
    FileError
        If the file cannot be written; from the callable, too.
    """
    with writing(path):
        file = path.open("a", encoding="utf-8", errors="surrogateescape", newline="")
    table = TableWriter(file)

    def append(row: Iterable[Any]) -> None:
        with writing(path):
            table.writerow(row)
            file.flush()

    try:
        yield append
    finally:
        with suppress(OSError):  # each row was flushed, or its error was raised
            file.close()


@contextmanager
def open_table(path: Path) -> Iterator[csv.DictReader[str]]:
    """Open a table to read it row by row, without any check.

    Parameters
    ----------
    path : Path
        The table; where there is no such file, that in its place, see `as_parquet`.

    Yields
    ------
    csv.DictReader
        Its rows by column. A damaged row lacks cells, which are None, or has more, under the key
        None.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    if not path.exists() and (stored := parquet_path(path)).exists():
        rows = csv.DictReader([])
        rows.reader = cast("Any", ParquetCells(stored))
        yield rows
        return
    # a spreadsheet may have put a byte order mark before the first column
    refuse_special(path)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.DictReader(file)
        rows.reader = cast("Any", CellReader(file))
        yield rows


def read_table(
    path: Path,
    columns: Collection[str],
    parse: Callable[[Row], Parsed],
    *,
    fix: str,
    error: type[FileError] = FileError,
) -> Iterator[Parsed]:
    """Read a table row by row, and check its columns and values.

    Parameters
    ----------
    path : Path
        The table.
    columns : collection of str
        Columns that it must have; it may have others.
    parse : callable
        Makes a value of a row; may raise ValueError, KeyError, TypeError or OverflowError
        for a bad cell.
    fix : str
        What the user can do about a damaged or missing table.
    error : type of FileError
        What is raised.

    Yields
    ------
    Parsed
        What `parse` returns for each row.

    Raises
    ------
    FileError
        If the table is missing, lacks a column, or a row is damaged; the message names the line.
    """
    line = 1
    try:
        with open_table(path) as rows:
            absent = set(columns) - set(rows.fieldnames or ())
            if absent:
                raise ValueError(f"it has no column {min(absent)}")
            for row in rows:
                line = rows.line_num
                if None in map(row.__getitem__, columns):
                    raise ValueError("it is cut short")
                yield parse(row)
    except FileNotFoundError as problem:
        raise error(path, "is missing", fix) from problem
    except OSError as problem:
        raise error(path, f"cannot be read ({problem.strerror or problem})", fix) from problem
    except csv.Error as problem:
        raise error(path, f"is damaged after line {line} ({problem})", fix) from problem
    except (ValueError, KeyError, TypeError, OverflowError) as problem:
        raise error(path, f"is damaged at line {line} ({problem})", fix) from problem


def stored_table(path: Path) -> Path | None:
    """Give the file that a table is in: the CSV file, else the Parquet file, else None.

    Parameters
    ----------
    path : Path
        The CSV file.
    """
    return next((one for one in (path, parquet_path(path)) if one.exists()), None)


def as_parquet(path: Path, numbers: Collection[str]) -> None:
    """Store a CSV table as Parquet, in place of the CSV file.

    Parameters
    ----------
    path : Path
        The CSV file.
    numbers : collection of str
        Columns of numbers.

    Raises
    ------
    FileError
        As `write_parquet`, and if the table is damaged; the CSV file then stays.
    MissingPackageError
        If pyarrow is not installed.
    """
    try:
        with open_table(path) as rows:
            write_parquet(parquet_path(path), rows.fieldnames or (), rows.reader, numbers)
    except csv.Error as error:
        raise FileError(path, f"is damaged ({error})", "make it again") from error
    path.unlink()


def is_cut_short(path: Path) -> bool:
    """Whether the last line of a table has no end: a crash or a full disk cut it short.

    Parameters
    ----------
    path : Path
        The table; not empty.

    Returns
    -------
    bool
        True where the last row is not to be trusted.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(-1, SEEK_END)
        return file.read() != b"\n"
