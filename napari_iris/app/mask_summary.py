"""How the mask of the current frame was made, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.errors import IrisError
    from napari_iris.labels import SkyCondition
    from napari_iris.masks.make import CloudMask

METHODS = {
    "recipe": "Recipe",
    "clear": "Sky gate: clear sky only, empty mask",
    "overcast": "Sky gate: no clear sky in view, full mask",
    "floor": "Sky gate: cut above clear-sky surface",
    "excess": "Excess above the clear-sky reference",
}
"""Ways to make a mask."""

NO_VALUE = "–"

ADU_FROM = 2.0
"""Thresholds beyond this are in ADU; frames scaled to 0..1 have no unit."""


@dataclass(frozen=True)
class MaskSummary:
    """What is shown of a mask, or why there is none.

    Attributes
    ----------
    title : str
        The sky condition, or why there is no mask.
    sky : SkyCondition or None
        The sky condition; None where the gate is off, or there is no mask.
    cloud, threshold, method : str
        Cloud fraction, threshold of the recipe, and how the mask was made.
    trust : float or None
        Trust of the gate, 0 to 1.
    clear_sky : str
        Level of the clear sky in the frame, and how far above it the frame is.
    reason : str
        Why the frame has no mask; empty where it has one.
    """

    title: str
    sky: SkyCondition | None = None
    cloud: str = NO_VALUE
    threshold: str = NO_VALUE
    method: str = NO_VALUE
    trust: float | None = None
    clear_sky: str = NO_VALUE
    reason: str = ""

    @classmethod
    def of(cls, made: CloudMask) -> MaskSummary:
        """Summarize a mask.

        Parameters
        ----------
        made : CloudMask
            The mask.
        """
        gate, fraction = made.gate, made.cloud_fraction
        source = "sky gate" if made.excess is None else "reference"
        replaced = "" if made.method == "recipe" else f" (replaced by the {source})"
        return cls(
            title="Gate off" if gate is None else gate.sky.capitalize(),
            sky=None if gate is None else gate.sky,
            cloud=f"{fraction:.1%}  ({8 * fraction:.1f} oktas)",
            threshold=f"{_with_unit(made.threshold)}{replaced}",
            method=METHODS[made.method],
            trust=None if gate is None else gate.trust,
            clear_sky=_excess(made) or NO_VALUE,
        )

    @classmethod
    def of_error(cls, error: IrisError) -> MaskSummary:
        """Summarize why a frame has no mask.

        Parameters
        ----------
        error : IrisError
            The error.
        """
        return cls(title="No mask", reason=str(getattr(error, "reason", error)))


def _with_unit(threshold: float) -> str:
    return f"{threshold:.1f} ADU" if abs(threshold) > ADU_FROM else f"{threshold:.5f}"


def _excess(made: CloudMask) -> str:
    """Describe the clear-sky level of the frame, and how far above it the frame is."""
    excess = made.excess
    if excess is None:
        return ""
    return f"{excess.level:.0f} ADU, median excess {excess.median:+.0f}"
