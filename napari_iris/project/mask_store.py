"""Masks on disk, each in a file named after its content: written once, never changed."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.io.atomic import atomic_open, make_folder, sync_folder
from napari_iris.io.fits_files import fits_blocks
from napari_iris.labels import IGNORE, SKY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

LEVEL = 6
"""gzip level. Runs alone, all that a mask has, are searched for: a 512x640 mask of ragged cloud
takes 1 ms and 5 to 10 KB, a third less than by the usual search.
"""


class MaskStore:
    """The masks of a project: ``masks/ab/abcdef....fits.gz``.

    A mask's name is the hash of its shape and pixels, so the same mask is kept once, a file that is
    there is whole (its name tells), and no save can harm an earlier one.

    Parameters
    ----------
    folder : Path
        The folder of the masks; made when the first one is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where the mask of that name lies."""
        return self.folder / name[:2] / f"{name}.fits.gz"

    def keep(self, mask: NDArray[np.uint8], *, durable: bool) -> str:
        """Keep a mask and give its name.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        durable : bool
            Whether to wait until the bytes are on the disk: for a person's mask.

        Raises
        ------
        MaskError
            If it holds other values.
        FileError
            If it cannot be written.
        """
        from astropy.io import fits

        if mask.size and not SKY <= mask.min() <= mask.max() <= IGNORE:
            found = f"a mask to keep holds values from {mask.min()} to {mask.max()}"
            raise MaskError(self.folder, found, "use 0 sky, 1 cloud, 2 ignore")
        pixels = np.ascontiguousarray(mask, np.uint8)
        name = _name(pixels)
        path = self.path(name)
        if durable or not path.exists():  # one that is there may be damaged, or not on the disk yet
            self._make_folder_of(path)
            header = fits.Header([("IMGTYPE", "GROUND-TRUTH", "0 sky, 1 cloud, 2 ignore")])
            content = b"".join(fits_blocks([(pixels, header)]))
            with atomic_open(path, durable=durable) as file:
                file.write(_gzip(content))
        return name

    def _make_folder_of(self, path: Path) -> None:
        """Make the folder of a mask; what is new of it is on the disk before the mask is."""
        if not path.parent.exists():
            make_folder(path.parent)
            sync_folder(self.folder)

    def read(self, name: str) -> NDArray[np.uint8]:
        """Read the mask of that name.

        Returns
        -------
        ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.

        Raises
        ------
        MaskError
            If it is missing or damaged.
        """
        from astropy.io import fits

        path = self.path(name)
        try:
            mask: NDArray[np.uint8] = fits.getdata(path, memmap=False).astype(np.uint8)
        except FileNotFoundError as error:
            raise MaskError(path, "is gone", "restore it from a backup") from error
        except Exception as error:  # gzip and astropy raise a dozen types on damaged bytes
            raise MaskError(path, f"is damaged ({error})", "restore it from a backup") from error
        if _name(mask) != name:
            fix = "restore it from a backup"
            raise MaskError(path, "is damaged (its pixels are not those that were saved)", fix)
        return mask

    def settle(self, name: str) -> None:
        """Put a mask that a program made on the disk for good, as a person's word rests on it.

        Raises
        ------
        MaskError
            If it is missing or damaged.
        """
        self.keep(self.read(name), durable=True)

    def names(self) -> Iterator[str]:
        """Give the names of all masks, those in force and earlier ones."""
        for path in self.folder.glob("??/*.fits.gz"):
            if path.name[0] != ".":
                yield path.name.removesuffix(".fits.gz")


def _name(pixels: NDArray[np.uint8]) -> str:
    """Hash of a mask's shape and pixels."""
    shape = "x".join(map(str, pixels.shape)).encode()
    return hashlib.sha256(shape + b" " + pixels.tobytes()).hexdigest()[:32]


def _gzip(content: bytes) -> bytes:
    """Compress as gzip does, without a time."""
    runs = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS, strategy=zlib.Z_RLE)
    return runs.compress(content) + runs.flush()
