"""Tools of the mouse on the canvas: threshold brush, scribbles, region selection, ignore brush."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_iris.app.curation.region_selection import RegionSelection
from napari_iris.app.keys import STROKE
from napari_iris.desk.keys.binding import bind, unbind
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.edit import stroke

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.desk.layers.mask_layer import MaskLayer

Tool = Literal["threshold", "scribble", "pick"]

CURSORS = {None: "standard", "threshold": "circle", "scribble": "circle", "pick": "cross"}


class MouseTools:
    """The active tool on the mask layer; any mode of napari's own ends it.

    Parameters
    ----------
    canvas : MaskLayer
        The layer under the mouse.
    editor : MaskEditor
        Edits its mask.
    on_change : callable
        Called when another tool is active.
    excess : callable
        Gives the excess of the current frame above the clear sky, or None.

    Attributes
    ----------
    region : RegionSelection
        What a click of the region tool takes.
    """

    def __init__(
        self,
        canvas: MaskLayer,
        editor: MaskEditor,
        on_change: Callable[[], None],
        excess: Callable[[], NDArray[np.float32] | None],
    ) -> None:
        self._excess, self.region = excess, RegionSelection(editor, excess)
        self.canvas, self._editor, self._on_change = canvas, editor, on_change
        self._is_suspended = False
        self._tool: Tool | None = None
        layer = canvas.layer
        layer.mouse_drag_callbacks.append(self._drag)
        layer.mouse_move_callbacks.append(self._preview)
        layer.mouse_wheel_callbacks.append(self._step_tolerance)
        layer.events.mode.connect(self._follow_mode)
        layer.events.mode.connect(on_change)
        layer.events.selected_label.connect(on_change)
        editor.edited.connect(self._bind_escape)

    @property
    def active(self) -> set[str]:
        """Names of the active tools."""
        names = set() if self._tool is None else {str(self._tool)}
        return names | {"ignore"} if self._is_ignore_brush else names

    @property
    def _is_ignore_brush(self) -> bool:
        layer = self.canvas.layer
        return bool(layer.mode == "paint" and layer.selected_label == IGNORE)

    def toggle(self, tool: Tool) -> None:
        """Activate a tool, or deactivate it if it is active."""
        layer = self.canvas.layer
        wanted = None if self._tool == tool else tool
        if tool != "scribble":
            self._editor.end_region()
        layer.mode = "pan_zoom"
        self._use(wanted)
        layer.mouse_pan = wanted is None
        layer.cursor, layer.cursor_size = CURSORS[wanted], layer.brush_size

    def _use(self, tool: Tool | None) -> None:
        """Take another tool, or none; the wheel zooms unless it sets the tolerance of regions."""
        if self._tool == "pick":
            self.region.end()
        self._tool, self.canvas.layer.mouse_zoom = tool, tool != "pick"
        self._bind_escape()
        self._on_change()

    def end(self) -> None:
        """Let the threshold apply to the whole frame; if it does, deactivate the tool."""
        if not self._editor.end_region() and self._tool is not None:
            self.toggle(self._tool)
        self._bind_escape()

    def suspend(self, *, suspended: bool) -> None:
        """Leave Escape to a run that is previewed, or take it back."""
        self._is_suspended = suspended
        self._bind_escape()

    def _bind_escape(self) -> None:
        """Take Escape while there is something to end: it is a key of napari's polygons else."""
        if self._is_suspended:
            return
        if self._tool is not None or self._editor.region is not None:
            bind(self.canvas.layer, STROKE, {"whole": self.end})
        else:
            unbind(self.canvas.layer, STROKE)

    def toggle_ignore_brush(self) -> None:
        """Activate napari's brush with label 2 (ignore), or deactivate it."""
        layer, was_active = self.canvas.layer, self._is_ignore_brush
        layer.selected_label = CLOUD if was_active else IGNORE
        layer.mode = "pan_zoom" if was_active else "paint"

    def _follow_mode(self) -> None:
        if self._tool is not None and self.canvas.layer.mode != "pan_zoom":
            self._use(None)

    def _drag(self, layer: Any, event: Any) -> Iterator[None]:
        """Follow the mouse from press to release, as one step to undo."""
        if self._tool == "pick":
            self.region.take(*_aim(layer, event))
        elif self._tool is not None:
            value = IGNORE if "Control" in event.modifiers else _aim(layer, event)[1]
            with layer.block_history():
                yield from self._brush(layer, event, self._stroke(value))

    def _preview(self, layer: Any, event: Any) -> None:
        """Outline the region under the mouse."""
        if self._tool == "pick":
            self.region.preview(*_aim(layer, event))

    def _step_tolerance(self, layer: Any, event: Any) -> None:
        if self._tool == "pick" and "Control" not in event.modifiers:  # with it, frames go by
            self.region.preview(*_aim(layer, event))
            self.region.step_tolerance(float(np.clip(sum(event.delta), -1, 1)))

    def _stroke(self, value: int) -> Callable[[NDArray[np.bool_]], None]:
        """Begin a stroke; what is given draws its pixels so far."""
        editor, before = self._editor, self._editor.mask
        heights = editor.sky_heights(self._excess()) if self._tool == "scribble" else None
        if heights is None:
            return lambda touched: editor.paint_threshold(before, touched, more=value == CLOUD)
        return lambda touched: editor.scribble(before, heights, touched, value)

    def _brush(
        self, layer: Any, event: Any, draw: Callable[[NDArray[np.bool_]], None]
    ) -> Iterator[None]:
        data, shape = layer.data, layer.data.shape
        touched = np.zeros(shape, bool)
        last = layer.world_to_data(event.position)[-2:]
        while layer.data is data:  # a key may show the next frame while the button is down
            here = layer.world_to_data(event.position)[-2:]
            touched |= stroke(shape, last, here, layer.brush_size / 2)
            draw(touched.copy())
            last, painted = here, self._editor.mask
            yield
            if not np.array_equal(self._editor.mask, painted):
                return  # undone, while the button is down
            if event.type != "mouse_move":
                return


def _aim(layer: Any, event: Any) -> tuple[tuple[int, int], int]:
    """Pixel of the mask under the mouse, and what it is to be: cloud, with Shift sky."""
    row, column = (round(float(part)) for part in layer.world_to_data(event.position)[-2:])
    return (row, column), SKY if "Shift" in event.modifiers else CLOUD
