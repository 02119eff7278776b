"""Evaluate a model's predictions against the truth, beside the trivial baselines."""

from __future__ import annotations

from functools import partial
from math import nan
from typing import TYPE_CHECKING

from napari_iris.dataset.find import find_samples
from napari_iris.errors import FileError, IrisError
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.frame_score import FrameScore, score_match
from napari_iris.evaluation.matches import LeftOut, match_predictions
from napari_iris.evaluation.own_labels import find_own_labels
from napari_iris.evaluation.pooled_scores import Pool, PooledScores
from napari_iris.evaluation.report import Report
from napari_iris.evaluation.score_table import ScoreTable
from napari_iris.evaluation.units import units_of
from napari_iris.frames.batch import each_frame
from napari_iris.inference.rows import find_predictions
from napari_iris.matching.names import frame_name
from napari_iris.radiometry.archive import resolve_references

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from napari_iris.evaluation.training_frames import SplitPart, TrainingFrames


class Evaluation:
    """Predictions and their truth, evaluated frame by frame in bounded memory.

    Parameters
    ----------
    predictions : Path
        Folder of prediction files.
    truth : Path
        A project, a folder of masks, or a folder with ``frames/`` and ``truth/``.
    config : EvaluateConfig
        Settings.
    against : Path, optional
        Folder of another model's predictions of the same frames, to compare with.
    only : iterable of Path, optional
        Files of the labelled frames to use; by default all.
    trained_on : TrainingFrames, optional
        Frames of the model's training: the report warns where they are evaluated.
    part : {'train', 'validation', 'test'}, optional
        Part of `trained_on` to use; by default all labelled frames.

    Raises
    ------
    IrisError
        If nothing matches, or there is no truth.
    """

    def __init__(
        self,
        predictions: Path,
        truth: Path,
        config: EvaluateConfig,
        against: Path | None = None,
        *,
        only: Iterable[Path] | None = None,
        trained_on: TrainingFrames | None = None,
        part: SplitPart | None = None,
    ) -> None:
        self.predictions, self.truth, self.config = predictions, truth, config
        self.against = against
        paths = find_predictions(predictions)  # fail before the truth is read, which takes long
        if against is not None:
            find_predictions(against)
        # a prediction keeps its frame and header: all frames predicted tell of the clear sky
        self.references = resolve_references(config.reference, paths, hdu=0)
        samples = find_samples(truth, config.masks, jobs=config.jobs, site_mask=config.site_mask)
        if trained_on is not None and part is not None:
            only = trained_on.select(samples, part)
        matches = match_predictions(predictions, samples, against, only)
        found, self.own_labels = find_own_labels(
            truth, config.masks, matches, included=config.accepted
        )
        self.matches, self.remarks = found, self.own_labels.remarks()
        if trained_on is not None:
            self.remarks += trained_on.remarks(samples, found.rows)
        self.units = units_of(found.times)
        self.table = ScoreTable.empty(found.names, found.times, found.cloudy)
        self.left_out: list[LeftOut] = list(found.unmatched)
        self._pixels, self._classes = Pool.empty(self.units.count), Pool.empty(self.units.count)
        self._models: dict[str, None] = {}
        self._thresholds: set[float] = set()
        self._class_thresholds: set[float] = set()

    def __len__(self) -> int:
        return len(self.matches) + len(self.matches.problems)

    def run(self) -> Iterator[FrameScore | FileError]:
        """Evaluate every frame.

        Yields
        ------
        FrameScore or FileError
            Scores of a frame, or the error in its files, which does not stop the others.
        """
        for problem in self.matches.problems:
            self._leave_out(problem)
            yield problem
        threshold, references = self.config.threshold, self.references
        work = partial(score_match, threshold=threshold, references=references)
        for outcome in each_frame(self.matches, work, self.config.jobs):
            if isinstance(outcome, FileError):
                self._leave_out(outcome)
            else:
                self._add(outcome)
            yield outcome

    def report(self) -> Report:
        """Report what has been evaluated so far.

        Raises
        ------
        IrisError
            If no frame could be evaluated.
        """
        if not len(self.table):
            raise IrisError(f"none of {len(self)} frames could be evaluated")
        draws, seed = self.config.resamples, self.config.seed

        def pooled(pool: Pool, thresholds: set[float]) -> PooledScores | None:
            return PooledScores.of(pool, _common(thresholds), draws, seed) if pool.sums else None

        return Report(
            self.predictions,
            self.truth,
            self.against,
            self.config,
            self.matches,
            list(self._models),
            self.units,
            pooled(self._pixels, self._thresholds),
            pooled(self._classes, self._class_thresholds),
            self.table,
            self.left_out,
            remarks=self.remarks,
            own_labels=self.own_labels,
        )

    def _add(self, score: FrameScore) -> None:
        self.table.add(score)
        self._models[score.model] = None
        unit = int(self.units.number[score.row])
        own = self.own_labels
        is_automatic = bool(own.not_for) and score.row in own.automatic
        if score.pixels is not None:
            self._thresholds.add(score.threshold)
            self._pixels.add(unit, score.pixels, is_automatic=is_automatic)
        if score.classes is not None:
            self._class_thresholds.add(score.class_threshold)
            self._classes.add(unit, score.classes, is_automatic=is_automatic)

    def _leave_out(self, error: FileError) -> None:
        name = frame_name(error.path)
        self.left_out.append(LeftOut(name, str(error.path), error.reason, failed=True))


def _common(thresholds: set[float]) -> float:
    """Give the threshold of all frames; NaN where they differ."""
    return min(thresholds) if len(thresholds) == 1 else nan


def evaluate_frames(
    predictions: Path,
    truth: Path,
    config: EvaluateConfig | None = None,
    against: Path | None = None,
) -> Report:
    """Evaluate predictions against their truth.

    Parameters
    ----------
    predictions : Path
        Folder of prediction files.
    truth : Path
        A project, a folder of masks, or a folder with ``frames/`` and ``truth/``.
    config : EvaluateConfig, optional
        Settings; by default those of `EvaluateConfig()`.
    against : Path, optional
        Folder of another model's predictions of the same frames, to compare with.

    Returns
    -------
    Report
        Scores, intervals, curves and the table of frames; ``left_out`` has the damaged files.

    Raises
    ------
    IrisError
        If nothing matches, there is no truth, or no frame could be evaluated.
    """
    evaluation = Evaluation(predictions, truth, config or EvaluateConfig(), against)
    for _ in evaluation.run():
        pass
    return evaluation.report()
