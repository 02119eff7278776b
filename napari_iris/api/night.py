"""A night: any number of frames as a sequence, a table and a lazy array."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from napari_iris.errors import FrameError, MissingPackageError
from napari_iris.frames.cube import FrameCube
from napari_iris.frames.frame import Frame
from napari_iris.frames.read import read_header

if TYPE_CHECKING:
    from pathlib import Path

    import dask.array as da
    from astropy.io import fits
    from astropy.table import Table
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from napari_iris.frames.sequence import FrameSequence


class Night(Sequence[Frame]):
    """Frames of one shape in the order given, read when they are indexed.

    An integer index gives a `Frame`; a slice, a boolean mask or an array of numbers gives another
    `Night`. It is also a lazy array: `numpy.asarray`, `to_dask` and `xarray.DataArray` take it, and
    an index of several axes gives pixels, ``night[0, :10, :10]``. A frame that cannot be read is
    NaN there, and raises its error as a `Frame`. The frames read last are kept, up to 128 MiB.

    Parameters
    ----------
    frames : FrameSequence or FrameCube
        The frames.
    numbers : ndarray of int, optional
        Numbers of those that are in the night, from 0; by default all.

    Attributes
    ----------
    shape : (int, int, int)
        Frames, rows and columns.
    dtype : numpy.dtype
        float32.
    ndim : int
        Always 3.
    chunks : tuple of tuple of int
        One chunk per frame, as dask writes chunks.
    table : astropy.table.Table
        One row per frame: ``file``, ``time`` and the cards of its header.

    Examples
    --------
    >>> import napari_iris as iris
    >>> from napari_iris.resources import sample_night
    >>> night = iris.open_night(sample_night())
    >>> night
    Night(30 frames of 512x640, sky_20240115T180000.fits.fz to sky_20240116T053600.fits.fz)
    >>> night[16]
    Frame(512x640, sky_20240116T002400.fits.fz, 2024-01-16T00:24:00)
    >>> night[::10].shape
    (3, 512, 640)
    >>> night.table["time"][0]
    np.datetime64('2024-01-15T18:00:00.000000')
    """

    def __init__(
        self, frames: FrameSequence | FrameCube, numbers: NDArray[np.intp] | None = None
    ) -> None:
        self._frames = frames
        self._numbers = np.arange(len(frames)) if numbers is None else numbers
        self.dtype, self.ndim = frames.dtype, frames.ndim

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, key: int) -> Frame: ...
    @overload
    def __getitem__(self, key: slice | ArrayLike) -> Night: ...
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple) or key is Ellipsis:
            return self._pixels(key if isinstance(key, tuple) else (key,))
        if isinstance(key, int | np.integer):
            return self._frames.frame(self._number(int(key)))
        chosen = key if isinstance(key, slice) else np.asarray(key)
        return Night(self._frames, self._numbers[chosen])

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[np.generic]:
        if copy is False:
            raise ValueError("a night is always copied: it is read from its files")
        pixels: NDArray[np.generic] = self._pixels((...,))
        return pixels.astype(self.dtype if dtype is None else dtype, copy=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        rows, columns = self.shape[1:]
        text = f"{len(self)} frames of {rows}x{columns}"
        if isinstance(self._frames, FrameCube):
            text += f", {self._frames.path.name}"
        elif len(self):
            text += f", {self._path(0).name} to {self._path(-1).name}"
        return f"Night({text})"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, rows and columns."""
        return (len(self), *self._frames.shape[1:])

    @property
    def size(self) -> int:
        """Number of pixels in all frames."""
        return int(np.prod(self.shape))

    @property
    def chunks(self) -> tuple[tuple[int, ...], ...]:
        """Sizes of the chunks along each axis; one chunk per frame."""
        count, rows, columns = self.shape
        return (1,) * count, (rows,), (columns,)

    @cached_property
    def table(self) -> Table:
        """One row per frame, with file, time (datetime64, UTC) and each card of its header.

        The headers are read on the first access. What a header lacks is masked; a file that cannot
        be read has neither time nor cards.
        """
        from napari_iris.api.night_table import night_table

        files = [str(self._path(number)) for number in range(len(self))]
        return night_table(files, [self._header(number) for number in range(len(self))])

    def to_dask(self) -> da.Array:
        """Return the pixels as a dask array of one chunk per frame; nothing is read yet.

        Returns
        -------
        dask.array.Array
            float32, shape (frames, rows, columns).

        Raises
        ------
        MissingPackageError
            If dask is not installed.
        """
        try:
            import dask.array as da
        except ModuleNotFoundError as error:
            raise MissingPackageError("to_dask() needs dask: pip install dask") from error
        array: da.Array = da.from_array(self, chunks=(1, *self.shape[1:]), name=False)
        return array

    def close(self) -> None:
        """Stop reading ahead; a cube's file is closed."""
        self._frames.close()

    def _pixels(self, key: tuple[Any, ...]) -> Any:
        """Pixels of some frames, by an index as numpy has it."""
        first, *rest = key if key[0] is not Ellipsis else (slice(None), *key)
        if isinstance(first, int | np.integer):
            return self._frames[(self._number(int(first)), *rest)]
        return self._frames[(self._numbers[first], *rest)]

    def _number(self, index: int) -> int:
        if not -len(self) <= index < len(self):
            raise IndexError(f"expected a frame from 0 to {len(self) - 1}, got {index}")
        return int(self._numbers[index])

    def _path(self, index: int) -> Path:
        number = self._number(index)
        frames = self._frames
        return frames.path if isinstance(frames, FrameCube) else frames.paths[number]

    def _header(self, index: int) -> fits.Header:
        """Header of a frame; an empty one where it cannot be read."""
        from astropy.io import fits

        frames = self._frames
        if isinstance(frames, FrameCube):
            return frames.header
        try:
            return read_header(self._path(index), hdu=frames.hdu)
        except FrameError:
            return fits.Header()
