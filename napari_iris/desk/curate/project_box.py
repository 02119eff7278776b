"""Open or create a project, and see its progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget
from superqt import QElidingLabel

from napari_iris.app.curation.progress import Progress
from napari_iris.app.curation.project_opener import ProjectOpener, is_project
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation

HINT = (
    "A project keeps all labels of a set of frames. "
    "Open a project, or create one from the open frames."
)


class ProjectBox(QWidget):
    """Opens and closes a project, and shows its progress.

    Parameters
    ----------
    curation : Curation
        The curation of the project.
    """

    def __init__(self, curation: Curation) -> None:
        super().__init__()
        self._curation = curation
        self.opener = ProjectOpener(curation)
        self.job = self.opener.job
        self.panel = JobPanel(self.job)
        self._closed_page, self._open_page = self._make_closed_page(), self._make_open_page()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._closed_page, self._open_page, self.panel):
            layout.addWidget(part)
        for signal in (curation.project_changed, curation.changed, curation.frame_changed):
            connect(signal, self.refresh)
        connect(self.job.changed, self.refresh)
        connect(curation.session.sequence_changed, self._suggest_folder)
        self._suggest_folder()

    def _make_closed_page(self) -> QWidget:
        page = QWidget()
        hint = text_line()
        hint.setText(HINT)
        self.folder = FolderEdit("The project folder", "project folder")
        self.folder.changed.connect(self.refresh)
        self.open = QPushButton()
        self.open.setToolTip("Open the project in this folder, or create one there")
        self.open.clicked.connect(self._open)
        self.open_read_only = QPushButton("Open read-only")
        self.open_read_only.setToolTip(
            "Open without changing it, even while another window labels it"
        )
        self.open_read_only.clicked.connect(self._open_read_only)
        where, buttons = QHBoxLayout(), QHBoxLayout()
        where.addWidget(QLabel("Folder"))
        where.addWidget(self.folder.native, stretch=1)
        buttons.addWidget(self.open, stretch=1)
        buttons.addWidget(self.open_read_only)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(hint)
        layout.addLayout(where)
        layout.addLayout(buttons)
        return page

    def _make_open_page(self) -> QWidget:
        page = QWidget()
        self.name = QElidingLabel()
        self.add_frames = QPushButton("Add new frames")
        self.add_frames.setToolTip("Scan the source folders, and the open frames, for new files")
        self.add_frames.clicked.connect(self.opener.add_frames)
        self.close_project = QPushButton("Close")
        self.close_project.setToolTip("Close the project; everything is saved")
        self.close_project.clicked.connect(self._curation.close)
        self.done = QProgressBar()
        self.done.setToolTip("Frames that are approved or rejected")
        self.rate = QLabel()
        self.rate.setToolTip("Your pace, without breaks, and the time left at that pace")
        top = QHBoxLayout()
        top.addWidget(self.name, stretch=1)
        top.addWidget(self.add_frames)
        top.addWidget(self.close_project)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.done)
        layout.addWidget(self.rate)
        return page

    def refresh(self) -> None:
        """Show the project's progress, or what can be opened."""
        project = self._curation.project
        self._closed_page.setVisible(project is None)
        self._open_page.setVisible(project is not None)
        if project is None:
            folder = self.folder.chosen
            self.open.setText(self.opener.open_text(folder))
            self.open.setEnabled(self.opener.can_open(folder))
            self.open_read_only.setVisible(is_project(folder))
            return
        progress = Progress.of(project.table, self._curation.pace.per_minute())
        suffix = "  (read-only)" if project.read_only else ""
        self.name.setText(f"{project.folder.name}{suffix}")
        self.name.setToolTip(str(project.folder))
        self.done.setRange(0, max(progress.total, 1))
        self.done.setValue(progress.done)
        self.done.setFormat(progress.done_text)
        self.rate.setText(progress.left_text)
        self.add_frames.setEnabled(self.opener.can_add_frames)

    def _suggest_folder(self) -> None:
        folder = self.opener.default_folder()
        if folder is not None:
            self.folder.value = folder
        self.refresh()

    def _open(self) -> None:
        self.opener.open(self.folder.chosen or Path.cwd())

    def _open_read_only(self) -> None:
        self.opener.open_read_only(self.folder.chosen or Path.cwd())
