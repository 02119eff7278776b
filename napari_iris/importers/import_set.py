"""Import a published cloud set with its truth into a project."""

from __future__ import annotations

import json
import os
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import AfterValidator

from napari_iris.errors import FileError, IrisError, ProjectError
from napari_iris.importers.find_pairs import find_pairs
from napari_iris.importers.fits_pairs import published_probability
from napari_iris.importers.read_pair import read_pair
from napari_iris.io.atomic import atomic_open, make_folder
from napari_iris.io.fits_files import fits_blocks
from napari_iris.labels import class_of
from napari_iris.masks.mask_file import cloud_fraction, is_drawn_by_person
from napari_iris.project.indexing import mark_duplicates, read_facts
from napari_iris.project.records import NewMask
from napari_iris.project.settings import read_setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_iris.importers.image_pair import ImagePair, Layout
    from napari_iris.importers.pictures import Colour
    from napari_iris.labels import Tag
    from napari_iris.project.project import Project

FRAMES = "frames"
"""Folder in the project for the frames made from imported pictures."""

SPACES: dict[Colour, tuple[str, str]] = {
    "rgb": ("RGB", "planes: red, green, blue"),
    "ratio": ("RATIO", "255 red / (red + blue)"),
}
"""Card COLORSPC of frames made from colour pictures: value and comment."""


def _plain(name: str) -> str:
    """Refuse a name that is more than a folder's: the project may be someone else's."""
    if name in ("", ".", "..") or set(name) & set("/\\\0"):
        raise ValueError("is not the name of a folder")
    return name


_FOLDERS = dict[str, Annotated[str, AfterValidator(_plain)]]
"""Folders of the imported sets in `FRAMES`, by the sets' own."""


def import_set(
    project: Project, source: Path, layout: Layout, colour: Colour = "grey"
) -> Iterator[Path | FileError]:
    """Import a published set into a project, each image with its truth.

    Pictures become FITS frames in the project's ``frames/`` folder; FITS frames stay where they
    are. A truth drawn by a person becomes an approved human mask, a class the frame's class; masks
    of the iris layout that a program made become automatic masks, its probabilities model masks.
    Labels by a person stay, so an import may be repeated. Sets never mix: of folders with the same
    name, the frames of a later one go to ``<name>-2``.

    Parameters
    ----------
    project : Project
        The project.
    source : Path
        The set's folder.
    layout : {'swimseg', 'swinseg', 'hyta', 'wsiseg', 'swimcat', 'iris'}
        Which set it is.
    colour : {'grey', 'ratio', 'rgb'}
        What colour becomes: grey (0.299 R + 0.587 G + 0.114 B), the ratio of red and blue
        (`to_ratio`), or three planes.

    Yields
    ------
    Path or FileError
        A frame that is in the project now, on the disk, or what is wrong with one.

    Raises
    ------
    FileError
        If `source` is not such a set, or the project cannot be written.
    """
    pairs, problems = find_pairs(source, layout)
    yield from problems
    folder = source if layout == "iris" else _frames_folder(project, source)
    for pair in pairs:
        try:
            yield _import_pair(project, folder, pair, layout, colour)
        except ProjectError:  # not the fault of the image
            raise
        except FileError as error:
            yield error
        except IrisError as error:
            yield FileError(pair.image, str(error), "leave it out")
    mark_duplicates(project)
    project.reload()


def _frames_folder(project: Project, source: Path) -> Path:
    """Folder for the frames of a set: the same one when the import is repeated."""
    place, name = os.path.realpath(source), Path(os.path.abspath(source)).name  # noqa: PTH100
    with project.repository.transaction() as transaction:
        folders: dict[str, str] = read_setting(project.repository, "imports", _FOLDERS, {})
        if place not in folders:
            names = chain([name], (f"{name}-{number}" for number in count(2)))
            taken = folders.values()
            folders[place] = next(
                one
                for one in names
                if one not in taken and not (project.folder / FRAMES / one).exists()
            )
            transaction.set_setting("imports", json.dumps(folders))
    return project.folder / FRAMES / folders[place]


def _import_pair(
    project: Project, folder: Path, pair: ImagePair, layout: Layout, colour: Colour
) -> Path:
    """Import an image; then its truth, unless a person has already labelled it."""
    image, mask = read_pair(pair, layout, colour)
    by_machine = layout == "iris" and not is_drawn_by_person(pair.image)
    probability = published_probability(pair.image) if by_machine else None
    path = pair.image if layout == "iris" else _write_frame(folder, pair, image, colour)
    facts = read_facts(path, store=project.store.folder, config=None)
    with project.repository.transaction() as transaction:
        frame = transaction.add_frame(facts)
    how = f"imported from {layout}"
    if by_machine and mask is not None:
        _add_machine_masks(project, frame, mask, probability)
    elif project.decision(frame).by or "human" in project.tags(frame):
        return path
    elif mask is None:
        project.set_class(frame, pair.frame_class, how=how)
    else:
        project.label(frame, mask, class_of(cloud_fraction(mask)), how)
    return path


def _write_frame(folder: Path, pair: ImagePair, image: NDArray[np.float32], colour: Colour) -> Path:
    """Write a picture as a FITS frame, unless it is there."""
    from astropy.io import fits

    make_folder(folder)
    path = folder / f"{pair.name}.fits"
    name = "".join(letter if " " <= letter <= "~" else "?" for letter in pair.image.name)
    header = fits.Header([("ORIGFILE", name, "picture it was made from")])
    if colour in SPACES:
        header["COLORSPC"] = SPACES[colour]
    content = b"".join(fits_blocks([(image, header)]))
    if not path.exists() or path.read_bytes() != content:
        with atomic_open(path) as file:
            file.write(content)
    return path


def _add_machine_masks(
    project: Project,
    frame: int,
    mask: NDArray[np.uint8],
    probability: NDArray[np.float32] | None,
) -> None:
    """Add a published automatic mask and the published model's mask, each only once."""
    name = project.store.save(mask, durable=False)
    masks: dict[Tag, NewMask] = {"auto": NewMask(name, cloud_fraction(mask))}
    if probability is not None:
        cloud = (probability > 0.5).astype(np.uint8)
        uncertainty = float(np.nanmean(1 - np.abs(2 * probability - 1)))
        name = project.store.save(cloud, durable=False)
        masks["model"] = NewMask(name, cloud_fraction(cloud), uncertainty=uncertainty)
    with project.repository.transaction() as transaction:
        known = project.repository.mask_tags(frame)
        for tag, made in masks.items():
            if tag not in known.get(made.name, ()):
                transaction.add_mask(frame, tag, made, "published")
