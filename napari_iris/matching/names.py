"""Names that masks and predictions get from their frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.frames.names import frame_stem
from napari_iris.io.packs import find_file, name_in_pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def frame_name(path: Path | str) -> str:
    """Give the name of the frame that a mask or a prediction was made from.

    Parameters
    ----------
    path : Path or str
        File of a frame, a mask or a prediction.

    Examples
    --------
    >>> frame_name("night/sky_0001_mask_pred.fits")
    'sky_0001'
    """
    return frame_stem(path).removesuffix("_pred").removesuffix("_mask")


def prediction_name(file: str) -> str:
    """Give the name of a prediction's frame, unique within a folder of predictions.

    Parameters
    ----------
    file : str
        The prediction's file, relative to the folder of predictions, with ``/`` as separator.

    Examples
    --------
    >>> prediction_name("night2/sky_0001_pred.fits")
    'night2/sky_0001'
    """
    inside, slash, name = name_in_pack(file).rpartition("/")
    return f"{inside}{slash}{frame_name(name)}"


def prediction_path(frame: Path | str, out: Path) -> Path:
    """Give the file of a frame's prediction in a folder: ``<stem>_pred.fits``.

    Parameters
    ----------
    frame : Path or str
        The frame's file.
    out : Path
        Folder of predictions.
    """
    return out / f"{frame_stem(frame)}_pred.fits"


def possible_paths(frame: Path, out: Path) -> Iterator[Path]:
    """List the files that a frame's prediction may have, as frames of several folders share names.

    Parameters
    ----------
    frame : Path
        The frame's file.
    out : Path
        Folder of predictions.

    Yields
    ------
    Path
        First directly in `out`, then in subfolders named like the frame's own folders:
        ``night2/sky_1_pred.fits``.
    """
    name = prediction_path(frame, out).name
    folders = frame.absolute().parent.parts[1:]
    for depth in range(len(folders) + 1):
        yield out.joinpath(*folders[len(folders) - depth :], name)


def existing_paths(frame: Path, folder: Path) -> Iterator[Path]:
    """List the predictions that a folder has under the names of `possible_paths`.

    Parameters
    ----------
    frame : Path
        The frame's file.
    folder : Path
        Folder of predictions.

    Yields
    ------
    Path
        Single files, and files in packs.

    Raises
    ------
    PackError
        If a pack is damaged.
    """
    for path in possible_paths(frame, folder):
        if (found := find_file(folder, path.relative_to(folder).as_posix())) is not None:
            yield found
