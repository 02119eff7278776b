"""A run of frames before it is labelled: how long it is, why it ends, what would be decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.curation.run_decision import RunDecision
from napari_iris.app.current_excess import excess_of
from napari_iris.app.times import short_time
from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, SKY
from napari_iris.masks.threshold import apply_threshold, best_threshold, valid_pixels
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import References
    from napari_iris.app.curation.frame_run import FrameRun
    from napari_iris.app.curation.run_decision import Kind
    from napari_iris.frames.frame import Frame
    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project

CUT_STEP_ADU = 12.0
"""Step of the cut by a key: three times the noise of a pixel [ADU]; fine steps are a quarter."""


HELD = 0.95
"""Least part of a drawn mask's pixels that a cut must have alike, to be suggested for its run."""


@dataclass(frozen=True, eq=False)
class RunPreview:
    """A run that is previewed.

    Attributes
    ----------
    run : FrameRun
        The run.
    decision : RunDecision
        What would be decided.
    best_cut : float
        Cut that comes nearest to the mask of the first frame [ADU]; NaN where none is known.
    fit : float
        Part of that mask's pixels that the cut has alike.
    is_drawn : bool
        Whether a person has edited that mask: then no cut replaces it.
    origin : (ndarray of float32, ndarray of uint8)
        That frame, at the shape of its mask, and the mask.
    """

    run: FrameRun
    decision: RunDecision
    best_cut: float
    fit: float
    is_drawn: bool
    origin: tuple[NDArray[np.float32], NDArray[np.uint8]]

    @property
    def has_cut(self) -> bool:
        """Whether a cut can be decided: a clear-sky reference is known."""
        return not np.isnan(self.best_cut)

    @property
    def places(self) -> list[int]:
        """Rows to look at before one confirms: least agreeing, first, middle, last."""
        rows = self.run.rows.tolist() or [self.run.row]
        return list(dict.fromkeys([self.run.least, rows[0], rows[len(rows) // 2], rows[-1]]))

    def chosen(self, kind: Kind, reason: str = "") -> RunPreview:
        """Give the preview of another decision."""
        cut = self.decision.cut if self.decision.kind == kind == "cut" else self.best_cut
        return replace(self, decision=RunDecision(kind, reason, cut))

    def stepped(self, steps: float) -> RunPreview:
        """Move the cut by some steps; the first of them chooses the cut."""
        if self.decision.kind != "cut":
            return self.chosen("cut")
        cut = self.decision.cut + steps * CUT_STEP_ADU
        return replace(self, decision=replace(self.decision, cut=cut))

    def lines(self, table: FrameTable) -> list[str]:
        """Describe the run: its frames, why it ends, the least agreeing frame, the decision."""
        run, rows = self.run, self.run.rows
        if not len(rows):
            where = "" if run.is_selection else f" (frame {run.stop + 1})"
            return [f"No frame to label: {run.end}{where}."]
        first, last = int(rows[0]), int(rows[-1])
        times = [short_time(table.time[row]) for row in (first, last)]
        numbers, when = f"{first + 1:,}", f", {times[0]}" if all(times) else ""
        if last > first:
            numbers += f" to {last + 1:,}"
            when += f" to {times[1][6:]}" if all(times) else ""
        lines = [f"{format_count(len(rows), 'frame')} ({numbers}){when}", run.ending(len(table))]
        if run.least != run.row:
            least = f"frame {run.least + 1:,} ({run.difference})"
            lines.append(f"Least like frame {run.row + 1:,}: {least}")
        how = self.decision.text
        if self.decision.kind == "cut" and self.decision.cut == self.best_cut:
            how += f" (fit {self.fit:.0%})"
        return [*lines, f"Decision: {how}"]


def preview_run(
    run: FrameRun, frame: Frame, mask: NDArray[np.uint8], references: References, tag: str
) -> RunPreview:
    """Suggest a decision for a run, by its first frame.

    Parameters
    ----------
    run : FrameRun
        The run.
    frame : Frame
        Its first frame.
    mask : ndarray of uint8, shape (rows, columns)
        The mask of that frame.
    references : ReferenceSet or NightReferences
        Clear-sky references.
    tag : str
        Origin of the mask: what a person drew is carried on, a program's masks are approved.
    """
    everywhere, best, fit = np.ones(mask.shape, bool), float("nan"), float("nan")
    shape = (mask.shape[0], mask.shape[1])
    excess = excess_of(frame, references, shape)
    if excess is not None:
        try:
            best = best_threshold(excess, mask, everywhere)
            cut = apply_threshold(excess, mask, everywhere, best)
            fit = float(np.mean((cut == mask)[valid_pixels(excess, mask)]))
        except IrisError:  # all pixels are ignored
            pass
    kind: Kind = "approve"
    if tag == "human":
        drawn = set(np.unique(mask).tolist()) & {SKY, CLOUD}
        kind = "clear" if drawn == {SKY} else "overcast" if drawn == {CLOUD} else "cut"
        if kind == "cut" and not fit >= HELD:
            kind = "carry"
    origin = rebin(frame.data, shape), mask
    return RunPreview(run, RunDecision(kind, "", best), best, fit, tag == "human", origin)


def cover_and_origin(project: Project, frame: int) -> tuple[float | None, str]:
    """Give the cloud fraction that a run from a frame is compared by, and the mask's origin.

    Parameters
    ----------
    project : Project
        The project.
    frame : int
        Number of the frame.

    Returns
    -------
    cover : float or None
        Of the best mask that a program made, as the others' are; None without one.
    tag : str
        Tag of the mask in effect; empty without one.
    """
    best, made = project.mask_facts(frame), project.repository.active_mask(frame, ("model", "auto"))
    return (None if made is None else made.cloud_fraction), ("" if best is None else best.tag)
