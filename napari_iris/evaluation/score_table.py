"""``frames.csv``: the scores of each frame, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.pooled_scores import AGAINST, MODEL
from napari_iris.io.tables import write_table
from napari_iris.metrics.counts import scores

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.evaluation.frame_score import FrameScore

MODEL_SCORES = ("accuracy", "balanced_accuracy", "iou_cloud", "iou_clear", "mcc", "bce")
OTHERS = (AGAINST, *BASELINES)
COLUMNS = (
    *MODEL_SCORES,
    "true_cloud_fraction",
    "cloud_fraction",
    "p_cloud",
    "uncertainty",
    "pixels",
    *(f"accuracy_{name}" for name in OTHERS),
)
"""Values of each frame; NaN where one is not defined."""

TABLE_COLUMNS = ("frame", "date_obs", *COLUMNS, "true_sky")
"""Columns of ``frames.csv``; without another model, it has none for that."""


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Scores of each frame: some 150 bytes a frame.

    Attributes
    ----------
    names : list of str
        Name of each frame, in order of time.
    times : ndarray of datetime64[us], shape (frames,)
        When it was taken, UTC; NaT where not known.
    cloudy : ndarray of float32, shape (frames,)
        Its class: 0 clear, 1 cloudy, NaN where not known.
    values : ndarray, shape (frames,)
        `COLUMNS` as named fields of float64.
    done : ndarray of bool, shape (frames,)
        Whether it was evaluated.
    """

    names: list[str]
    times: NDArray[np.datetime64]
    cloudy: NDArray[np.float32]
    values: NDArray[np.void]
    done: NDArray[np.bool_]

    @classmethod
    def empty(
        cls, names: list[str], times: NDArray[np.datetime64], cloudy: NDArray[np.float32]
    ) -> ScoreTable:
        """Make a table of frames that are yet to be evaluated."""
        values = np.full(len(names), nan, [(name, np.float64) for name in COLUMNS])
        return cls(names, times, cloudy, values, np.zeros(len(names), np.bool_))

    def __len__(self) -> int:
        return int(np.count_nonzero(self.done))

    def add(self, score: FrameScore) -> None:
        """Fill in the row of a frame."""
        row = self.values[score.row]
        self.done[score.row] = True
        row["true_cloud_fraction"], row["cloud_fraction"] = score.true_cloud, score.cloud
        row["p_cloud"], row["uncertainty"] = score.p_cloud, score.uncertainty
        if score.pixels is None:
            return
        models, baselines = score.pixels.models, score.pixels.baselines
        counts = models[MODEL].counts
        of_model = scores(counts)
        if counts.is_one_kind:  # without variation there is no correlation
            of_model["mcc"] = nan
        of_model["bce"] = models[MODEL].loss / counts.total if counts.total else nan
        for name in MODEL_SCORES:
            row[name] = of_model[name]
        row["pixels"] = counts.total
        for name, other in {**{n: t.counts for n, t in models.items()}, **baselines}.items():
            if name != MODEL:
                row[f"accuracy_{name}"] = scores(other)["accuracy"]

    def order(self) -> NDArray[np.intp]:
        """Rows of the evaluated frames, the worst first: by accuracy, then by loss.

        Frames without a counted pixel come last.
        """
        rows = np.flatnonzero(self.done)
        accuracy, loss = self.values["accuracy"][rows], self.values["bce"][rows]
        return rows[np.lexsort((-loss, accuracy))]  # by the last key first; NaN comes last

    def means(self) -> dict[str, dict[str, float]]:
        """Mean and median over frames of each score, and the number of frames that define it."""
        return {name: _summary(self.values[name][self.done]) for name in MODEL_SCORES}

    def share_equal_to_recipe(self) -> float:
        """Part of the frames with a mask whose truth is the recipe's mask, pixel for pixel."""
        masked = self.values["pixels"] > 0
        equal = self.values["accuracy_recipe"][masked] == 1
        return float(equal.mean()) if masked.any() else 0.0

    def write(self, path: Path) -> None:
        """Write ``frames.csv``, the worst frame first.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        left_out = () if self._has_other else (f"accuracy_{AGAINST}",)
        columns = [name for name in COLUMNS if name not in left_out]
        header = [name for name in TABLE_COLUMNS if name not in left_out]
        with write_table(path, header) as table:
            for row in self.order().tolist():
                time, values = self.times[row], self.values[row]
                date = "" if np.isnat(time) else str(time)
                numbers = [_text(values[name]) for name in columns]
                table.writerow([self.names[row], date, *numbers, _class(self.cloudy[row])])

    @property
    def _has_other(self) -> bool:
        return not np.isnan(self.values[f"accuracy_{AGAINST}"]).all()


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return {"mean": nan, "median": nan, "frames": 0}
    return {"mean": float(known.mean()), "median": float(np.median(known)), "frames": len(known)}


def _text(value: float) -> str:
    if isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() else f"{value:.9g}"


def _class(cloudy: float) -> str:
    return "" if isnan(cloudy) else ("cloudy" if cloudy else "clear")
