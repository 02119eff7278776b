"""What the window of the demo says beside its result: what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.forms.layout import filled, row
from napari_iris.desk.frames.welcome import open_folder

if TYPE_CHECKING:
    import napari

TITLE = "Next steps"
"""Title of the dock."""

TEXT = (
    "This is the sample night with its predictions: Left and Right step through the frames, and "
    "the Review dock lists them, the most uncertain first. <b>Next:</b> open frames of your own, "
    "or correct the masks of this night; every dock is under <i>Plugins &gt; IRIS cloud masks</i>."
)

MAX_LINES = 6
"""Height of the dock at most, in lines of text: the frames keep the room."""


class NextSteps(QWidget):
    """Says what is shown and what to do next, with a button for each step.

    Parameters
    ----------
    viewer : napari.Viewer
        The viewer that it is a dock of.
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        text = TextLine(markup=True)
        text.setText(TEXT)
        tip = "A folder of FITS frames, or of folders of them"
        self.folder = button("Open your frames...", tip, self._open_folder)
        tip = "The Curate dock: correct masks with one key per frame, and keep them in a project"
        self.curate = button("Correct masks...", tip, lambda: self._open_dock("Curate"))
        tip = "The Train dock: a model for your camera, from the masks you corrected"
        self.train = button("Train a model...", tip, lambda: self._open_dock("Train"))
        self.setMaximumHeight(MAX_LINES * self.fontMetrics().height())
        by_tab(self.folder, self.curate, self.train)
        filled(QVBoxLayout(self), (text, row(self.folder, self.curate, self.train, None)))

    def _open_folder(self) -> None:
        open_folder(self._viewer, self)

    def _open_dock(self, name: str) -> None:
        self._viewer.window.add_plugin_dock_widget("napari-iris", name)
