"""Read images of a FITS file by the names of their HDUs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.io.fits_reader import open_fits, repair_cards
from napari_iris.io.plain_fits import read_plain_images

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from astropy.io import fits
    from numpy.typing import NDArray

    Name = str | int


@dataclass(frozen=True, eq=False)
class Image:
    """An image of a FITS file.

    Attributes
    ----------
    number : int
        Number of its HDU, from 0.
    data : ndarray or None
        The pixels, of the type and byte order of the file; may be read-only; None for an empty HDU.
    header : astropy.io.fits.Header
        Its header, without cards that are not valid FITS.
    """

    number: int
    data: NDArray[np.generic] | None
    header: fits.Header


def read_images(path: Path, *choices: tuple[Name, ...]) -> list[Image | None]:
    """Read images of a FITS file, ours or another one.

    Parameters
    ----------
    path : Path
        A FITS file, as for `open_fits`.
    *choices : tuple of str or int
        Names (EXTNAME) or numbers of images, of which the first that the file has is read.

    Returns
    -------
    list of Image or None
        One a choice; None if the file has no such image.

    Raises
    ------
    Exception
        Any of a dozen types that astropy raises on damaged bytes.
    """
    if plain := read_plain_images(path):
        stored = [str(one.header.get("EXTNAME", "")).upper() for one in plain]
        found = (_first_number(stored, choice) for choice in choices)
        return [
            None if number is None else Image(number, plain[number].data, plain[number].header)
            for number in found
        ]
    with open_fits(path) as units:
        names = [unit.name.upper() if unit.is_image else None for unit in units]
        return [_read(units, _first_number(names, choice)) for choice in choices]


def _first_number(names: Sequence[str | None], choice: tuple[Name, ...]) -> int | None:
    """Give the number of the first image of a choice that there is; a table's name is None."""
    for name in choice:
        number = names.index(name) if name in names else name
        if isinstance(number, int) and number < len(names) and names[number] is not None:
            return number
    return None


def _read(units: fits.HDUList, number: int | None) -> Image | None:
    if number is None:
        return None
    header = units[number].header.copy()
    repair_cards(header)
    return Image(number, units[number].data, header)
