"""The site mask of a project: one FITS file beside the database, an image for each frame shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_iris.frames.site_mask import SiteMask
from napari_iris.frames.site_mask_file import (
    SiteMaskError,
    read_site_mask,
    resolve_site_mask,
    write_site_mask,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.frames.paths import FramePaths

SITE_MASK = "site_mask.fits"
"""File of the site mask in a project's folder."""


def project_site_mask(folder: Path) -> SiteMask | None:
    """Read the site mask of a project.

    Parameters
    ----------
    folder : Path
        The project folder.

    Returns
    -------
    SiteMask or None
        Frames of other shapes are left as they are; None where the project has none.

    Raises
    ------
    SiteMaskError
        If its file is damaged.
    """
    path = folder / SITE_MASK
    if not path.exists():
        return None
    try:
        return replace(read_site_mask(path), origin="the project's", strict=False)
    except SiteMaskError as error:
        raise SiteMaskError(path, error.reason, "remove it, and make it again") from error


def keep_site_mask(folder: Path, site: SiteMask) -> None:
    """Keep a site mask in a project, in place of the images of the same shapes.

    One that hides nothing is kept too: none is then looked for in the frames.

    Parameters
    ----------
    folder : Path
        The project folder.
    site : SiteMask
        The site mask.

    Raises
    ------
    FileError
        If it cannot be written, or the present one is damaged.
    """
    known = project_site_mask(folder)
    shapes = {one.shape for one in site.images}
    others = () if known is None else known.images
    images = (*site.images, *(one for one in others if one.shape not in shapes))
    write_site_mask(folder / SITE_MASK, SiteMask(images, site.origin))


def choose_site_mask(
    folder: Path, choice: str, paths: Sequence[Path] | FramePaths
) -> SiteMask | None:
    """Keep the site mask that an option names in a project.

    Parameters
    ----------
    folder : Path
        The project folder.
    choice : str
        'auto' for what the project has, else what is found in the frames; 'none' for none from now
        on; or a file.
    paths : sequence of Path
        Frames of the project.

    Returns
    -------
    SiteMask or None
        The project's site mask now.

    Raises
    ------
    FileError
        If it cannot be read or written.
    """
    known = project_site_mask(folder)
    if choice == "none":
        if known is not None:
            keep_site_mask(folder, SiteMask(tuple(one & False for one in known.images), "none"))
    elif choice != "auto" or known is None:
        chosen = resolve_site_mask(choice, paths)
        if chosen is not None:
            keep_site_mask(folder, chosen)
    return project_site_mask(folder)
