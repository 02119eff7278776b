"""What the prediction needs of the curation of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.project.project import Project


class Curation(Protocol):
    """The work on the open project."""

    @property
    def project(self) -> Project | None:
        """The open project."""

    @property
    def row(self) -> int | None:
        """Row of the current frame in the project's table; None if it is no frame of it."""

    @property
    def frame(self) -> int:
        """Number of the current frame in the project."""

    def save(self) -> bool:
        """Save the edited mask; return whether that succeeded."""

    def reload(self) -> None:
        """Read the project again."""


class Decisions(Protocol):
    """Decisions on the current frame."""

    @property
    def curation(self) -> Curation:
        """The work on the open project."""

    def accept(self, mask: NDArray[np.uint8], how: str) -> None:
        """Approve a mask, made as `how` says, and go to the next frame."""
