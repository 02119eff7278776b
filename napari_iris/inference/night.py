"""Predict whole nights: read, predict and write at the same time, and go on after any stop."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.frames.names import without_namesakes
from napari_iris.frames.write import make_folder, sweep
from napari_iris.inference.prediction_file import prediction_path, write_prediction
from napari_iris.inference.table import PredictionRow, open_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from napari_iris.inference.predictor import Answer, Loaded, Predictor

    Asked = tuple[Path, Loaded, Answer]

READERS = 2
"""Threads that read frames; another one finishes and writes predictions."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def predict_night(
    paths: Iterable[Path],
    out: Path,
    predictor: Predictor,
    *,
    batch_size: int = 16,
    hdu: int | None = None,
    plane: int | None = None,
) -> Iterator[PredictionRow | FileError | None]:
    """Predict every frame, but those that are done in `out` already.

    Done is what the same predictor, with the same settings, has a line and a file of. The networks
    compute in the calling thread, so that Ctrl+C stops them after the frame they are at.

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
        If the folder cannot be made or written, or another process is writing to it.
    """
    make_folder(out)
    namesakes: list[FrameError] = []
    night = _Night(out, predictor, hdu, plane)
    with open_table(out, {**predictor.settings, "hdu": hdu, "plane": plane}) as table:
        sweep(out)
        named = without_namesakes(paths, namesakes)
        fresh = (None if table.has(path) else path for path in named)
        with ThreadPoolExecutor(READERS, "read") as readers, ThreadPoolExecutor(1, "write") as pen:
            try:
                loaded = _ahead(readers, night.load, fresh, batch_size + READERS)
                asked = night.asked(_batches(loaded, batch_size))
                for outcome in _ahead(pen, night.write, asked, batch_size):
                    if isinstance(outcome, PredictionRow):
                        table.add(outcome)
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

    def asked(
        self, batches: Iterable[list[tuple[Path, Loaded] | FileError | None]]
    ) -> Iterator[Asked | FileError | None]:
        for batch in batches:
            good = [item for item in batch if isinstance(item, tuple)]
            answers = iter(self.predictor.ask([loaded for _, loaded in good]) if good else ())
            for item in batch:
                yield (*item, next(answers)) if isinstance(item, tuple) else item

    def write(self, item: Asked | FileError | None) -> PredictionRow | FileError | None:
        if not isinstance(item, tuple):
            return item
        path, loaded, answer = item
        try:
            prediction = self.predictor.finish(loaded, answer)
        except IrisError as error:
            return FrameError(path, str(error), "leave it out")
        write_prediction(prediction_path(path, self.out), prediction)
        return PredictionRow.of(path, prediction, self.predictor.sky(prediction))


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
