"""A job on frames of the open sequence, with an output folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.app.frame_range import FrameRange
from napari_iris.app.jobs.control import JobControl, shell_commands
from napari_iris.app.suggestion import Suggestion
from napari_iris.commands.options import option_words
from napari_iris.project.site_mask import SITE_MASK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.app.jobs.control import Commands
    from napari_iris.app.jobs.progress import JobProgress
    from napari_iris.app.session import Session

MAX_ARGUMENTS = 20
"""Most frames that are named one by one on the command line; more go into a list file."""


class FrameJob:
    """Choose frames and a folder, and run a command on them; subclasses write the command.

    Parameters
    ----------
    session : Session
        The open sequence.
    progress : JobProgress
        Describes the job.

    Attributes
    ----------
    range : FrameRange
        The chosen frames.
    folder : Suggestion of Path
        Output folder.
    control : JobControl
        Runs the job.
    """

    def __init__(self, session: Session, progress: JobProgress) -> None:
        self.session = session
        self.range = FrameRange()
        self.folder: Suggestion[Path] = Suggestion()
        self.control = JobControl(session.timers, progress)
        self.control.ended.connect(self._remove_lists)
        self.folder.changed.connect(self.refresh)
        self._known: tuple[list[str], Path | None] = ([], None)
        self._running: Commands = ()

    @property
    def site_words(self) -> list[str]:
        """The option for the site mask of the project whose frames are open."""
        project = None if self.session.sources else self.session.project
        file = None if project is None else project / SITE_MASK
        return list(option_words("site_mask", file if file and file.exists() else None))

    # --- a subclass says

    def default_folder(self) -> Path | None:
        """Give the folder to suggest for the open sequence."""
        raise NotImplementedError

    def commands_for(self, frames: Sequence[str], out: str) -> Commands:
        """Write the commands that process some frames.

        Parameters
        ----------
        frames : sequence of str
            Files, folders or ``@list.txt``.
        out : str
            Output folder.
        """
        raise NotImplementedError

    def settings_problem(self) -> str:
        """Say why the settings cannot be used; empty if they can."""
        return ""

    # --- what it does

    @property
    def problem(self) -> str:
        """Why the job cannot be started; empty if it can."""
        if self.session.sequence is None:
            return "No frames are open."
        if self.folder.value is None:
            return f"Choose a folder for the {self.control.progress.OUTPUT}."
        return self.settings_problem()

    def follow_sequence(self) -> None:
        """Fit the range and the folder to the open sequence, or to its new frames."""
        sequence, sources = self.session.sequence, self.session.sources
        count = 0 if sequence is None else len(sequence)
        known = sources, sequence.paths[0].parent if sequence else None
        if count and known == self._known:
            self.range.grow(count)
            return
        self._known = known
        self.range.fit(count)
        if count:
            self.folder.suggest(self.default_folder(), replace=True)
        self.refresh()

    def refresh(self) -> None:
        """Check again whether the job can be started."""
        self.control.offer(self.problem)

    def commands(self) -> Commands:
        """Write the commands for the chosen frames; a long list of frames goes into a file."""
        return self.commands_for(self._frames(), str(self.folder.value or Path.cwd()))

    def shell_line(self) -> str:
        """Write the job for a shell."""
        return shell_commands(self.commands())

    def start(self) -> None:
        """Start the job, if it can be started."""
        self.refresh()
        if self.control.can_start:
            self._running = self.commands()
            self.control.start(self._running)

    def _frames(self) -> list[str]:
        sequence, sources = self.session.sequence, self.session.sources
        if sequence is None:
            return []
        span = self.range.span(self.session.number)
        if span is None and 0 < len(sources) <= MAX_ARGUMENTS:
            return sources
        packed = sequence.paths.packed if span is None else sequence.paths.packed[span]
        names: list[bytes] = packed.tolist()
        return [_write_list(names)] if len(names) > MAX_ARGUMENTS else list(map(os.fsdecode, names))

    def _remove_lists(self) -> None:
        for command in self._running:
            for argument in command:
                if argument.startswith("@"):
                    Path(argument[1:]).unlink(missing_ok=True)
        self._running = ()


def _write_list(names: Sequence[bytes]) -> str:
    """Write frames to a list file and give the argument that names it."""
    with tempfile.NamedTemporaryFile(prefix="iris-frames-", suffix=".txt", delete=False) as file:
        file.write(b"".join(name + b"\n" for name in names))
    return f"@{file.name}"
