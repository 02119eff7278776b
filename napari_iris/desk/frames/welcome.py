"""What a dock shows while no frames are open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    import napari.components

    from napari_iris.desk.layers.frames_layer import FramesLayer

HINT = (
    "<b>No frames are open.</b><br>Drop a FITS frame, or a folder of frames, into the viewer, "
    "or begin with one of these:"
)


class Welcome(QWidget):
    """Says how to begin, with a button for each way; hidden once frames are open.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the open frames.
    """

    def __init__(self, frames: FramesLayer) -> None:
        super().__init__()
        self._frames = frames
        hint = TextLine(markup=True)
        hint.setText(HINT)
        tip = "Thirty simulated frames: clear, cirrus, broken cloud, overcast"
        self.sample = button("Open sample night", tip, self._open_sample)
        tip = "A folder of FITS frames, or of folders of them"
        self.folder = button("Open folder...", tip, self._open_folder)
        tip = "A folder with frames and their labels, as the Curate dock makes it"
        self.project = button("Open project...", tip, self._open_project)
        by_tab(self.sample, self.folder, self.project)
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        for one in (self.sample, self.folder, self.project):
            layout.addWidget(one)
        connect(frames.session.sequence_changed, self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.setVisible(self._frames.session.sequence is None)

    def _open_sample(self) -> None:
        self._frames.viewer.open_sample("napari-iris", "night")

    def _open_folder(self) -> None:
        open_folder(self._frames.viewer, self)

    def _open_project(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, "Project folder"):
            window = self._frames.viewer.window
            _, curate = window.add_plugin_dock_widget("napari-iris", "Curate")
            curate.open_project(Path(folder))


def open_folder(viewer: napari.components.ViewerModel, parent: QWidget) -> None:
    """Ask for a folder of frames, and open it; in place of the frames that are open.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Where to open it.
    parent : QWidget
        The widget that the dialog belongs to.
    """
    if folder := QFileDialog.getExistingDirectory(parent, "Folder of frames"):
        viewer.open(folder, plugin="napari-iris")
