"""``predictions.csv`` being written: gone on with after any stop, and never doubled."""

from __future__ import annotations

import csv
import json
from array import array
from contextlib import contextmanager, suppress
from dataclasses import astuple
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_iris.errors import FileError
from napari_iris.inference.rows import COLUMNS, TABLE, PredictionRow, read_rows
from napari_iris.io.atomic import atomic_open
from napari_iris.io.locks import Lock
from napari_iris.io.tables import append_to_table, is_cut_short, write_table
from napari_iris.matching.names import possible_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    Append = Callable[[Iterable[Any]], None]
    Keys = NDArray[np.uint64]

RUNS = "predictions.json"
"""What the table's lines were made with, by run: the same settings go on with their lines."""

LOCK = ".predictions.lock"


class PredictionTable:
    """A table that is being written.

    A run is a set of settings, but for the threshold: at another one, what is stored is cut anew.

    Parameters
    ----------
    out : Path
        Its folder.
    run, threshold : str, float
        What is being predicted with.
    lines : Lines
        What the table holds already.
    append : callable
        Appends a row.
    """

    def __init__(self, out: Path, run: str, threshold: float, lines: Lines, append: Append) -> None:
        self.out, self.run, self.threshold = out, run, threshold
        self._lines = lines
        self._placed: dict[int, int] = {}
        self._append = append
        self.doubled = False

    def place(self, frame: Path) -> str | None:
        """Choose where a frame's prediction lies in the folder; None where its names are taken.

        It stays where it is. A new one has the first of its names that no other frame has.
        """
        mine = _key(str(frame))
        names = [str(path.relative_to(self.out)) for path in possible_paths(frame, self.out)]
        keys = [_key(name) for name in names]
        for name, key in zip(names, keys, strict=True):
            if self._owner(key) == mine:
                self.doubled = self.doubled or key in self._placed  # named twice
                return name
        for name, key in zip(names, keys, strict=True):
            if self._owner(key) is None:
                self._placed[key] = mine
                return name
        return None

    def has(self, frame: Path) -> bool:
        """Whether a frame has a line of this run, at this threshold."""
        return _find(self._lines.done, _key(str(frame))) is not None

    def has_other_cut(self, frame: Path) -> bool:
        """Whether a frame has a line of this run, at another threshold."""
        return _find(self._lines.cut, _key(str(frame))) is not None

    @property
    def is_mixed(self) -> bool:
        """Whether some lines are of another run, or cut at another threshold."""
        return len(self._lines.done) < len(self._lines.files)

    def add(self, row: PredictionRow) -> None:
        """Add a line; it is out of this process's hands at once."""
        self.doubled = self.doubled or _find(self._lines.files, _key(row.prediction)) is not None
        self._append(astuple(row))

    def _owner(self, file: int) -> int | None:
        """Key of the frame that a file's name is taken by."""
        place = _find(self._lines.files, file)
        return self._placed.get(file) if place is None else int(self._lines.owners[place])


class Lines(NamedTuple):
    """What a table holds, as keys of eight bytes.

    Attributes
    ----------
    files, owners : ndarray of uint64
        The prediction files, sorted, and the frame of each.
    done, cut : ndarray of uint64
        Frames that this run has predicted, at this threshold and at another one; both sorted.
    """

    files: Keys
    owners: Keys
    done: Keys
    cut: Keys


@contextmanager
def open_table(out: Path, settings: Mapping[str, Any]) -> Iterator[PredictionTable]:
    """Open the table of a folder to go on with.

    Lines whose prediction is gone, or older than its frame, are dropped, so that it is made again.
    Lines of other frames stay, whatever they were made with; of two lines of a frame, the last one
    holds.

    Parameters
    ----------
    out : Path
        The folder.
    settings : mapping
        All that decides what is predicted, as JSON takes it, ``threshold`` among it.

    Raises
    ------
    FileError
        If the folder cannot be written, or another process is writing to it.
    """
    run, threshold = _run_of(settings), settings["threshold"]
    fix = "wait for it, or choose another --out"
    busy = FileError(out, "is being written to by another napari-iris", fix)
    with Lock(out / LOCK, busy, "make room there or choose another folder", remove=True):
        lines = _tidy(out, run, threshold)
        if lines is None:
            lines = Lines(*[np.array([], np.uint64)] * 4)
            with write_table(out / TABLE, COLUMNS):
                pass
        _note_run(out, run, settings)
        with append_to_table(out / TABLE) as append:
            table = PredictionTable(out, run, threshold, lines, append)
            try:
                yield table
            finally:
                if table.doubled:
                    with suppress(FileError):  # the next run does it
                        _tidy(out, run, threshold)


def _run_of(settings: Mapping[str, object]) -> str:
    """Eight hexadecimal digits that stand for all settings but the threshold."""
    text = json.dumps({**settings, "threshold": None}, sort_keys=True)
    return blake2b(text.encode(), digest_size=4).hexdigest()


def _note_run(out: Path, run: str, settings: Mapping[str, object]) -> None:
    """Spell a run out, before its first line is written."""
    told = {name: value for name, value in settings.items() if name != "threshold"}
    known = _runs(out)
    if known.get(run) != told:
        with atomic_open(out / RUNS) as file:
            file.write(json.dumps({**known, run: told}, indent=2).encode() + b"\n")


def _runs(out: Path) -> dict[str, object]:
    """Give the settings of each run; none where that cannot be told."""
    try:
        found = json.loads((out / RUNS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {} if not isinstance(found, dict) or "model" in found else found


def _tidy(out: Path, run: str, threshold: float) -> Lines | None:
    """Drop the lines that hold no longer; give the keys of those that are left.

    None where there is no such table.
    """
    frames, files = array("Q"), array("Q")
    holds, ours, cut = array("B"), array("B"), array("B")
    try:
        for row in read_rows(out):
            frames.append(_key(row["frame"]))
            files.append(_key(row["prediction"] or ""))
            holds.append(_is_whole(row) and _is_current(row["frame"], out / row["prediction"]))
            ours.append(row["run"] == run)
            cut.append(row["threshold"] != str(threshold))
        cut_short = is_cut_short(out / TABLE)
    except (FileNotFoundError, csv.Error):
        return None
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise FileError(out / TABLE, reason, "mend this or choose another folder") from error
    of_frames, of_files = (np.array(keys, np.uint64) for keys in (frames, files))
    kept = _is_last(of_frames) & _is_last(of_files) & np.array(holds, np.bool_)
    kept[len(kept) - cut_short :] = False
    if not (kept.all() and _has_all_columns(out / TABLE)):
        _keep(out, kept)
    mine, other = kept & np.array(ours, np.bool_), np.array(cut, np.bool_)
    order = np.argsort(of_files[kept])
    return Lines(
        of_files[kept][order],
        of_frames[kept][order],
        np.sort(of_frames[mine & ~other]),
        np.sort(of_frames[mine & other]),
    )


def _keep(out: Path, kept: NDArray[np.bool_]) -> None:
    """Write the table anew with some of its lines."""
    rows = zip(read_rows(out), kept, strict=True)
    with write_table(out / TABLE, COLUMNS) as table:
        table.writerows([row[name] for name in COLUMNS] for row, keep in rows if keep)


def _has_all_columns(table: Path) -> bool:
    with table.open("rb") as file:
        return file.readline().decode(errors="replace").strip() == ",".join(COLUMNS)


def _is_whole(row: dict[str, str]) -> bool:
    """Whether a line has all columns, and no more."""
    return None not in row and None not in row.values()


def _is_current(frame: str, prediction: Path) -> bool:
    """Whether a frame's prediction is there, and not older than the frame."""
    try:
        made = prediction.stat().st_mtime_ns
    except (OSError, ValueError):
        return False
    try:
        return Path(frame).stat().st_mtime_ns <= made
    except OSError:  # taken away since: what was predicted of it holds
        return True


def _is_last(keys: Keys) -> NDArray[np.bool_]:
    """Tell which of some keys does not come again after it."""
    last = np.zeros(len(keys), np.bool_)
    _, from_end = np.unique(keys[::-1], return_index=True)
    last[len(keys) - 1 - from_end] = True
    return last


def _find(keys: Keys, key: int) -> int | None:
    """Place of a key among some sorted ones; None where it is none of them."""
    if not len(keys):  # a new folder: most frames of a night are asked for here, many times each
        return None
    place = int(np.searchsorted(keys, np.uint64(key)))
    return place if place < len(keys) and bool(keys[place] == key) else None


def _key(text: str) -> int:
    """Eight bytes that stand for a text: those of a million frames are 8 MB."""
    name = text.encode(errors="surrogateescape")
    return int.from_bytes(blake2b(name, digest_size=8).digest())
