"""The result of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.own_labels import OwnLabels
from napari_iris.inference.baseline_check import RECIPE_SHARE
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.evaluation.config import EvaluateConfig
    from napari_iris.evaluation.matches import LeftOut, Matches
    from napari_iris.evaluation.pooled_scores import PooledScores
    from napari_iris.evaluation.score_table import ScoreTable
    from napari_iris.evaluation.units import Units

FEW_UNITS = 8
"""Nights or blocks below which an interval is a rough estimate."""


@dataclass(frozen=True, eq=False)
class Report:
    """The result of an evaluation; see `write_report` for its files.

    Attributes
    ----------
    predictions, truth : Path
        What was evaluated, and against what.
    against : Path or None
        Another model's predictions of the same frames.
    config : EvaluateConfig
        Settings of the evaluation.
    matches : Matches
        The files, to read a frame again.
    models : list of str
        Models that made the predictions; one, unless they are mixed.
    units : Units
        Nights or blocks that the intervals are from.
    pixels : PooledScores or None
        Results over pixels; None where no frame has a mask.
    classes : PooledScores or None
        Results of the classifier over frames; None where there is none.
    table : ScoreTable
        Results by frame.
    left_out : list of LeftOut
        Files that could not be used, and why.
    in_sample : tuple of str
        Scores that are better here than on other frames, as they were optimised on these.
    remarks : tuple of str
        Warnings about these frames, in sentences.
    own_labels : OwnLabels
        Labels that were accepted from an evaluated model.
    """

    predictions: Path
    truth: Path
    against: Path | None
    config: EvaluateConfig
    matches: Matches
    models: list[str]
    units: Units
    pixels: PooledScores | None
    classes: PooledScores | None
    table: ScoreTable
    left_out: list[LeftOut]
    in_sample: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    own_labels: OwnLabels = field(default_factory=OwnLabels)

    @property
    def truth_is_recipe(self) -> bool:
        """Whether the truth of most frames is what the recipe makes."""
        return self.table.share_equal_to_recipe() >= RECIPE_SHARE

    def rival(self, block: PooledScores) -> str:
        """Name the best baseline, by MCC, then by accuracy; not the recipe if it is the truth."""
        others = [name for name in BASELINES if name != "recipe" or not self.truth_is_recipe]
        return max(others, key=block.rank)

    def warnings(self) -> list[str]:
        """List what a reader must know before trusting the numbers, in sentences."""
        return [*self.remarks, *self._about_truth(), *self.one_sided(), *self._about_sampling()]

    def one_sided(self) -> list[str]:
        """Warn where the truth has one class only: many scores mean nothing there."""
        blocks = ((self.pixels, "pixels"), (self.classes, "frames"))
        return [
            f"The truth of all {what} is {block.one_class}: scores that need both classes are 0 or "
            "not defined."
            for block, what in blocks
            if block is not None and block.count and block.one_class
        ]

    def _about_truth(self) -> list[str]:
        found = []
        if self.in_sample:
            names = " and ".join(name.upper() for name in self.in_sample)
            found.append(
                f"{names} are in-sample: the temperature was fitted on these very frames, so "
                "they are lower here than on others."
            )
        if self.truth_is_recipe:
            share = self.table.share_equal_to_recipe()
            found.append(
                f"The truth is the recipe itself: in {share:.0%} of the frames the mask is the "
                "published recipe's, pixel for pixel. These numbers show how well the model "
                "imitates the recipe, not how well it finds cloud."
            )
        if len(self.models) > 1:
            found.append(f"The predictions are by {len(self.models)} models: the scores are mixed.")
        if self.pixels is not None and not isfinite(self.pixels.threshold):
            found.append("The predictions have different thresholds; give --threshold for one.")
        return found

    def _about_sampling(self) -> list[str]:
        found = []
        if self.units.count < FEW_UNITS:
            units = format_count(self.units.count, self.units.kind)
            found.append(f"The intervals are from {units} only: take them as a rough estimate.")
        if self.units.nights < 2:
            found.append(
                "All frames are from one night: other nights may differ by more."
                if self.units.nights
                else "No frame has a time, so intervals may be too narrow for other nights."
            )
        failed = sum(one.failed for one in self.left_out)
        if failed:
            found.append(f"{format_count(failed, 'file')} could not be used: see left_out.csv.")
        return found
