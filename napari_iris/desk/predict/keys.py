"""Shortcuts of the Predict and Review docks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris.app.keys import MODEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    """

    def __init__(self, frames: FramesLayer, actions: Mapping[str, Callable[[], object]]) -> None:
        self._frames = frames
        self._calls = {one.key: _calling(actions[one.action]) for one in MODEL}

    def bind(self) -> None:
        """Bind the shortcuts."""
        layers = self._frames.viewer.layers
        for provider in (self._frames.viewer, *layers):
            self._bind(provider, self._calls)
        layers.events.inserted.connect(self._insert)

    def unbind(self) -> None:
        """Remove the shortcuts."""
        layers = self._frames.viewer.layers
        layers.events.inserted.disconnect(self._insert)
        for provider in (self._frames.viewer, *layers):
            self._bind(provider, dict.fromkeys(self._calls))

    def _insert(self, event: Any) -> None:
        self._bind(event.value, self._calls)

    @staticmethod
    def _bind(provider: Any, calls: Mapping[str, Callable[[Any], None] | None]) -> None:
        from napari.layers import Image, Layer

        if isinstance(provider, Image) or not isinstance(provider, Layer):
            for key, call in calls.items():
                provider.bind_key(key, call, overwrite=True)


def _calling(action: Callable[[], object]) -> Callable[[Any], None]:
    def call(_: Any) -> None:
        action()

    return call
