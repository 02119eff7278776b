"""Open or create a project, and add frames to it in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.app.background import Background
from napari_iris.app.curation.project_tasks import ProjectTasks
from napari_iris.app.jobs.control import JobControl
from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.places import output_folder
from napari_iris.commands.write import index_command
from napari_iris.errors import IrisError
from napari_iris.masks.config import MaskConfig
from napari_iris.numbers import format_count
from napari_iris.project.auto_mask import MASK_CONFIG
from napari_iris.project.folder import DATABASE, is_project
from napari_iris.project.frame_table import read_table
from napari_iris.project.project import Project
from napari_iris.project.settings import read_setting

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.form import Form
    from napari_iris.project.frame_table import FrameTable


LARGE = 10_000_000
"""Size of a database from which it is read in the background [bytes]: some 10^4 frames."""

RESULTS = {
    "remade": "{:,} masks made again.",
    "files": "{:,} files exported.",
    "copied": "{:,} files copied.",
}
"""What a task has done, by the key of its result."""


class ProjectProgress(JobProgress):
    """Progress of ``napari-iris project``: index, remake-masks, export, backup."""

    def result_text(self) -> str:
        """Say what a task has done; a project's frames are seen in the window."""
        result = dict(self.results[-1]) if self.results else {}
        texts = [text.format(result[key]) for key, text in RESULTS.items() if key in result]
        return " ".join(texts)

    def stopped_text(self) -> str:
        """Describe what a cancelled job leaves."""
        return f"Stopped after {format_count(self.done, 'frame')}; they are in the project."


class ProjectOpener:
    """Opens projects for a curation.

    Parameters
    ----------
    curation : Curation
        The curation.
    settings : Form of MaskConfig
        The settings of the Mask dock, which a new project starts with.

    Attributes
    ----------
    job : JobControl
        Adds frames to the open project.
    tasks : ProjectTasks
        Other tasks on the open project.
    """

    def __init__(self, curation: Curation, settings: Form[MaskConfig]) -> None:
        self._curation, self._session, self._settings = curation, curation.session, settings
        self.job = JobControl(self._session.timers, ProjectProgress())
        self.job.ended.connect(curation.reload)
        self._reader = Background(self._session.timers)
        self._reader.done.connect(self._finish)
        self.tasks = ProjectTasks(curation, self.job, settings)

    def default_folder(self) -> Path | None:
        """Give the folder to suggest; None while a project is open, or no frames are."""
        sequence = self._session.sequence
        if self._curation.project is not None or sequence is None:
            return None
        return output_folder(sequence.paths[0].parent, "project")

    def open_text(self, folder: Path | None) -> str:
        """Say what `open` does with a folder."""
        return "Open project" if is_project(folder) else "Create project from these frames"

    def can_open(self, folder: Path | None) -> bool:
        """Whether there is a project in a folder, or frames to create one from."""
        if folder is None or self.job.is_running or self.is_opening:
            return False
        return is_project(folder) or self._session.sequence is not None

    @property
    def is_opening(self) -> bool:
        """Whether a large project is being read."""
        return not self._reader.is_idle

    def stop(self) -> None:
        """Open no large project that is still being read."""
        self._reader.discard()

    def open(self, folder: Path) -> None:
        """Open a project, or create one and add the open frames to it.

        Parameters
        ----------
        folder : Path
            The project folder.
        """
        is_new, sources = not is_project(folder), self._session.sources
        project = self._open(folder, read_only=False)
        if project is not None and is_new:
            self.job.start([index_command(project.folder, sources, self._settings.config)])

    def open_read_only(self, folder: Path) -> None:
        """Open a project without changing it.

        Parameters
        ----------
        folder : Path
            The project folder.
        """
        self._open(folder, read_only=True)

    @property
    def can_add_frames(self) -> bool:
        """Whether frames can be added to the open project now."""
        project = self._curation.project
        return project is not None and not project.read_only and not self.job.is_running

    def add_frames(self) -> None:
        """Add new files of the project's sources, and the open frames, to the project."""
        project = self._curation.project
        if project is None:
            return
        sources = dict.fromkeys([*project.sources, *self._session.sources])
        if sources:
            config = read_setting(project.repository, MASK_CONFIG, MaskConfig, MaskConfig())
            self.job.start([index_command(project.folder, sources, config)])
        else:
            self._curation.report("Open a folder of frames first to add them.")

    def _open(self, folder: Path, *, read_only: bool) -> Project | None:
        """Open a project; a large one once it is read in the background."""
        if not is_project(folder) or (folder / DATABASE).stat().st_size < LARGE:
            return self._use(folder, read_only, None)
        self._curation.report(f"Opening {folder.name}...")
        self._reader.submit(lambda: (folder, read_only, read_table(folder)))
        return None

    def _finish(self, found: tuple[Path, bool, FrameTable] | IrisError) -> None:
        if isinstance(found, IrisError):
            self._curation.report(str(found))
            return
        folder, read_only, table = found
        opening = self._curation.message
        self._use(folder, read_only, table)
        if self._curation.message == opening:
            self._curation.report("")
        self.job.changed.emit()

    def _use(self, folder: Path, read_only: bool, table: FrameTable | None) -> Project | None:
        try:
            project = Project(folder, read_only=read_only, exclusive=not read_only, table=table)
        except IrisError as error:
            self._curation.report(str(error))
            return None
        self._curation.open(project)
        return project
