"""ROC and precision-recall curves, with the baselines as points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.figures.style import GREY, OF_ANSWER, PAGE_MM, letter, new_figure
from napari_iris.evaluation.titles import TITLES
from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_iris.evaluation.pooled_scores import PooledScores


def draw_roc(block: PooledScores) -> Figure:
    """Draw both curves.

    Parameters
    ----------
    block : PooledScores
        Results where the truth has both classes.
    """
    figure = new_figure(PAGE_MM, 78)
    roc, precision = figure.subplots(1, 2)
    draw_roc_panel(roc, block)
    _precision_panel(precision, block)
    letter(roc, "a")
    letter(precision, "b")
    figure.legend(
        *roc.get_legend_handles_labels(), loc="outside lower center", ncols=len(block.scores)
    )
    return figure


def draw_roc_panel(axes: Axes, block: PooledScores) -> None:
    """Draw the ROC curve into one panel.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    block : PooledScores
        Results where the truth has both classes.
    """
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=0.8)
    for name, curve in block.curves.items():
        area = format_number(block.scores[name]["auc"])
        axes.plot(
            np.append(0, curve.false_positive_rate),
            np.append(0, curve.recall),
            color=OF_ANSWER[name][0],
            label=f"{TITLES[name]} (AUC {area})",
        )
    for name in (*block.curves, *BASELINES):
        counts = block.counts[name]
        rate = counts.false / (counts.false + counts.clear)
        _point(axes, name, rate, block.scores[name]["recall"], labelled=name in BASELINES)
    axes.set_xlabel("false-positive rate")
    axes.set_ylabel("true-positive rate")
    _square(axes)


def _precision_panel(axes: Axes, block: PooledScores) -> None:
    """Draw precision against recall; the precision of 'all cloud' is that of chance."""
    for name, curve in block.curves.items():
        axes.plot(curve.recall, curve.precision, color=OF_ANSWER[name][0])
    for name in (*block.curves, *BASELINES):
        scores = block.scores[name]
        _point(axes, name, scores["recall"], scores["precision"], labelled=False)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    _square(axes)


def _point(axes: Axes, name: str, x: float, y: float, *, labelled: bool) -> None:
    colour, marker = OF_ANSWER[name]
    label = TITLES[name] if labelled else None
    axes.plot([x], [y], color=colour, marker=marker, linestyle="", label=label, clip_on=False)


def _square(axes: Axes) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
