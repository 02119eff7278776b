"""The histogram of a frame, and the thresholds that methods suggest for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.current_excess import excess_in
from napari_iris.errors import IrisError
from napari_iris.masks.recipe import recipe
from napari_iris.radiometry.statistics import adu_per_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import ClearSky, References
    from napari_iris.app.curation.curation import Curation
    from napari_iris.frames.sequence import FrameSequence

Method = Literal["otsu", "recipe", "reference"]

METHODS: tuple[Method, ...] = ("otsu", "recipe", "reference")
"""Ways to find a threshold; each has a key and a tick in the histogram."""

NO_STRUCTURE = "All pixels of this frame are equal: no threshold."

MISSING: dict[Method, str] = {
    "otsu": NO_STRUCTURE,
    "recipe": NO_STRUCTURE,
    "reference": "No clear-sky reference applies to this frame: use Otsu's or the recipe's.",
}
"""Why a method has no threshold for a frame."""

BINS = 96


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often the values of a frame occur.

    Attributes
    ----------
    edges : ndarray of float, shape (bins + 1,)
        In ADU, ascending.
    counts : ndarray of int, shape (bins,)
        Pixels in each bin.
    unit : float
        ADU in one unit of the frame.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.intp]
    unit: float

    @classmethod
    def of(cls, pixels: NDArray[np.float32], limits: tuple[float, float]) -> Histogram:
        """Count the pixels of a frame.

        Parameters
        ----------
        pixels : ndarray of float32, shape (rows, columns)
            NaN where blank.
        limits : (float, float)
            First and last edge, in the unit of the frame.
        """
        unit = adu_per_unit(pixels)
        counts, edges = np.histogram(pixels, BINS, limits)
        return cls(edges.astype(np.float64) * unit, counts, unit)


class Suggestions:
    """Thresholds of the current frame that methods suggest; computed in the background.

    Parameters
    ----------
    curation : Curation
        The work on the open project.
    clear_sky : ClearSky
        Clear-sky references of its frames.

    Attributes
    ----------
    thresholds : dict of Method to float
        In the unit of the frame; a method that has none for this frame is left out.
    changed : Signal
        Others are known.
    """

    changed = Signal()

    def __init__(self, curation: Curation, clear_sky: ClearSky) -> None:
        self._curation, self._clear_sky = curation, clear_sky
        self.thresholds: dict[Method, float] = {}
        self._worker = Background(curation.session.timers)
        self._worker.done.connect(self._set)
        for signal in (curation.frame_changed, curation.project_changed, clear_sky.changed):
            signal.connect(self.refresh)

    @property
    def is_current(self) -> bool:
        """Whether they belong to the current frame."""
        return self._worker.is_idle

    def refresh(self) -> None:
        """Compute them again."""
        work = self._work()
        if work is None:
            self._worker.discard()
            self._set({})
        else:
            self._worker.submit(work)

    def _work(self) -> Callable[[], dict[Method, float]] | None:
        """Give what is to be computed; None where no frame is current, or it cannot be read."""
        session, editor = self._curation.session, self._curation.editor
        sequence = session.sequence
        pixels = None if editor is None or self._curation.row is None else editor.pixels
        if sequence is None or pixels is None or not np.isfinite(pixels).any():
            return None
        references = self._clear_sky.references
        return partial(suggest, sequence, session.number, pixels, references)

    def take(self, method: Method) -> None:
        """Cut the current frame, or the last stroke, at the threshold of a method."""
        work, editor = self._work(), self._curation.editor
        if work is None or editor is None:
            return
        if not self.is_current:  # the key came before they did
            self._worker.discard()
            try:
                self._set(work())
            except IrisError as error:
                self._set(error)
        if method in self.thresholds:
            editor.set_threshold(self.thresholds[method])
        else:
            self._curation.report(MISSING[method])

    def _set(self, found: dict[Method, float] | IrisError) -> None:
        self.thresholds = {} if isinstance(found, IrisError) else found
        self.changed.emit()


def suggest(
    sequence: FrameSequence, number: int, pixels: NDArray[np.float32], references: References
) -> dict[Method, float]:
    """Compute the thresholds that methods suggest for a frame.

    Parameters
    ----------
    sequence : FrameSequence
        The frames.
    number : int
        Number of the frame, from 0.
    pixels : ndarray of float32, shape (rows, columns)
        The frame at the shape of its mask.
    references : ReferenceSet or NightReferences
        Clear-sky references.

    Returns
    -------
    dict of Method to float
        In the unit of the frame. That of the reference lies halfway between the excess that is
        surely clear and that which is surely cloud.

    Raises
    ------
    IrisError
        If all pixels are equal, or the frame cannot be read.
    """
    from skimage.filters import threshold_otsu

    found: dict[Method, float] = {
        "otsu": float(threshold_otsu(pixels[np.isfinite(pixels)])),
        "recipe": recipe(pixels).threshold,
    }
    rows, columns = pixels.shape
    excess = excess_in(sequence.frame(number), references, (rows, columns))
    if excess is not None:
        between = (excess.clear_below + excess.cloud_above) / 2
        found["reference"] = (excess.level + between) / adu_per_unit(pixels)
    return found
