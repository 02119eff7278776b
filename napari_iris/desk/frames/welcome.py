"""What a dock shows while no frames are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.desk.layers.frames_layer import FramesLayer

HINT = (
    "<b>No frames are open.</b><br>Drop a FITS frame or a folder of frames into the viewer, "
    "or use <i>File ▸ Open Folder</i>."
)


class Welcome(QWidget):
    """Says how to open frames; hidden once frames are open.

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
        by_tab(self.sample)
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addWidget(self.sample)
        connect(frames.session.sequence_changed, self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.setVisible(self._frames.session.sequence is None)

    def _open_sample(self) -> None:
        self._frames.viewer.open_sample("napari-iris", "night")
