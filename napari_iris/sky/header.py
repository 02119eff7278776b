"""The header of a simulated frame, laid out like a Tau2's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from napari_iris.sky.cards import Card

if TYPE_CHECKING:
    from collections.abc import Iterable

    from astropy.io import fits

    from napari_iris.labels import SkyCondition
    from napari_iris.sky.config import SimulationConfig

CAMERA_CARDS = (
    Card("CAMERA", "no real camera", "FLIR TAU2 (simulated)"),
    Card("FILTER", "filter", "None"),
    Card("FOCAL", "[mm] focal length", 60),
    Card("APERTURE", "focal ratio", 1.25),
    Card("PXSIZE", "[um] pixel pitch", 17),
    Card("IMTYPE", "image type", "IR"),
    Card("TARGET", "target", "SKY"),
    Card("LATOBS", "[deg] latitude, invented", 45.0),
    Card("LONGOBS", "[deg] longitude, invented", 0.0),
    Card("SHU-TEMP", "[Celsius] shutter, invented", 5.0),
    Card("FPA-TEMP", "[Celsius] focal plane array, invented", 6.0),
    Card("IN-TEMP", "[Celsius] inside the housing, invented", 8.0),
    Card("BB-TEMP", "[Celsius] black body, invented", 5.0),
    Card("AMB-TEMP", "[Celsius] ambient, invented", 5.0),
    Card("GAIN", "gain mode", "high"),
    Card("LENS", "lens number", 0),
    Card("SHU-MODE", "shutter temperature mode", "user"),
    Card("FFCMODE", "flat-field correction mode", "external"),
    Card("FFCFRAME", "frames in the flat-field correction", 16),
    Card("XPMODE", "output mode", "CMOS 14 bits"),
    Card("CMOSBD", "output bit depth", "CMOS 14 bits"),
    Card("TLINEAR", "linear temperature mode", "disabled"),
)
"""Cards that are the same in every frame."""

FFC_AGE = timedelta(seconds=20)
"""Time since the last flat-field correction."""


def frame_header(
    config: SimulationConfig,
    index: int,
    sky: SkyCondition,
    drawn: Iterable[Card],
    elapsed: timedelta | None = None,
) -> fits.Header:
    """Make the header of a frame: the camera, the time, and every parameter drawn for it.

    Parameters
    ----------
    config : SimulationConfig
        The series.
    index : int
        Number of the frame in the series, from 0.
    sky : {'clear', 'cloudy', 'overcast'}
        Sky condition.
    drawn : iterable of Card
        Parameters drawn for the frame; they replace the cards of the same name.
    elapsed : timedelta, optional
        Time since the series began; by default `index` times the cadence.
    """
    from astropy.io import fits

    if elapsed is None:
        elapsed = timedelta(seconds=index * config.cadence_s)
    time = config.start + elapsed
    frame = (
        Card("DATE-OBS", "time of the frame, UTC", time.isoformat(timespec="microseconds")),
        Card("FFC-TIME", "last flat-field correction", (time - FFC_AGE).isoformat("T", "seconds")),
        Card("TS", "[s] time since the series began", elapsed.total_seconds()),
        Card("IMGTYPE", "simulated frame", f"SIM{sky.upper()}"),
        Card("SKY", "clear, cloudy or overcast", sky),
        Card("SEED", "seed of the series", config.seed),
        Card("INDEX", "number of the frame in the series, from 0", index),
        Card("TAUMIN", "optical depth above which a pixel is cloud", config.tau_min),
    )
    cards = {card.keyword: card for card in (*CAMERA_CARDS, *frame, *drawn)}
    return fits.Header([(card.keyword, card.value, card.comment) for card in cards.values()])
