"""Open or create a project, and see its progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMenu, QProgressBar, QWidget
from superqt import QElidingLabel

from napari_iris.app.curation.progress import Progress
from napari_iris.app.curation.project_opener import ProjectOpener
from napari_iris.app.form import config_form
from napari_iris.app.tooltip import tip_of
from napari_iris.desk.curate.task_dialog import TaskDialog
from napari_iris.desk.forms.controls import TextLine, button, label
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.layout import Wide, boxed, column, row
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect
from napari_iris.errors import printable
from napari_iris.exporters.export import ExportConfig
from napari_iris.project.folder import is_project
from napari_iris.project.split_config import SplitConfig

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.form import Form
    from napari_iris.masks.config import MaskConfig

HINT = (
    "A project keeps all labels of a set of frames. "
    "Open a project, or create one from the open frames."
)
REMAKE = (
    "Makes the automatic masks again with the settings of the Mask dock. "
    "Masks that a person has drawn, approved or rejected stay."
)
SPLIT = "Assigns the frames to training, validation and test; labels and masks stay."
EXPORT = "Writes masks and labels.csv; the project stays as it is."
BACKUP = "Copies database and masks. Repeated into the same folder, it copies only what is new."
"""What comes of the tasks."""


class ProjectBox(QWidget):
    """Opens and closes a project, and shows its progress.

    Parameters
    ----------
    curation : Curation
        The curation of the project.
    settings : Form of MaskConfig
        Settings of the Mask dock.
    """

    def __init__(self, curation: Curation, settings: Form[MaskConfig]) -> None:
        super().__init__()
        self._curation = curation
        self.opener = ProjectOpener(curation, settings)
        self.job = self.opener.job
        self.panel = JobPanel(self.job)
        self._closed_page, self._open_page = self._make_closed_page(), self._make_open_page()
        column(self, self._closed_page, self._open_page, self.panel)
        for signal in (curation.project_changed, curation.changed, curation.frame_changed):
            connect(signal, self.refresh)
        connect(self.job.changed, self.refresh)
        connect(curation.session.sequence_changed, self._suggest_folder)
        self._suggest_folder()

    def _make_closed_page(self) -> QWidget:
        hint = TextLine()
        hint.setText(HINT)
        self.folder = FolderEdit("The project folder", "project folder")
        self.folder.changed.connect(self.refresh)
        tip = "Open the project in this folder, or create one there"
        self.open = button("", tip, self._open)
        tip = "Open without changing it, even while another window labels it"
        self.open_read_only = button("Open read-only", tip, self._open_read_only)
        where = row("Folder", Wide(self.folder.native))
        return boxed(hint, where, row(Wide(self.open), self.open_read_only))

    def _make_open_page(self) -> QWidget:
        self.name = QElidingLabel()
        tip = "Scan the source folders, and the open frames, for new files"
        self.add_frames = button("Add new frames", tip, self.opener.add_frames)
        tip = "Close the project; everything is saved"
        self.close_project = button("Close", tip, self._curation.close)
        self.more = button("More", "Remake masks, split, export or back up the project")
        self.more.setMenu(self._make_menu())
        self.done = QProgressBar()
        self.done.setToolTip("Frames that are approved or rejected")
        self.rate = label("Your pace, without breaks, and the time left at that pace")
        top = row(Wide(self.name), self.add_frames, self.more, self.close_project)
        return boxed(top, row(Wide(self.done), self.rate))

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        acts = {
            "Remake automatic masks": self._remake,
            "Split...": self._split,
            "Export labels...": self._export,
            "Back up...": self._back_up,
        }
        self.tasks = {text: menu.addAction(text, act) for text, act in acts.items()}
        menu.aboutToShow.connect(self._allow_tasks)
        return menu

    def _allow_tasks(self) -> None:
        tasks = self.opener.tasks
        remake, split, *rest = self.tasks.values()
        problem = tasks.remake_problem
        remake.setEnabled(not problem)
        remake.setToolTip(problem or REMAKE)
        split.setEnabled(tasks.can_change)
        for one in rest:
            one.setEnabled(tasks.can_read)

    def _remake(self) -> None:
        if TaskDialog(self, "Remake masks", REMAKE).exec():
            self.opener.tasks.remake_masks()

    def _split(self) -> None:
        form = config_form(SplitConfig)
        if TaskDialog(self, "Split", SPLIT, form).exec() and form.config is not None:
            self.opener.tasks.split(form.config)

    def _export(self) -> None:
        form, tasks = config_form(ExportConfig), self.opener.tasks
        dialog = TaskDialog(self, "Export", EXPORT, form, tasks.suggested_folder("labels"))
        if dialog.exec() and form.config is not None and dialog.folder.chosen is not None:
            tasks.export(dialog.folder.chosen, form.config)

    def _back_up(self) -> None:
        tasks = self.opener.tasks
        dialog = TaskDialog(self, "Back up", BACKUP, folder=tasks.suggested_folder("backup"))
        if dialog.exec() and dialog.folder.chosen is not None:
            tasks.back_up(dialog.folder.chosen)

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
        self.name.setText(f"{printable(project.folder.name)}{suffix}")
        self.name.setToolTip(tip_of(str(project.folder)))
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
