"""World coordinates of a rebinned frame: the WCS cards moved to the new pixel grid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_iris.frames.facts import without_scaling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from astropy.io import fits

_REFERENCE = re.compile(r"CRPIX([12])[A-Z]?")
_STEP = re.compile(r"CDELT([12])[A-Z]?|(?:CD|PC)[12]_([12])[A-Z]?")
_DISTORTION = re.compile(r"([AB])P?_(\d)_(\d)")


def rebinned_header(
    header: fits.Header, shape: tuple[int, ...], rebinned: tuple[int, ...]
) -> fits.Header:
    """Header of a rebinned frame: without the scaling cards, its WCS on the new pixel grid.

    A pixel ``f`` times as large moves the pixel coordinate ``p`` (from 1, at a pixel's centre) to
    ``(p - 1/2) / f + 1/2``; reference pixel, steps and SIP distortion follow (Greisen and
    Calabretta, A&A 395, 1061, 2002; Shupe et al., ADASS XIV, 491, 2005).

    Parameters
    ----------
    header : astropy.io.fits.Header
        Header of the frame as read; it is not changed.
    shape : (int, int)
        Rows and columns of the frame as read, in pixels.
    rebinned : (int, int)
        Rows and columns of the rebinned frame, in pixels.

    Returns
    -------
    astropy.io.fits.Header
        A copy, or the header itself where nothing is to be changed.
    """
    header = without_scaling(header)
    if tuple(shape) == tuple(rebinned) or not ("CTYPE1" in header or "CRPIX1" in header):
        return header
    moved = header.copy()
    factors = {"1": shape[1] / rebinned[1], "2": shape[0] / rebinned[0]}  # FITS axis 1: columns
    for keyword, default in _defaults(header):
        moved.setdefault(keyword, default)
    for keyword in list(moved):
        factor = _factor(keyword, factors, has_pc="PC1_1" in moved)
        if factor is not None and isinstance(moved[keyword], int | float):
            offset = 0.5 * (1 - factor) if _REFERENCE.fullmatch(keyword) else 0.0
            moved[keyword] = moved[keyword] * factor + offset
    return moved


def _defaults(header: fits.Header) -> Iterator[tuple[str, float]]:
    """Values that the FITS standard gives to cards which a header lacks."""
    has_pc, has_cd = (any(map(re.compile(f"{name}[12]_").match, header)) for name in ("PC", "CD"))
    for axis in "12":
        yield f"CRPIX{axis}", 0.0
        if has_pc:
            yield f"PC{axis}_{axis}", 1.0
        elif not has_cd:
            yield f"CDELT{axis}", 1.0


def _factor(keyword: str, factors: dict[str, float], *, has_pc: bool) -> float | None:
    """Factor of a card's value for pixels `factors` times as large; None for other cards."""
    if found := _REFERENCE.fullmatch(keyword):
        return 1 / factors[found[1]]
    if found := _STEP.fullmatch(keyword):
        # CDELT scales the rows of the PC matrix, the size of a pixel its columns.
        return 1.0 if has_pc and found[1] else factors[found[1] or found[2]]
    if found := _DISTORTION.fullmatch(keyword):
        powers = factors["1"] ** int(found[2]) * factors["2"] ** int(found[3])
        return powers / factors["1" if found[1] == "A" else "2"]
    return None
