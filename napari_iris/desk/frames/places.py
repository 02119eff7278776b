"""Where what is made of a night goes, unless one chooses."""

from __future__ import annotations

import os
from pathlib import Path

from napari_iris.resources import sample_night


def folder_for(frames: Path, kind: str) -> Path:
    """Give a folder for what is made of some frames: beside them, or where the user may write.

    Parameters
    ----------
    frames : Path
        The frames' folder.
    kind : str
        What is made: 'masks', 'models' or 'project'.
    """
    packaged = frames.resolve() == sample_night().resolve()
    if os.access(frames.parent, os.W_OK) and not packaged:
        return frames.parent / f"{frames.name}_{kind}"
    return Path.home() / f"iris_{kind.removesuffix('s')}s" / frames.name
