"""Frames as astropy's `NDData` and `CCDData`: mask, unit, header and WCS in both directions."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.masked import filled

if TYPE_CHECKING:
    from astropy.io import fits
    from astropy.nddata import CCDData, NDData
    from astropy.units import UnitBase
    from astropy.wcs import WCS
    from numpy.typing import NDArray

COUNTS = ("adu", "DN", "ct", "")
"""Units of counts, as astropy spells them; the last one is dimensionless."""

_KEYWORD = re.compile(r"[A-Za-z0-9_-]{1,8}")


def to_ccddata(
    data: NDArray[np.generic],
    header: fits.Header,
    mask: NDArray[np.bool_],
    unit: str | None = None,
) -> CCDData:
    """Make a `CCDData` with a mask, a header and, where the header has one, a WCS.

    Parameters
    ----------
    data : ndarray, shape (rows, columns)
        Pixel values.
    header : astropy.io.fits.Header
        Header of these very pixels; it is copied.
    mask : ndarray of bool, shape (rows, columns)
        True for pixels to be ignored.
    unit : str, optional
        Unit of `data`; by default that of the BUNIT card, else adu.

    Returns
    -------
    astropy.nddata.CCDData
        Data and mask are the given arrays, not copies.
    """
    from astropy.nddata import CCDData

    found = header_unit(header) if unit is None else unit
    return CCDData(
        data,
        unit="adu" if found is None else found,
        mask=mask,
        meta=header.copy(),
        wcs=_wcs(header),
    )


def from_nddata(nddata: NDData) -> tuple[NDArray[np.float32], fits.Header]:
    """Pixels and header of an `NDData`, a `CCDData` among them.

    Parameters
    ----------
    nddata : astropy.nddata.NDData
        An image; `meta` may be any mapping, `mask` a boolean array, one boolean, or None.

    Returns
    -------
    data : ndarray of float32
        In the given unit; NaN where masked.
    header : astropy.io.fits.Header
        Cards of `meta` and of the WCS, and the unit as BUNIT.
    """
    data = filled(np.ma.MaskedArray(nddata.data, mask=_mask_of(nddata)), np.float32)
    header = _header_of(nddata)
    if nddata.unit is not None:
        header["BUNIT"] = str(nddata.unit)
    return data, header


def count_unit(unit: UnitBase | str) -> tuple[float, str]:
    """Factor that brings values of a unit to plain counts, and the unit of these.

    Parameters
    ----------
    unit : astropy.units.UnitBase or str
        A unit.

    Returns
    -------
    factor : float
        1000 for kadu, 1 for adu.
    name : str
        One of `COUNTS`.

    Raises
    ------
    IrisError
        If the unit is not one of counts: an energy, a temperature, electrons.
    """
    from astropy import units

    found = units.Unit(unit)
    for name in COUNTS:
        if found.is_equivalent(name):
            return float(found.to(name)), name
    raise IrisError(
        f"unit {found}: expected counts (adu, DN, ct or dimensionless); convert the frame, or give "
        "its pixels as a plain array"
    )


def header_unit(header: fits.Header) -> UnitBase | None:
    """Read the unit that BUNIT names.

    Parameters
    ----------
    header : astropy.io.fits.Header
        A frame's header.

    Returns
    -------
    astropy.units.UnitBase or None
        None where there is no BUNIT, or no unit of that name.
    """
    from astropy import units

    text = str(header.get("BUNIT", "")).strip()
    names = {"counts": "ct", "count": "ct", "adu": "adu", "dn": "DN"}
    try:
        return units.Unit(names.get(text.lower(), text)) if text else None
    except ValueError:
        return None


def _mask_of(nddata: NDData) -> NDArray[np.bool_] | bool:
    return False if nddata.mask is None else nddata.mask


def _header_of(nddata: NDData) -> fits.Header:
    """Cards of the metadata, as far as FITS can hold them, and of the WCS."""
    from astropy.io import fits

    if isinstance(nddata.meta, fits.Header):
        header = nddata.meta.copy()
    else:
        header = fits.Header()
        for keyword, value in nddata.meta.items():
            if isinstance(value, str | bool | int | float) and _KEYWORD.fullmatch(str(keyword)):
                header[keyword] = value
    wcs = getattr(nddata.wcs, "low_level_wcs", nddata.wcs)
    if "CTYPE1" not in header and hasattr(wcs, "to_header"):  # CCDData.read takes its cards away
        header.update(wcs.to_header(relax=True))
    return header


def _wcs(header: fits.Header) -> WCS | None:
    """World coordinates of a header; None where it has none that astropy understands."""
    if "CTYPE1" not in header:
        return None
    from astropy.wcs import WCS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy warns of every card that it repairs
        try:
            return WCS(header, naxis=2)
        except Exception:  # wcslib raises a dozen types on inconsistent cards
            return None
