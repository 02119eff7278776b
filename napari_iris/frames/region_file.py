"""Site masks from DS9 region files: circles, ellipses, boxes and polygons in image coordinates.

The format: https://ds9.si.edu/doc/ref/region.html
"""

from __future__ import annotations

import re
from math import cos, radians, sin
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Region = NDArray[np.bool_]

LARGEST = 1_000_000
"""Bytes of a region file at most."""

SYSTEMS = {"image", "physical"}
"""Coordinate systems that are read; physical ones are the image's, unless it is a cut-out."""

OTHER_SYSTEMS = {"fk4", "b1950", "fk5", "j2000", "icrs", "galactic", "ecliptic", "linear"}

ARGUMENTS = {"circle": 3, "ellipse": 5, "box": 5, "polygon": None}
"""Numbers of each shape, in pixels and degrees; a polygon has two for each corner."""

ROUNDING = 1e-9
"""Distance by which a pixel may miss a region that it lies on the border of."""

FIX = "save it in image coordinates, with circles, ellipses, boxes and polygons"

_SHAPE = re.compile(r"^\s*([+-]?)\s*([a-z]+)\s*[( ]\s*([^)#]*)\)?", re.IGNORECASE)
_COMMAND = re.compile(r"[;\n]")


class RegionError(FileError):
    """A region file cannot be read."""


def read_regions(path: Path, shape: tuple[int, int]) -> Region:
    """Read a region file: what lies inside of its regions, and not inside of its excluded ones.

    Parameters
    ----------
    path : Path
        The file.
    shape : (int, int)
        Rows and columns of the frames that it was drawn on, in pixels.

    Returns
    -------
    ndarray of bool, shape `shape`
        True inside. Where all regions are excluded ones (``-circle``), all outside of them.

    Raises
    ------
    RegionError
        If it cannot be read, or has other coordinates or shapes.
    """
    text = _read(path)
    included, excluded = np.zeros(shape, bool), np.zeros(shape, bool)
    has_included = has_excluded = False
    for line in _COMMAND.split(text):
        command = line.split("#")[0].strip()
        word = command.lower()
        if not command or word.startswith("global") or word in SYSTEMS:
            continue
        if word in OTHER_SYSTEMS or word.startswith("wcs"):
            raise RegionError(path, f"has {command} coordinates", FIX)
        found = _SHAPE.match(command)
        if found is None or found[2].lower() not in ARGUMENTS:
            raise RegionError(path, f"has a region that cannot be read ({command[:40]})", FIX)
        inside = _draw(path, found[2].lower(), found[3], shape)
        if found[1] == "-":
            excluded, has_excluded = excluded | inside, True
        else:
            included, has_included = included | inside, True
    if not (has_included or has_excluded):
        raise RegionError(path, "has no region", FIX)
    return (included if has_included else np.ones(shape, bool)) & ~excluded


def _read(path: Path) -> str:
    try:
        refuse_special(path)
        if path.stat().st_size > LARGEST:
            raise RegionError(path, "is too large for a region file", FIX)
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegionError(path, f"cannot be read ({error})", "give a DS9 region file") from error


def _draw(path: Path, name: str, arguments: str, shape: tuple[int, int]) -> Region:
    """Draw a region; the first pixel's centre is at 1, 1."""
    try:
        numbers = [float(one) for one in re.split(r"[\s,]+", arguments.strip(" ,)"))]
    except ValueError as error:
        raise RegionError(path, f"has a {name} that is not in pixels ({arguments})", FIX) from error
    wanted = ARGUMENTS[name]
    is_polygon = wanted is None and len(numbers) >= 6 and not len(numbers) % 2
    if not (is_polygon or len(numbers) == wanted) or not np.isfinite(numbers).all():
        raise RegionError(path, f"has a {name} of {len(numbers)} numbers ({arguments})", FIX)
    if wanted is None:
        from skimage.draw import polygon2mask

        corners = np.array(numbers).reshape(-1, 2)[:, ::-1] - 1
        return np.asarray(polygon2mask(shape, corners), bool)
    column, row, *sizes = numbers
    y = np.arange(1, shape[0] + 1)[:, None] - row
    x = np.arange(1, shape[1] + 1) - column
    if name == "circle":
        return np.asarray(np.hypot(y, x) <= sizes[0], bool)
    angle = radians(sizes[2])
    along, across = abs(x * cos(angle) + y * sin(angle)), abs(y * cos(angle) - x * sin(angle))
    if name == "box":
        return np.asarray(
            (along <= sizes[0] / 2 + ROUNDING) & (across <= sizes[1] / 2 + ROUNDING), bool
        )
    if not all(sizes[:2]):
        return np.zeros(shape, bool)
    return np.asarray((along / sizes[0]) ** 2 + (across / sizes[1]) ** 2 <= 1 + ROUNDING, bool)
