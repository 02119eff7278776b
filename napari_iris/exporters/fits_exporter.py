"""Export a frame and its mask as one FITS file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.exporters.existing_files import human_mask_error, read_errors, tags_of_mask
from napari_iris.exporters.frame_label import WrittenFiles
from napari_iris.frames.wcs import rebinned_header
from napari_iris.masks.mask_file import (
    Cards,
    author_cards,
    card_text,
    is_drawn_by_person,
    is_mask_file,
    read_mask,
    write_mask,
)
from napari_iris.project.timestamps import from_us

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.exporters.frame_label import FrameLabel, LabelledFrame
    from napari_iris.project.project import Project
    from napari_iris.project.records import MaskFacts


def write_fits_label(project: Project, found: LabelledFrame, stem: Path) -> WrittenFiles:
    """Write ``<stem>_mask.fits``, the frame and its mask, unless the same human mask is there.

    Parameters
    ----------
    project : Project
        The project.
    found : LabelledFrame
        The frame and its mask.
    stem : Path
        The files to write, without what their names end with.

    Returns
    -------
    WrittenFiles
        The files.

    Raises
    ------
    FileError
        If it cannot be written, or something else is in its place.
    """
    target = stem.with_name(f"{stem.name}_mask.fits")
    if not _keeps(project, target, found.label, found.mask):
        cards = _cards(found.label, found.facts)
        header = rebinned_header(found.frame.header, found.frame.data.shape, found.mask.shape)
        write_mask(target, found.binned, found.mask, header, cards)
    return WrittenFiles(mask=target.name, files=(target,))


def _keeps(project: Project, target: Path, label: FrameLabel, mask: NDArray[np.uint8]) -> bool:
    """Whether the existing file is a human mask with the pixels of the new machine mask.

    Raises
    ------
    MaskError
        If it is a human mask with other pixels that the project does not have.
    """
    with read_errors(target):
        if not target.exists():
            return False
        if not is_drawn_by_person(target):
            if is_mask_file(target):
                return False
            raise MaskError(target, "exists and is not a mask file", "choose another --out")
    found = read_mask(target).mask
    if np.array_equal(found, mask):
        return not label.is_human
    if not (label.is_human and tags_of_mask(project, label.frame, found)):
        raise human_mask_error(target)
    return False


def _cards(label: FrameLabel, facts: MaskFacts) -> Cards:
    """Cards that say how the mask was made, by whom, and what was decided."""
    if label.is_human:
        cards = author_cards(facts.by, from_us(facts.at))
    else:
        cards = {"METHOD": (card_text(facts.method.upper()), "how the mask was made")}
    cards["STATUS"] = (label.decision.status, "status of the frame's label")
    if label.decision.frame_class:
        cards["CLASS"] = (label.decision.frame_class, "the frame: clear, cloudy or unsure")
    for keyword, value, comment in (
        ("CLDFRAC", facts.cloud_fraction, "cloud fraction of the pixels not ignored"),
        ("THRESH", facts.threshold, "Otsu threshold of the recipe [frame unit]"),
        ("TRUST", facts.trust, "gate: trust in the mask, 0 to 1"),
        ("UNCERT", facts.uncertainty, "model: uncertainty of the mask, 0 to 1"),
    ):
        if value is not None:
            cards[keyword] = (round(value, 6), comment)
    return cards
