"""Make the masks of this frame, a range or the whole night, as a job beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.commands.write import mask_command
from napari_iris.desk.frames.night_box import NightBox
from napari_iris.desk.frames.places import folder_for
from napari_iris.masks.config import MaskConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.events import EndEvent

KINDS = {"recipe": "by the recipe", "human": "drawn by a person and kept"}
"""How the counts of a finished job read that are no sky's."""


class ApplyBox(NightBox):
    """Make masks of the night.

    Parameters
    ----------
    session : Session
        The night in the viewer.
    config : callable
        Gives the config that the form shows, or None.
    """

    MAKES, START = "masks", "Make masks"
    TIP = "Runs beside the window; a mask that a person drew is kept"

    def __init__(self, session: Session, config: Callable[[], MaskConfig | None]) -> None:
        self._config = config
        super().__init__(session)

    def folder_of_night(self) -> Path | None:
        """Folder beside the night."""
        sequence = self._session.sequence
        return None if sequence is None else folder_for(sequence.paths[0].parent, "masks")

    def is_ready(self) -> bool:
        """Whether the form's values are in their ranges."""
        return self._config() is not None

    def command(self, frames: list[str], out: str) -> list[str]:
        """Command that makes masks as the form says."""
        config = self._config() or MaskConfig()
        return mask_command(frames, out, config)

    def result(self, event: EndEvent) -> str:
        """Say how many masks were made in which way."""
        counts = event.get("masks", {}).items()
        made = ", ".join(f"{count:,} {KINDS.get(kind, kind)}" for kind, count in counts)
        return f"Done: {made or 'no masks'}."
