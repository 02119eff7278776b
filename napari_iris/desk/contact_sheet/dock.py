"""The Contact sheet dock: thumbnails of the frames with their masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.app.contact_sheet.sheet import ContactSheet
from napari_iris.desk.contact_sheet.view import SheetView
from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.layout import Wide
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    import napari


class ContactSheetDock(CanvasDock):
    """See many frames at once, go to one, select some.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        workspace = workspace_of(napari_viewer)
        self.session = workspace.session
        self.work_in(workspace)
        self.sheet = ContactSheet(self.session, workspace.curation, workspace.clear_sky)
        self.view = SheetView(self.sheet)
        self.count = TextLine()
        self.fill(Welcome(workspace.frames), self.count, Wide(self.view), width=300)
        connect(self.sheet.listed, self._list)
        connect(self.sheet.drawn, self._draw)
        connect(self.session.frame_changed, self._follow)
        self._list()

    def _list(self) -> None:
        self.view.setVisible(self.session.sequence is not None)
        self.view.show_list()
        self._draw()

    def _draw(self) -> None:
        selected = len(self.session.selected)
        self.count.setText(self.sheet.count + (f", {selected:,} selected" if selected else ""))
        self.view.viewport().update()

    def _follow(self) -> None:
        self.view.follow()

    def leave(self) -> None:
        """Stop making thumbnails once the dock is taken out of the window."""
        self.sheet.close()
