"""Tools that the mouse works on the canvas: the threshold brush, the click that marks a cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_iris.labels import CLOUD, SKY
from napari_iris.masks.edit import stroke

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_iris.desk.curate.mask_in_hand import MaskInHand

Tool = Literal["threshold", "pick"]


class CanvasTool:
    """Listen to the mouse on the layer in hand; napari's own modes end a tool.

    Parameters
    ----------
    hand : MaskInHand
        What the mouse works on.
    on_change : callable
        Called when a tool is taken up or put down.
    """

    def __init__(self, hand: MaskInHand, on_change: Callable[[], None]) -> None:
        self.hand, self._on_change = hand, on_change
        self.tool: Tool | None = None
        hand.layer.mouse_drag_callbacks.append(self._drag)
        hand.layer.events.mode.connect(self._put_down)

    def toggle(self, tool: Tool) -> None:
        """Take a tool up, or put it down if it is up."""
        layer = self.hand.layer
        wanted = None if self.tool == tool else tool
        layer.mode = "pan_zoom"
        self.tool = wanted
        layer.mouse_pan = wanted is None
        layer.cursor = (
            "standard" if wanted is None else "circle" if tool == "threshold" else "cross"
        )
        layer.cursor_size = layer.brush_size
        self._on_change()

    def _put_down(self) -> None:
        if self.tool is not None and self.hand.layer.mode != "pan_zoom":
            self.tool = None
            self._on_change()

    def _drag(self, layer: Any, event: Any) -> Iterator[None]:
        """Follow the mouse from press to release; one undo takes all of it back."""
        other_way = "Shift" in event.modifiers
        if self.tool == "pick":
            row, column = (round(float(part)) for part in layer.world_to_data(event.position)[-2:])
            self.hand.pick((row, column), SKY if other_way else CLOUD)
        elif self.tool == "threshold":
            with layer.block_history():
                yield from self._brush(layer, event, more=not other_way)

    def _brush(self, layer: Any, event: Any, *, more: bool) -> Iterator[None]:
        before, data, shape = self.hand.mask, layer.data, layer.data.shape
        touched = np.zeros(shape, bool)
        last = layer.world_to_data(event.position)[-2:]
        while layer.data is data:  # a key may bring the next frame while the mouse is down
            here = layer.world_to_data(event.position)[-2:]
            touched |= stroke(shape, last, here, layer.brush_size / 2)
            self.hand.brush(before, touched.copy(), more=more)
            last = here
            yield
            if event.type != "mouse_move":
                return
