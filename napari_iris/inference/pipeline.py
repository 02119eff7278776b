"""Predict many frames: read, predict and write at the same time, and resume after any stop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.frames.names import frame_stem
from napari_iris.inference.ahead import ahead, batched
from napari_iris.inference.prediction_file import (
    PredictionError,
    prediction_images,
    read_prediction,
    write_prediction,
)
from napari_iris.inference.rows import TABLE, PredictionRow
from napari_iris.inference.table import open_table
from napari_iris.inference.task import Task
from napari_iris.io.atomic import make_folder, sweep
from napari_iris.io.outputs import Mark, check_output
from napari_iris.io.pack_writer import pack_file
from napari_iris.io.packs import check_packs, check_single, name_in_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from pathlib import Path

    from napari_iris.inference.network_data import NetworkInput, NetworkOutput
    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.inference.predictor import Predictor
    from napari_iris.inference.steady import LastAnswer
    from napari_iris.inference.table import PredictionTable
    from napari_iris.io.pack_writer import Pack

    Step: TypeAlias = "Task | FileError | None"
    Outcome: TypeAlias = "PredictionRow | FileError | None"
    Predict: TypeAlias = Callable[..., Iterator[Outcome]]
    OnPrediction: TypeAlias = Callable[[PredictionRow, Prediction], object]

READERS = 2
"""Threads that read frames; another one finishes and writes predictions."""


def predict_frames(  # noqa: PLR0913 (the options of the command)
    paths: Iterable[Path],
    out: Path,
    predictor: Predictor,
    *,
    batch_size: int = 16,
    hdu: int | None = None,
    plane: int | None = None,
    overwrite: bool = False,
    table: str = TABLE,
    files: Mapping[str, str] | None = None,
    pack: Pack | None = None,
) -> Iterator[Outcome]:
    """Predict all frames except those already predicted in `out`.

    A frame is already predicted where the same predictor, with the same settings, has a row and a
    file of it; where only the threshold differs, it is applied to the stored probability. The
    networks run in the calling thread, so that Ctrl+C stops them after the current frame.

    Parameters
    ----------
    paths : iterable of Path
        The frames.
    out : Path
        Folder for ``<stem>_pred.fits`` and ``predictions.csv``; made if it does not exist. Frames
        that share a name go to subfolders named like their own: ``night2/<stem>_pred.fits``.
    predictor : Predictor
        The models.
    batch_size : int
        Frames per batch.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    overwrite : bool
        Whether to replace predictions of other frames that the table does not name, and a table of
        another kind.
    table : str
        Its table, relative to `out`; a shard of a campaign has one of its own.
    files : mapping of str to str, optional
        Files of predictions by frame, relative to `out`, where frames of a campaign share a name.
    pack : Pack, optional
        Pack in `out` that takes the predictions in place of single files.

    Yields
    ------
    PredictionRow, FileError or None
        In the order of the frames: the row written, the error, or None where it was already
        predicted.

    Raises
    ------
    FileError
        If the folder cannot be made or written, or another process is writing to it.
    """
    where = {"hdu": hdu, "plane": plane}
    settings: dict[str, Any] = {"batch_size": batch_size, **where, "overwrite": overwrite}
    given: dict[str, Any] = {"table": table, "files": files or {}, "pack": pack}
    with open_output(out, predictor, **settings, **given) as predict:
        yield from predict(paths)


@contextmanager
def open_output(  # noqa: PLR0913 (the options of the command)
    out: Path,
    predictor: Predictor,
    *,
    batch_size: int = 16,
    hdu: int | None = None,
    plane: int | None = None,
    overwrite: bool = False,
    on_prediction: OnPrediction | None = None,
    last: LastAnswer | None = None,
    table: str = TABLE,
    files: Mapping[str, str] = MappingProxyType({}),
    pack: Pack | None = None,
) -> Iterator[Predict]:
    """Open a folder for predictions, to predict frames as they arrive.

    Parameters
    ----------
    out, predictor, batch_size, hdu, plane, overwrite, table, files, pack
        As for `predict_frames`.
    on_prediction : callable, optional
        Takes each row with its prediction as soon as its file is written, in another thread.
    last : LastAnswer, optional
        Serves frames again that do not change; without it, the networks are asked about each.

    Yields
    ------
    callable
        Predicts some frames, as `predict_frames` does; to be called from one thread only. Frames
        that are in ``again``, too, are predicted although they have been.

    Raises
    ------
    FileError
        If the folder cannot be made or written, or another process is writing to it.
    """
    make_folder(out)
    if pack is None:
        check_packs(out, "predict")
    settings = {**predictor.settings, "hdu": hdu, "plane": plane}
    where: dict[str, Any] = {"name": table, "files": files, "pack": pack.path.name if pack else ""}
    with open_table(out, settings, overwrite=overwrite, **where) as opened:
        sweep(out)
        how = (hdu, plane, overwrite, on_prediction, last, pack)
        pipeline = _Pipeline(opened, predictor, *how)
        yield partial(pipeline.predict, batch_size=batch_size)


@dataclass(frozen=True)
class _Pipeline:
    """The stages that each frame passes through; errors pass through in their place."""

    table: PredictionTable
    predictor: Predictor
    hdu: int | None
    plane: int | None
    overwrite: bool
    on_prediction: OnPrediction | None
    last: LastAnswer | None
    pack: Pack | None
    folders: set[Path] = field(default_factory=set)

    def predict(
        self, paths: Iterable[Path], batch_size: int, again: Container[Path] = ()
    ) -> Iterator[Outcome]:
        """Take some frames through all stages."""
        with ThreadPoolExecutor(READERS, "read") as readers, ThreadPoolExecutor(1, "write") as pen:
            try:
                todo = (self.plan(path, is_new=path in again) for path in paths)
                loaded = ahead(readers, self.load, todo, batch_size + READERS)
                predicted = self.run(batched(loaded, batch_size))
                for outcome in ahead(pen, self.write, predicted, batch_size):
                    if isinstance(outcome, PredictionRow):
                        self.table.add(outcome)
                    yield outcome
            finally:
                readers.shutdown(wait=True, cancel_futures=True)

    def plan(self, path: Path, *, is_new: bool = False) -> Step:
        """Decide what to do with a frame; None for nothing.

        A kill between writing a file and its row may leave a row of the file's earlier content.
        While all rows are of one run, both agree; else the file itself is checked.
        """
        file = self.table.place(path)
        if file is None:
            reason = f"another frame of its folder is already called {frame_stem(path)}"
            return FrameError(path, reason, "give it another --out folder")
        if is_new:
            return Task(path, file, "")
        if self.table.has(path):
            return Task(path, file, "done") if self.table.is_mixed else None
        return Task(path, file, "threshold" if self.table.has_other_threshold(path) else "")

    def load(self, task: Step) -> Step:
        """Read a frame, or its stored prediction."""
        if not isinstance(task, Task):
            return task
        stored = self._stored(task) if task.stored else None
        if stored is not None:
            is_done = task.stored == "done" and stored.threshold == self.predictor.threshold
            return (
                None
                if is_done
                else replace(task, prediction=self.predictor.apply_threshold(stored))
            )
        try:
            return replace(task, loaded=self.predictor.load(task.frame, self.hdu, self.plane))
        except FileError as error:
            return error
        except IrisError as error:
            return FrameError(task.frame, str(error), "leave it out")

    def _stored(self, task: Task) -> Prediction | None:
        """Read what this run has predicted; None where the file is of another run."""
        try:
            found = read_prediction(self.table.out / task.file)
        except PredictionError:  # it is predicted again
            return None
        is_ours = found.run == self.table.run and found.frame_path == str(task.frame)
        return found if is_ours else None

    def run(self, batches: Iterable[list[Step]]) -> Iterator[Step]:
        """Run the networks on each batch."""
        for batch in batches:
            frames = [one.loaded for one in batch if isinstance(one, Task) and one.loaded]
            outputs = iter(self._asked(frames) if frames else ())
            for one in batch:
                if isinstance(one, Task) and one.loaded:
                    yield replace(one, output=next(outputs))
                else:
                    yield one

    def _asked(self, frames: list[NetworkInput]) -> list[NetworkOutput]:
        if self.last is None:
            return self.predictor.run(frames)
        return self.last.run(frames, self.predictor)

    def write(self, task: Step) -> Outcome:
        """Write a prediction, and make its row."""
        if not isinstance(task, Task):
            return task
        prediction = task.prediction
        if task.loaded is not None and task.output is not None:
            try:
                prediction = self.predictor.finish(task.loaded, task.output)
            except IrisError as error:
                return FrameError(task.frame, str(error), "leave it out")
        if prediction is None:  # for the type checker: it was run, or stored
            return None
        prediction = replace(prediction, frame_path=str(task.frame), run=self.table.run)
        mark = Mark("predict", str(task.frame))
        try:
            self._check(task, prediction, mark)
        except FileError as error:
            return error
        if self.pack is None:
            write_prediction(self.table.out / task.file, prediction, mark)
        else:
            images = prediction_images(prediction)
            self.pack.add(pack_file(name_in_pack(task.file), images, mark, task.frame))
        row = PredictionRow.of(prediction, self.predictor.frame_class(prediction), task.file)
        if self.on_prediction is not None:
            self.on_prediction(row, prediction)
        return row

    def _check(self, task: Task, prediction: Prediction, mark: Mark) -> None:
        """Refuse to write where another file is; the folder is made."""
        if self.pack is not None:
            check_single(self.table.out, task.file)
            return
        target = self.table.out / task.file
        if target.parent not in {self.table.out, *self.folders}:
            make_folder(target.parent)
            self.folders.add(target.parent)
        if not self.table.has_file(task.file):
            pixels = np.asarray(prediction.frame, np.float32)
            check_output(target, mark, overwrite=self.overwrite, pixels=pixels)
