"""Where the mask of a label comes from: a person drew it, or accepted that of a model."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from napari_iris.project.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.labels import Tag

ACCEPTED, THRESHOLD = "accepted from ", ", threshold "
APPROVED_AS, RESTORED = "approved as ", "restored mask "
"""Beginnings of the descriptions of masks that nobody has changed."""


class MaskSource(NamedTuple):
    """A mask of a frame that is equal to its active mask; the active mask itself is one.

    Attributes
    ----------
    path : str
        The frame's file, as the database stores it.
    tag, method : str
        Of the active mask.
    same_tag, same_method, same_by : str
        Of the equal one.
    """

    path: str
    tag: str
    method: str
    same_tag: str
    same_method: str
    same_by: str


@dataclass(frozen=True)
class LabelOrigins:
    """Where the labels of a project come from that nobody has changed.

    Attributes
    ----------
    models : dict of Path to set of str
        Models whose mask a label is, by the frame's file.
    automatic : set of Path
        Frames whose label is the automatic mask.
    """

    models: dict[Path, set[str]]
    automatic: set[Path]


def label_origins(folder: Path, tags: Sequence[Tag]) -> LabelOrigins:
    """Find the labels of a project that are a model's mask, or the automatic one, unchanged.

    Parameters
    ----------
    folder : Path
        The project folder.
    tags : sequence of {'auto', 'model', 'human'}
        Masks that are the labels, the best first.

    Returns
    -------
    LabelOrigins
        The frames, by their files. A mask that a person drew, which happens to be equal to that of
        a model, is the person's.

    Raises
    ------
    ProjectError
        If the project cannot be read.
    """
    models: dict[Path, set[str]] = defaultdict(set)
    automatic = set()
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 (Path.absolute keeps the dots)
    with Repository(folder, read_only=True) as repository:
        sources = list(map(MaskSource._make, repository.mask_sources(tags)))
    for source in sources:
        path = folder / source.path
        if model := _model(source):
            models[path].add(model)
        elif source.same_tag == "auto" and _is_as(source, "auto"):
            automatic.add(path)
    return LabelOrigins(dict(models), automatic - set(models))


def _model(source: MaskSource) -> str:
    """Model that a label is of; empty for none."""
    if accepted := accepted_model(source.method):
        return accepted
    if source.same_tag == "model" and _is_as(source, "model"):
        return source.same_by
    return accepted_model(source.same_method) if source.method.startswith(RESTORED) else ""


def _is_as(source: MaskSource, tag: Tag) -> bool:
    """Whether the active mask is one of a tag, approved as it is, or restored."""
    return source.tag == tag or source.method.startswith((f"{APPROVED_AS}{tag}", RESTORED))


def accepted_from(model: str, threshold: float) -> str:
    """Describe a mask that is a prediction of a model, accepted as it is.

    Parameters
    ----------
    model : str
        The model: its name and version, as in the predictions.
    threshold : float
        Probability from which a pixel is cloud.

    Returns
    -------
    str
        Such as "accepted from unet1@3f2a, threshold 0.50".
    """
    return f"{ACCEPTED}{model}{THRESHOLD}{threshold:.2f}"


def accepted_model(how: str) -> str:
    """Give the model of a description by `accepted_from`.

    Parameters
    ----------
    how : str
        How a mask was made.

    Returns
    -------
    str
        The model; empty for a mask that was made otherwise.
    """
    if not how.startswith(ACCEPTED):
        return ""
    return how.removeprefix(ACCEPTED).rpartition(THRESHOLD)[0]
