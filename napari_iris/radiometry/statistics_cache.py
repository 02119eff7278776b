"""Statistics of frames kept on disk, so that no frame is read twice to learn a reference."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_iris.errors import FileError, IrisError
from napari_iris.frames.read import read_frame
from napari_iris.frames.site_mask import hide
from napari_iris.io.atomic import atomic_open
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE
from napari_iris.radiometry.statistics import (
    AZIMUTH,
    ELEVATION,
    FOCAL_PLANE,
    SHUTTER,
    STATISTICS_SHAPE,
    FrameStatistics,
    frame_statistics,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from napari_iris.frames.site_mask import SiteMask

READERS = 2
"""Threads that read frames: astropy releases the interpreter while it reads."""

MOST_FRAMES = 480
"""Frames that are kept of one folder: 60 kB each."""

MOST_BYTES = 10**9
"""Size of all files together, above which those not used for longest are removed."""

_TYPES = {"float": "f8", "str": "U80", "np.datetime64": "M8[us]"}
_SHAPES: dict[str, tuple[str, tuple[int, int]]] = {
    "small": ("f4", STATISTICS_SHAPE),
    "fingerprint": ("f2", FINGERPRINT_SHAPE),
}


class _Key(NamedTuple):
    """What a frame is known by: a file that changes has another size or time."""

    name: bytes
    size: int
    changed: int
    hdu: int
    plane: int


_KEYS = np.dtype(
    [("name", "S255"), ("size", "i8"), ("changed", "i8"), ("hdu", "i4"), ("plane", "i4")]
)


def read_statistics(
    paths: Iterable[Path],
    *,
    hdu: int | None = None,
    plane: int | None = None,
    site: SiteMask | None = None,
) -> list[FrameStatistics | None]:
    """Give the statistics of some frames, with fingerprints; those not known yet are read.

    Parameters
    ----------
    paths : iterable of Path
        The frames: a sample, since the statistics of each take 60 kB.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    site : SiteMask, optional
        Pixels that never show the sky: they are blank in what is read.

    Returns
    -------
    list of FrameStatistics or None
        One for each path; None for a frame that cannot be read, or is coarser than statistics.
    """
    wanted = [Path(path) for path in paths]
    folders: dict[Path, list[int]] = defaultdict(list)
    for place, path in enumerate(wanted):
        folders[path.parent].append(place)
    found: list[FrameStatistics | None] = [None] * len(wanted)
    with ThreadPoolExecutor(READERS, thread_name_prefix="iris-sample") as readers:
        for folder, places in folders.items():
            read = partial(_read, hdu=hdu, plane=plane, site=site)
            keys = [_key(wanted[place], hdu, plane) for place in places]
            known = _Kept(folder, "" if site is None else site.digest)
            new = [n for n, key in enumerate(keys) if key is None or key not in known.rows]
            fresh = dict(zip(new, readers.map(read, (wanted[places[n]] for n in new)), strict=True))
            for number, (key, place) in enumerate(zip(keys, places, strict=True)):
                found[place] = fresh[number] if number in fresh else known.statistics(key)
            known.save([(key, found[place]) for key, place in zip(keys, places, strict=True)])
    return found


class _Kept:
    """The statistics kept of the frames of one folder."""

    def __init__(self, folder: Path, site: str) -> None:
        place = os.fsencode(folder.absolute()) + site.encode()
        self._file = _cache_folder() / f"{_digest(place)}.npy"
        self._table = self._load()
        keys = (self._table[name].tolist() for name in _Key._fields)
        self.rows = {_Key(*key): row for row, key in enumerate(zip(*keys, strict=True))}

    def statistics(self, key: _Key | None) -> FrameStatistics | None:
        """Give the statistics of a frame that is known."""
        if key is None:
            return None
        row = self._table[self.rows[key]]
        values = {field.name: _value(row[field.name]) for field in fields(FrameStatistics)}
        return FrameStatistics(**values)

    def save(self, used: Sequence[tuple[_Key | None, FrameStatistics | None]]) -> None:
        """Keep statistics, those used now first; where that fails, they are read again."""
        now = {key: one for key, one in used if key is not None and one is not None}
        if all(key in self.rows for key in now):
            with suppress(OSError):
                os.utime(self._file)
            return
        old = [row for key, row in self.rows.items() if key not in now]
        table = np.zeros(min(len(now) + len(old), MOST_FRAMES), self._table.dtype)
        for row, (key, one) in zip(table, now.items(), strict=False):
            for name, value in (*key._asdict().items(), *vars(one).items()):
                row[name] = value
        room = len(table) - min(len(now), len(table))
        table[len(table) - room :] = self._table[old[:room]]
        with suppress(OSError, FileError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with atomic_open(self._file) as file:
                np.save(file, table)
            _trim(self._file.parent)

    def _load(self) -> NDArray[np.void]:
        empty = np.zeros(0, _dtype())
        try:
            table: NDArray[np.void] = np.load(self._file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return empty
        return table if table.dtype == empty.dtype and table.ndim == 1 else empty


def _read(
    path: Path, *, hdu: int | None, plane: int | None, site: SiteMask | None
) -> FrameStatistics | None:
    try:
        frame = hide(read_frame(path, hdu=hdu, plane=plane), site)
        if np.less(frame.data.shape, STATISTICS_SHAPE).any():
            return None
        return frame_statistics(frame.data, frame.header, with_fingerprint=True)
    except IrisError:  # the command that uses the frame names it
        return None


def _key(path: Path, hdu: int | None, plane: int | None) -> _Key | None:
    """Key of a frame; None for a file that is not there, or whose name is too long to keep."""
    try:
        stat = path.stat()
    except OSError:
        return None
    name = os.fsencode(path.name)
    at = (-1 if number is None else number for number in (hdu, plane))
    return _Key(name, stat.st_size, stat.st_mtime_ns, *at) if len(name) <= 255 else None


def _value(value: Any) -> Any:
    """Value of a field as `frame_statistics` gives it."""
    is_plain = isinstance(value, np.floating | np.str_)
    return np.array(value) if isinstance(value, np.ndarray) else value.item() if is_plain else value


def _dtype() -> np.dtype[np.void]:
    columns: list[Any] = list(_KEYS.descr)
    for field in fields(FrameStatistics):
        kind = _SHAPES.get(field.name) or (_TYPES[str(field.type)],)
        columns.append((field.name, *kind))
    return np.dtype(columns)


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("napari-iris") / "statistics" / _version()


@cache
def _version() -> str:
    """Hash of the statistics of a test frame: a program that computes others keeps its own."""
    frame = np.random.default_rng(0).normal(700, 9, (128, 160)).astype(np.float32)
    frame[:16] = np.nan
    cards = (*FOCAL_PLANE, *SHUTTER, *ELEVATION, *AZIMUTH)
    header = {card: float(number) for number, card in enumerate(cards)}
    one = frame_statistics(frame, {"DATE-OBS": "2024-01-15T20:00", **header}, with_fingerprint=True)
    return _digest(b"".join(np.asarray(value).tobytes() for value in vars(one).values()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _trim(folder: Path) -> None:
    """Remove the files not used for longest, until the rest is small enough."""
    files = [(path.stat(), path) for path in folder.glob("*.npy")]
    total = sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda one: one[0].st_mtime_ns):
        if total <= MOST_BYTES:
            break
        path.unlink(missing_ok=True)
        total -= stat.st_size
