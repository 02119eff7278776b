"""The site mask of the open project: from shapes, a painted mask or a file, or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.errors import IrisError
from napari_iris.frames.site_mask import SiteMask
from napari_iris.labels import IGNORE
from napari_iris.project.night_references import nights_of
from napari_iris.project.site_mask import choose_site_mask, keep_site_mask, project_site_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.teaching import Teaching


class SiteMasks:
    """Says which pixels of the project's frames never show the sky, and changes that.

    A change renews the automatic masks that nobody has touched; the others keep their pixels.

    Parameters
    ----------
    curation : Curation
        The work on the open project.
    teaching : Teaching
        Renews the masks.

    Attributes
    ----------
    site : SiteMask or None
        The site mask of the open project; None for none.
    problem : str
        Why the last change was not made; empty where it was.
    changed : Signal
        Another one holds, or a change was refused.
    """

    changed = Signal()

    def __init__(self, curation: Curation, teaching: Teaching) -> None:
        self._curation, self._teaching = curation, teaching
        self.site: SiteMask | None = None
        self.problem = ""
        curation.project_changed.connect(self.refresh)
        self.refresh()

    @property
    def text(self) -> str:
        """Which pixels are ignored, or why the last change was refused."""
        if self.problem:
            return self.problem
        hidden = () if self.site is None else tuple(one for one in self.site.images if one.any())
        shown = (f"{one.mean():.1%} of {one.shape[0]}x{one.shape[1]} pixels" for one in hidden)
        return ", ".join(shown) or "None"

    @property
    def can_change(self) -> bool:
        """Whether the open project can be changed."""
        project = self._curation.project
        return project is not None and not project.read_only and self.frame_shape is not None

    @property
    def hides(self) -> bool:
        """Whether any pixel is hidden."""
        return self.site is not None and any(one.any() for one in self.site.images)

    @property
    def frame_shape(self) -> tuple[int, int] | None:
        """Rows and columns of the frames in front."""
        sequence = self._curation.session.sequence
        return None if sequence is None else (sequence.shape[1], sequence.shape[2])

    def take(self, hidden: NDArray[np.bool_]) -> None:
        """Take an image as the site mask of the frames of its shape.

        Parameters
        ----------
        hidden : ndarray of bool, shape (rows, columns)
            True where there is never sky.
        """
        if hidden.all():
            self._refuse("The site mask hides every pixel; leave some sky.")
        else:
            self._change(lambda folder: keep_site_mask(folder, SiteMask((hidden,), "drawn")))

    def take_ignored(self) -> None:
        """Take the pixels that the mask of the current frame ignores."""
        editor, shape = self._curation.editor, self.frame_shape
        if editor is None or shape is None:
            return
        ignored = editor.mask == IGNORE
        if not ignored.any():
            self._refuse("No pixel of this mask is ignored; paint some with the ignore brush.")
        else:
            self.take(_scaled(ignored, shape))

    def take_file(self, path: Path) -> None:
        """Take the site mask of a file."""
        project = self._curation.project
        paths = () if project is None else project.table.paths
        self._change(lambda folder: choose_site_mask(folder, str(path), paths))

    def remove(self) -> None:
        """Hide nothing from now on; a fisheye's circle is then not looked for either."""
        self._change(lambda folder: choose_site_mask(folder, "none", ()))

    def refresh(self) -> None:
        """Read what holds now."""
        project, self.problem = self._curation.project, ""
        try:
            self.site = None if project is None else project_site_mask(project.folder)
        except IrisError as error:
            self.site, self.problem = None, str(error)
        self.changed.emit()

    def _change(self, change: Callable[[Path], object]) -> None:
        project = self._curation.project
        if project is None:
            return
        try:
            change(project.folder)
        except IrisError as error:
            self._refuse(str(error))
            return
        self.refresh()
        self._teaching.learn(*np.unique(nights_of(project.table.time)).tolist())

    def _refuse(self, problem: str) -> None:
        self.problem = problem
        self.changed.emit()


def _scaled(image: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Bring an image to another shape, by the nearest pixel."""
    sides = zip(shape, image.shape, strict=True)
    rows, columns = (np.arange(side) * given // side for side, given in sides)
    scaled: NDArray[np.bool_] = image[rows[:, None], columns]
    return scaled
