"""The result of ``iris.evaluate``: scores, table and report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.errors import IrisError
from napari_iris.evaluation.report_files import write_report
from napari_iris.evaluation.report_json import report_as_dict

if TYPE_CHECKING:
    import os

    from astropy.table import Table

    from napari_iris.evaluation.pooled_scores import PooledScores
    from napari_iris.evaluation.report import Report


@dataclass(frozen=True, eq=False, repr=False)
class EvaluationResult:
    """Scores of predictions and of the baselines.

    Attributes
    ----------
    report : Report
        Intervals, curves, comparisons and the table of frames, too.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frames = iris.simulate(4, sky="mixed", seed=2)
    >>> found = iris.evaluate(iris.predict(frames), frames, resamples=100)
    >>> sorted(found.baselines)
    ['all_cloud', 'otsu', 'recipe', 'recipe_gate', 'reference']
    >>> found.table.colnames[:3]
    ['frame', 'time', 'accuracy']
    >>> found.to_dict()["n_frames"]
    4
    """

    report: Report

    def __repr__(self) -> str:
        block = self._block
        names = {"accuracy": "accuracy", "iou_clear": "clear IoU", "mcc": "MCC"}
        shown = [f"{text} {block.scores['model'][name]:.3f}" for name, text in names.items()]
        return f"EvaluationResult({block.frames} frames, {', '.join(shown)})"

    @property
    def scores(self) -> dict[str, float]:
        """Scores of the model over pixels, such as accuracy, iou_clear, mcc and bce.

        Over frames where a classifier alone was evaluated. NaN where a score is not defined.
        """
        return self._block.scores["model"]

    @property
    def baselines(self) -> dict[str, dict[str, float]]:
        """The same scores of each baseline (all_cloud, otsu, recipe, recipe_gate, reference)."""
        scores = self._block.scores
        return {name: found for name, found in scores.items() if name not in ("model", "against")}

    @property
    def warnings(self) -> list[str]:
        """Warnings about the scores, in sentences."""
        return self.report.warnings()

    @property
    def table(self) -> Table:
        """One row per frame, with its name, time and scores; the worst frame first."""
        from astropy.table import Table

        table, order = self.report.table, self.report.table.order()
        rows = Table(table.values[order])
        rows.add_column([table.names[row] for row in order], name="frame", index=0)
        rows.add_column(table.times[order], name="time", index=1)
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, with the keys of ``report.json``."""
        return report_as_dict(self.report)

    def write(self, folder: str | os.PathLike[str], *, figures: bool = False) -> None:
        """Write ``report.json``, ``report.md`` and the tables, as ``napari-iris evaluate`` does.

        Parameters
        ----------
        folder : str or Path
            Folder to write to; it is made.
        figures : bool
            Whether to draw the figures too.

        Raises
        ------
        FileError
            If a file cannot be written.
        MissingPackageError
            If figures are wanted and matplotlib is not installed.
        """
        drawn: list[str] = []
        if figures:
            from napari_iris.evaluation.figures.draw import draw_figures

            drawn = draw_figures(self.report, Path(folder) / "figures")
        write_report(self.report, Path(folder), drawn)

    @property
    def _block(self) -> PooledScores:
        block = self.report.pixels or self.report.classes
        if block is None:  # for the type checker: an evaluation without either is refused
            raise IrisError("nothing was evaluated")
        return block
