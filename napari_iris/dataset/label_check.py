"""Check labels before a training starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import SampleSource
    from napari_iris.errors import FileError
    from napari_iris.networks.spec import Kind

MIN_SAMPLES = 3
"""Fewest samples that can be split into train, validation and test."""


def check_labels(
    source: SampleSource,
    kind: Kind,
    rows: NDArray[np.intp] | None = None,
    *,
    least: int = MIN_SAMPLES,
    what: str = "frames",
    refused: Sequence[FileError] = (),
) -> NDArray[np.intp]:
    """Check that a network can be trained on samples: enough of them, labelled, of both classes.

    Blank and damaged frames, and masks of another shape than their frame, are not samples but in
    ``Samples.problems``.

    Parameters
    ----------
    source : SampleSource
        The samples.
    kind : {'unet', 'vgg8'}
        The network.
    rows : ndarray of int, optional
        Rows to check; all by default.
    least : int
        Fewest labelled samples.
    what : str
        Name of the samples in an error message, such as 'training frames'.
    refused : sequence of FileError
        Files that were dropped before; an error mentions them, as they may be its cause.

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
        raise IrisError(problem + _refused(refused))
    labelled: NDArray[np.intp] = rows[source.table.labelled(kind)[rows]]
    return labelled


def _problem(
    source: SampleSource, kind: Kind, rows: NDArray[np.intp], least: int, what: str
) -> str:
    """Explain why a network cannot be trained on the samples; empty if it can."""
    if not len(rows):
        return f"there are no {what}; add some, or change the split"
    labelled = rows[source.table.labelled(kind)[rows]]
    label, fix = _required(kind)
    if not len(labelled):
        return f"none of {len(rows)} {what} has {label}; {fix}"
    if len(labelled) < least:
        return f"{len(labelled)} of {len(rows)} {what} have {label}, {least} are needed; {fix}"
    values = source.table.cloudiness(kind)[labelled]
    for value, name in ((0, "clear"), (1, "cloudy")):
        if np.all(values == value):
            return _one_class(kind, name, f"all {len(labelled)} {what}")
    return ""


def _refused(refused: Sequence[FileError]) -> str:
    """Mention the dropped files, with the reason of the first one."""
    if not refused:
        return ""
    return f". {format_count(len(refused), 'file')} could not be used, the first: {refused[0]}"


def _required(kind: Kind) -> tuple[str, str]:
    """Name the label that a network needs, and how to add it."""
    if kind == "unet":
        return "a mask with sky or cloud", "approve masks, or give --masks auto"
    return "a class", "classify them as clear or cloudy, or approve masks"


def _one_class(kind: Kind, name: str, what: str) -> str:
    other = "cloudy" if name == "clear" else "clear"
    if kind == "vgg8":
        return f"{what} are {name}; VGG8 needs {other} ones as well"
    value = "clear sky" if name == "clear" else "cloud"
    return f"the masks of {what} are {value} everywhere; the U-Net needs {other} sky as well"
