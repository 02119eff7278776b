"""Masks of models that a project's frames start from, and the way back from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.io.user import user_name
from napari_iris.project.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path


def remove_model_masks(folder: Path, by: str | None = None) -> int:
    """Let no frame of a project start from a model's mask any more, in one transaction.

    Human masks and decisions stay, and the history keeps the masks. The same predictions may be
    added again.

    Parameters
    ----------
    folder : Path
        The project folder.
    by : str, optional
        Who removes them; by default the login name.

    Returns
    -------
    int
        Number of frames that had one.

    Raises
    ------
    ProjectError
        If the project cannot be written.
    """
    with Repository(folder) as repository, repository.transaction() as transaction:
        return transaction.remove_model_masks(by or user_name())
