"""Open a project or start one on the night in view, and see how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from napari_iris.app.curation.progress import Progress
from napari_iris.app.jobs.control import JobControl
from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.places import output_folder
from napari_iris.commands.write import index_command
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect
from napari_iris.errors import IrisError
from napari_iris.numbers import format_count
from napari_iris.project.folder import DATABASE
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation


class IndexProgress(JobProgress):
    """Progress of ``napari-iris project index``."""

    def stopped_text(self) -> str:
        """Describe what a cancelled job leaves."""
        return f"Stopped after {format_count(self.done, 'frame')}; they are in the project."


class ProjectBox(QWidget):
    """Which project is in hand.

    Parameters
    ----------
    curation : Curation
        The work on it.
    """

    def __init__(self, curation: Curation) -> None:
        super().__init__()
        self._curation = curation
        self.job = JobControl(curation.session.timers, IndexProgress())
        self.panel = JobPanel(self.job)
        connect(self.job.ended, self._take_frames)
        self._closed, self._opened = self._closed_page(), self._open_page()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._closed, self._opened, self.panel):
            layout.addWidget(part)
        for signal in (curation.project_changed, curation.changed, curation.frame_changed):
            connect(signal, self.refresh)
        connect(curation.session.sequence_changed, self._suggest)
        self._suggest()
        self.refresh()

    def _closed_page(self) -> QWidget:
        page = QWidget()
        hint = QLabel(
            "A project keeps all labels of a set of frames. "
            "Open a project, or create one from the open frames."
        )
        hint.setWordWrap(True)
        self.folder = FolderEdit("The project folder")
        self.folder.changed.connect(self._enable)
        self.begin = QPushButton()
        self.begin.clicked.connect(self._begin)
        self.look = QPushButton("Open read-only")
        self.look.setToolTip("Open without changing it, even while another window labels it")
        self.look.clicked.connect(self._look)
        where, buttons = QHBoxLayout(), QHBoxLayout()
        where.addWidget(QLabel("Folder"))
        where.addWidget(self.folder.native, stretch=1)
        buttons.addWidget(self.begin, stretch=1)
        buttons.addWidget(self.look)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(hint)
        layout.addLayout(where)
        layout.addLayout(buttons)
        return page

    def _open_page(self) -> QWidget:
        page = QWidget()
        self.name = QElidingLabel()
        self.more = QPushButton("Add new frames")
        self.more.setToolTip("Scan the source folders, and the open frames, for new files")
        self.more.clicked.connect(self._index)
        self.close_project = QPushButton("Close")
        self.close_project.setToolTip("Close the project; everything is saved")
        self.close_project.clicked.connect(self._curation.close)
        self.done = QProgressBar()
        self.done.setToolTip("Frames that are approved or rejected")
        self.rate = QLabel()
        top = QHBoxLayout()
        top.addWidget(self.name, stretch=1)
        top.addWidget(self.more)
        top.addWidget(self.close_project)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.done)
        layout.addWidget(self.rate)
        return page

    def refresh(self) -> None:
        """Show how far the project is."""
        project = self._curation.project
        self._closed.setVisible(project is None)
        self._opened.setVisible(project is not None)
        if project is None:
            self._enable()
            return
        progress = Progress.of(project.table, self._curation.pace.per_minute())
        suffix = "  (read-only)" if project.read_only else ""
        self.name.setText(f"{project.folder.name}{suffix}")
        self.name.setToolTip(str(project.folder))
        self.done.setRange(0, max(progress.total, 1))
        self.done.setValue(progress.done)
        self.done.setFormat(progress.done_text)
        self.rate.setText(progress.left_text)
        self.more.setEnabled(not project.read_only and not self.job.is_running)

    def _suggest(self) -> None:
        """Suggest a folder for the night in view."""
        sequence = self._curation.session.sequence
        if self._curation.project is None and sequence is not None:
            self.folder.value = output_folder(sequence.paths[0].parent, "project")
        self._enable()

    def _enable(self) -> None:
        folder = self.folder.chosen
        there = folder is not None and (folder / DATABASE).is_file()
        night = self._curation.session.sequence is not None
        self.begin.setText("Open project" if there else "Create project from these frames")
        idle = not self.job.is_running
        self.begin.setEnabled(folder is not None and idle and (there or night))
        self.look.setVisible(there)

    def _begin(self) -> None:
        """Open the project, or make it of the night in view."""
        folder = self.folder.chosen or Path.cwd()
        there = (folder / DATABASE).is_file()
        sources = self._sources()
        project = self._open(folder, read_only=False)
        if project is not None and not there:
            self.job.start([index_command(project.folder, sources)])
            self.refresh()

    def _look(self) -> None:
        self._open(self.folder.chosen or Path.cwd(), read_only=True)

    def _open(self, folder: Path, *, read_only: bool) -> Project | None:
        try:
            project = Project(folder, read_only=read_only, exclusive=not read_only)
        except IrisError as error:
            self._curation.report(str(error))
            return None
        self._curation.open(project)
        return project

    def _index(self) -> None:
        """Look for new frames."""
        project = self._curation.project
        if project is not None:
            sources = dict.fromkeys([*project.sources, *self._sources()])
            if sources:
                self.job.start([index_command(project.folder, sources)])
                self.refresh()
            else:
                self._curation.report("Open a folder of frames first to add them.")

    def _sources(self) -> list[str]:
        """Give what the night in view was opened from."""
        return self._curation.session.sources

    def _take_frames(self) -> None:
        self._curation.reload()
        self.refresh()
