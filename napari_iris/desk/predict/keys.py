"""Shortcuts of the Predict and Review docks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris.app.keys import MODEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari.layers import Layer

    from napari_iris.desk.keys.chosen import Keys
    from napari_iris.desk.layers.frames_layer import FramesLayer


class PredictionKeys:
    """Binds the shortcuts of both docks.

    napari looks for a key in the selected layer first, and has some for image layers in 3D;
    therefore each image layer gets the shortcuts as well.

    Parameters
    ----------
    frames : FramesLayer
        The frames, in the viewer whose window receives the keys.
    actions : mapping of str to callable
        What to call, by action; one for each of the table.
    keys : Keys
        The keys that a person has chosen.
    """

    def __init__(
        self, frames: FramesLayer, actions: Mapping[str, Callable[[], object]], keys: Keys
    ) -> None:
        self._frames, self._actions, self._keys = frames, actions, keys

    def bind(self) -> None:
        """Bind the shortcuts."""
        for provider in self._providers():
            self._keys.bind(provider, MODEL, self._actions)
        self._frames.viewer.layers.events.inserted.connect(self._insert)

    def unbind(self) -> None:
        """Remove the shortcuts."""
        self._frames.viewer.layers.events.inserted.disconnect(self._insert)
        for provider in self._providers():
            self._keys.unbind(provider, MODEL)

    def _providers(self) -> list[Any]:
        viewer = self._frames.viewer
        return [viewer, *filter(_is_image, viewer.layers)]

    def _insert(self, event: Any) -> None:
        if _is_image(event.value):
            self._keys.bind(event.value, MODEL, self._actions)


def _is_image(layer: Layer) -> bool:
    from napari.layers import Image

    return isinstance(layer, Image)
