"""The report of an evaluation as it is reviewed: scores beside the baselines', in texts."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_iris.errors import FileError, first_problem
from napari_iris.evaluation.curves_file import CURVES, read_curves
from napari_iris.inference.baseline_check import BASELINE_NAMES
from napari_iris.io.regular import refuse_special
from napari_iris.io.tables import read_table
from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.evaluation.curves_file import Curves

METHODS = {"model": "Model", **BASELINE_NAMES}
"""Names of the model and of the baselines, in the order of the rows."""

METHOD_COLORS = dict(zip(METHODS, (0, 4, 2, 3, 5, 1), strict=True))
"""Number of the curve color of each method."""

SCORES = {
    "accuracy": ("Accuracy", "Fraction of the pixels that are correct"),
    "balanced_accuracy": (
        "Balanced acc.",
        "Balanced accuracy: mean of the fractions of cloud and of clear sky that are correct; "
        "0.5 for random guessing",
    ),
    "iou_clear": (
        "Clear IoU",
        "Intersection over union of predicted and true clear sky",
    ),
    "mcc": ("MCC", "Matthews correlation coefficient: 0 for random guessing, 1 if all are correct"),
}
"""Label and meaning of each score, by its name in a report."""

FRAME_SCORES = ("accuracy", "iou_clear", "true_cloud_fraction", "bce")
"""Columns of ``frames.csv`` that are reviewed, of frames with a reference mask."""


Scores = dict[str, float | None]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class _Row(BaseModel):
    clear: Count
    cloud: Count


class _Matrix(BaseModel):
    true_clear: _Row
    true_cloud: _Row


class _Content(BaseModel):
    """What is shown of ``report.json``; the rest may be anything."""

    model_config = ConfigDict(extra="allow")

    threshold: float | None = None
    warnings: list[str] = []
    model: Scores = {}
    baselines: dict[str, Scores] = {}
    confusion: dict[str, _Matrix] = {}


@dataclass(frozen=True, eq=False)
class StoredReport:
    """What ``napari-iris evaluate`` has written, over all frames.

    Attributes
    ----------
    folder : Path
        Folder of the report.
    content : dict
        Content of ``report.json``.
    curves : dict
        Content of ``curves.csv``: curves by what was counted, then by method.
    """

    folder: Path
    content: dict[str, Any]
    curves: Curves

    @property
    def threshold(self) -> float | None:
        """Threshold that was evaluated; None where the report does not say."""
        threshold: float | None = self.content.get("threshold")
        return threshold

    @property
    def warnings(self) -> list[str]:
        """Warnings of the report."""
        return list(self.content.get("warnings", []))

    @property
    def confusion(self) -> NDArray[np.int64] | None:
        """Confusion matrix of the pixels, shape (2, 2): truth by row, clear first; or None."""
        found = self.content.get("confusion", {}).get("model")
        if not found:
            return None
        rows = (found["true_clear"], found["true_cloud"])
        return np.array([[row["clear"], row["cloud"]] for row in rows], np.int64)

    def score(self, method: str, name: str) -> float:
        """Give a score.

        Parameters
        ----------
        method : str
            One of `METHODS`.
        name : str
            One of `SCORES`.

        Returns
        -------
        float
            NaN where it is not defined.
        """
        scores = {"model": self.content.get("model", {}), **self.content.get("baselines", {})}
        found = scores.get(method, {}).get(name)
        return nan if found is None else float(found)


def read_report(folder: Path) -> tuple[StoredReport, dict[str, dict[str, float]]]:
    """Read what ``napari-iris evaluate`` has written.

    Parameters
    ----------
    folder : Path
        Folder of the report.

    Returns
    -------
    report : StoredReport
        Results over all frames.
    frames : dict of str to dict of str to float
        `FRAME_SCORES` of each frame, by its name; NaN where not defined.

    Raises
    ------
    FileError
        If the folder holds no complete report.
    """
    fix = "evaluate again"
    try:
        refuse_special(folder / "report.json")
        content = _Content.model_validate_json((folder / "report.json").read_bytes())
    except OSError as error:
        raise FileError(folder, f"holds no report ({error})", fix) from error
    except ValidationError as error:
        raise FileError(folder, f"holds no report ({first_problem(error)[1]})", fix) from error
    table = folder / "frames.csv"
    frames = dict(read_table(table, ("frame", *FRAME_SCORES), _frame_scores, fix=fix))
    known = content.model_dump(exclude_unset=True)
    return StoredReport(folder, known, read_curves(folder / CURVES)), frames


def score_texts(report: StoredReport | None) -> dict[tuple[str, str], str]:
    """Write all scores.

    Parameters
    ----------
    report : StoredReport or None
        The results; None for a table of dashes.

    Returns
    -------
    dict of (str, str) to str
        Text by method and score, see `METHODS` and `SCORES`.
    """
    return {
        (method, name): format_number(None if report is None else report.score(method, name), 3)
        for method in METHODS
        for name in SCORES
    }


def number_or_nan(text: str) -> float:
    """Read a cell of a table; NaN for an empty one."""
    return float(text) if text else nan


def _frame_scores(row: dict[str, str]) -> tuple[str, dict[str, float]]:
    return row["frame"], {name: number_or_nan(row[name]) for name in FRAME_SCORES}
