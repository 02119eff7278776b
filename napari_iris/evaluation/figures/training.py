"""Loss and accuracy of a training run by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.evaluation.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PAGE_MM,
    VERMILION,
    letter,
    new_figure,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from napari_iris.training.epochs import Epoch


def draw_curves(epochs: Sequence[Epoch]) -> Figure:
    """Draw the losses and the validation scores against the epoch.

    Parameters
    ----------
    epochs : sequence of Epoch
        The epochs of a run, one or more.
    """
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(PAGE_MM, 62)
    loss, score = figure.subplots(1, 2)
    number = [epoch.epoch for epoch in epochs]
    mark = "o" if len(epochs) < 30 else ""
    best = min(epochs, key=lambda epoch: epoch.val_loss)
    for name, colour, label in (("loss", GREY, "training"), ("val_loss", BLUE, "validation")):
        values = [getattr(epoch, name) for epoch in epochs]
        loss.plot(number, values, color=colour, marker=mark, label=label)
    loss.set_ylabel("loss")
    for name, colour, label in (
        ("accuracy", BLUE, "accuracy"),
        ("balanced_accuracy", GREEN, "balanced accuracy"),
        ("iou_clear", ORANGE, "clear IoU"),
        ("mcc", VERMILION, "MCC"),
    ):
        values = [getattr(epoch, name) for epoch in epochs]
        score.plot(number, values, color=colour, marker=mark, label=label)
    score.set_ylabel("validation score")
    for axes, text in ((loss, "a"), (score, "b")):
        axes.axvline(best.epoch, color=GREY, linestyle=":", label=f"best: epoch {best.epoch}")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
        letter(axes, text)
    return figure
