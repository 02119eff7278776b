"""What one decision makes of each frame of a run; runs in a thread, some frames at a time."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.app.current_excess import excess_of
from napari_iris.errors import IrisError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, SKY, class_of
from napari_iris.masks import edit
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.masks.scribbles import carry_mask
from napari_iris.masks.threshold import apply_threshold
from napari_iris.project.folder import MASKS
from napari_iris.project.label_origin import APPROVED_AS
from napari_iris.project.mask_store import MaskStore
from napari_iris.project.repository import Repository
from napari_iris.project.run_labels import RunLabel, label_run
from napari_iris.project.transaction import AT_ONCE

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import References
    from napari_iris.frames.frame import Frame
    from napari_iris.labels import FrameClass
    from napari_iris.project.records import MaskFacts

Kind = Literal["approve", "clear", "overcast", "cut", "carry", "reject"]

NAMES: dict[Kind, str] = {
    "approve": "Approve each mask",
    "clear": "Clear sky",
    "overcast": "Overcast",
    "cut": "Cut",
    "carry": "Carry the mask on",
    "reject": "Reject",
}
"""Decisions on a run, as they are shown."""

CHUNK_S = 1.0
"""Seconds of work between two transactions: what is lost at most if the window is killed."""


@dataclass(frozen=True)
class RunDecision:
    """One decision for all frames of a run.

    Attributes
    ----------
    kind : {'approve', 'clear', 'overcast', 'cut', 'carry', 'reject'}
        What is decided.
    reason : str
        Why the frames are rejected.
    cut : float
        Excess above the clear sky from which a pixel is cloud [ADU]; NaN where not known.
    """

    kind: Kind = "approve"
    reason: str = ""
    cut: float = math.nan

    @property
    def approves_masks(self) -> bool:
        """Whether masks are approved that a person has to see."""
        return self.kind in ("approve", "cut", "carry")

    @property
    def text(self) -> str:
        """The decision in words."""
        if self.kind == "cut":
            return f"cut {self.cut:.0f} ADU above the clear sky"
        return f"reject as {self.reason}" if self.kind == "reject" else NAMES[self.kind].lower()


@dataclass
class LabelWork:
    """Frames of a run that are still to be labelled.

    Attributes
    ----------
    folder : Path
        The project folder.
    frames, paths : list
        Numbers and files of the frames.
    decision : RunDecision
        What is decided.
    references : ReferenceSet or NightReferences
        Clear-sky references, for a cut.
    by : str
        Who decides.
    at : int
        When [us since 1970, UTC].
    first : int
        Number of the frame that the decision was made on: it may hold an edited mask.
    stop : Event
        Set to stop after the next frame.
    origin : (ndarray of float32, ndarray of uint8)
        The frame that the decision was made on, at the shape of its mask; and that mask.
    """

    folder: Path
    frames: list[int]
    paths: list[Path]
    decision: RunDecision
    references: References
    by: str
    at: int
    first: int
    stop: Event
    origin: tuple[NDArray[np.float32], NDArray[np.uint8]]
    _last: tuple[NDArray[np.uint8], str] | None = None

    def do_some(self) -> Labelled:
        """Label frames until `CHUNK_S` are over, in one transaction.

        Returns
        -------
        Labelled
            What was done; the frames are no longer in `frames` once it is delivered.

        Raises
        ------
        IrisError
            If the project cannot be written.
        """
        done, labels, store = Labelled(), [], MaskStore(self.folder / MASKS)
        edited = [self.first] if self.first in self.frames else []
        end = time.monotonic() + CHUNK_S
        with Repository(self.folder, is_checked=True) as repository:  # as the project was opened
            for frame, path in zip(self.frames[:AT_ONCE], self.paths, strict=False):
                done.count += 1
                facts = repository.active_mask(frame)
                try:
                    labels.append(self._label(frame, path, facts, store))
                except IrisError as error:
                    done.failed.append(str(error))
                if self.stop.is_set() or time.monotonic() > end:
                    break
            store.sync([label.mask for label in labels if label.mask])
            done.frames = label_run(repository, labels, by=self.by, at=self.at, edited=edited)
        return done

    def _label(self, frame: int, path: Path, facts: MaskFacts | None, store: MaskStore) -> RunLabel:
        """Make the label of one frame; its mask is in the store, and not yet on the disk."""
        decision = self.decision
        if decision.kind == "reject":
            return RunLabel(frame, "rejected", "rejected", reason=decision.reason)
        if decision.kind in ("clear", "overcast"):
            is_clear = decision.kind == "clear"
            mask = None if facts is None else store.read(facts.name)
            mask = np.zeros(MaskConfig().shape, np.uint8) if mask is None else mask
            mask = edit.whole(mask, SKY if is_clear else CLOUD)
            if self._last is None or not np.array_equal(self._last[0], mask):
                self._last = mask, store.renew(mask)  # once for all that are equal
            name, how = self._last[1], NAMES[decision.kind].lower()
            frame_class: FrameClass = "clear" if is_clear else "cloudy"
            return RunLabel(frame, "approved", how, name, cloud_fraction(mask), frame_class)
        if facts is None:
            raise IrisError(f"{path.name}: has no mask; draw one, or label it clear or overcast")
        if facts.tag == "human":  # drawn by the person who decides: it stays
            return _approved(frame, "approved", None, facts.cloud_fraction)
        if decision.kind == "approve":
            store.read(facts.name)  # an error where it is damaged
            return _approved(frame, f"{APPROVED_AS}{facts.tag}", facts.name, facts.cloud_fraction)
        if decision.kind == "carry":
            carried = carried_mask(read_frame(path), self.origin)
            name = store.renew(carried)
            return _approved(frame, decision.text, name, cloud_fraction(carried))
        cut = cut_mask(read_frame(path), store.read(facts.name), self.references, decision.cut)
        if cut is None:
            raise IrisError(f"{path.name}: has no clear-sky reference; label it by its own mask")
        return _approved(frame, decision.text, store.renew(cut), cloud_fraction(cut))


@dataclass
class Labelled:
    """What a chunk of work has done.

    Attributes
    ----------
    count : int
        Frames that were worked on.
    frames : list of int
        Numbers of those that were labelled.
    failed : list of str
        Why others were not.
    """

    count: int = 0
    frames: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def cut_mask(
    frame: Frame, mask: NDArray[np.uint8], references: References, cut: float
) -> NDArray[np.uint8] | None:
    """Cut a frame so many ADU above the clear sky.

    Parameters
    ----------
    frame : Frame
        The frame.
    mask : ndarray of uint8, shape (rows, columns)
        Its mask: ignored pixels stay.
    references : ReferenceSet or NightReferences
        Clear-sky references.
    cut : float
        Excess above which a pixel is cloud [ADU].

    Returns
    -------
    ndarray of uint8, shape of `mask`, or None
        0 sky, 1 cloud, 2 ignore; None where the frame has no clear-sky reference.
    """
    excess = excess_of(frame, references, (mask.shape[0], mask.shape[1]))
    return None if excess is None else apply_threshold(excess, mask, np.ones(mask.shape, bool), cut)


def carried_mask(
    frame: Frame, origin: tuple[NDArray[np.float32], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Carry a mask on to another frame of the same scene.

    Parameters
    ----------
    frame : Frame
        The other frame.
    origin : (ndarray of float32, ndarray of uint8)
        The frame that the mask is of, at its shape, and the mask.

    Raises
    ------
    IrisError
        If the frame is smaller than the mask.
    """
    before, mask = origin
    return carry_mask(before, mask, rebin(frame.data, (mask.shape[0], mask.shape[1])))


def _approved(frame: int, how: str, mask: str | None, fraction: float | None) -> RunLabel:
    frame_class = class_of(math.nan if fraction is None else fraction)
    return RunLabel(frame, "approved", how, mask, fraction, frame_class)
