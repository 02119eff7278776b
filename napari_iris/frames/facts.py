"""Facts of a frame's header: time of observation, camera, temperatures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from astropy.io import fits

STRUCTURAL = frozenset(
    {"SIMPLE", "XTENSION", "BITPIX", "EXTEND", "PCOUNT", "GCOUNT", "BSCALE", "BZERO", "BLANK"}
    | {"COMMENT", "HISTORY", "CHECKSUM", "DATASUM", "ZHECKSUM", "ZDATASUM", ""}
)
"""Cards that describe the layout of the file, not the sky or the camera."""

_LAYOUT = re.compile(r"Z?NAXIS|Z(IMAGE|TILE|CMPTYPE|NAME|VAL|BITPIX|SIMPLE|EXTEND|QUANTIZ|DITHER)")
_MJD_EPOCH = np.datetime64("1858-11-17T00:00:00", "us")
_DAY_US = 86_400_000_000
LAST_MJD = 2_973_483
"""Last modified Julian day of the year 9999, the last that `datetime` knows."""

SCALING = ("BSCALE", "BZERO", "BLANK", "DATAMIN", "DATAMAX", "CHECKSUM", "DATASUM")
"""Cards that describe the stored pixel values; they no longer hold once a frame is rebinned."""


def without_scaling(header: fits.Header) -> fits.Header:
    """Header without the cards that describe the stored pixel values.

    Parameters
    ----------
    header : astropy.io.fits.Header
        A frame's header; it is not changed.

    Returns
    -------
    astropy.io.fits.Header
        A copy without these cards, or the header itself where it has none.
    """
    stale = [keyword for keyword in SCALING if keyword in header]
    if not stale:
        return header
    kept = header.copy()
    for keyword in stale:
        kept.remove(keyword)
    return kept


def observed_at(header: fits.Header) -> np.datetime64:
    """Time of observation, from DATE-OBS (with TIME-OBS or UT where it is a date) or MJD-OBS.

    Parameters
    ----------
    header : astropy.io.fits.Header
        The frame's header.

    Returns
    -------
    numpy.datetime64
        UTC of the camera's clock, in microseconds; ``NaT`` where the header has no time.
    """
    date = str(header.get("DATE-OBS", "")).strip().rstrip("Zz").replace(" ", "T")
    clock = str(header.get("TIME-OBS", header.get("UT", ""))).strip()
    if date and "T" not in date and ":" in clock:
        date = f"{date}T{clock}"
    try:
        time = datetime.fromisoformat(date)
        utc = time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError):  # not a date; not in the years 1 to 9999 as UTC
        pass
    else:
        return np.datetime64(utc, "us")
    mjd = header.get("MJD-OBS")
    if isinstance(mjd, int | float) and 0 < mjd < LAST_MJD:
        return _MJD_EPOCH + np.timedelta64(round(mjd * _DAY_US), "us")
    return np.datetime64("NaT", "us")


def facts(header: fits.Header) -> list[tuple[str, str, str]]:
    """List the cards that describe the sky or the camera.

    Parameters
    ----------
    header : astropy.io.fits.Header
        A frame's header.

    Returns
    -------
    list of (keyword, value, comment)
        In the header's order.
    """
    return [
        (card.keyword, _text(card.value), card.comment)
        for card in header.cards
        if card.keyword not in STRUCTURAL and not _LAYOUT.match(card.keyword)
    ]


def _text(value: object) -> str:
    from astropy.io.fits.card import Undefined

    if isinstance(value, Undefined):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
