"""Default folders for what is made of a frame sequence."""

from __future__ import annotations

import os
from pathlib import Path

from napari_iris.resources import sample_night


def output_folder(frames: Path, kind: str) -> Path:
    """Give the default folder for what is made of some frames.

    Parameters
    ----------
    frames : Path
        The frames' folder.
    kind : str
        What is made, such as 'masks', 'models' or 'project'.

    Returns
    -------
    Path
        Beside the frames; in the home folder for the sample frames, for those in the root folder,
        and where writing beside the frames is not permitted.
    """
    packaged = frames.resolve() == sample_night().resolve()
    if frames.name and os.access(frames.parent, os.W_OK) and not packaged:
        return frames.parent / f"{frames.name}_{kind}"
    return Path.home() / f"iris_{kind.removesuffix('s')}s" / frames.name
