"""``predictions.csv``: one line a frame, gone on with after any stop, and never doubled."""

from __future__ import annotations

import csv
import json
from array import array
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from io import SEEK_END, TextIOWrapper
from math import isnan
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.frames.facts import observed_at
from napari_iris.frames.names import frame_stem
from napari_iris.frames.write import atomic_open
from napari_iris.inference.prediction_file import prediction_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.project.labels import Sky

    Keys = NDArray[np.uint64]

TABLE = "predictions.csv"
RUN = "predictions.json"
"""What the table's predictions were made with: the same goes on with it, another begins anew."""

LOCK = ".predictions.lock"


@dataclass(frozen=True)
class PredictionRow:
    """One line of ``predictions.csv``.

    Attributes
    ----------
    frame : str
        The frame's file.
    date_obs : str
        When it was taken, ISO 8601; empty where its header does not say.
    p_cloud : float or None
        The classifier's probability that there is cloud in it; None without a classifier.
    sky : str
        clear or cloudy: as the classifier says; without one, by the cloud fraction.
    cloud_fraction : float or None
        Part of the sky that is cloud, 0 to 1; None of a classifier alone.
    uncertainty : float
        Mean entropy of the pixels' probabilities [bit]; the classifier's where it said clear.
    model : str
        Name and fingerprint of the model, and of the classifier.
    """

    frame: str
    date_obs: str
    p_cloud: float | None
    sky: Sky
    cloud_fraction: float | None
    uncertainty: float
    model: str

    @classmethod
    def of(cls, path: Path, prediction: Prediction, sky: Sky) -> PredictionRow:
        """Make the line of a frame."""
        time = observed_at(prediction.header)
        return cls(
            str(path),
            "" if np.isnat(time) else str(time),
            None if isnan(prediction.p_cloud) else round(prediction.p_cloud, 6),
            sky,
            None if isnan(prediction.cloud_fraction) else round(prediction.cloud_fraction, 6),
            round(prediction.uncertainty, 6),
            prediction.model,
        )


COLUMNS = [field.name for field in fields(PredictionRow)]


class PredictionTable:
    """A table that is being written.

    Parameters
    ----------
    frames, stems : ndarray of uint64
        Keys of the frames that have a line already, and of their names; both sorted.
    file : text file
        Where lines are put after one another.
    """

    def __init__(self, frames: Keys, stems: Keys, file: IO[str]) -> None:
        self._frames, self._stems, self._file = frames, stems, file
        self._writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        self.doubled = False

    def has(self, frame: Path) -> bool:
        """Whether a frame has a line already."""
        return _holds(self._frames, _key(str(frame)))

    def add(self, row: PredictionRow) -> None:
        """Add a line; it is out of this process's hands at once."""
        self.doubled = self.doubled or _holds(self._stems, _key(frame_stem(row.frame)))
        self._writer.writerow(asdict(row))
        self._file.flush()


@contextmanager
def open_table(out: Path, settings: Mapping[str, object]) -> Iterator[PredictionTable]:
    """Open the table of a folder to go on with; begin it anew where `settings` are others.

    Lines whose prediction is gone, or older than its frame, are dropped, so that it is made again.
    Of two frames with the same name, one after the other predicted into the folder, the last one
    has the prediction and the line.

    Raises
    ------
    FileError
        If the folder cannot be written, or another process is writing to it.
    """
    with _alone(out):
        found = _tidy(out) if _settings(out) == settings else None
        if found is None:
            found = np.array([], np.uint64), np.array([], np.uint64)
            with atomic_open(out / TABLE) as file:
                file.write((",".join(COLUMNS) + "\n").encode())
            with atomic_open(out / RUN) as file:
                file.write(json.dumps(settings, indent=2).encode() + b"\n")
        with _appending(out / TABLE) as text:
            table = PredictionTable(*found, text)
            yield table
        if table.doubled:
            _tidy(out)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the folder; it is free again when the process ends, however it does.

    Some network file systems have no locks: there, nobody is told of anybody.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(out / LOCK, timeout=0)
    try:
        with suppress(NotImplementedError):
            lock.acquire()
    except Timeout as error:
        fix = "wait for it, or choose another --out"
        raise FileError(out, "is being written to by another napari-iris predict", fix) from error
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})"
        raise FileError(out, reason, "make room there or choose another folder") from error
    try:
        yield
    finally:
        with suppress(OSError):  # a lock file that stays does no harm
            (out / LOCK).unlink()
        lock.release()


@contextmanager
def _appending(path: Path) -> Iterator[IO[str]]:
    try:
        with path.open("a", encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield file
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})"
        raise FileError(path, reason, "make room there or choose another folder") from error


def _settings(out: Path) -> object:
    """Give what the table was made with; None where that cannot be told."""
    try:
        return json.loads((out / RUN).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _tidy(out: Path) -> tuple[Keys, Keys] | None:
    """Drop the lines that hold no longer; give the keys of the frames and names that are left.

    None where there is no such table.
    """
    frames, stems, holds = array("Q"), array("Q"), array("B")
    try:
        for row in _rows(out):
            frames.append(_key(row["frame"]))
            stems.append(_key(frame_stem(row["frame"])))
            holds.append(_is_whole(row) and _is_current(Path(row["frame"]), out))
        cut = _is_cut(out / TABLE)
    except (FileNotFoundError, csv.Error):
        return None
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise FileError(out / TABLE, reason, "mend this or choose another folder") from error
    of_frames, of_stems = (np.array(keys, np.uint64) for keys in (frames, stems))
    kept = _is_last(of_stems) & np.array(holds, np.bool_)
    kept[len(kept) - cut :] = False
    if not kept.all():
        _keep(out, kept)
    return np.sort(of_frames[kept]), np.sort(of_stems[kept])


def _rows(out: Path) -> Iterator[dict[str, str]]:
    with (out / TABLE).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != COLUMNS:
            raise csv.Error("is another table")
        yield from rows


def _keep(out: Path, kept: NDArray[np.bool_]) -> None:
    """Write the table anew with some of its lines."""
    with atomic_open(out / TABLE) as file:
        text = TextIOWrapper(file, "utf-8", "surrogateescape", newline="", write_through=True)
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row, keep in zip(_rows(out), kept, strict=True) if keep)
        text.detach()


def _is_whole(row: dict[str, str]) -> bool:
    """Whether a line has all columns, and no more."""
    return None not in row and None not in row.values()


def _is_current(frame: Path, out: Path) -> bool:
    """Whether a frame's prediction is there, and not older than the frame."""
    try:
        made = prediction_path(frame, out).stat().st_mtime_ns
    except (OSError, ValueError):
        return False
    try:
        return frame.stat().st_mtime_ns <= made
    except OSError:  # taken away since: what was predicted of it holds
        return True


def _is_cut(path: Path) -> bool:
    """Whether the last line was cut short, by a kill or a full disk."""
    with path.open("rb") as file:
        file.seek(-1, SEEK_END)
        return file.read() != b"\n"


def _is_last(keys: Keys) -> NDArray[np.bool_]:
    """Tell which of some keys does not come again after it."""
    last = np.zeros(len(keys), np.bool_)
    _, from_end = np.unique(keys[::-1], return_index=True)
    last[len(keys) - 1 - from_end] = True
    return last


def _holds(keys: Keys, key: int) -> bool:
    """Whether a key is among some sorted ones."""
    place = int(np.searchsorted(keys, np.uint64(key)))
    return place < len(keys) and bool(keys[place] == key)


def _key(text: str) -> int:
    """Eight bytes that stand for a text: those of a million frames are 8 MB."""
    name = text.encode(errors="surrogateescape")
    return int.from_bytes(blake2b(name, digest_size=8).digest())
