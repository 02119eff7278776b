"""What travels inside the package: the sample night and the shipped models."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample_night() -> Path:
    """Folder of the simulated sample night: thirty raw frames of one night."""
    return Path(str(files("napari_iris"))) / "sample_data" / "night"


def is_shipped(folder: Path) -> bool:
    """Whether a model folder came with napari-iris."""
    return folder.resolve().is_relative_to(models_folder().resolve())


def models_folder() -> Path:
    """Folder of the shipped models, one folder each."""
    return Path(str(files("napari_iris"))) / "models"
