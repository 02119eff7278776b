"""A folder to choose: typed, or found in a dialog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from magicgui.widgets import FileEdit
from qtpy.QtCore import QObject

from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.suggestion import Suggestion


class FolderEdit(FileEdit):
    """The edit of a folder, which may be none.

    Parameters
    ----------
    tip : str
        What the folder is for.
    name : str
        What a screen reader calls it.
    """

    def __init__(self, tip: str, name: str = "") -> None:
        super().__init__(mode="d", nullable=True, tooltip=tip)
        self.choose_btn.text = "Choose..."
        self.choose_btn.tooltip = "Choose the folder in a dialog"
        self.line_edit.native.setAccessibleName(name)

    @property
    def chosen(self) -> Path | None:
        """The folder as an absolute path; None for none."""
        value = self.value
        return None if value is None else Path(value).expanduser().absolute()

    def follow(self, folder: Suggestion[Path]) -> None:
        """Show a folder of a model, and set it.

        Parameters
        ----------
        folder : Suggestion of Path
            The model's folder.
        """
        self._follower = _Follower(self, folder)


class _Follower(QObject):
    """Connects an edit with a folder of a model, both ways, until the edit is destroyed."""

    def __init__(self, edit: FolderEdit, folder: Suggestion[Path]) -> None:
        super().__init__(edit.native)
        self._edit, self._folder = edit, folder
        edit.changed.connect(lambda _: folder.choose(edit.chosen))
        connect(folder.changed, self._show)
        self._show()

    def _show(self) -> None:
        if self._edit.chosen != self._folder.value:
            self._edit.value = self._folder.value
