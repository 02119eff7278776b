"""Which pixels never show the sky: drawn as shapes, taken from a painted mask or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.forms.layout import boxed, column, grid
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari.components import LayerList
    from napari.layers import Layer, Shapes

    from napari_iris.app.curation.site_masks import SiteMasks

SHAPES = "site mask shapes"
"""Name of the layer in which shapes are drawn."""

HINT = "Draw circles or polygons with the tools of the layer, then choose the side to ignore."


class SiteBox(QWidget):
    """Shows the site mask of the project, and changes it.

    Parameters
    ----------
    masks : SiteMasks
        The site mask.
    layers : LayerList
        Layers of the viewer.
    """

    def __init__(self, masks: SiteMasks, layers: LayerList) -> None:
        super().__init__()
        self._masks, self._layers = masks, layers
        self._shapes: Shapes | None = None
        self._before: Layer | None = None
        self.text = TextLine()
        self.text.setToolTip("Pixels that never show the sky: masks and scores leave them out")
        self.draw = button("Draw", "Draw circles or polygons around what is not sky", self._draw)
        tip = "Use the pixels that the current mask ignores (ignore brush: I)"
        self.ignored = button("From mask", tip, masks.take_ignored)
        tip = "Read a FITS image (0 is sky, 1 is not), or a DS9 region file"
        self.file = button("File...", tip, self._choose)
        self.remove = button("Remove", "Stop ignoring these pixels", masks.remove)
        hint = TextLine()
        hint.setText(HINT)
        tip = "Ignore the pixels inside the shapes"
        self.inside = button("Ignore inside", tip, lambda: self._take(inside=True))
        tip = "Ignore the pixels outside all shapes, as for a fisheye"
        self.outside = button("Ignore outside", tip, lambda: self._take(inside=False))
        tip = "Remove the shapes; the site mask stays as it is"
        self.cancel = button("Cancel", tip, self._end)
        buttons = (self.draw, self.ignored, self.file, self.remove)
        sides = (self.inside, self.outside, self.cancel)
        by_tab(*buttons, *sides)
        self._idle, self._drawing = boxed(grid(buttons, 4)), boxed(hint, grid(sides, 3))
        column(self, self.text, self._idle, self._drawing)
        connect(masks.changed, self.refresh)
        layers.events.removed.connect(self._follow_layers)
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        self.text.setText(self._masks.text)
        can_change, is_drawing = self._masks.can_change, self._shapes is not None
        self._idle.setVisible(not is_drawing)
        self._drawing.setVisible(is_drawing)
        for one in (self.draw, self.ignored, self.file):
            one.setEnabled(can_change)
        self.remove.setEnabled(can_change and self._masks.hides)

    def _draw(self) -> None:
        from napari.layers import Shapes

        self._shapes = Shapes(
            name=SHAPES, ndim=2, face_color="#b5657680", edge_color="#ffd166", edge_width=1
        )
        self._before = self._layers.selection.active
        self._layers.append(self._shapes)
        self._layers.selection.active = self._shapes
        self._shapes.mode = "add_ellipse"
        self.refresh()

    def _take(self, *, inside: bool) -> None:
        shape, shapes = self._masks.frame_shape, self._shapes
        if shapes is None or shape is None or not len(shapes.data):
            return
        covered = np.any(np.asarray(shapes.to_masks(shape), bool), axis=0, keepdims=True)[0]
        self._end()
        self._masks.take(covered if inside else ~covered)

    def _end(self) -> None:
        if self._shapes is not None and self._shapes in self._layers:
            self._layers.remove(self._shapes)
        self._follow_layers()

    def _follow_layers(self) -> None:
        """End the drawing once its layer is removed."""
        if self._shapes is not None and self._shapes not in self._layers:
            before, self._shapes, self._before = self._before, None, None
            if before in self._layers:
                self._layers.selection.active = before
            self.refresh()

    def _choose(self) -> None:
        kinds = "Site masks (*.fits *.fits.gz *.fit *.reg);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self, "Site mask", "", kinds)
        if path:
            self._masks.take_file(Path(path))
