"""Masks on disk, each in a file named by its content hash: written once, never changed."""

from __future__ import annotations

import hashlib
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.io.atomic import atomic_open, make_folder, sync_file, sync_folder
from napari_iris.io.fits_files import card, fits_blocks
from napari_iris.io.fits_reader import open_fits
from napari_iris.io.plain_fits import LARGEST, plain_image
from napari_iris.io.regular import refuse_special
from napari_iris.labels import IGNORE, SKY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

LEVEL = 6
"""gzip level. With run-length matching only (``Z_RLE``), a 512x640 mask of ragged cloud takes
1 ms and 5 to 10 KB, a third less than with gzip's default strategy.
"""

MEANING = "0 sky, 1 cloud, 2 ignore"
"""Comment of a mask's card."""

SYNCED_AT_ONCE = 8
"""Files that are forced to the disk at a time."""


class MaskStore:
    """The masks of a project: ``masks/ab/abcdef....fits.gz``.

    A mask's name is the hash of its shape and pixels: equal masks share one file, damage shows as
    a wrong hash, and no save can change an earlier mask.

    Parameters
    ----------
    folder : Path
        The folder of the masks; created with the first one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """File of the mask of that name."""
        return self.folder / name[:2] / f"{name}.fits.gz"

    def save(self, mask: NDArray[np.uint8], *, durable: bool) -> str:
        """Save a mask and give its name.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        durable : bool
            Whether to wait until the bytes are on the disk: for a human mask.

        Returns
        -------
        str
            Its name: 32 hexadecimal digits.

        Raises
        ------
        MaskError
            If it holds other values.
        FileError
            If it cannot be written.
        """
        if mask.size and not SKY <= mask.min() <= mask.max() <= IGNORE:
            found = f"a mask to save holds values from {mask.min()} to {mask.max()}"
            raise MaskError(self.folder, found, "use 0 sky, 1 cloud, 2 ignore")
        pixels = np.ascontiguousarray(mask, np.uint8)
        name = _name(pixels)
        if durable or not self.path(name).exists():  # it may be damaged, or in the cache only
            self._write(name, pixels, durable=durable)
        return name

    def renew(self, mask: NDArray[np.uint8]) -> str:
        """Save a mask, also where an equal one exists that may be damaged; to be forced by `sync`.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.

        Returns
        -------
        str
            Its name.
        """
        name = _name(mask)
        self._write(name, mask, durable=False)
        return name

    def _write(self, name: str, pixels: NDArray[np.uint8], *, durable: bool) -> None:
        path = self.path(name)
        self._make_folder_of(path)
        content = b"".join(fits_blocks([(pixels, card("IMGTYPE", "GROUND-TRUTH", MEANING))]))
        with atomic_open(path, durable=durable) as file:
            file.write(_gzip(content))

    def _make_folder_of(self, path: Path) -> None:
        """Make the folder of a mask, and force its name to the disk before the mask."""
        if not path.parent.exists():
            make_folder(path.parent)
            sync_folder(self.folder)

    def read(self, name: str) -> NDArray[np.uint8]:
        """Read the mask of that name.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.

        Raises
        ------
        MaskError
            If it is missing or damaged.
        """
        path = self.path(name)
        try:
            mask = _read(path)
        except FileNotFoundError as error:
            raise MaskError(path, "is missing", "restore it from a backup") from error
        except Exception as error:  # gzip and astropy raise a dozen types on damaged bytes
            raise MaskError(path, f"is damaged ({error})", "restore it from a backup") from error
        if _name(mask) != name:
            fix = "restore it from a backup"
            raise MaskError(path, "is damaged (its pixels differ from those saved)", fix)
        return mask

    def make_durable(self, name: str) -> None:
        """Force a mask that a program made to the disk, before a person's decision refers to it.

        Parameters
        ----------
        name : str
            Its name.

        Raises
        ------
        MaskError
            If it is missing or damaged.
        """
        self.read(name)
        self.sync([name])

    def sync(self, names: Collection[str]) -> None:
        """Force masks to the disk, several at once: a disk does that as fast as one.

        Parameters
        ----------
        names : collection of str
            Their names.

        Raises
        ------
        FileError
            If one is missing, or the disk fails.
        """
        paths = {self.path(name) for name in names}
        with ThreadPoolExecutor(SYNCED_AT_ONCE) as threads:
            list(threads.map(sync_file, paths))
            list(threads.map(sync_folder, {path.parent for path in paths}))

    def names(self) -> Iterator[str]:
        """Names of all masks, active and earlier ones."""
        for path in self.folder.glob("??/*.fits.gz"):
            if path.name[0] != ".":
                yield path.name.removesuffix(".fits.gz")


def _read(path: Path) -> NDArray[np.uint8]:
    """Read the pixels of a mask; those written here at once, other files by astropy."""
    refuse_special(path)
    unpacked, content = zlib.decompressobj(16 + zlib.MAX_WBITS), b""
    with suppress(zlib.error), path.open("rb") as file:  # astropy says what is wrong
        content = unpacked.decompress(file.read(LARGEST), LARGEST)
    image = plain_image(content) if unpacked.eof else None
    if image is not None and image.data.dtype == np.uint8:
        return np.array(image.data)
    with open_fits(path) as units:
        mask: NDArray[np.uint8] = units[0].data.astype(np.uint8)
    return mask


def _name(pixels: NDArray[np.uint8]) -> str:
    """Hash of a mask's shape and pixels."""
    shape = "x".join(map(str, pixels.shape)).encode()
    return hashlib.sha256(shape + b" " + pixels.tobytes()).hexdigest()[:32]


def _gzip(content: bytes) -> bytes:
    """Compress as gzip does, without a time stamp, so that equal masks give equal files."""
    runs = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS, strategy=zlib.Z_RLE)
    return runs.compress(content) + runs.flush()
