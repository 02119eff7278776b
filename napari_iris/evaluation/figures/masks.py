"""Frames with their masks, each frame alone and with the clear-sky reference, beside the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.figures.images import CLOSE, MASK_COLOURS, MASK_NAMES
from napari_iris.evaluation.figures.style import PAGE_MM, new_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

TITLES = ("frame", "mask, frame alone", "mask, with reference", "truth")
LABELS_MM, KEY_MM = 8, 7
"""Space for labels beside the images, and for the key below."""


@dataclass(frozen=True, eq=False)
class MaskedFrame:
    """A frame and three masks, all of one shape.

    Attributes
    ----------
    name : str
        Label of the frame.
    frame : ndarray of float
        The binned frame, in ADU.
    alone, with_reference, truth : ndarray of uint8
        Masks: 0 sky, 1 cloud, 2 ignore.
    """

    name: str
    frame: NDArray[np.floating]
    alone: NDArray[np.uint8]
    with_reference: NDArray[np.uint8]
    truth: NDArray[np.uint8]


def draw_masks(frames: Sequence[MaskedFrame]) -> Figure:
    """Draw a row of four images for each frame, all frames in one scale of grey.

    Parameters
    ----------
    frames : sequence of MaskedFrame
        The frames, one or more, from the top down.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    rows, columns = frames[0].frame.shape
    side = (PAGE_MM - LABELS_MM) / 4 * rows / columns
    figure = new_figure(PAGE_MM, (side + 1) * len(frames) + KEY_MM + 5)
    seen = np.concatenate([one.frame[np.isfinite(one.frame)] for one in frames])
    low, high = np.percentile(seen, [0.5, 99.5])
    grid = figure.subplots(len(frames), 4, squeeze=False)
    for line, one in zip(grid, frames, strict=True):
        line[0].imshow(one.frame, vmin=low, vmax=max(high, low + 1e-9))
        for axes, mask in zip(line[1:], (one.alone, one.with_reference, one.truth), strict=True):
            axes.imshow(mask, ListedColormap(MASK_COLOURS), vmin=0, vmax=2)
        line[0].set_ylabel(one.name)
        for axes in line:
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_visible(False)
    for axes, title in zip(grid[0], TITLES, strict=True):
        axes.set_title(title)
    pairs = zip(MASK_COLOURS, MASK_NAMES, strict=True)
    patches = [Patch(color=colour, label=name) for colour, name in pairs]
    figure.legend(handles=patches, loc="outside lower center", ncols=3, **CLOSE)
    return figure
