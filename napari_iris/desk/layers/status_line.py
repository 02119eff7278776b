"""ADU and excess under the mouse, in the viewer's status line.

napari has no hook for a plugin's text there (napari issue 2253); it asks each layer by its public
method ``get_status``, in a thread of its own, so that a slow answer delays nothing but the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_iris.app.current_excess import CurrentExcess
    from napari_iris.desk.layers.frames_layer import FramesLayer


class StatusLine:
    """Adds ADU and excess to what our layers say of the place under the mouse.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the open frames.
    excess : CurrentExcess
        Describes pixels of the current frame.
    """

    def __init__(self, frames: FramesLayer, excess: CurrentExcess) -> None:
        self._frames, self._excess = frames, excess
        layers = frames.viewer.layers
        for layer in layers:
            self._extend(layer)
        layers.events.inserted.connect(lambda event: self._extend(event.value))

    def _extend(self, layer: Layer) -> None:
        is_frames = isinstance(layer.data, FrameSequence)
        if is_frames or any(str(key).startswith("iris_") for key in layer.metadata):
            ask = type(layer).get_status
            itself = ref(layer)

            def get_status(position: Any = None, **options: Any) -> dict[str, str]:
                status: dict[str, str] = ask(itself(), position, **options)
                found = "" if position is None else self._at(position)
                if found:
                    value = status["value"]
                    text = found if is_frames or not value else f"{value}, {found}"
                    status.update(value=text, coordinates=f"{status['coords']}: {text}")
                return status

            layer.get_status = get_status

    def _at(self, position: Any) -> str:
        """Describe the pixel of the current frame at a place in the world."""
        layer = self._frames.layer
        if layer is None:
            return ""
        row, column = layer.world_to_data(position)[-2:]
        return self._excess.at(round(row), round(column))
