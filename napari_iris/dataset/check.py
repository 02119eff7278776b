"""What would spoil a training, told before its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Source
    from napari_iris.errors import FileError
    from napari_iris.networks.spec import Kind

PARTS_NEED = 3
"""Samples that a split in train, validation and test needs at least."""


def check(
    source: Source,
    kind: Kind,
    rows: NDArray[np.intp] | None = None,
    *,
    least: int = PARTS_NEED,
    what: str = "frames",
    refused: Sequence[FileError] = (),
) -> NDArray[np.intp]:
    """Check that a network can learn from the samples.

    Blank and damaged frames, and masks of another shape than their frame, are in
    ``Samples.problems`` already and not among the samples.

    Parameters
    ----------
    source : Source
        The samples.
    kind : {'unet', 'vgg8'}
        What is to learn from them.
    rows : ndarray of int, optional
        Those to look at; all by default.
    least : int
        How many are needed.
    what : str
        What they are called in an error, say 'training frames'.
    refused : sequence of FileError
        Files that were set aside before; an error tells of them, as they may be its reason.

    Returns
    -------
    ndarray of int
        Those of `rows` that are labelled for `kind`.

    Raises
    ------
    IrisError
        If there are too few, none is labelled, or all are of one class.
    """
    rows = np.arange(len(source)) if rows is None else rows
    problem = _problem(source, kind, rows, least, what)
    if problem:
        raise IrisError(problem + _besides(refused))
    used: NDArray[np.intp] = rows[source.facts.labelled(kind)[rows]]
    return used


def _problem(source: Source, kind: Kind, rows: NDArray[np.intp], least: int, what: str) -> str:
    """Say why nothing can be learnt from the samples; empty where it can."""
    if not len(rows):
        return f"there are no {what}; give more, or split otherwise"
    used = rows[source.facts.labelled(kind)[rows]]
    label, fix = _needed(kind)
    if not len(used):
        return f"none of {len(rows)} {what} has {label}; {fix}"
    if len(used) < least:
        return f"{len(used)} of {len(rows)} {what} have {label}, {least} are needed; {fix}"
    values = source.facts.cloud[used] if kind == "unet" else source.facts.said()[used]
    for value, name in ((0, "clear"), (1, "cloudy")):
        if np.all(values == value):
            return _one_class(kind, name, f"all {len(used)} {what}")
    return ""


def _besides(refused: Sequence[FileError]) -> str:
    """Tell of the files that were refused, with the first one's reason."""
    if not refused:
        return ""
    return f". {counted(len(refused), 'file')} could not be used, the first: {refused[0]}"


def _needed(kind: Kind) -> tuple[str, str]:
    """Say what a network learns from, and what to do where it is missing."""
    if kind == "unet":
        return "a mask with sky or cloud", "approve masks, or give --masks auto"
    return "a class", "say clear or cloudy of them, or approve masks"


def _one_class(kind: Kind, name: str, what: str) -> str:
    other = "cloudy" if name == "clear" else "clear"
    if kind == "vgg8":
        return f"{what} are {name}; VGG8 needs {other} ones as well"
    value = "clear sky" if name == "clear" else "cloud"
    return f"the masks of {what} are {value} everywhere; the U-Net needs {other} sky as well"
