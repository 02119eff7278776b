"""Tables as Parquet files, for results of many frames: small, and with numbers as numbers.

https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING, Any

from napari_iris.errors import FileError, MissingPackageError
from napari_iris.io.atomic import atomic_open
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

MANY = 100_000
"""Rows from which a table is written as Parquet, unless something else is asked for."""

ROWS = 20_000
"""Rows of a row group: what is in memory at a time."""

MARK = b"napari-iris"
"""Key in the metadata of a file that this package wrote."""


def parquet_path(table: Path) -> Path:
    """Give the Parquet file that a table has in place of its CSV file.

    Parameters
    ----------
    table : Path
        The CSV file, such as ``predictions.csv``.
    """
    return table.with_suffix(".parquet")


def write_parquet(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Collection[str]
) -> None:
    """Write the rows of a CSV table to a Parquet file.

    Parameters
    ----------
    path : Path
        File to write; one that this package wrote is replaced.
    columns : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
        Cells as text.
    numbers : collection of str
        Columns of numbers (float64, null for an empty cell); the others are text.

    Raises
    ------
    FileError
        If it cannot be written, another program wrote the file there, or a cell is not of its kind.
    MissingPackageError
        If pyarrow is not installed.
    """
    arrow = _arrow()
    if path.exists() and not is_ours(path):
        fix = "move it away, or ask for --table csv"
        raise FileError(path, "was not made by napari-iris", fix)
    kinds = [arrow.float64() if name in numbers else arrow.string() for name in columns]
    schema = arrow.schema(list(zip(columns, kinds, strict=True)), metadata={MARK: b"1"})
    rest = iter(rows)
    with atomic_open(path) as file, _writer(file, schema) as writer:
        while some := list(islice(rest, ROWS)):
            try:
                cells = [
                    list(map(_number, column)) if name in numbers else column
                    for name, column in zip(columns, zip(*some, strict=True), strict=True)
                ]
                writer.write_batch(arrow.record_batch(list(map(arrow.array, cells, kinds)), schema))
            except ValueError as error:  # a name that is not UTF-8, a text among numbers
                reason = f"cannot hold a cell ({error})"
                raise FileError(path, reason, "ask for --table csv") from error


def is_ours(path: Path) -> bool:
    """Whether this package wrote a Parquet file; False for what is none.

    Parameters
    ----------
    path : Path
        The file.
    """
    arrow = _arrow()
    import pyarrow.parquet as pq

    try:
        refuse_special(path)
        return MARK in (pq.read_schema(path).metadata or {})
    except (OSError, arrow.ArrowException):
        return False


class ParquetCells:
    """Reads the cells of each row as the CSV file had them, with the names of the columns first.

    Parameters
    ----------
    path : Path
        The Parquet file.

    Raises
    ------
    OSError
        If it cannot be opened.
    MissingPackageError
        If pyarrow is not installed.
    """

    def __init__(self, path: Path) -> None:
        refuse_special(path)
        self._rows = _read(path)
        self.line_num = 0

    def __iter__(self) -> ParquetCells:
        return self

    def __next__(self) -> list[str]:
        row = next(self._rows)
        self.line_num += 1
        return row


def _read(path: Path) -> Iterator[list[str]]:
    arrow = _arrow()
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield list(file.schema_arrow.names)
            for batch in file.iter_batches(ROWS, use_threads=False):
                columns = (map(_text, column.to_pylist()) for column in batch.columns)
                yield from map(list, zip(*columns, strict=True))
    except arrow.ArrowException as error:  # as of a damaged CSV file
        raise csv.Error(str(error).splitlines()[0]) from error


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _writer(file: Any, schema: Any) -> Any:
    from pyarrow.parquet import ParquetWriter

    return ParquetWriter(file, schema, compression="zstd")


def _arrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        fix = "Parquet tables need pyarrow: pip install 'napari-iris[parquet]'"
        raise MissingPackageError(fix) from error
    return pa
