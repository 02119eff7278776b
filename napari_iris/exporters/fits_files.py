"""Export a frame and its mask as one FITS file; what a person has there is not overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.exporters.guard import looking_at, persons_mask, tags_of
from napari_iris.exporters.label import Written, read_pair
from napari_iris.masks.mask_file import (
    Cards,
    author_cards,
    card_text,
    is_drawn_by_person,
    is_mask_file,
    read_mask,
    write_mask,
)
from napari_iris.project.records import from_us

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.exporters.label import Label
    from napari_iris.project.project import Project
    from napari_iris.project.records import MaskFacts


def save_fits(project: Project, out: Path, name: str, label: Label) -> Written:
    """Write ``<name>_mask.fits``: the frame at the mask's shape, and the mask.

    Raises
    ------
    FileError
        If the frame or its mask cannot be read, the file cannot be written, or it holds a
        person's mask that the project has not.
    """
    pair = read_pair(project, label)
    target = out / f"{name}_mask.fits"
    if not _stays(project, target, label, pair.mask):
        cards = _cards(label, pair.facts)
        write_mask(target, pair.binned, pair.mask, pair.frame.header, cards)
    return Written(mask=target.name, files=(target,))


def _stays(project: Project, target: Path, label: Label, mask: NDArray[np.uint8]) -> bool:
    """Whether a person's mask is there that says the same as the program's one to write.

    Raises
    ------
    MaskError
        If a person's mask is there that says something else and that the project has not.
    """
    with looking_at(target):
        if not target.exists():
            return False
        if not is_drawn_by_person(target):
            if is_mask_file(target):
                return False
            fix = "choose another --out"
            raise MaskError(target, "is there already and is no mask file", fix)
    found = read_mask(target).mask
    if np.array_equal(found, mask):
        return not label.by_person
    if not (label.by_person and tags_of(project, label.frame, found)):
        raise persons_mask(target)
    return False


def _cards(label: Label, facts: MaskFacts) -> Cards:
    """Cards that say how the mask was made, by whom, and what was decided of its frame."""
    if label.by_person:
        cards = author_cards(facts.by, from_us(facts.at))
    else:
        cards = {"METHOD": (card_text(facts.method.upper()), "how the mask was made")}
    cards["STATUS"] = (label.decision.status, "where the frame's label stands")
    if label.decision.frame_class:
        cards["CLASS"] = (label.decision.frame_class, "the frame: clear, cloudy or unsure")
    for keyword, value, comment in (
        ("CLDFRAC", facts.cloud_fraction, "cloud fraction of the seen sky"),
        ("THRESH", facts.threshold, "Otsu threshold of the recipe [frame unit]"),
        ("TRUST", facts.trust, "gate: trust in the mask, 0 to 1"),
        ("UNCERT", facts.uncertainty, "model: uncertainty of the mask, 0 to 1"),
    ):
        if value is not None:
            cards[keyword] = (round(value, 6), comment)
    return cards
