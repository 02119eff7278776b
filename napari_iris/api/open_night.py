"""``iris.open_night``: open files, folders, globs or a cube as a `Night`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from napari_iris.api.night import Night
from napari_iris.frames.cube import FrameCube
from napari_iris.frames.paths import find_frames
from napari_iris.frames.read import count_planes
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    Sources = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def open_night(
    sources: Sources,
    *,
    hdu: int | None = None,
    plane: int | None = None,
    shape: tuple[int, int] | None = None,
) -> Night:
    """Open any number of frames; none but the first is read yet.

    Parameters
    ----------
    sources : str, Path, or iterable of these
        FITS files, folders (the frames directly in them), globs; or one cube, whose planes are the
        frames.
    hdu : int, optional
        Header-data unit of each file, from 0. By default the first one that holds an image.
    plane : int, optional
        Plane to read of each file, from 0, where the files are cubes.
    shape : (int, int), optional
        Rows and columns of the array; frames of another shape are resized to it in the array. By
        default the shape of the first frame, and frames of another shape are blank.

    Returns
    -------
    Night
        The frames in natural order of their names, folder by folder.

    Raises
    ------
    FrameError
        If a source has no frame, or none of the first frames can be read.

    Examples
    --------
    >>> import napari_iris as iris
    >>> for number, frame in enumerate(iris.simulate(3, sky="cloudy")):
    ...     frame.to_fits(f"sky_{number}.fits")
    >>> with iris.open_night("sky_*.fits") as night:
    ...     masks = [mask.cloud_fraction for mask in iris.mask(night)]
    >>> len(masks)
    3
    """
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    paths, problems = find_frames(os.fspath(source) for source in given)
    if problems:
        raise problems[0]
    if len(paths) == 1 and plane is None and count_planes(paths[0], hdu=hdu) > 1:
        return Night(FrameCube(paths[0], hdu=hdu))
    return Night(FrameSequence(paths, hdu=hdu, plane=plane, shape=shape))
