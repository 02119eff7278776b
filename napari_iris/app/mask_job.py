"""Make masks of the open sequence as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.app.jobs.frame_job import FrameJob
from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.places import output_folder
from napari_iris.commands.write import mask_command
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.app.form import Form
    from napari_iris.app.jobs.control import Commands
    from napari_iris.app.session import Session
    from napari_iris.masks.config import MaskConfig


class MaskProgress(JobProgress):
    """Progress of ``napari-iris mask``."""

    OUTPUT = "masks"

    def result_text(self) -> str:
        """Count the masks by sky condition, or by the recipe alone, and human masks left as is."""
        counts = dict(self.results[-1].get("masks", {})) if self.results else {}
        human = counts.pop("human", 0)
        kinds = [f"{count:,} {kind}" for kind, count in counts.items() if kind != "recipe"]
        kinds += [f"{counts['recipe']:,} without sky gate"] if counts.get("recipe") else []
        text = f"{format_count(sum(counts.values()), 'mask')} made"
        text += f" ({', '.join(kinds)})" if kinds else ""
        text += f", {format_count(human, 'human mask')} kept" if human else ""
        return f"{text}."


class MaskJob(FrameJob):
    """Make masks.

    Parameters
    ----------
    session : Session
        The open sequence.
    settings : Form of MaskConfig
        The settings of the Mask dock.
    """

    def __init__(self, session: Session, settings: Form[MaskConfig]) -> None:
        self._settings = settings
        super().__init__(session, MaskProgress())

    def default_folder(self) -> Path | None:
        """Give the folder beside the frames."""
        sequence = self.session.sequence
        return None if sequence is None else output_folder(sequence.paths[0].parent, "masks")

    def settings_problem(self) -> str:
        """Say which value of the form is not valid, and what is; empty if all are."""
        return self._settings.problem

    def commands_for(self, frames: Sequence[str], out: str) -> Commands:
        """Write the command with the values of the form.

        Parameters
        ----------
        frames : sequence of str
            Files, folders or ``@list.txt``.
        out : str
            Folder for the masks.
        """
        config = self._settings.config
        return [] if config is None else [[*mask_command(frames, out, config), *self.site_words]]
