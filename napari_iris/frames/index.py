"""Index of frames and their times, kept on disk so that a million frames open at once."""

from __future__ import annotations

import hashlib
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, FrameError
from napari_iris.frames.facts import observed_at
from napari_iris.frames.paths import FramePaths, find_frames
from napari_iris.frames.read import read_header
from napari_iris.io.atomic import atomic_open

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

SAVE_EVERY_S = 30.0
"""Seconds between two saves while times are read."""

_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class FrameIndex:
    """The frames of some sources, with the time of each.

    A cached index is memory-mapped at once. `refresh` lists the sources again and keeps the rows
    of unchanged files; `read_times` fills in the times that are not known yet. Both may run in a
    background thread, each on its own instance.

    Parameters
    ----------
    sources : sequence of Path or str
        Files, folders and globs.
    cache : Path, optional
        Folder of the cached index; by default the user's cache folder.

    Attributes
    ----------
    table : ndarray with fields path (bytes), changed (int64), time (datetime64[us]), read (bool)
        One row per frame, in natural order: its file, the file's modification time [ns], the time
        of observation (NaT where not known), and whether the header has been read.
    """

    def __init__(self, sources: Sequence[Path | str], cache: Path | None = None) -> None:
        self.sources = [str(source) for source in sources]
        self._file = (cache or _default_cache()) / f"{_key(self.sources)}.npy"
        self.table = self._load()
        if not len(self.table):
            self.refresh()

    @classmethod
    def of(cls, paths: FramePaths, times: NDArray[np.datetime64]) -> FrameIndex:
        """Index of known frames with their times; it is not kept on disk."""
        index = cls.__new__(cls)
        index.sources, index.table = [], np.zeros(len(paths), _dtype(paths.packed.dtype.itemsize))
        index.table["path"], index.table["time"], index.table["read"] = paths.packed, times, True
        return index

    @property
    def paths(self) -> FramePaths:
        """The frames' files."""
        return FramePaths(self.table["path"])

    @property
    def times(self) -> NDArray[np.datetime64]:
        """Time of observation of each frame; NaT where not known."""
        times: NDArray[np.datetime64] = self.table["time"]
        return times

    def refresh(self) -> bool:
        """List the sources again.

        Returns
        -------
        bool
            Whether the frames have changed.

        Raises
        ------
        FrameError
            If the sources have no frame at all.
        """
        paths, problems = find_frames(self.sources)
        if not len(paths):
            none = FrameError("no frames", "the list is empty", "give at least one FITS file")
            raise problems[0] if problems else none
        table = _with_known(paths.packed, _modified(paths.packed), self.table)
        if all(np.array_equal(table[field], self.table[field]) for field in ("path", "changed")):
            return False
        self.table = table
        self._save()
        return True

    def read_times(self) -> Generator[int, None, None]:
        """Read the times not known yet; yield the number of finished frames after each."""
        table = self.table
        todo = np.flatnonzero(~table["read"])
        if not len(todo):
            return
        self.table = table = np.array(table)
        done = len(table) - len(todo)
        saved = time.monotonic()
        try:
            for count, row in enumerate(todo, start=1):
                table["time"][row], table["read"][row] = _time_of(table["path"][row]), True
                if time.monotonic() - saved > SAVE_EVERY_S:
                    self._save()
                    saved = time.monotonic()
                yield done + count
        finally:
            self._save()

    def locate(self, text: str) -> int | None:
        """Find a frame by its number, its time or its name.

        Parameters
        ----------
        text : str
            A number from 1, a time (``21:30``, ``2024-01-15T21:30``), or part of a file name.

        Returns
        -------
        int or None
            Number of the frame, from 0; None where nothing matches.
        """
        text = text.strip()
        if text.isdecimal() and 1 <= int(text) <= len(self.table):
            return int(text) - 1
        wanted = self._parse_time(text)
        return self.paths.find(text) if wanted is None else self.nearest(wanted)

    def _parse_time(self, text: str) -> np.datetime64 | None:
        """Time that a text gives; a time of day belongs to the day that has the nearest frame."""
        if _TIME_OF_DAY.fullmatch(text):
            known = self.times[~np.isnat(self.times)]
            if not len(known):
                return None
            clock = np.timedelta64(_seconds(text), "s")
            days = np.unique(known.astype("M8[D]"))
            candidates = days + clock
            gaps = [np.abs(known - candidate).min() for candidate in candidates]
            nearest: np.datetime64 = candidates[int(np.argmin(gaps))]
            return nearest
        if not _DATE.match(text):
            return None
        try:
            return np.datetime64(text.replace(" ", "T"), "us")
        except ValueError:
            return None

    def nearest(self, moment: np.datetime64) -> int | None:
        """Find the frame nearest in time to `moment`; None where no time is known."""
        known = np.flatnonzero(~np.isnat(self.times))
        if not len(known):
            return None
        return int(known[np.argmin(np.abs(self.times[known] - moment))])

    def _load(self) -> NDArray[np.void]:
        try:
            table = np.load(self._file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return np.empty(0, _dtype(1))
        names = table.dtype.names
        return table if names == _dtype(1).names else np.empty(0, _dtype(1))

    def _save(self) -> None:
        """Write the cache; where that fails, the next start lists the sources again."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with atomic_open(self._file) as file:
                np.save(file, self.table)
        except (OSError, FileError):
            return


def _seconds(clock: str) -> int:
    """Seconds since midnight of ``h:mm`` or ``h:mm:ss``."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return 3600 * hours + 60 * minutes + sum(seconds)


def _dtype(width: int) -> np.dtype[np.void]:
    return np.dtype([("path", f"S{width}"), ("changed", "i8"), ("time", "M8[us]"), ("read", "?")])


def _with_known(
    packed: NDArray[np.bytes_], changed: NDArray[np.int64], known: NDArray[np.void]
) -> NDArray[np.void]:
    """Table of the paths, with the known times of the files that have not been modified."""
    table = np.zeros(len(packed), _dtype(packed.dtype.itemsize))
    table["path"], table["changed"], table["time"] = packed, changed, np.datetime64("NaT")
    _, new, old = np.intersect1d(packed, known["path"], return_indices=True)
    same = changed[new] == known["changed"][old]
    for field in ("time", "read"):
        table[field][new[same]] = known[field][old[same]]
    return table


def _modified(packed: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Modification time of each file in nanoseconds; 0 for a missing file."""

    def modified(path: bytes) -> int:
        try:
            return os.stat(path).st_mtime_ns  # noqa: PTH116 (bytes, a million times)
        except OSError:
            return 0

    return np.fromiter((modified(path) for path in packed), np.int64, len(packed))


def _time_of(path: bytes) -> np.datetime64:
    """Time of observation in a file's header; NaT for a file that cannot be read."""
    try:
        return observed_at(read_header(Path(os.fsdecode(path))))
    except FrameError:
        return np.datetime64("NaT", "us")


def _key(sources: Sequence[str]) -> str:
    absolute = "\n".join(str(Path(source).absolute()) for source in sources)
    return hashlib.sha256(os.fsencode(absolute)).hexdigest()[:32]


def _default_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("napari-iris") / "index"
