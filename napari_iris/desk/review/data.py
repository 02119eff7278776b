"""A night's predictions as columns, and what they were worth: read from tables, with no window."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import FileError
from napari_iris.evaluation.curves_file import CURVES, read_curves
from napari_iris.frames.read import read_frame
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.inference.rows import TABLE
from napari_iris.inference.stored import is_of
from napari_iris.io.tables import read_table
from napari_iris.matching.frame_index import FrameIndex
from napari_iris.matching.names import frame_name, prediction_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.evaluation.curves_file import Curves
    from napari_iris.frames.paths import FramePaths

PREDICTED = {"cloud": "cloud_fraction", "uncertainty": "uncertainty", "p(cloud)": "p_cloud"}
"""Columns that predictions.csv has of every frame, by what they are called here."""

MEASURED = {
    "accuracy": "accuracy",
    "clear IoU": "iou_clear",
    "truth": "true_cloud_fraction",
    "loss": "bce",
}
"""Columns that frames.csv has of frames with a truth."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What an evaluation found over all frames.

    Attributes
    ----------
    folder : Path
        Where its report lies.
    facts : dict
        ``report.json``.
    curves : dict
        ``curves.csv``: by what was counted, then by answer.
    """

    folder: Path
    facts: dict[str, Any]
    curves: Curves

    @property
    def confusion(self) -> NDArray[np.int64] | None:
        """Confusion matrix of the pixels: truth by row, answer by column, clear before cloud."""
        found = self.facts.get("confusion")
        if not found:
            return None
        rows = (found["model"]["true_clear"], found["model"]["true_cloud"])
        return np.array([[row["clear"], row["cloud"]] for row in rows], np.int64)


@dataclass(frozen=True, eq=False)
class Review:
    """Predictions of a night: some 100 bytes a frame.

    Attributes
    ----------
    folder : Path
        Folder of the predictions.
    names : list of str
        Name of each frame, see `prediction_name`, in order of time.
    files : list of str
        The frames' files.
    times : ndarray of datetime64[us], shape (frames,)
        When each was taken, UTC; NaT where not known.
    columns : dict of str to ndarray of float64, shape (frames,)
        `PREDICTED`, and `MEASURED` once that is done; NaN where not known.
    models : tuple of str
        Models that made them.
    places : ndarray of int64, shape (frames,)
        Number of each frame in the night that is open, from 0; -1 where it has none.
    measured : Measured or None
        What they are worth over all frames.
    """

    folder: Path
    names: list[str]
    files: list[str]
    times: NDArray[np.datetime64]
    columns: dict[str, NDArray[np.float64]]
    models: tuple[str, ...]
    places: NDArray[np.int64]
    measured: Measured | None = None

    def __len__(self) -> int:
        return len(self.names)

    def at(self, night: FramePaths | None) -> Review:
        """Find its frames in the open sequence; in any thread, as frames may be read.

        By their files; if a folder of frames has been moved, by its names and one frame's pixels.
        """
        if night is None:
            return replace(self, places=np.full(len(self), -1, np.int64))
        index = FrameIndex([os.fsdecode(path) for path in night.packed.tolist()])
        places = index.places(self.files, lambda row, place: self._is_of(row, night[place]))
        return replace(self, places=places)

    def _is_of(self, row: int, frame: Path) -> bool:
        """Whether the prediction of a row was made of a frame's pixels."""
        try:
            found = read_prediction(self.folder / f"{self.names[row]}_pred.fits")
            return is_of(found, read_frame(frame).data)
        except FileError:
            return False

    def row_of(self, number: int) -> int | None:
        """Row of a frame of the night that is open; None where it has no prediction."""
        found = np.flatnonzero(self.places == number)
        return int(found[0]) if len(found) else None

    def with_scores(self, report: Path) -> Review:
        """Put to each frame what an evaluation found.

        Parameters
        ----------
        report : Path
            Folder that ``napari-iris evaluate`` has written.

        Raises
        ------
        FileError
            If the folder holds no such report.
        """
        rows = {name: row for row, name in enumerate(self.names)}
        columns = {name: np.full(len(self), np.nan) for name in MEASURED}
        table = report / "frames.csv"
        try:
            facts = json.loads((report / "report.json").read_bytes())
        except (OSError, ValueError) as error:
            raise FileError(report, f"holds no report ({error})", "measure again") from error
        wanted = ("frame", *MEASURED.values())
        for frame, scores in read_table(table, wanted, _scores, fix="measure again"):
            row = rows.get(frame)
            for name, score in scores.items() if row is not None else ():
                columns[name][row] = score
        measured = Measured(report, facts, read_curves(report / CURVES))
        return replace(self, columns={**self.columns, **columns}, measured=measured)


def read_review(folder: Path, night: FramePaths | None = None) -> Review:
    """Read what was predicted of a night.

    Parameters
    ----------
    folder : Path
        Folder that ``napari-iris predict`` has written.
    night : FramePaths, optional
        Frames of the night that is open.

    Raises
    ------
    PredictionError
        If the folder holds no predictions, or their table is damaged.
    """
    table = folder / TABLE
    if not table.exists():
        fix = "choose the folder of napari-iris predict, or predict the night"
        raise PredictionError(folder, "holds no predictions", fix)
    wanted = ("frame", "date_obs", "model", *PREDICTED.values())
    rows = read_table(table, wanted, _checked, fix="predict again", error=PredictionError)
    lines = {_name(line): line for line in rows}
    values = {
        name: np.array([_number(line[key]) for line in lines.values()], np.float64)
        for name, key in PREDICTED.items()
    }
    times = np.array([line["date_obs"] or "NaT" for line in lines.values()], "M8[us]")
    models = tuple(dict.fromkeys(line["model"] for line in lines.values()))
    if not lines:
        raise PredictionError(folder, "holds no prediction yet", "predict the night")
    order = np.argsort(times, kind="stable")  # NaT comes last
    names, files = list(lines), [line["frame"] for line in lines.values()]
    review = Review(
        folder,
        _in_order(names, order),
        _in_order(files, order),
        times[order],
        {name: column[order] for name, column in values.items()},
        models,
        np.full(len(lines), -1, np.int64),
    )
    return review.at(night)


def find_reviews(folders: Sequence[Path]) -> list[Path]:
    """List folders with predictions, right in some folders, the newest first."""
    found = [
        (table.stat().st_mtime_ns, table.parent)
        for folder in folders
        if folder.is_dir()
        for table in (*folder.glob(TABLE), *folder.glob(f"*/{TABLE}"))
    ]
    return [folder for _, folder in sorted(found, reverse=True)]


def _scores(line: dict[str, str]) -> tuple[str, dict[str, float]]:
    """Frame of a row of ``frames.csv``, and its scores."""
    return line["frame"], {name: _number(line[key]) for name, key in MEASURED.items()}


def _checked(line: dict[str, str]) -> dict[str, str]:
    """Give a row of ``predictions.csv`` whose numbers and time can be read."""
    for key in PREDICTED.values():
        _number(line[key])
    np.datetime64(line["date_obs"] or "NaT")
    return line


def _name(line: dict[str, str]) -> str:
    """Name of a line's frame, as an evaluation has it; older tables do not tell the file."""
    file = line.get("prediction")
    return prediction_name(file) if file else frame_name(line["frame"])


def _in_order(texts: list[str], order: NDArray[np.intp]) -> list[str]:
    return [texts[place] for place in order.tolist()]


def _number(text: str) -> float:
    return float(text) if text else np.nan
