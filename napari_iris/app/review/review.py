"""Stored predictions under review, as columns."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.review.report import FRAME_SCORES, number_or_nan, read_report
from napari_iris.errors import FileError
from napari_iris.frames.read import read_frame
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.inference.rows import TABLE
from napari_iris.inference.stored import is_of
from napari_iris.io.packs import find_file
from napari_iris.io.parquet import parquet_path
from napari_iris.io.tables import read_table, stored_table
from napari_iris.matching.frame_index import FrameIndex
from napari_iris.matching.names import frame_name, prediction_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.app.review.report import StoredReport
    from napari_iris.frames.paths import FramePaths

PREDICTED = ("cloud_fraction", "uncertainty", "p_cloud", "novelty")
"""Columns of ``predictions.csv`` that are reviewed."""

ADDED = ("novelty",)
"""Those that tables of older versions do not have."""


@dataclass(frozen=True, eq=False)
class Review:
    """Predictions of many frames, some 100 bytes each.

    Attributes
    ----------
    folder : Path
        Folder of the predictions.
    names : list of str
        Name of each frame, see `prediction_name`, in order of time.
    files : list of str
        The frames' files.
    times : ndarray of datetime64[us], shape (frames,)
        Observation times, UTC; NaT where not known.
    columns : dict of str to ndarray of float64, shape (frames,)
        `PREDICTED`, and `FRAME_SCORES` once evaluated; NaN where not known.
    models : tuple of str
        Models that made the predictions.
    places : ndarray of int64, shape (frames,)
        Number of each frame in the open sequence, from 0; -1 if it is not there.
    report : StoredReport or None
        Results over all frames.
    """

    folder: Path
    names: list[str]
    files: list[str]
    times: NDArray[np.datetime64]
    columns: dict[str, NDArray[np.float64]]
    models: tuple[str, ...]
    places: NDArray[np.int64]
    report: StoredReport | None = None

    def __len__(self) -> int:
        return len(self.names)

    def located(self, frames: FramePaths | None) -> Review:
        """Find its frames in a sequence; in any thread, as frames may be read.

        Parameters
        ----------
        frames : FramePaths or None
            The sequence. Frames are found by their files; if their folder has been moved, by
            their names and the pixels of one frame.

        Returns
        -------
        Review
            The same with other `places`.
        """
        if frames is None:
            return replace(self, places=np.full(len(self), -1, np.int64))
        index = FrameIndex([os.fsdecode(path) for path in frames.packed.tolist()])
        places = index.places(self.files, lambda row, place: self._is_of(row, frames[place]))
        return replace(self, places=places)

    def row_of(self, number: int) -> int | None:
        """Give the row of a frame of the open sequence; None if it has no prediction."""
        found = np.flatnonzero(self.places == number)
        return int(found[0]) if len(found) else None

    def with_scores(self, folder: Path) -> Review:
        """Add the results of an evaluation.

        Parameters
        ----------
        folder : Path
            Folder that ``napari-iris evaluate`` has written.

        Raises
        ------
        FileError
            If the folder holds no complete report.
        """
        report, frames = read_report(folder)
        columns = {name: np.full(len(self), np.nan) for name in FRAME_SCORES}
        for row, name in enumerate(self.names):
            for key, score in frames.get(name, {}).items():
                columns[key][row] = score
        return replace(self, columns={**self.columns, **columns}, report=report)

    def _is_of(self, row: int, frame: Path) -> bool:
        """Whether the prediction of a row was made of a frame's pixels."""
        try:
            path = find_file(self.folder, f"{self.names[row]}_pred.fits")
            return path is not None and is_of(read_prediction(path), read_frame(frame).data)
        except FileError:
            return False


def read_review(
    folder: Path, frames: FramePaths | None = None, report: Path | None = None
) -> Review:
    """Read stored predictions.

    Parameters
    ----------
    folder : Path
        Folder that ``napari-iris predict`` has written.
    frames : FramePaths, optional
        The open sequence.
    report : Path, optional
        Folder that ``napari-iris evaluate`` has written of them.

    Returns
    -------
    Review
        The predictions, in order of time; frames without a time come last.

    Raises
    ------
    FileError
        If a folder holds no predictions, or no report, or a table is damaged.
    """
    table = folder / TABLE
    if stored_table(table) is None:
        raise PredictionError(folder, "holds no predictions", "choose another folder, or predict")
    wanted = {"frame", "date_obs", "model", *PREDICTED} - set(ADDED)
    rows = read_table(table, wanted, _checked, fix="predict again", error=PredictionError)
    by_name = {_name(row): row for row in rows}
    if not by_name:
        raise PredictionError(folder, "holds no prediction yet", "predict some frames")
    times = np.array([row["date_obs"] or "NaT" for row in by_name.values()], "M8[us]")
    order = np.argsort(times, kind="stable")  # NaT comes last
    unordered = list(by_name)
    names = [unordered[place] for place in order.tolist()]
    ordered = [by_name[name] for name in names]
    review = Review(
        folder,
        names,
        [row["frame"] for row in ordered],
        times[order],
        {key: np.array([number_or_nan(row[key]) for row in ordered]) for key in PREDICTED},
        tuple(dict.fromkeys(row["model"] for row in by_name.values())),
        np.full(len(names), -1, np.int64),
    ).located(frames)
    return review if report is None else review.with_scores(report)


def find_reviews(folders: Sequence[Path]) -> list[Path]:
    """Find folders of predictions.

    Parameters
    ----------
    folders : sequence of Path
        They, and the folders directly in them, are searched.

    Returns
    -------
    list of Path
        Folders with ``predictions.csv`` or ``predictions.parquet``, the newest first.
    """
    found = {
        table.parent: table.stat().st_mtime_ns
        for folder in folders
        if folder.is_dir()
        for name in (parquet_path(Path(TABLE)).name, TABLE)
        for table in (*folder.glob(name), *folder.glob(f"*/{name}"))
    }
    return sorted(found, key=lambda folder: (found[folder], folder), reverse=True)


def _checked(row: dict[str, str]) -> dict[str, str]:
    """Give a row whose numbers and time can be read."""
    for key in PREDICTED:
        number_or_nan(row.setdefault(key, ""))
    np.datetime64(row["date_obs"] or "NaT")
    return row


def _name(row: dict[str, str]) -> str:
    """Name of a row's frame, as an evaluation has it; older tables do not state the file."""
    file = row.get("prediction")
    return prediction_name(file) if file else frame_name(row["frame"])
