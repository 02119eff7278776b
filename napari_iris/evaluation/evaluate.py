"""Measure a model's predictions against the truth, beside what is had without a network."""

from __future__ import annotations

from functools import partial
from math import nan
from typing import TYPE_CHECKING

from napari_iris.dataset.find import find_samples
from napari_iris.errors import FileError, IrisError
from napari_iris.evaluation.block import block_of
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.frame_score import FrameScore, score_pair
from napari_iris.evaluation.frame_table import FrameTable
from napari_iris.evaluation.pairs import LeftOut, pair_up
from napari_iris.evaluation.pool import Pool
from napari_iris.evaluation.report import Report
from napari_iris.evaluation.units import units_of
from napari_iris.frames.batch import each_frame
from napari_iris.inference.rows import find_predictions
from napari_iris.matching.names import bare_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from napari_iris.evaluation.seen import Part, Seen


class Evaluation:
    """Predictions and their truth, measured frame by frame in flat memory.

    Parameters
    ----------
    predictions : Path
        Folder of prediction files.
    truth : Path
        A project, a folder of masks, or a folder with ``frames/`` and ``truth/``.
    config : EvaluateConfig
        How to measure.
    against : Path, optional
        Folder of another model's predictions of the same frames, to compare with.
    only : iterable of Path, optional
        Files of the labelled frames to measure by; by default all that there are.
    seen : Seen, optional
        What the model was trained on: the report tells how many of the frames are among it.
    part : {'train', 'validation', 'test'}, optional
        Part of that to measure by; by default whatever there is.

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
        seen: Seen | None = None,
        part: Part | None = None,
    ) -> None:
        self.predictions, self.truth, self.config = predictions, truth, config
        self.against = against
        for folder in (predictions, against):  # told before the truth is read, which takes long
            if folder is not None:
                find_predictions(folder)
        samples = find_samples(truth, config.masks, jobs=config.jobs)
        if seen is not None and part is not None:
            only = seen.frames(samples, part)
        self.pairs = pair_up(predictions, samples, against, only)
        self.remarks = () if seen is None else seen.remarks(samples, self.pairs.rows)
        self.units = units_of(self.pairs.times)
        self.table = FrameTable.empty(self.pairs.names, self.pairs.times, self.pairs.cloudy)
        self.left_out: list[LeftOut] = list(self.pairs.lonely)
        self._pixels, self._sky = Pool(self.units.count), Pool(self.units.count)
        self._models: dict[str, None] = {}
        self._thresholds: set[float] = set()
        self._sky_thresholds: set[float] = set()

    def __len__(self) -> int:
        return len(self.pairs) + len(self.pairs.problems)

    def run(self) -> Iterator[FrameScore | FileError]:
        """Measure every frame.

        Yields
        ------
        FrameScore or FileError
            What a frame was worth, or what is wrong with its files; the rest goes on.
        """
        for problem in self.pairs.problems:
            self._leave_out(problem)
            yield problem
        work = partial(score_pair, threshold=self.config.threshold)
        for outcome in each_frame(self.pairs, work, self.config.jobs):
            if isinstance(outcome, FileError):
                self._leave_out(outcome)
            else:
                self._add(outcome)
            yield outcome

    def report(self) -> Report:
        """Tell what has been measured so far.

        Raises
        ------
        IrisError
            If no frame could be measured.
        """
        if not len(self.table):
            raise IrisError(f"none of {len(self)} frames could be measured")
        draws, seed = self.config.resamples, self.config.seed
        threshold, sky_threshold = _the_one(self._thresholds), _the_one(self._sky_thresholds)
        has_pixels, has_sky = bool(self._pixels.answers), bool(self._sky.answers)
        return Report(
            self.predictions,
            self.truth,
            self.against,
            self.config,
            self.pairs,
            list(self._models),
            self.units,
            block_of(self._pixels, threshold, draws, seed) if has_pixels else None,
            block_of(self._sky, sky_threshold, draws, seed) if has_sky else None,
            self.table,
            self.left_out,
            remarks=self.remarks,
        )

    def _add(self, score: FrameScore) -> None:
        self.table.add(score)
        self._models[score.model] = None
        unit = int(self.units.number[score.row])
        if score.pixels is not None:
            self._thresholds.add(score.threshold)
            self._pixels.add(unit, score.pixels)
        if score.sky is not None:
            self._sky_thresholds.add(score.sky_threshold)
            self._sky.add(unit, score.sky)

    def _leave_out(self, error: FileError) -> None:
        name = bare_name(error.path)
        self.left_out.append(LeftOut(name, str(error.path), error.reason, failed=True))


def _the_one(thresholds: set[float]) -> float:
    """Give the threshold that all have; NaN where they differ."""
    return min(thresholds) if len(thresholds) == 1 else nan


def evaluate_frames(
    predictions: Path,
    truth: Path,
    config: EvaluateConfig | None = None,
    against: Path | None = None,
) -> Report:
    """Measure predictions against their truth and tell what they are worth.

    Parameters
    ----------
    predictions : Path
        Folder of prediction files.
    truth : Path
        A project, a folder of masks, or a folder with ``frames/`` and ``truth/``.
    config : EvaluateConfig, optional
        How to measure.
    against : Path, optional
        Folder of another model's predictions of the same frames, to compare with.

    Returns
    -------
    Report
        Scores, intervals, curves and the table of frames; ``left_out`` has the damaged files.

    Raises
    ------
    IrisError
        If nothing matches, there is no truth, or no frame could be measured.
    """
    evaluation = Evaluation(predictions, truth, config or EvaluateConfig(), against)
    for _ in evaluation.run():
        pass
    return evaluation.report()
