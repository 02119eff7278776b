"""One sky frame: its pixels, its header, and where they come from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.facts import observed_at
from napari_iris.io.fits_files import write_fits
from napari_iris.io.outputs import Mark

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io import fits
    from astropy.nddata import CCDData
    from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Frame:
    """One sky frame.

    Attributes
    ----------
    data : ndarray of float32, shape (rows, columns)
        Pixel values in the file's own unit (ADU for a raw frame), native byte order, scaled by
        BSCALE and BZERO. Blank and masked pixels are NaN.
    header : astropy.io.fits.Header
        Header of the image, completed with the primary header where it is in an extension.
    path : Path or None
        The file it was read from; None for a frame that was made in memory.
    hdu : int or None
        Number of the header-data unit of the image.
    plane : int or None
        Plane of the cube it was read from; None where the file is not a cube.

    Examples
    --------
    >>> import numpy as np
    >>> import napari_iris as iris
    >>> frame = iris.read_frame(np.full((512, 640), 650, np.int16))
    >>> frame
    Frame(512x640, in memory)
    >>> frame.to_ccddata().unit
    Unit("adu")
    """

    data: NDArray[np.float32]
    header: fits.Header
    path: Path | None = None
    hdu: int | None = None
    plane: int | None = None

    def __repr__(self) -> str:
        rows, columns = self.data.shape
        time = observed_at(self.header)
        facts = [
            "in memory" if self.path is None else self.path.name,
            *([] if self.plane is None else [f"plane {self.plane}"]),
            *([] if np.isnat(time) else [str(time)[:19]]),
        ]
        return f"Frame({rows}x{columns}, {', '.join(facts)})"

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[np.generic]:
        return np.array(self.data, dtype, copy=copy)

    def to_fits(self, path: Path | str) -> None:
        """Write the frame as float32 with its header, atomically.

        Parameters
        ----------
        path : Path or str
            File to write, in place of an older one.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        from pathlib import Path

        from napari_iris.frames.facts import without_scaling

        write_fits(Path(path), [(self.data, without_scaling(self.header))])

    def mark(self, command: str) -> Mark:
        """Make the mark of a file that a command makes from the frame.

        Parameters
        ----------
        command : str
            Name of the command, such as ``mask``.

        Returns
        -------
        Mark
            With the frame's file, its HDU and plane, and its time.
        """
        where = [] if self.plane is None else [self.hdu, self.plane]
        where = where or ([self.hdu] if self.hdu else [])
        path = os.path.abspath(self.path or "")  # noqa: PTH100 (Path.absolute keeps the dots)
        time = observed_at(self.header)
        source = f"{path}{where or ''}"
        return Mark(command, source, "" if np.isnat(time) else str(time))

    def to_ccddata(self) -> CCDData:
        """Convert to an astropy `CCDData`, with blank pixels masked.

        Returns
        -------
        astropy.nddata.CCDData
            In the unit that BUNIT names, else in adu; with the header, and with the WCS where the
            header has one.
        """
        from napari_iris.frames.ccddata import to_ccddata

        return to_ccddata(self.data, self.header, np.isnan(self.data))
