"""Predict whole nights: read, predict and write at the same time, and go on after any stop."""

from __future__ import annotations

import csv
import json
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from itertools import islice
from math import isnan
from typing import IO, TYPE_CHECKING, TypeVar

import numpy as np

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.frames.facts import observed_at
from napari_iris.frames.names import without_namesakes
from napari_iris.frames.write import atomic_open, make_folder, sweep
from napari_iris.inference.prediction_file import prediction_path, write_prediction
from napari_iris.project.labels import CLOUDY_FROM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.inference.predictor import Loaded, Predictor

TABLE = "predictions.csv"
RUN = "predictions.json"

READERS = 2
"""Threads that read frames; another one writes predictions."""

Item = TypeVar("Item")
Result = TypeVar("Result")


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
    cloud_fraction : float
        Part of the sky that is cloud, 0 to 1.
    uncertainty : float
        Mean entropy of the pixels' probabilities [bit].
    model : str
        Name and fingerprint of the model, and of the classifier.
    """

    frame: str
    date_obs: str
    p_cloud: float | None
    sky: str
    cloud_fraction: float
    uncertainty: float
    model: str

    @classmethod
    def of(cls, path: Path, prediction: Prediction, *, clear: bool) -> PredictionRow:
        """Make the line of a frame."""
        time = observed_at(prediction.header)
        return cls(
            str(path),
            "" if np.isnat(time) else str(time),
            None if isnan(prediction.p_cloud) else round(prediction.p_cloud, 6),
            "clear" if clear else "cloudy",
            round(prediction.cloud_fraction, 6),
            round(prediction.uncertainty, 6),
            prediction.model,
        )


def predict_night(
    paths: Iterable[Path],
    out: Path,
    predictor: Predictor,
    *,
    batch_size: int = 16,
    hdu: int | None = None,
    plane: int | None = None,
) -> Iterator[PredictionRow | FileError | None]:
    """Predict every frame, but those that this predictor has done in `out` before.

    Parameters
    ----------
    paths : iterable of Path
        The frames.
    out : Path
        Folder for ``<stem>_pred.fits`` and ``predictions.csv``; made if need be.
    predictor : Predictor
        The models.
    batch_size : int
        Frames at a time.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.

    Yields
    ------
    PredictionRow, FileError or None
        In the frames' order: what was written, what is wrong with the frame, or None where it had
        been done before.

    Raises
    ------
    FileError
        If the folder cannot be made or written.
    """
    make_folder(out)
    sweep(out)
    namesakes: list[FrameError] = []
    with _table(out, predictor) as (done, table):
        night = _Night(out, predictor, hdu, plane)
        fresh = _skipping(without_namesakes(paths, namesakes), out, done)
        with ThreadPoolExecutor(READERS, "read") as readers, ThreadPoolExecutor(1, "write") as pen:
            try:
                loaded = _ahead(readers, night.load, fresh, batch_size + READERS)
                answered = night.answered(_batches(loaded, batch_size))
                for outcome in _ahead(pen, night.write, answered, batch_size):
                    if isinstance(outcome, PredictionRow):
                        table(outcome)
                    yield outcome
            finally:
                readers.shutdown(wait=True, cancel_futures=True)
        yield from namesakes


@dataclass(frozen=True)
class _Night:
    """What is done with each frame, stage by stage; errors pass through in their place."""

    out: Path
    predictor: Predictor
    hdu: int | None
    plane: int | None

    def load(self, path: Path | None) -> tuple[Path, Loaded] | FileError | None:
        if path is None:
            return None
        try:
            return path, self.predictor.load(path, self.hdu, self.plane)
        except FileError as error:
            return error
        except IrisError as error:
            return FrameError(path, str(error), "leave it out")

    def answered(
        self, batches: Iterable[list[tuple[Path, Loaded] | FileError | None]]
    ) -> Iterator[tuple[Path, Prediction] | FileError | None]:
        for batch in batches:
            good = [item for item in batch if isinstance(item, tuple)]
            answers = iter(self.predictor.answer([loaded for _, loaded in good]) if good else ())
            for item in batch:
                yield (item[0], next(answers)) if isinstance(item, tuple) else item

    def write(
        self, item: tuple[Path, Prediction] | FileError | None
    ) -> PredictionRow | FileError | None:
        if not isinstance(item, tuple):
            return item
        path, prediction = item
        write_prediction(prediction_path(path, self.out), prediction)
        return PredictionRow.of(path, prediction, clear=self._is_clear(prediction))

    def _is_clear(self, prediction: Prediction) -> bool:
        first = self.predictor.classifier
        if first is not None:
            return prediction.p_cloud < first.card.threshold
        return prediction.cloud_fraction <= CLOUDY_FROM


def _ahead(
    pool: ThreadPoolExecutor,
    work: Callable[[Item], Result],
    items: Iterable[Item],
    depth: int,
) -> Iterator[Result]:
    """Do `work` in the pool's threads, a few items ahead, and give the results in order."""
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > depth:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _skipping(paths: Iterable[Path], out: Path, done: NDArray[np.uint64]) -> Iterator[Path | None]:
    """Pass on the frames that are still to do, and None for each of the others."""
    for path in paths:
        place = np.searchsorted(done, _key(str(path)))
        known = place < len(done) and done[place] == _key(str(path))
        yield None if known and prediction_path(path, out).exists() else path


def _key(frame: str) -> np.uint64:
    """Eight bytes that stand for a frame's name: a million of them are 8 MB."""
    name = frame.encode(errors="surrogateescape")
    return np.uint64(int.from_bytes(blake2b(name, digest_size=8).digest()))


@contextmanager
def _table(
    out: Path, predictor: Predictor
) -> Iterator[tuple[NDArray[np.uint64], Callable[[PredictionRow], None]]]:
    """Open ``predictions.csv`` to go on with; begin anew where it is of another predictor.

    Gives the keys of the frames that are in it, sorted, and what appends a line. Each line is out
    of this process's hands at once, after its prediction file.
    """
    path, run = out / TABLE, out / RUN
    settings = {"model": predictor.id, "threshold": predictor.threshold, "turned": predictor.turned}
    done = _take_over(path) if _is_of(run, settings) else None
    if done is None:
        done = np.array([], np.uint64)
        with atomic_open(path) as file:
            file.write((",".join(field.name for field in fields(PredictionRow)) + "\n").encode())
        with atomic_open(run) as file:
            file.write(json.dumps(settings, indent=2).encode() + b"\n")
    with _appending(path) as lines:
        writer = csv.DictWriter(
            lines, [field.name for field in fields(PredictionRow)], lineterminator="\n"
        )

        def append(row: PredictionRow) -> None:
            writer.writerow(asdict(row))
            lines.flush()

        yield done, append


@contextmanager
def _appending(path: Path) -> Iterator[IO[str]]:
    try:
        with path.open("a", encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield file
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})"
        raise FileError(path, reason, "make room there or choose another folder") from error


def _is_of(run: Path, settings: dict[str, object]) -> bool:
    try:
        return bool(json.loads(run.read_bytes()) == settings)
    except (OSError, ValueError):
        return False


def _take_over(path: Path) -> NDArray[np.uint64] | None:
    """Frames of a table that was begun; its last line is dropped where a kill cut it short."""
    try:
        with path.open("rb+") as file:
            whole = 0
            for line in file:
                whole += len(line) if line.endswith(b"\n") else 0
            file.truncate(whole)
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
            keys = np.fromiter((_key(row["frame"]) for row in csv.DictReader(text)), np.uint64)
    except (OSError, KeyError):
        return None
    return np.unique(keys)
