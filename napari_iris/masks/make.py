"""Make the cloud mask of one frame: the recipe, checked by the sky gate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.frames.rebin import rebin
from napari_iris.frames.wcs import rebinned_header
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.excess import gate_by_excess
from napari_iris.masks.gate import GateResult, resample_floor, sky_gate
from napari_iris.masks.mask_file import Cards, cloud_fraction, is_drawn_by_person, write_mask
from napari_iris.masks.recipe import RecipeMask, recipe

if TYPE_CHECKING:
    from astropy.io import fits
    from astropy.nddata import CCDData
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition
    from napari_iris.masks.config import MaskConfig
    from napari_iris.radiometry.excess import Excess
    from napari_iris.radiometry.reference_set import ReferenceSet

Method = Literal["recipe", "clear", "overcast", "floor", "excess"]

SURELY_CLEAR = 0.08
"""Height above the floor, as a fraction of the reach, below which a pixel is surely clear."""

MAX_FALSE_CLOUD = 0.1
"""Largest fraction of the surely clear pixels that a recipe mask may call cloud."""


@dataclass(frozen=True, eq=False, repr=False)
class CloudMask:
    """A cloud mask, and how it was made.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The rebinned frame, in its own unit (ADU for a raw frame).
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore (blank pixels).
    threshold : float
        The recipe's threshold, in the frame's unit.
    method : {'recipe', 'clear', 'overcast', 'floor', 'excess'}
        Origin of the mask: the published recipe, the gate's empty or full mask, the cut above the
        clear-sky surface where the recipe's threshold lies within clear sky, or the excess above
        the camera's clear-sky reference.
    gate : GateResult or None
        The sky gate's result; None where it is off.
    excess : Excess or None
        Excess above the camera's clear sky; None without a reference.
    config : MaskConfig
        How it was made.
    header : astropy.io.fits.Header
        Header of the rebinned frame, with the WCS of its pixels where there is one.

    Examples
    --------
    >>> import napari_iris as iris
    >>> made = iris.mask(iris.simulate(1, sky="cloudy", seed=3)[0])
    >>> made.method, made.sky, 0 < made.trust < 1
    ('floor', 'cloudy', True)
    >>> made.to_fits("sky_mask.fits")
    >>> made.to_ccddata().data.dtype
    dtype('uint8')
    """

    frame: NDArray[np.float32]
    mask: NDArray[np.uint8]
    threshold: float
    method: Method
    gate: GateResult | None
    excess: Excess | None
    config: MaskConfig
    header: fits.Header = field(repr=False)

    def __repr__(self) -> str:
        rows, columns = self.mask.shape
        gate = "" if self.gate is None else f"{self.sky}, trust {self.trust:.2f}, "
        return (
            f"CloudMask({rows}x{columns}, {gate}cloud fraction {self.cloud_fraction:.3f}, "
            f"method {self.method})"
        )

    @property
    def sky(self) -> SkyCondition | None:
        """Sky condition that the gate found; None where it was off."""
        return None if self.gate is None else self.gate.sky

    @property
    def trust(self) -> float | None:
        """Trust in the mask, from 0 to 1; None where the gate was off."""
        return None if self.gate is None else self.gate.trust

    @property
    def reference(self) -> str:
        """Kind of the clear-sky reference, 'measured', 'limit', or 'none'."""
        return "none" if self.excess is None else self.excess.kind

    @property
    def cloud_fraction(self) -> float:
        """Part of the seen sky that is cloud, from 0 to 1; NaN where all is blank."""
        return cloud_fraction(self.mask)

    def to_fits(self, path: Path | str) -> None:
        """Write a mask file: the rebinned frame, and the mask with its parameters.

        Parameters
        ----------
        path : Path or str
            File to write, in place of an older automatic mask.

        Raises
        ------
        MaskError
            If the file holds a mask that a person drew.
        FileError
            If it cannot be written.
        """
        if is_drawn_by_person(Path(path)):
            raise MaskError(path, "is a human mask, which is never replaced", "choose another file")
        write_mask(Path(path), self.frame, self.mask, self.header, self.cards())

    def to_ccddata(self) -> CCDData:
        """Convert to an astropy `CCDData`: 0 sky, 1 cloud; ignored pixels are masked.

        Returns
        -------
        astropy.nddata.CCDData
            The mask, dimensionless, with the frame's header, the cards of the mask, and the WCS.
        """
        from napari_iris.frames.ccddata import to_ccddata

        header = self.header.copy()
        header.update(self.cards())
        return to_ccddata(self.mask, header, self.mask == IGNORE, "")

    def cards(self) -> Cards:
        """Header cards that describe how the mask was made."""
        cards: dict[str, tuple[str | int | float | bool, str]] = {
            "METHOD": (self.method.upper(), "how the mask was made"),
            "ALOG": (self.config.a_log, "a of LogStretch"),
            "CONTRAST": (self.config.contrast, "contrast of ZScaleInterval"),
            "THRESH": (round(self.threshold, 6), "Otsu threshold of the recipe [frame unit]"),
            "CLDFRAC": (round(self.cloud_fraction, 6), "cloud fraction of the seen sky"),
            "GATE": (self.gate is not None, "whether the sky gate was on"),
        }
        if self.gate is not None:
            cards["SKY"] = (self.gate.sky, "gate: clear, cloudy or overcast")
            cards["TRUST"] = (round(self.gate.trust, 4), "gate: trust in the mask, 0 to 1")
            cards["STRUCT"] = (round(self.gate.structure, 4), "[ADU] std about a smooth surface")
            cards["CUT"] = (round(self.gate.cut, 6), "gate: cut above clear sky [frame unit]")
            cards["REFKIND"] = (self.reference, "clear-sky reference: measured, limit or none")
        if self.excess is not None:
            clear, cloud, undecided = self.excess.parts
            cards["REFLEVEL"] = (round(self.excess.level, 2), "[ADU] level of the clear sky")
            cards["EXCESS"] = (round(self.excess.median, 2), "[ADU] median excess above it")
            for card, value, unit in (
                ("EXCRAD", self.excess.median_radiance, "W m-2 sr-1"),
                ("EXCKELV", self.excess.median_kelvin, "K"),
            ):
                if math.isfinite(value):
                    cards[card] = (round(value, 4), f"[{unit}] median excess above the clear sky")
            cards["CLRPART"] = (round(clear, 5), "fraction that is surely clear")
            cards["CLDPART"] = (round(cloud, 5), "fraction that is surely cloud")
            cards["UNDPART"] = (round(undecided, 5), "fraction in between")
        return cards


def make_mask(
    frame: NDArray[np.floating],
    config: MaskConfig,
    header: fits.Header | None = None,
    references: ReferenceSet | None = None,
    split: RecipeMask | None = None,
) -> CloudMask:
    """Make the cloud mask of one frame.

    Parameters
    ----------
    frame : ndarray or masked array of float, shape (rows, columns)
        The frame as read, in ADU or any unit linear in radiance; NaN or masked where blank.
    config : MaskConfig
        Shape of the mask, parameters of the recipe, gate on or off.
    header : astropy.io.fits.Header, optional
        The frame's header; it goes with the mask.
    references : ReferenceSet, optional
        Clear-sky references; the gate evaluates the frame by its camera's, if there is one.
    split : RecipeMask, optional
        What the recipe gives for the rebinned frame, where that is known.

    Returns
    -------
    CloudMask
        The mask at ``config.shape``.

    Raises
    ------
    IrisError
        If the frame is too small, or has the same value everywhere.
    """
    from astropy.io import fits

    binned = rebin(frame, config.shape)
    split = split or recipe(binned, config.a_log, config.contrast)
    kept = fits.Header() if header is None else header
    kept = rebinned_header(kept, frame.shape, config.shape)
    found = gate_by_excess(binned, split, header, references) if config.gate else None
    method: Method
    if found is not None and found.cloud is not None:
        mask = _labelled(found.cloud, split.mask == IGNORE)
        method, gate = found.method, found.gate
    else:
        gate = sky_gate(frame) if config.gate else None
        mask, method = _gated(binned, split, gate)
    excess = None if found is None else found.excess
    return CloudMask(binned, mask, split.threshold, method, gate, excess, config, kept)


def _gated(
    binned: NDArray[np.float32], split: RecipeMask, gate: GateResult | None
) -> tuple[NDArray[np.uint8], Method]:
    """Apply the gate's decision, if there is one, to the recipe's mask."""
    if gate is None:
        return split.mask, "recipe"
    blank = split.mask == IGNORE
    if gate.sky == "cloudy":
        height = binned - resample_floor(gate, binned.shape)
        if _keeps_clear_sky(split, height, gate):
            return split.mask, "recipe"
        return _labelled(height > gate.cut, blank), "floor"
    if gate.sky == "clear":
        return _labelled(np.zeros_like(blank), blank), "clear"
    return _labelled(np.ones_like(blank), blank), "overcast"


def _keeps_clear_sky(split: RecipeMask, height: NDArray[np.float32], gate: GateResult) -> bool:
    """Whether the recipe leaves the surely clear sky clear."""
    surely_clear = height < SURELY_CLEAR * gate.reach
    called_cloud = np.count_nonzero((split.mask == CLOUD) & surely_clear)
    return bool(called_cloud <= MAX_FALSE_CLOUD * np.count_nonzero(surely_clear))


def _labelled(cloud: NDArray[np.bool_], blank: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Mask values of a boolean cloud image."""
    return np.where(blank, IGNORE, np.where(cloud, CLOUD, SKY)).astype(np.uint8)
