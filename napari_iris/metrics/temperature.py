"""Which temperature a trained model keeps: one that its validation frames can tell, else none."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.block import MODEL
from napari_iris.metrics.calibration import COLDEST, HOTTEST, is_at_bound
from napari_iris.numbers import counted

if TYPE_CHECKING:
    from napari_iris.evaluation.block import Block
    from napari_iris.evaluation.report import Report

ENOUGH_ERRORS = 20
"""Wrong answers, pixels or frames, from which a temperature can be told."""

SEVERAL = 3
"""Frames with clear sky, and with cloud, that it is told from at least."""

OF_FIT = ("bce", "ece")
"""Scores that the fit makes better on the frames that it was made on."""


def temperature_of(report: Report | None) -> tuple[float, str]:
    """Tell the temperature to divide a model's logits by.

    Parameters
    ----------
    report : Report or None
        What the model is worth on the validation frames, at temperature 1.

    Returns
    -------
    temperature : float
        The one with the least cross-entropy there; 1 where they cannot tell it.
    why : str
        Why they cannot; empty where they can.
    """
    block = None if report is None else report.pixels or report.sky
    if report is None or block is None:
        return 1.0, "no validation frame could be measured"
    why = _too_few(report) or _untold(block)
    return (1.0, why) if why else (block.temperature, "")


def _too_few(report: Report) -> str:
    """Say which class too few frames have; empty for neither."""
    done = report.frames.done
    cloud = report.frames.cloudy[done]
    if report.pixels is not None:
        cloud = report.frames.values["true_cloud_fraction"][done]
    for has, what in ((cloud < 1, "clear sky"), (cloud > 0, "cloud")):
        count = int(np.count_nonzero(has))
        if count < SEVERAL:
            return f"{counted(count, 'validation frame')} with {what}, {SEVERAL} are needed"
    return ""


def _untold(block: Block) -> str:
    """Say why the answers tell no temperature; empty where they do."""
    (_, false), (missed, _) = block.confusion(MODEL).tolist()
    if false + missed < ENOUGH_ERRORS:
        return "it is nearly always right on the validation frames"
    interval = block.intervals[MODEL]["mcc"]
    if not (interval[0] if interval else block.scores[MODEL]["mcc"]) > 0:
        return "it is not clearly better than chance on the validation frames"
    if not isfinite(block.temperature) or is_at_bound(block.temperature):
        return f"none from {COLDEST:g} to {HOTTEST:g} fits the validation frames"
    return ""
