"""Example frames: image, truth, probability and errors."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import printable
from napari_iris.evaluation.figures.style import (
    BLUE,
    CLOUD_COLOUR,
    GREY,
    PAGE_MM,
    PALE,
    VERMILION,
    new_figure,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_iris.evaluation.examples import Example

MASK_COLOURS = (PALE, CLOUD_COLOUR, GREY)
MASK_NAMES = ("clear", "cloud", "ignored")
ERROR_COLOURS = (PALE, VERMILION, BLUE, GREY)
ERROR_NAMES = ("right", "false cloud", "missed cloud", "ignored")
LABELS_MM, KEYS_MM = 18, 9
"""Space for labels beside the images, and for the keys below."""

CLOSE = {"handlelength": 1, "columnspacing": 0.8, "handletextpad": 0.4, "borderaxespad": 0}

TITLES = ("frame", "truth", "probability of cloud", "errors")


def draw_examples(examples: Sequence[Example], notes: Sequence[str] = ()) -> Figure:
    """Draw a row of four images for each frame.

    Parameters
    ----------
    examples : sequence of Example
        The frames, one or more, from the top down.
    notes : sequence of str
        Label beside each, above its accuracy.
    """
    rows, columns = examples[0].frame.shape
    side = (PAGE_MM - LABELS_MM) / 4 * rows / columns
    figure = new_figure(PAGE_MM, (side + 1) * len(examples) + KEYS_MM + 5)
    heights = [side] * len(examples) + [KEYS_MM]
    grid = figure.subplots(len(heights), 4, height_ratios=heights)
    for place, (line, example) in enumerate(zip(grid, examples, strict=False)):
        _images(line, example)
        note = f"{notes[place]}\n" if notes else ""
        accuracy = "" if isnan(example.accuracy) else f"\naccuracy {example.accuracy:.3f}"
        line[0].set_ylabel(f"{note}{_short(example.name)}{accuracy}", fontsize=6)
    for axes, title in zip(grid[0], TITLES, strict=True):
        axes.set_title(title)
    _keys(grid[-1])
    return figure


def _images(line: Sequence[Axes], example: Example) -> None:
    """Draw frame, truth, probability and errors."""
    from matplotlib.colors import ListedColormap

    seen = example.frame[np.isfinite(example.frame)]
    low, high = np.percentile(seen, [0.5, 99.5])
    line[0].imshow(example.frame, vmin=low, vmax=max(high, low + 1e-9))
    mask = np.full(example.frame.shape, 2, np.uint8) if example.mask is None else example.mask
    line[1].imshow(mask, ListedColormap(MASK_COLOURS), vmin=0, vmax=2)
    line[2].imshow(example.probability, "cividis", vmin=0, vmax=1)
    line[3].imshow(example.errors(), ListedColormap(ERROR_COLOURS), vmin=0, vmax=3)
    for axes in line:
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)


def _keys(line: Sequence[Axes]) -> None:
    """Draw the colour keys below the images."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.patches import Patch

    for axes in line:
        axes.set_axis_off()
    for axes, colours, names in (
        (line[1], MASK_COLOURS, MASK_NAMES),
        (line[3], ERROR_COLOURS, ERROR_NAMES),
    ):
        patches = [Patch(color=c, label=name) for c, name in zip(colours, names, strict=True)]
        key = axes.legend(handles=patches, loc="upper center", ncols=2, **CLOSE)
        key.set_in_layout(False)
    scale = ScalarMappable(cmap="cividis")
    scale.set_clim(0, 1)
    place = line[2].inset_axes((0.1, 0.6, 0.8, 0.25))
    bar = line[2].figure.colorbar(scale, place, orientation="horizontal", ticks=[0, 0.5, 1])
    bar.outline.set_linewidth(0.4)


def _short(name: str) -> str:
    """Shorten a name that would not fit beside an image; matplotlib takes ``$`` for a formula."""
    text = printable(name)
    short = text if len(text) <= 22 else f"{text[:10]}…{text[-10:]}"
    return short.replace("$", r"\$")
