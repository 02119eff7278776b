"""The table of models: texts, sort keys and tooltips of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.training.runs import Run

COLUMNS = ("Name", "State", "Val. loss", "Clear IoU", "MCC", "Accuracy", "Epochs", "Network")

SCORES = {"Val. loss": "val_loss", "Clear IoU": "iou_clear", "MCC": "mcc", "Accuracy": "accuracy"}
"""Columns of scores, and the name of each."""

TIPS = {
    "State": "evaluated: scored beside the baselines, on frames that it was not trained on",
    "Val. loss": "Loss on the validation frames, in the best epoch",
    "Clear IoU": "Intersection over union of clear sky in prediction and truth",
    "MCC": "Matthews correlation coefficient: 0 for random guessing, 1 if all are correct",
    "Accuracy": "Fraction of the pixels (VGG8: of the frames) that are correct",
    "Epochs": "Epochs done, of those planned",
}


def cell_text(run: Run, column: str, running: Path | None) -> str:
    """Give the text of one cell.

    Parameters
    ----------
    run : Run
        The model.
    column : str
        One of `COLUMNS`.
    running : Path or None
        Folder of the model that is being trained.
    """
    if column == "Name":
        return run.name
    if column == "State":
        return _state(run, running)
    if column == "Epochs":
        return f"{len(run.epochs)}/{run.config.epochs}" if run.config else ""
    if column == "Network":
        network = run.network
        return f"{network.kind} {'-'.join(map(str, network.channels))}" if network else ""
    if not run.scores:
        return ""
    return format_number(run.score(SCORES[column]), 4 if column == "Val. loss" else 3)


def sort_key(run: Run, column: str, running: Path | None) -> str | float | None:
    """Give what a column is sorted by; None for what comes last.

    Parameters
    ----------
    run : Run
        The model.
    column : str
        One of `COLUMNS`.
    running : Path or None
        Folder of the model that is being trained.
    """
    if column in SCORES:
        return run.score(SCORES[column])
    return len(run.epochs) if column == "Epochs" else cell_text(run, column, running).casefold()


def cell_tip(run: Run, column: str) -> str:
    """Give the tooltip of one cell: what is wrong, or the folder.

    Parameters
    ----------
    run : Run
        The model.
    column : str
        One of `COLUMNS`.
    """
    return run.problem or (str(run.folder) if column == "Name" else "")


def _state(run: Run, running: Path | None) -> str:
    if run.folder == running:
        return "running"
    if run.state == "finished":
        return "evaluated" if run.is_evaluated else "trained"
    return run.state
