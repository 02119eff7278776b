"""Names for the files that are made of a project's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.names import frame_stem

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.exporters.label import Label
    from napari_iris.project.frame_table import FrameTable


class FileNames:
    """Names for the files made of each frame, no two alike.

    The frame that was taken in first has its own stem; a later one of the same stem gets the name
    of its folder before it: ``sky_1``, ``night2_sky_1``. So a name stays when frames are added.
    Upper and lower case do not make two names, nor does ``_mask`` at the end.

    Parameters
    ----------
    table : FrameTable
        All frames of the project, whether they are exported or not.
    """

    def __init__(self, table: FrameTable) -> None:
        taken: set[str] = set()
        self._others: dict[int, str] = {}
        for row in np.argsort(table.id).tolist():
            path = table.paths[row]
            stem = frame_stem(path)
            name = next((name for name in _names(path, stem) if _is_free(name, taken)), "")
            if name:
                taken.update(_made_of(name))
            if name != stem:
                self._others[int(table.id[row])] = name

    def of(self, label: Label) -> str:
        """Name that a frame's files begin with.

        Raises
        ------
        FrameError
            If none is left, as other frames have its stem, with each of its folders as well.
        """
        name = self._others.get(label.frame, frame_stem(label.path))
        if not name:
            reason = f"other frames are called {frame_stem(label.path)} as well"
            raise FrameError(label.path, reason, "rename it and index it again")
        return name


def _names(path: Path, stem: str) -> list[str]:
    """Stem of a frame, then with one folder's name after the other before it."""
    folders = path.parent.parts[1:][::-1]
    return [stem, *("_".join([*folders[: n + 1][::-1], stem]) for n in range(len(folders)))]


def _is_free(name: str, taken: set[str]) -> bool:
    return taken.isdisjoint(_made_of(name))


def _made_of(name: str) -> tuple[str, str]:
    """Stems of the files that are made of a name."""
    return name.casefold(), f"{name}_mask".casefold()
