"""A table that is written anew: what of the older one is kept."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from napari_iris.errors import FileError
from napari_iris.io.atomic import exists_as_file
from napari_iris.io.outputs import OVERWRITE
from napari_iris.io.parquet import is_ours, parquet_path
from napari_iris.io.tables import open_table, write_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path


class OlderTable:
    """The rows of a table that is written anew, with the columns that a person added to it.

    Parameters
    ----------
    path : Path
        The table; where there is none, it has no rows. One of Parquet becomes a CSV file again.
    columns : sequence of str
        Columns of the new table; the first is what a row is about.
    required : collection of str
        Columns that it must have; the others may be missing, as in those of older versions.
    overwrite : bool
        Whether a table of another kind counts as none; else it is refused.

    Attributes
    ----------
    extra : list of str
        Columns that only the older table has.

    Raises
    ------
    FileError
        If it is a table of another kind, or cannot be read.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        required: Collection[str],
        *,
        overwrite: bool = False,
    ) -> None:
        self._path, self._columns, self._required = path, columns, required
        self.extra: list[str] = []
        self._added: dict[str, list[str]] = {}
        try:
            _as_csv(path)
            self._has_rows = exists_as_file(path) and self._read()
        except (OSError, csv.Error) as error:
            if not overwrite or isinstance(error, OSError):
                reason = getattr(error, "strerror", None) or error
                raise FileError(path, f"cannot be read ({reason})", OVERWRITE) from error
            self._has_rows = False

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield the rows that are whole, with all columns."""
        if self._has_rows:
            blank = dict.fromkeys(self._columns, "")
            with open_table(self._path) as rows:
                for row in rows:
                    if None not in row and None not in row.values():
                        yield blank | row

    def added(self, key: str) -> list[str]:
        """Give the cells that the row of a key has in the columns of a person."""
        return self._added.get(key, [""] * len(self.extra))

    def _read(self) -> bool:
        """Check the whole table, and keep what a person added."""
        with open_table(self._path) as rows:
            names = rows.fieldnames
            if not names:  # empty
                return False
            if not {*self._required} <= {*names}:
                raise csv.Error("it is another table")
            self.extra = [name for name in names if name not in self._columns]
            key, *places = (names.index(name) for name in (self._columns[0], *self.extra))
            for cells in rows.reader:
                if places and len(cells) == len(names):
                    self._added[cells[key]] = [cells[place] for place in places]
        return True


def _as_csv(path: Path) -> None:
    """Store a table as CSV again, where `as_parquet` has stored it as Parquet."""
    stored = parquet_path(path)
    if not stored.exists() or not is_ours(stored):
        return
    if not path.exists():
        with open_table(path) as rows, write_table(path, rows.fieldnames or ()) as table:
            table.writerows(rows.reader)
    stored.unlink()
