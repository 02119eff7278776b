"""Confusion matrices of pixels and of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.figures.roc import draw_roc_panel
from napari_iris.evaluation.figures.style import COLUMN_MM, PAGE_MM, letter, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_iris.evaluation.pooled_scores import PooledScores

CLASSES = ("clear", "cloud")


def draw_confusion(block: PooledScores) -> Figure:
    """Draw the model's confusion matrix over pixels.

    Parameters
    ----------
    block : PooledScores
        Results over pixels.
    """
    figure = new_figure(COLUMN_MM, 70)
    _matrix(figure.subplots(), block, "pixels")
    return figure


def draw_classifier(block: PooledScores) -> Figure:
    """Draw the classifier's confusion matrix over frames and, with both classes, its ROC curve.

    Parameters
    ----------
    block : PooledScores
        Results over frames.
    """
    figure = new_figure(PAGE_MM, 74)
    matrix, roc = figure.subplots(1, 2)
    _matrix(matrix, block, "frames")
    if block.one_class:
        roc.set_axis_off()
        roc.text(0.5, 0.5, f"all frames are {block.one_class}: no ROC curve", ha="center")
    else:
        draw_roc_panel(roc, block)
        roc.legend(loc="lower right")
        letter(roc, "b")
    letter(matrix, "a")
    return figure


def _matrix(axes: Axes, block: PooledScores, what: str) -> None:
    """Draw the four counts, shaded by their share of the row."""
    numbers = block.counts["model"].matrix()
    rows = numbers.sum(axis=1, keepdims=True)
    part = np.divide(numbers, rows, out=np.zeros((2, 2)), where=rows > 0)
    axes.imshow(part, "Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(numbers):
        share = f"{part[row, column]:.1%}" if rows[row] else "–"
        colour = "white" if part[row, column] > 0.5 else "black"
        axes.text(
            column, row, f"{share}\n{count:,}", ha="center", va="center", color=colour, fontsize=8
        )
    axes.set_xticks([0, 1], CLASSES)
    axes.set_yticks([0, 1], CLASSES, rotation=90, va="center")
    axes.tick_params(length=0)
    axes.set_xlabel(f"predicted [{what}]")
    axes.set_ylabel("true")
