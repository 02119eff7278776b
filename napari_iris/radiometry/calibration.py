"""From the values of a frame to radiance and brightness temperature, where its header says how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.radiometry.planck import GAIN, KELVIN, band_radiance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from napari_iris.radiometry.statistics import FrameStatistics

RESPONSE = "RADGAIN"
"""Card of a camera's response in ADU per W m-2 sr-1, for cameras that are not known."""

KELVINS = ("K", "KELVIN")
CELSIUS = ("C", "DEGC", "DEG C", "CELSIUS", "DEG_C")
"""Values of BUNIT of a calibrated frame, in capitals."""

TAU2_NOISE_ADU = (0.3, 2.0)
"""Noise of a Tau2 in high gain at `STATISTICS_SHAPE`; outside of it, values are not ADU."""

TAU2_CLEAR_ADU = 880.0
"""Highest clear sky of a Tau2 in high gain at the zenith, for a shutter at 0 degrees Celsius.

600 ADU on a dry night, some 750 on a humid one; a deck is at least 250 ADU above the clear sky.
"""


@dataclass(frozen=True)
class Calibration:
    """What the values of a frame mean.

    Attributes
    ----------
    gain : float
        Response in ADU per W m-2 sr-1; NaN where not known.
    zero : float
        Temperature in kelvin of the value 0, for a frame of brightness temperatures; NaN for
        others.
    """

    gain: float = float("nan")
    zero: float = float("nan")

    @property
    def is_temperature(self) -> bool:
        """Whether the frame's values are brightness temperatures."""
        return bool(np.isfinite(self.zero))

    def radiance(self, excess: ArrayLike, level: float) -> NDArray[np.float64]:
        """Convert an excess to radiance.

        Parameters
        ----------
        excess : array_like of float
            Excess in the frame's unit (ADU, or kelvin); any shape.
        level : float
            Level of the clear sky, in the frame's unit.

        Returns
        -------
        ndarray of float64
            Excess in W m-2 sr-1, from 8 to 14 um; NaN where no gain is known.
        """
        above = np.asarray(excess, np.float64)
        if not self.is_temperature:
            return above / self.gain
        clear = level + self.zero
        return band_radiance(np.maximum(above + clear, 1.0)) - band_radiance(max(clear, 1.0))

    def kelvin(self, excess: ArrayLike) -> NDArray[np.float64]:
        """Give an excess as a difference of brightness temperatures.

        Parameters
        ----------
        excess : array_like of float
            Excess in the frame's unit; any shape.

        Returns
        -------
        ndarray of float64
            Excess in kelvin; NaN where the frame is not calibrated.
        """
        above = np.asarray(excess, np.float64)
        return above if self.is_temperature else np.full_like(above, np.nan)


UNKNOWN = Calibration()
"""Calibration of a frame whose header says nothing."""


def calibration_of(header: Mapping[str, Any] | None) -> Calibration:
    """Read the calibration of a frame from its header.

    Parameters
    ----------
    header : mapping or None
        The frame's header.

    Returns
    -------
    Calibration
        Temperatures where BUNIT says so; the gain of the card `RESPONSE`; that of a Tau2 in high
        gain, known to 15 %, where it is not linear in temperature; else nothing.
    """
    header = {} if header is None else header
    unit = str(header.get("BUNIT", "")).strip().upper()
    if unit in KELVINS or unit in CELSIUS:
        return Calibration(zero=0.0 if unit in KELVINS else KELVIN)
    stated = header.get(RESPONSE)
    if isinstance(stated, int | float) and np.isfinite(stated) and stated > 0:
        return Calibration(gain=float(stated))
    is_tau2 = "TAU2" in str(header.get("CAMERA", "")).upper()
    is_high = str(header.get("GAIN", "")).strip().lower() == "high"
    is_linear = str(header.get("TLINEAR", "")).strip().lower() == "enabled"
    return Calibration(gain=GAIN) if is_tau2 and is_high and not is_linear else Calibration()


def highest_clear(frames: Sequence[FrameStatistics], noise: float) -> float:
    """Give the highest plausible clear sky at the zenith.

    It is known for a Tau2 whose noise shows that its values are ADU.

    Parameters
    ----------
    frames : sequence of FrameStatistics
        Frames of one camera.
    noise : float
        Their noise at `STATISTICS_SHAPE`.

    Returns
    -------
    float
        Level in ADU for a shutter at 0 degrees Celsius; infinite where it is not known.
    """
    low, high = TAU2_NOISE_ADU
    is_known = (
        all("TAU2" in frame.model.upper() for frame in frames)
        and np.isfinite([frame.shutter for frame in frames]).all()
        and low <= noise <= high
    )
    return TAU2_CLEAR_ADU if is_known else np.inf
