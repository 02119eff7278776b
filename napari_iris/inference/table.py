"""``predictions.csv`` while it is written: resumed after any stop, without duplicate rows."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import astuple
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from napari_iris.errors import FileError
from napari_iris.inference.rows import COLUMNS, OLD_COLUMNS, TABLE
from napari_iris.inference.run_settings import run_id, store_settings
from napari_iris.inference.table_index import TableIndex, find_key, key_of, read_index
from napari_iris.io.locks import Lock
from napari_iris.io.older_table import OlderTable
from napari_iris.io.tables import append_to_table, write_table
from napari_iris.matching.names import possible_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from napari_iris.inference.rows import PredictionRow

    Append = Callable[[Iterable[Any]], None]


def lock_name(table: str = TABLE) -> str:
    """Name the lock file of a table.

    Parameters
    ----------
    table : str
        The table, relative to the output folder; so is the lock file.
    """
    path = PurePosixPath(table)
    return str(path.with_name(f".{path.stem}.lock"))


class PredictionTable:
    """A table that is being written.

    Parameters
    ----------
    out : Path
        Its folder.
    run : str
        Identifier of the settings, see `run_id`.
    threshold : float
        Probability from which it is cloud.
    index : TableIndex
        Rows that the table has already.
    append : callable
        Appends a row.
    added : callable
        Gives what a person added to the row of a frame, see `OlderTable`.
    files : mapping of str to str
        Files of predictions by frame, where they are chosen already.
    pack : str
        Name of the pack that new predictions go to; empty for single files.

    Attributes
    ----------
    has_duplicates : bool
        Whether a frame or a file has several rows now.
    """

    def __init__(
        self,
        out: Path,
        run: str,
        threshold: float,
        index: TableIndex,
        append: Append,
        added: Callable[[str], list[str]] = lambda _: [],
        files: Mapping[str, str] = MappingProxyType({}),
        pack: str = "",
    ) -> None:
        self.out, self.run, self.threshold = out, run, threshold
        self._place = out / pack
        self._index = index
        self._placed: dict[int, int] = {}
        self._append, self._added, self._files = append, added, files
        self.has_duplicates = False

    @property
    def is_mixed(self) -> bool:
        """Whether some earlier rows are of another run, or have another threshold."""
        return self._index.is_mixed

    def place(self, frame: Path) -> str | None:
        """Choose the file of a frame's prediction; None where all its names are taken.

        An earlier one stays where it is. A new one gets the first of `possible_paths` that no other
        frame has.
        """
        if (chosen := self._files.get(str(frame))) is not None:
            return str((self._place / chosen).relative_to(self.out))
        mine = key_of(str(frame))
        names = [str(path.relative_to(self.out)) for path in possible_paths(frame, self._place)]
        keys = [key_of(name) for name in names]
        for name, key in zip(names, keys, strict=True):
            if self._owner(key) == mine:
                # the same frame twice in one command
                self.has_duplicates = self.has_duplicates or key in self._placed
                return name
        for name, key in zip(names, keys, strict=True):
            if self._owner(key) is None:
                self._placed[key] = mine
                return name
        return None

    def has_file(self, file: str) -> bool:
        """Whether a row names a file of a prediction."""
        return self._index.owner(key_of(file)) is not None

    def has(self, frame: Path) -> bool:
        """Whether a frame has a row of this run, with this threshold."""
        return find_key(self._index.done, key_of(str(frame))) is not None

    def has_other_threshold(self, frame: Path) -> bool:
        """Whether a frame has a row of this run, with another threshold."""
        return find_key(self._index.other_threshold, key_of(str(frame))) is not None

    def add(self, row: PredictionRow) -> None:
        """Add a row; it is handed to the system at once."""
        is_known = self._index.owner(key_of(row.prediction)) is not None
        self.has_duplicates = self.has_duplicates or is_known
        self._append([*astuple(row), *self._added(row.frame)])

    def _owner(self, file: int) -> int | None:
        """Key of the frame that has a file's name."""
        owner = self._index.owner(file)
        return self._placed.get(file) if owner is None else owner


@contextmanager
def open_table(
    out: Path,
    settings: Mapping[str, Any],
    *,
    overwrite: bool = False,
    name: str = TABLE,
    files: Mapping[str, str] = MappingProxyType({}),
    pack: str = "",
) -> Iterator[PredictionTable]:
    """Open the table of a folder, to continue it.

    Rows that are not valid any more are removed, see `read_index`, so that their frames are
    predicted again. Rows of other frames stay, whatever made them, and so do columns that a person
    added; of two rows of a frame, the last one is kept.

    Parameters
    ----------
    out : Path
        The folder.
    settings : mapping
        Everything that determines the predictions, as JSON values, with ``threshold`` among them.
    overwrite : bool
        Whether a table of another kind is replaced; else it is refused.
    name : str
        The table, relative to the folder.
    files : mapping of str to str
        Files of predictions by frame, where they are chosen already.
    pack : str
        Name of the pack that new predictions go to; empty for single files.

    Yields
    ------
    PredictionTable
        Takes the rows; this process holds the lock of the table.

    Raises
    ------
    FileError
        If the folder cannot be written, has another table of this name, or another process is
        writing to it.
    """
    run, threshold = run_id(settings), settings["threshold"]
    fix = "wait for it, or choose another --out"
    busy = FileError(out, "is being written to by another process", fix)
    with Lock(out / lock_name(name), busy, "make room there or choose another folder", remove=True):
        older = OlderTable(out / name, COLUMNS, OLD_COLUMNS[0], overwrite=overwrite)
        index = read_index(out, run, threshold, older.extra, name)
        if index is None:
            index = TableIndex.empty()
            with write_table(out / name, COLUMNS):
                pass
        store_settings(out, run, settings)
        with append_to_table(out / name) as append:
            added = older.added
            table = PredictionTable(out, run, threshold, index, append, added, files, pack)
            try:
                yield table
            finally:
                if table.has_duplicates:
                    with suppress(FileError):  # the next run removes them
                        read_index(out, run, threshold, older.extra, name)
