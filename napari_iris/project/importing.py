"""Take a published set with its truth into a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, IrisError
from napari_iris.frames.write import make_folder, write_fits
from napari_iris.masks.mask_file import cloud_fraction, is_drawn_by_person
from napari_iris.project.database import transaction
from napari_iris.project.indexing import (
    MachineMask,
    add_machine_mask,
    find_out,
    mark_twins,
    put_frame,
)
from napari_iris.project.labels import sky_of
from napari_iris.project.public_images import published_probability, read_pair
from napari_iris.project.public_sets import find_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.project.project import Project
    from napari_iris.project.public_sets import Layout, Pair

FRAMES = "frames"
"""Folder in the project for the frames that are made of imported pictures."""


def import_set(
    project: Project, source: Path, layout: Layout, *, grey: bool = True
) -> Iterator[Path | FileError]:
    """Take a published set into the project, each image with its truth.

    Pictures become FITS frames in the project's ``frames/`` folder; FITS frames stay where they
    are. A truth that a person drew becomes an approved human mask, a class the frame's class; the
    iris layout's masks, which a program made, become automatic ones, its probabilities a model's.
    What a person has already said of a frame in the project stays, so an import may be repeated.

    Parameters
    ----------
    project : Project
        Where to.
    source : Path
        The set's folder.
    layout : {'swimseg', 'swinseg', 'hyta', 'wsiseg', 'swimcat', 'iris'}
        How the set is laid out.
    grey : bool
        Whether colour becomes grey (0.299 R + 0.587 G + 0.114 B); else all three planes are kept.

    Yields
    ------
    Path or FileError
        A frame that is in the project now, on the disk, or what is wrong with one.

    Raises
    ------
    FileError
        If `source` is no such set.
    """
    pairs, problems = find_pairs(source, layout)
    yield from problems
    for pair in pairs:
        try:
            yield _import_pair(project, source, pair, layout, grey=grey)
        except FileError as error:
            yield error
        except IrisError as error:
            yield FileError(pair.image, str(error), "leave it out")
    mark_twins(project)
    project.reload()


def _import_pair(project: Project, source: Path, pair: Pair, layout: Layout, *, grey: bool) -> Path:
    """Take in one image; then its truth, unless a person has spoken of it already."""
    image, mask = read_pair(pair, layout, grey=grey)
    path = pair.image
    if layout != "iris":
        path = _write_frame(project.folder / FRAMES / source.name, pair, image)
    found = find_out(path, store=project.store.folder, config=None)
    with transaction(project.folder, project.connection) as connection:
        frame = put_frame(connection, project.folder, found)
    if project.decision(frame).by:
        return path
    how = f"imported from {layout}"
    if mask is None:
        project.set_sky(frame, pair.sky, how=how)
    elif layout == "iris" and not is_drawn_by_person(path):
        _add_machine_masks(project, frame, path, mask)
    else:
        project.label(frame, mask, sky_of(cloud_fraction(mask)), how)
    return path


def _write_frame(folder: Path, pair: Pair, image: NDArray[np.float32]) -> Path:
    """Write a picture as a FITS frame: grey, or three planes of colour."""
    from astropy.io import fits

    make_folder(folder)
    path = folder / f"{pair.name}.fits"
    header = fits.Header([("ORIGFILE", pair.image.name, "picture it was made of")])
    if image.ndim == 3:
        header["COLORSPC"] = ("RGB", "planes: red, green, blue")
    write_fits(path, [(image, header)])
    return path


def _add_machine_masks(project: Project, frame: int, path: Path, mask: NDArray[np.uint8]) -> None:
    """Put a published automatic mask in force, and the published model's where there is one."""
    masks = {"auto": MachineMask(project.store.keep(mask, durable=False), cloud_fraction(mask))}
    probability = published_probability(path)
    if probability is not None:
        cloud = (probability > 0.5).astype(np.uint8)
        doubt = float(np.nanmean(1 - np.abs(2 * probability - 1)))
        name = project.store.keep(cloud, durable=False)
        masks["model"] = MachineMask(name, cloud_fraction(cloud), uncertainty=doubt)
    with transaction(project.folder, project.connection) as connection:
        for tag, made in masks.items():
            add_machine_mask(connection, frame, tag, made, "published")
