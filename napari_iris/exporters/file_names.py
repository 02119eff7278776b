"""Names for the files that are made of a project's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.names import frame_stem

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.exporters.frame_label import FrameLabel
    from napari_iris.project.frame_table import FrameTable


class FileNames:
    """Names for the files of each frame, all different.

    Of frames with the same stem, the one indexed first gets the stem, and a later one the name of
    its folder before it: ``sky_1``, ``night2_sky_1``. So names stay when frames are added. Names
    that differ in case only, or by ``_mask`` at the end, count as the same.

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
                taken.update(_stems_of(name))
            if name != stem:
                self._others[int(table.id[row])] = name

    def of(self, label: FrameLabel) -> str:
        """Name for the files of a frame, without their endings.

        Raises
        ------
        FrameError
            If other frames have its stem, also with the names of its folders before it.
        """
        name = self._others.get(label.frame, frame_stem(label.path))
        if not name:
            reason = f"other frames are named {frame_stem(label.path)} as well"
            raise FrameError(label.path, reason, "rename it and index it again")
        return name


def _names(path: Path, stem: str) -> list[str]:
    """Stem of a frame, then with the names of one, two, ... of its folders before it."""
    folders = path.parent.parts[1:][::-1]
    return [stem, *("_".join([*folders[: n + 1][::-1], stem]) for n in range(len(folders)))]


def _is_free(name: str, taken: set[str]) -> bool:
    return taken.isdisjoint(_stems_of(name))


def _stems_of(name: str) -> tuple[str, str]:
    """Stems of the files that get a name, in lower case."""
    return name.casefold(), f"{name}_mask".casefold()
