"""A check box that shows and hides an overlay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox

from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.overlay import Overlay


class OverlayCheck(QCheckBox):
    """A check box that is checked while an overlay is wanted.

    Parameters
    ----------
    overlay : Overlay
        The overlay.
    text, tip : str
        Label and tooltip.
    """

    def __init__(self, overlay: Overlay, text: str, tip: str) -> None:
        super().__init__(text)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setChecked(overlay.wanted)
        self.toggled.connect(overlay.set_wanted)
        connect(overlay.wanted_changed, self._follow)

    def _follow(self, wanted: bool) -> None:
        self.setChecked(wanted)
