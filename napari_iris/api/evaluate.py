"""``iris.evaluate``: predictions against their truth, beside the trivial baselines."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack
from weakref import finalize

from napari_iris.api.options import config_from
from napari_iris.api.truth import ONE_TRUTH, write_pairs, write_predictions
from napari_iris.errors import IrisError
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.evaluation.report_files import write_report
from napari_iris.evaluation.report_json import report_as_dict
from napari_iris.inference.prediction_file import Prediction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from astropy.table import Table

    from napari_iris.api.truth import TruthLike
    from napari_iris.evaluation.pooled_scores import PooledScores
    from napari_iris.evaluation.report import Report

    Predictions = str | os.PathLike[str] | Prediction | Iterable[Prediction]
    Truth = str | os.PathLike[str] | TruthLike | Iterable[TruthLike]


class EvaluateOptions(TypedDict, total=False):
    """Keywords of `evaluate`: the fields of `EvaluateConfig`."""

    threshold: float | None
    masks: Literal["approved", "best", "auto", "model"]
    resamples: int
    seed: int
    jobs: int


@dataclass(frozen=True, eq=False, repr=False)
class EvaluationResult:
    """Scores of predictions beside those of the baselines.

    Attributes
    ----------
    report : Report
        All that was found: intervals, curves, comparisons, the table of frames.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frames = iris.simulate(4, sky="mixed", seed=2)
    >>> found = iris.evaluate(iris.predict(frames), frames, resamples=100)
    >>> sorted(found.baselines)
    ['all_cloud', 'otsu', 'recipe', 'recipe_gate']
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
        """Scores of the model, over pixels: accuracy, balanced_accuracy, iou_clear, mcc, bce, ...

        Over frames where a classifier alone was evaluated. NaN where a score is not defined.
        """
        return self._block.scores["model"]

    @property
    def baselines(self) -> dict[str, dict[str, float]]:
        """The same scores of each baseline: all_cloud, otsu, recipe, recipe_gate."""
        scores = self._block.scores
        return {name: found for name, found in scores.items() if name not in ("model", "against")}

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before trusting the numbers, in sentences."""
        return self.report.warnings()

    @property
    def table(self) -> Table:
        """One row a frame: its name, time and scores; the worst frame first."""
        from astropy.table import Table

        table, order = self.report.table, self.report.table.order()
        rows = Table(table.values[order])
        rows.add_column([table.names[row] for row in order], name="frame", index=0)
        rows.add_column(table.times[order], name="time", index=1)
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values, with the keys of ``report.json``."""
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


def evaluate(
    predictions: Predictions,
    truth: Truth,
    config: EvaluateConfig | None = None,
    *,
    against: str | os.PathLike[str] | None = None,
    **options: Unpack[EvaluateOptions],
) -> EvaluationResult:
    """Evaluate predictions against their truth, beside what is had without a network.

    Parameters
    ----------
    predictions : str, Path, Prediction, or sequence of Prediction
        A folder that ``napari-iris predict`` wrote, or predictions in memory.
    truth : str, Path, array, masked array, CloudMask, SimulatedFrame, or sequence of these
        A project, a folder of mask files, or a folder with ``frames/`` and ``truth/``; or one truth
        for each prediction, in the same order. An array has 0 for sky, 1 for cloud, 2 for ignored
        pixels; masked pixels are ignored too. A path in a sequence is that of a mask file.
    config : EvaluateConfig, optional
        Settings; by default those of ``napari-iris evaluate``.
    against : str or Path, optional
        Folder of another model's predictions of the same frames, to compare with; `predictions` and
        `truth` must be folders, too.
    **options
        Fields of `EvaluateConfig`, in place of those of `config`: ``threshold``, ``masks``,
        ``resamples``, ``seed``, ``jobs``.

    Returns
    -------
    EvaluationResult
        Scores of the model and of the baselines, and all that the report is made of.

    Raises
    ------
    IrisError
        If nothing matches, the numbers of predictions and truths differ, a truth is not a mask, or
        a setting is out of range.
    TypeError
        If a keyword is not a setting.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frames = iris.simulate(4, sky="mixed", seed=2)
    >>> found = iris.evaluate(iris.predict(frames), frames, resamples=100)
    >>> found.scores["accuracy"] > found.baselines["all_cloud"]["accuracy"]
    True
    >>> len(found.table)
    4
    >>> found.write("report")
    """
    settings = config_from(EvaluateConfig, config, options, "evaluate")
    if isinstance(predictions, str | os.PathLike):
        if not isinstance(truth, str | os.PathLike):
            raise IrisError("truth: predictions in a folder need truth in a folder")
        other = None if against is None else Path(against)
        return EvaluationResult(evaluate_frames(Path(predictions), Path(truth), settings, other))
    if against is not None:
        raise IrisError("against: predictions and truth must be folders too")
    folder = Path(mkdtemp(prefix="iris-evaluate-"))
    try:
        made, wanted = _write(predictions, truth, folder)
        result = EvaluationResult(evaluate_frames(made, wanted, settings))
    except BaseException:
        rmtree(folder)
        raise
    finalize(result, rmtree, folder, ignore_errors=True)  # figures read the files again
    return result


def _write(
    predictions: Prediction | Iterable[Prediction], truth: Truth, folder: Path
) -> tuple[Path, Path]:
    """Write predictions in memory, and their truth, to a folder; give where they are."""
    made, wanted = folder / "predictions", folder / "truth"
    made.mkdir()
    many = [predictions] if isinstance(predictions, Prediction) else predictions
    if isinstance(truth, str | os.PathLike):
        write_predictions(many, made)
        return made, Path(truth)
    wanted.mkdir()
    write_pairs(many, [truth] if isinstance(truth, ONE_TRUTH) else truth, made, wanted)
    return made, wanted
