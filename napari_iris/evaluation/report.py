"""What an evaluation found, as objects for Python and the window, and as ``report.json``."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from napari_iris import __version__
from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.block import AGAINST, MODEL
from napari_iris.evaluation.curves_file import CURVES, write_curves
from napari_iris.evaluation.pairs import LeftOut
from napari_iris.evaluation.pool import OF_PROBABILITY, SCORES
from napari_iris.io.atomic import atomic_open, make_folder
from napari_iris.numbers import counted, to_json

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.evaluation.block import Block
    from napari_iris.evaluation.compare import Comparison
    from napari_iris.evaluation.config import EvaluateConfig
    from napari_iris.evaluation.frame_table import FrameTable
    from napari_iris.evaluation.pairs import Pairs
    from napari_iris.evaluation.units import Units

RECIPE_SHARE = 0.5
"""Part of the frames from which the truth is called the recipe's: a person's mask never is it."""

FEW_UNITS = 8
"""Nights or blocks below which an interval is a rough guess."""


@dataclass(frozen=True, eq=False)
class Report:
    """What an evaluation found.

    Attributes
    ----------
    predictions, truth : Path
        What was measured, and by what.
    against : Path or None
        Another model's predictions of the same frames.
    config : EvaluateConfig
        How it was measured.
    pairs : Pairs
        The files, to look at a frame again.
    models : list of str
        Models that made the predictions; one, if they are of one kind.
    units : Units
        What was drawn anew for the intervals.
    pixels : Block or None
        Scores pooled over pixels; None where no frame has a mask.
    sky : Block or None
        Scores of the classifier, over frames; None where there is none.
    frames : FrameTable
        One row a frame.
    left_out : list of LeftOut
        What was not measured, and why.
    in_sample : tuple of str
        Scores that look better here than elsewhere: what they tell was fitted on these frames.
    remarks : tuple of str
        What else a reader must know of these frames, in sentences.
    """

    predictions: Path
    truth: Path
    against: Path | None
    config: EvaluateConfig
    pairs: Pairs
    models: list[str]
    units: Units
    pixels: Block | None
    sky: Block | None
    frames: FrameTable
    left_out: list[LeftOut]
    in_sample: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def truth_is_recipe(self) -> bool:
        """Whether the truth is what the recipe made, for most of the frames."""
        return self.frames.share_equal_to_recipe() >= RECIPE_SHARE

    def rival(self, block: Block) -> str:
        """Name the baseline that the model is held against: the best that is not the truth itself.

        By MCC; of equal ones by accuracy.
        """
        others = [name for name in BASELINES if name != "recipe" or not self.truth_is_recipe]
        return max(others, key=block.rank)

    def warnings(self) -> list[str]:
        """Tell what a reader must know before believing the numbers."""
        found = [*self.remarks]
        if self.in_sample:
            names = " and ".join(name.upper() for name in self.in_sample)
            found.append(
                f"{names} are in-sample: the temperature was fitted on these very frames, so that "
                "they are lower here than on others."
            )
        if self.truth_is_recipe:
            share = self.frames.share_equal_to_recipe()
            found.append(
                f"The truth is the recipe itself: in {share:.0%} of the frames the mask is the "
                "published recipe's, pixel for pixel. These numbers tell how well the model "
                "imitates the recipe, not how well it finds cloud."
            )
        if len(self.models) > 1:
            found.append(f"The predictions are of {len(self.models)} models: mixed numbers.")
        if self.pixels is not None and not isfinite(self.pixels.threshold):
            found.append("The predictions have different thresholds; give --threshold for one.")
        found += self.one_sided()
        if self.units.count < FEW_UNITS:
            found.append(
                f"Only {counted(self.units.count, self.units.kind)} to tell the intervals from: "
                "take them as a rough guess."
            )
        if self.units.nights < 2:
            of = "of one night" if self.units.nights else "without a time"
            found.append(f"All frames are {of}: other nights may differ by more.")
        failed = sum(one.failed for one in self.left_out)
        if failed:
            found.append(f"{counted(failed, 'file')} could not be used: see left_out.csv.")
        return found

    def one_sided(self) -> list[str]:
        """Tell where the truth has one class only: many scores mean nothing there."""
        blocks = ((self.pixels, "pixels"), (self.sky, "frames"))
        return [
            f"The truth of all {what} is {block.one_class}: scores that need both classes are 0 or "
            "not defined."
            for block, what in blocks
            if block is not None and block.count and block.one_class
        ]

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain values, as ``report.json`` has it; NaN where not defined."""
        return {
            "napari_iris": __version__,
            "predictions": str(self.predictions),
            "truth": str(self.truth),
            "against": None if self.against is None else str(self.against),
            "models": self.models,
            "config": self.config.model_dump(),
            **_block(self.pixels),
            "frame_mean": self.frames.means(),
            "classifier": None if self.sky is None else _block(self.sky),
            "bootstrap": {
                "units": self.units.kind,
                "count": self.units.count,
                "nights": self.units.nights,
                "resamples": self.config.resamples,
                "seed": self.config.seed,
            },
            "truth_equals_recipe": self.frames.share_equal_to_recipe(),
            "left_out": {
                "failed": sum(one.failed for one in self.left_out),
                "without_counterpart": sum(not one.failed for one in self.left_out),
            },
            "in_sample": list(self.in_sample),
            "warnings": self.warnings(),
        }

    def write(self, out: Path, pictures: list[str] | None = None) -> None:
        """Write ``report.json``, ``report.md``, and the tables.

        These are ``frames.csv``, ``curves.csv`` and, if need be, ``left_out.csv``.

        Parameters
        ----------
        out : Path
            Folder to write to; it is made.
        pictures : list of str, optional
            Names of the figures that ``report.md`` is to show, within ``out/figures``.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        from napari_iris.evaluation.markdown import to_markdown

        make_folder(out)
        self.frames.write(out / "frames.csv")
        write_curves(out / CURVES, {"pixels": self.pixels, "frames": self.sky})
        if self.left_out:
            _write_left_out(out / "left_out.csv", self.left_out)
        else:
            (out / "left_out.csv").unlink(missing_ok=True)
        with atomic_open(out / "report.md") as file:
            file.write(to_markdown(self, pictures or []).encode())
        with atomic_open(out / "report.json") as file:
            file.write(to_json(self.to_dict(), indent=2).encode() + b"\n")


def _block(block: Block | None) -> dict[str, Any]:
    """One block as the report has it; where there is none, all is None."""
    if block is None:
        scores = {
            MODEL: dict.fromkeys(SCORES + OF_PROBABILITY),
            **{name: dict.fromkeys(SCORES) for name in BASELINES},
        }
        return {"n_frames": 0, "count": 0, "threshold": None, **_nested(scores)}
    return {
        "n_frames": block.frames,
        "count": block.count,
        "threshold": block.threshold,
        **_nested(block.scores),
        "intervals": _nested(block.intervals),
        "confusion": {
            name: {
                "true_" + row: dict(zip(("clear", "cloud"), counts, strict=True))
                for row, counts in zip(
                    ("clear", "cloud"), block.confusion(name).tolist(), strict=True
                )
            }
            for name in block.counts
        },
        "comparisons": {name: _comparison(one) for name, one in block.comparisons.items()},
        "calibration": {
            "temperature": block.temperature,
            "best_threshold": block.best_threshold,
            "auc_error": block.auc_error,
            "bins": [
                {"said": said, "found": found, "count": count}
                for said, found, count in zip(
                    block.reliability.said.tolist(),
                    block.reliability.found.tolist(),
                    block.reliability.count.tolist(),
                    strict=True,
                )
            ],
        },
    }


def _nested(by_answer: dict[str, Any]) -> dict[str, Any]:
    """Model, other model, and the baselines in a group of their own."""
    own = {name: by_answer[name] for name in (MODEL, AGAINST) if name in by_answer}
    return {**own, "baselines": {name: by_answer[name] for name in BASELINES}}


def _comparison(found: Comparison) -> dict[str, Any]:
    differences = {
        name: {
            "difference": one.value,
            "interval": one.interval,
            "p_value": one.p_value,
            "real": one.real,
        }
        for name, one in found.differences.items()
    }
    return {"verdict": found.verdict, "decided_by": found.decisive, "differences": differences}


def _write_left_out(path: Path, left_out: list[LeftOut]) -> None:
    with atomic_open(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        table = csv.writer(text, lineterminator="\n")
        table.writerow(LeftOut._fields)
        table.writerows((*one[:-1], "yes" if one.failed else "no") for one in left_out)
        text.detach()
