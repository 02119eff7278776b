"""The valid rows of ``predictions.csv``, as keys of eight bytes: 1e6 frames are some 30 MB."""

from __future__ import annotations

import csv
from array import array
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.inference.rows import COLUMNS, TABLE, read_rows
from napari_iris.io.packs import modified_ns
from napari_iris.io.tables import is_cut_short, write_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class TableIndex:
    """The rows of a table, by keys of their frames and files, see `key_of`.

    Attributes
    ----------
    files, owners : ndarray of uint64, shape (rows,)
        Keys of the prediction files, sorted, and of the frame of each.
    done, other_threshold : ndarray of uint64
        Keys of the frames that this run has predicted with this threshold, and with another one;
        both sorted.
    """

    files: Keys
    owners: Keys
    done: Keys
    other_threshold: Keys

    @classmethod
    def empty(cls) -> TableIndex:
        """Make the index of a table without rows."""
        return cls(*[np.array([], np.uint64)] * 4)

    @property
    def is_mixed(self) -> bool:
        """Whether some rows are of another run, or have another threshold."""
        return len(self.done) < len(self.files)

    def owner(self, file: int) -> int | None:
        """Key of the frame that a prediction file belongs to; None where there is no such file."""
        place = find_key(self.files, file)
        return None if place is None else int(self.owners[place])


def read_index(
    out: Path, run: str, threshold: float, extra: Sequence[str] = (), name: str = TABLE
) -> TableIndex | None:
    """Read the table of a folder, and remove the rows that are not valid any more.

    These are rows that are damaged, that a later row of the same frame or file replaces, or whose
    prediction is gone or older than its frame.

    Parameters
    ----------
    out : Path
        Folder of predictions.
    run : str
        The current run, see `run_id`.
    threshold : float
        The current threshold.
    extra : sequence of str
        Columns that a person added to it, which are kept.
    name : str
        The table, relative to the folder.

    Returns
    -------
    TableIndex or None
        The remaining rows; None where there is no table, or another one.

    Raises
    ------
    FileError
        If the table cannot be read or written.
    """
    table = out / name
    frames, files = array("Q"), array("Q")
    valid, ours, other = array("B"), array("B"), array("B")
    try:
        for row in read_rows(out, name):
            frames.append(key_of(row["frame"]))
            files.append(key_of(row["prediction"] or ""))
            valid.append(_is_whole(row) and is_current(row["frame"], out / row["prediction"]))
            ours.append(row["run"] == run)
            other.append(row["threshold"] != str(threshold))
        cut_short = is_cut_short(table)
    except (FileNotFoundError, csv.Error):
        return None
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise FileError(table, reason, "fix this or choose another folder") from error
    of_frames, of_files = (np.array(keys, np.uint64) for keys in (frames, files))
    kept = _is_last(of_frames) & _is_last(of_files) & np.array(valid, np.bool_)
    if cut_short and not extra:  # with such columns, it was a person who left out the line end
        kept[-1:] = False  # a truncated last row may still parse
    columns = [*COLUMNS, *extra]
    if cut_short or not (kept.all() and _has_columns(table, columns)):
        _keep_rows(out, name, kept, columns)
    mine, has_other = kept & np.array(ours, np.bool_), np.array(other, np.bool_)
    order = np.argsort(of_files[kept])  # sorted keys are found by bisection
    return TableIndex(
        of_files[kept][order],
        of_frames[kept][order],
        np.sort(of_frames[mine & ~has_other]),
        np.sort(of_frames[mine & has_other]),
    )


def key_of(text: str) -> int:
    """Hash a text to eight bytes.

    Parameters
    ----------
    text : str
        Path of a frame, or of a prediction file.
    """
    name = text.encode(errors="surrogateescape")
    return int.from_bytes(blake2b(name, digest_size=8).digest())


def find_key(keys: Keys, key: int) -> int | None:
    """Find a key among sorted ones.

    Parameters
    ----------
    keys : ndarray of uint64
        Sorted keys.
    key : int
        See `key_of`.

    Returns
    -------
    int or None
        Its place; None where it is not among them.
    """
    if not len(keys):  # a new folder, where each frame is looked up several times
        return None
    place = int(np.searchsorted(keys, np.uint64(key)))
    return place if place < len(keys) and bool(keys[place] == key) else None


def _keep_rows(out: Path, name: str, kept: NDArray[np.bool_], columns: Sequence[str]) -> None:
    """Rewrite the table with some of its rows."""
    rows = zip(read_rows(out, name), kept, strict=True)
    with write_table(out / name, columns) as table:
        table.writerows([row[column] for column in columns] for row, keep in rows if keep)


def _has_columns(table: Path, columns: Sequence[str]) -> bool:
    with table.open("rb") as file:
        return file.readline().decode(errors="replace").strip() == ",".join(columns)


def _is_whole(row: dict[str, str]) -> bool:
    """Whether a row has all columns, and no more."""
    return None not in row and None not in row.values()


def is_current(frame: str, made: Path) -> bool:
    """Whether what was made of a frame exists, and is not older than the frame.

    Parameters
    ----------
    frame : str
        The frame's file.
    made : Path
        File of its prediction, or mask; it may be in a pack.
    """
    try:
        time = modified_ns(made)
    except (OSError, ValueError):
        return False
    try:
        return Path(frame).stat().st_mtime_ns <= time
    except (OSError, ValueError):  # the frame was removed since; its prediction is still valid
        return True


def _is_last(keys: Keys) -> NDArray[np.bool_]:
    """Whether a key does not occur again after its place."""
    last = np.zeros(len(keys), np.bool_)
    # `unique` gives the first place, here from the end
    _, from_end = np.unique(keys[::-1], return_index=True)
    last[len(keys) - 1 - from_end] = True
    return last
