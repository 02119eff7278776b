"""The models of a folder as a table: a row each, sorted by any column, renamed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QModelIndex, QObject, QSortFilterProxyModel, Qt, Signal

from napari_iris.desk.tables.model import RIGHT, FactsModel
from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.app.training.runs import Run

COLUMNS = ("name", "state", "val. loss", "clear IoU", "MCC", "accuracy", "epochs", "network")

SCORES = {"val. loss": "val_loss", "clear IoU": "iou_clear", "MCC": "mcc", "accuracy": "accuracy"}
"""Columns that show a score, and its name."""

TIPS = {
    "val. loss": "Loss on the validation frames, in the best epoch",
    "clear IoU": "Clear sky found and clear sky in truth: what they share over what they cover",
    "MCC": "Matthews correlation coefficient: 0 for a guess, 1 for all right",
    "accuracy": "Part of the pixels (vgg8: of the frames) that are right",
    "epochs": "Epochs done, of those planned",
}

SORT = Qt.ItemDataRole.UserRole
"""Role of what a column is sorted by."""


class RunsModel(FactsModel):
    """Models, a row each.

    Attributes
    ----------
    renamed : Signal
        Sent with a `Run` and the name that was typed for it.
    """

    columns, tips = COLUMNS, TIPS

    renamed = Signal(object, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runs: tuple[Run, ...] = ()
        self.running: Path | None = None

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show other runs, or the same as they are now."""
        same = [run.folder for run in runs] == [run.folder for run in self.runs]
        if same:
            self.runs = tuple(runs)
            self._renew()
            return
        self.beginResetModel()
        self.runs = tuple(runs)
        self.endResetModel()

    def show_running(self, folder: Path | None) -> None:
        """Say which one is being trained."""
        self.running = folder
        self._renew()

    def _renew(self) -> None:
        if self.runs:
            last = self.index(len(self.runs) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def count(self) -> int:
        """Models listed."""
        return len(self.runs)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Names can be edited."""
        flags = super().flags(index)
        named = index.isValid() and COLUMNS[index.column()] == "name"
        return flags | Qt.ItemFlag.ItemIsEditable if named else flags

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802 (Qt's name)
        """Ask for another name."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        run = self.runs[index.row()]
        if str(value) != run.name:
            self.renamed.emit(run, str(value))
        return True

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One fact of one model."""
        if not index.isValid():
            return None
        run, column = self.runs[index.row()], COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(run, column)
        if role == SORT:
            return self._order(run, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return run.problem or (str(run.folder) if column == "name" else None)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (*SCORES, "epochs"):
            return RIGHT
        return None

    def _text(self, run: Run, column: str) -> str:
        if column == "name":
            return run.name
        if column == "state":
            state = "unmeasured" if run.state == "finished" and not run.measured else run.state
            return "running" if run.folder == self.running else state
        if column == "epochs":
            return f"{len(run.epochs)}/{run.config.epochs}" if run.config else ""
        if column == "network":
            network = run.network
            return f"{network.kind} {'-'.join(map(str, network.channels))}" if network else ""
        if not run.scores:
            return ""
        return format_number(run.score(SCORES[column]), 4 if column == "val. loss" else 3)

    def _order(self, run: Run, column: str) -> Any:
        """Give what a column is sorted by."""
        if column in SCORES:
            return run.score(SCORES[column])
        return len(run.epochs) if column == "epochs" else self._text(run, column).casefold()


class SortedRuns(QSortFilterProxyModel):
    """The models sorted by a column; those that have nothing there come last either way."""

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802 (Qt's name)
        """Whether one model comes before another."""
        a, b = (self.sourceModel().data(index, SORT) for index in (left, right))
        if a is None and b is None:
            return False
        if a is None or b is None:
            return (b if self.sortOrder() == Qt.SortOrder.AscendingOrder else a) is None
        return bool(a < b)
