"""A job on frames of the open sequence: frames, output folder, further options, job panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.frames.range_box import FrameRangeBox
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.jobs.frame_job import FrameJob


class FrameJobBox(QWidget):
    """Shows a `FrameJob`.

    Parameters
    ----------
    job : FrameJob
        The job.
    title, tip : str
        Text and tooltip of the start button.
    options : sequence of QWidget
        Further options, shown between the folder and the buttons.
    """

    def __init__(self, job: FrameJob, title: str, tip: str, *options: QWidget) -> None:
        super().__init__()
        self.job = job
        output = job.control.progress.OUTPUT
        self.frames = FrameRangeBox(job.range)
        self.folder = FolderEdit(f"Folder for the {output}", f"folder for the {output}")
        self.folder.follow(job.folder)
        self.options = options
        self.panel = JobPanel(job.control, title, tip, job.start, job.commands)
        where = row("Output folder", Wide(self.folder.native))
        column(self, self.frames, where, *options, self.panel)
        connect(job.control.changed, self.refresh)
        job.follow_sequence()

    def refresh(self) -> None:
        """Keep the settings as they are while the job is running."""
        idle = not self.job.control.is_running
        is_open = self.job.session.sequence is not None
        for widget in (self.frames, self.folder.native):
            widget.setEnabled(idle and is_open)
        for widget in self.options:
            widget.setEnabled(idle)
