"""Part tables: the rows of one shard, in the order of the campaign once the shard has ended."""

from __future__ import annotations

import csv
import heapq
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from napari_iris.campaign.manifest import FOLDER
from napari_iris.errors import FileError
from napari_iris.inference.table_index import is_current
from napari_iris.io.regular import refuse_special
from napari_iris.io.tables import Row, append_to_table, is_cut_short, open_table, write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from napari_iris.campaign.shard import Shard

NUMBER = "number"
"""Last column of a part table: place of the frame among all of the campaign."""

OPEN = 48
"""Part tables that are open at a time."""


def part_name(table: str, shard: Shard) -> str:
    """Give the file of a shard's part of a table, relative to the output folder.

    Parameters
    ----------
    table : str
        Name of the whole table, such as ``masks.csv``.
    shard : Shard
        The shard.
    """
    return f"{FOLDER}/{Path(table).stem}.part-{shard.label}.csv"


@contextmanager
def open_journal(
    path: Path, columns: Sequence[str], *, keep: bool
) -> Iterator[tuple[set[str], Callable[[Iterable[Any]], None]]]:
    """Open a part table to continue it.

    Parameters
    ----------
    path : Path
        The part table.
    columns : sequence of str
        Its columns: first the frame, then the file that is made, relative to the output folder.
    keep : bool
        Whether earlier rows are of the same settings; else it begins anew.

    Yields
    ------
    done : set of str
        Frames that have a row, and a file that is not older than they are.
    append : callable
        Takes a row.
    """
    frame, file = columns[:2]
    rows = {}
    for row in read_part(path, columns) if keep else ():
        if is_current(row[frame], path.parents[1] / row[file]):
            rows[row[frame]] = [row[name] for name in columns]
    with write_table(path, columns) as table:
        table.writerows(rows.values())
    done = set(rows)
    del rows
    with append_to_table(path) as append:
        yield done, append


def read_part(path: Path, columns: Iterable[str] = ()) -> Iterator[Row]:
    """Read the whole rows of a part table; none where there is no such table.

    Parameters
    ----------
    path : Path
        The part table.
    columns : iterable of str
        Columns that it must have.

    Raises
    ------
    FileError
        If it cannot be read, or lacks a column.
    """
    try:
        refuse_special(path)
        last_is_cut = path.stat().st_size and is_cut_short(path)
        with open_table(path) as rows:
            if absent := set(columns) - set(rows.fieldnames or columns):
                raise csv.Error(f"it has no column {min(absent)}")
            before: Row | None = None
            for row in rows:
                if before is not None:
                    yield before
                before = None if None in row or None in row.values() else row
            if before is not None and not last_is_cut:
                yield before
    except FileNotFoundError:
        return
    except (OSError, csv.Error) as error:
        reason = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise FileError(path, reason, "delete it, and run its shard again") from error


def sort_part(path: Path, numbers: Mapping[str, int]) -> int:
    """Bring the rows of a part table into the order of the campaign; the last of a frame counts.

    Parameters
    ----------
    path : Path
        The part table.
    numbers : mapping of str to int
        Place of each frame of the shard; rows of others are removed.

    Returns
    -------
    int
        Number of rows.
    """
    rows = {row["frame"]: row for row in read_part(path) if row["frame"] in numbers}
    names = [name for name in next(iter(rows.values()), {}) if name != NUMBER]
    if rows:
        with write_table(path, [*names, NUMBER]) as table:
            for frame in sorted(rows, key=numbers.__getitem__):
                table.writerow([*(rows[frame][name] for name in names), numbers[frame]])
    return len(rows)


def rows_in_order(parts: Sequence[Path], columns: Sequence[str]) -> Iterator[Row]:
    """Read the rows of all parts in the order of the campaign, with `OPEN` of them open at most.

    Parameters
    ----------
    parts : sequence of Path
        Part tables, sorted.
    columns : sequence of str
        Columns that they must have.

    Yields
    ------
    dict of str to str
        Each row.

    Raises
    ------
    FileError
        As `read_part`.
    """
    if len(parts) <= OPEN:
        yield from _merged(parts, columns)
        return
    with TemporaryDirectory(dir=parts[0].parent, prefix=".merge-") as folder:
        yield from _merged(_in_groups(parts, Path(folder), columns), columns)


def _merged(parts: Sequence[Path], columns: Sequence[str]) -> Iterator[Row]:
    return heapq.merge(*(read_part(one, columns) for one in parts), key=_number)


def _in_groups(parts: Sequence[Path], folder: Path, columns: Sequence[str]) -> Sequence[Path]:
    """Merge groups of parts to files, until few are left."""
    while len(parts) > OPEN:
        groups = [parts[start : start + OPEN] for start in range(0, len(parts), OPEN)]
        parts = [folder / f"{len(groups)}-{number}.csv" for number in range(len(groups))]
        for path, group in zip(parts, groups, strict=True):
            names = [*columns, NUMBER]
            with write_table(path, names) as table:
                for row in _merged(group, columns):
                    table.writerow(row.get(name, "") for name in names)
    return parts


def _number(row: Row) -> int:
    """Place of a row among all of the campaign; parts that have not ended lack it."""
    text = row.get(NUMBER, "")
    return int(text) if text.isdecimal() else 0
