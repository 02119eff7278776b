"""Evaluate the reviewed predictions, or export that as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QWidget

from napari_iris.desk.forms.controls import button, by_tab, check_box
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.review.evaluation_job import EvaluationJob

TIP = "Evaluate every frame that has a reference mask, in the background"


class EvaluateBox(QWidget):
    """Shows an `EvaluationJob`.

    Parameters
    ----------
    job : EvaluationJob
        The job.
    """

    def __init__(self, job: EvaluationJob) -> None:
        super().__init__()
        self.job = job
        tip = "Write report, tables and figures, and open their folder"
        self.export = button("Export report", tip, lambda _=False: job.export())
        self.folder = FolderEdit("Folder for the report", "Report folder")
        self.folder.follow(job.folder)
        self.panel = JobPanel(
            job.control, "Evaluate", TIP, job.start, job.export_commands, "Stop within seconds"
        )
        self.panel.buttons.insertWidget(1, self.export)
        self.accepted = check_box(
            "Include labels accepted from this model",
            "Evaluate them too, and the baselines on automatic masks that were approved unchanged:"
            " none can be wrong on its own masks, so these scores are optimistic",
            lambda on: setattr(job, "accepted", on),
        )
        by_tab(self.accepted)
        column(self, self.accepted, row("Report folder", Wide(self.folder.native)), self.panel)
        connect(job.control.changed, self.refresh)
        connect(job.exported, self._open)
        self.refresh()

    def refresh(self) -> None:
        """Show what is available now."""
        self.export.setEnabled(self.job.can_export)
        self.folder.native.setEnabled(not self.job.control.is_running)

    def _open(self, folder: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
