"""Tasks on a whole project: automatic masks made again, split, export, backup."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from napari_iris.app.background import Background
from napari_iris.commands.write import backup_command, export_command, remake_command
from napari_iris.errors import IrisError
from napari_iris.masks.config import MaskConfig
from napari_iris.project.auto_mask import MASK_CONFIG
from napari_iris.project.project import Project
from napari_iris.project.settings import read_setting
from napari_iris.project.split import split

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.form import Form
    from napari_iris.app.jobs.control import JobControl
    from napari_iris.app.jobs.progress import JobProgress
    from napari_iris.exporters.export import ExportConfig
    from napari_iris.project.split_config import SplitConfig


class ProjectTasks:
    """Tasks on the open project, one at a time.

    Parameters
    ----------
    curation : Curation
        The curation of the project.
    job : JobControl
        Runs the long ones.
    settings : Form of MaskConfig
        The settings of the Mask dock.
    """

    def __init__(
        self,
        curation: Curation,
        job: JobControl[JobProgress],
        settings: Form[MaskConfig],
    ) -> None:
        self._curation, self._job, self._settings = curation, job, settings
        self._worker = Background(curation.session.timers)
        self._worker.done.connect(self._finish_split)

    @property
    def can_change(self) -> bool:
        """Whether the project can be changed now."""
        project = self._curation.project
        return project is not None and not project.read_only and self.can_read

    @property
    def can_read(self) -> bool:
        """Whether a task can be started that only reads the project."""
        is_free = not self._job.is_running and self._worker.is_idle
        return self._curation.project is not None and is_free

    def suggested_folder(self, ending: str) -> Path | None:
        """Suggest a folder beside the project, such as one that ends with ``labels``."""
        project = self._curation.project
        return (
            None if project is None else project.folder.with_name(f"{project.folder.name}_{ending}")
        )

    @property
    def remake_problem(self) -> str:
        """Why the automatic masks need not, or cannot, be made again; empty if they can."""
        project, config = self._curation.project, self._settings.config
        if project is None or not self.can_change:
            return "Not now: the project is read-only or busy."
        if config is None:
            return f"Mask dock: {self._settings.problem}."
        if config == read_setting(project.repository, MASK_CONFIG, MaskConfig, MaskConfig()):
            return "The masks already have the settings of the Mask dock."
        return ""

    def remake_masks(self) -> None:
        """Make the automatic masks again that nobody has touched, as the Mask dock says."""
        project, config = self._curation.project, self._settings.config
        if project is not None and config is not None and not self.remake_problem:
            self._job.start([remake_command(project.folder, config)])

    def export(self, out: Path, config: ExportConfig) -> None:
        """Export the labels."""
        if (project := self._saved()) is not None:
            self._job.start([export_command(project.folder, out, config)])

    def back_up(self, out: Path) -> None:
        """Back the project up to another folder."""
        if (project := self._saved()) is not None:
            self._job.start([backup_command(project.folder, out)])

    def split(self, config: SplitConfig) -> None:
        """Split the frames into parts, in the background."""
        project = self._saved()
        if project is not None and self.can_change:
            self._curation.report("Splitting...")
            self._worker.submit(partial(_split, project.folder, config))

    def _saved(self) -> Project | None:
        """Give the project once what is drawn is saved; None where that failed."""
        return self._curation.project if self.can_read and self._curation.finish_frame() else None

    def _finish_split(self, counts: dict[str, int] | IrisError) -> None:
        if isinstance(counts, IrisError):
            self._curation.report(f"Not split: {counts}")
            return
        parts = ", ".join(f"{counts[part]:,} {part}" for part in ("train", "validation", "test"))
        left_out = (
            f"{counts['left_out']:,} left out: rejected, duplicates, or too near another part"
        )
        self._curation.reload()
        self._curation.report(f"Split: {parts}; {left_out}.")


def _split(folder: Path, config: SplitConfig) -> dict[str, int]:
    with Project(folder) as project:
        return split(project, config)
