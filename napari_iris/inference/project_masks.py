"""Add predictions to a project as model masks; human masks are never changed."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.inference.rows import TABLE, find_predictions, stated_frames
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.matching.frame_index import FrameIndex
from napari_iris.matching.names import frame_name
from napari_iris.project.indexing import BATCH_S
from napari_iris.project.records import NewMask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.errors import FileError
    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.project.project import Project
    from napari_iris.project.records import MaskFacts


@dataclass(frozen=True)
class AddedPrediction:
    """One prediction that was read.

    Attributes
    ----------
    path : Path
        Its file.
    how : {'new', 'known', 'other'}
        Added; the active model mask already; of a frame that the project does not have.
    """

    path: Path
    how: str


def add_predictions(project: Project, folder: Path) -> Iterator[AddedPrediction | FileError]:
    """Add the predictions of a folder to a project, each as the model mask of its frame.

    The mask is the probability at the prediction's own threshold. Its uncertainty and novelty, by
    which the queue can be sorted, and the model's name are stored with it. Human masks and
    decisions are not changed.

    Parameters
    ----------
    project : Project
        The project to add to.
    folder : Path
        Folder of prediction files.

    Yields
    ------
    AddedPrediction or FileError
        A prediction, once its mask is on the disk, or the error in its file.

    Raises
    ------
    PredictionError
        If the folder holds no prediction.
    ProjectError
        If the project cannot be written.
    """
    frames = _Frames(project, folder)
    known = {
        frame: _identity(mask, mask.by)
        for frame, mask in project.repository.active_masks("model").items()
    }
    batch: list[tuple[int, Path, NewMask, str]] = []
    started = time.monotonic()
    for path in find_predictions(folder):
        try:
            prediction = read_prediction(path)
            frame = frames.of(path, prediction)
            found = None if frame is None else _mask(project, path, prediction)
        except PredictionError as error:
            yield error
            continue
        if frame is None or found is None:
            yield AddedPrediction(path, "other")
        elif known.get(frame) == _identity(*found):
            yield AddedPrediction(path, "known")
        else:
            batch.append((frame, path, *found))
        if time.monotonic() - started > BATCH_S:
            yield from _activate(project, batch)
            batch, started = [], time.monotonic()
    yield from _activate(project, batch)
    project.reload()


class _Frames:
    """The frames of a project, to find the one that a prediction was made from."""

    def __init__(self, project: Project, folder: Path) -> None:
        table = project.table
        hashes = {row.frame: row.hash for row in project.repository.frame_hashes()}
        self._ids = table.id.tolist()
        self._index = FrameIndex(
            [os.fsdecode(path) for path in table.packed.tolist()],
            [hashes.get(frame, b"") for frame in self._ids],
            originals=True,
        )
        self._stated = stated_frames(folder)

    def of(self, path: Path, prediction: Prediction) -> int | None:
        """Give the frame's number; None where the project does not have it."""
        stated = prediction.frame_path or self._stated.get(path, "")
        name = frame_name(path)
        rows = self._index.find(stated, name, lambda: prediction.frame_id)
        if len(rows) > 1:
            reason = f"is of one of {len(rows)} frames of the project called {name}"
            raise PredictionError(path, reason, f"keep it beside the {TABLE} it was made with")
        return self._ids[rows[0]] if rows else None


def _mask(project: Project, path: Path, prediction: Prediction) -> tuple[NewMask, str]:
    """Store the mask of a prediction; give its record, and its model."""
    if prediction.is_of_frame:
        reason = "has one probability for the whole frame, of a classifier alone"
        raise PredictionError(path, reason, "predict with a U-Net for masks")
    mask = cloud_mask(prediction.probability, prediction.threshold)
    name = project.store.save(mask, durable=False)
    uncertainty = None if isnan(prediction.uncertainty) else float(prediction.uncertainty)
    novelty = None if isnan(prediction.novelty) else float(prediction.novelty)
    how = f"threshold {prediction.threshold:g}"
    made = NewMask(name, cloud_fraction(mask), method=how, uncertainty=uncertainty, novelty=novelty)
    return made, prediction.model


def _identity(mask: NewMask | MaskFacts, model: str) -> tuple[object, ...]:
    """Give what makes a mask another one than the active one."""
    return mask.name, model, mask.uncertainty, mask.novelty


def _activate(
    project: Project, batch: list[tuple[int, Path, NewMask, str]]
) -> Iterator[AddedPrediction]:
    """Activate a batch of masks; they are yielded once they are on the disk."""
    with project.repository.transaction() as transaction:
        for frame, _, made, model in batch:
            transaction.add_mask(frame, "model", made, model)
    for _, path, _, _ in batch:
        yield AddedPrediction(path, "new")
