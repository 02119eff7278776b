"""A folder to choose: typed, or found in a dialog."""

from __future__ import annotations

from pathlib import Path

from magicgui.widgets import FileEdit


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
        self.choose_btn.text = "Choose ..."
        self.line_edit.native.setAccessibleName(name)

    @property
    def chosen(self) -> Path | None:
        """The folder, spelt out; None for none."""
        value = self.value
        return None if value is None else Path(value).expanduser().absolute()
