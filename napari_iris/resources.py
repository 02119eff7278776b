"""Data that comes with napari-iris: the sample night and the shipped models."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).parent


def sample_night() -> Path:
    """Folder of the simulated sample night: thirty raw frames of one night."""
    return _data("sample_data") / "night"


def models_folder() -> Path:
    """Folder of the shipped models, one folder each."""
    return _data("models")


def is_shipped(folder: Path) -> bool:
    """Whether a model folder came with napari-iris.

    Parameters
    ----------
    folder : Path
        A model folder.

    Returns
    -------
    bool
        True for the shipped models, whatever links lead to them.
    """
    # Path.resolve raises RuntimeError for a link that leads to itself
    place = Path(os.path.realpath(folder))
    return place.is_relative_to(os.path.realpath(models_folder()))


def _data(name: str) -> Path:
    """Folder of data: inside the package in a wheel, beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
