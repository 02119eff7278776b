"""Cells of CSV tables that a spreadsheet cannot take for formulas.

A text that begins like a formula is written with an apostrophe before it, which is removed when the
table is read. Numbers stay as they are.
"""

from __future__ import annotations

import csv
import re
from dataclasses import fields
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from _typeshed import DataclassInstance

_FORMULA = re.compile("'*[=+@\\t\\r-]")
"""Begin of a text that a spreadsheet computes, or of one that is escaped already.

https://owasp.org/www-community/attacks/CSV_Injection
"""

_FIRST = frozenset("'=+-@\t\r")
"""First letters of these."""


class TableWriter:
    """Writes rows, each with a value for every column, in order.

    Parameters
    ----------
    text : text file
        Where they are written.
    """

    def __init__(self, text: IO[str]) -> None:
        self._plain = csv.writer(text, lineterminator="\n")
        self._quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def writerow(self, row: Iterable[Any]) -> None:
        """Write one row."""
        cells = [
            _escaped(cell) if isinstance(cell, str) and cell[:1] in _FIRST else cell for cell in row
        ]
        # csv leaves a carriage return unquoted before Python 3.13, and reads it as a line end
        odd = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (self._quoted if odd else self._plain).writerow(cells)

    def writerows(self, rows: Iterable[Iterable[Any]]) -> None:
        """Write several rows."""
        for row in rows:
            self.writerow(row)


class CellReader:
    """Reads the cells of each row as they were before they were escaped.

    Parameters
    ----------
    text : text file
        The table.
    """

    def __init__(self, text: IO[str]) -> None:
        self._rows = csv.reader(text)

    @property
    def line_num(self) -> int:
        """Number of lines read so far."""
        return self._rows.line_num

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[str]:
        cells = next(self._rows)
        return list(map(_restored, cells)) if "'" in "".join(cells) else cells


def _escaped(cell: str) -> str:
    """Escape a text, but no number: a negative one stays as it is."""
    return f"'{cell}" if _FORMULA.match(cell) and not _is_number(cell) else cell


def _restored(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def number_columns(row: type[DataclassInstance]) -> set[str]:
    """Name the columns of numbers of a table.

    Parameters
    ----------
    row : type of dataclass
        What a row is; its fields are the columns.
    """
    return {field.name for field in fields(row) if "float" in str(field.type)}
