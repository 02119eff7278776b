"""The keys of the Predict and the Review dock, bound while one of the two is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris.app.keys import MODEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_iris.desk.layers.frames_layer import FramesLayer


class ModelKeys:
    """Keys that both docks share.

    napari looks for a key in the selected layer first, and has one for image layers in 3D; so each
    image layer gets the keys as well.

    Parameters
    ----------
    frames : FramesLayer
        The frames in the viewer whose window hears them.
    actions : mapping of str to callable
        What to call, by action; one for each of the table.
    """

    def __init__(self, frames: FramesLayer, actions: Mapping[str, Callable[[], object]]) -> None:
        self._frames = frames
        self._calls = {one.key: _calling(actions[one.action]) for one in MODEL}
        self._docks: set[int] = set()

    def take(self, dock: object) -> None:
        """Bind the keys for a dock."""
        if not self._docks:
            viewer = self._frames.viewer
            self._bind(viewer, self._calls)
            for layer in viewer.layers:
                self._follow(layer)
            viewer.layers.events.inserted.connect(self._insert)
        self._docks.add(id(dock))

    def leave(self, dock: object) -> bool:
        """Give the keys back, if no other dock needs them; say whether that is so."""
        if id(dock) in self._docks:
            self._docks.remove(id(dock))
            if not self._docks:
                viewer, none = self._frames.viewer, dict.fromkeys(self._calls)
                viewer.layers.events.inserted.disconnect(self._insert)
                self._bind(viewer, none)
                for layer in viewer.layers:
                    self._follow(layer, none)
        return not self._docks

    def _insert(self, event: Any) -> None:
        self._follow(event.value)

    def _follow(self, layer: Any, calls: Mapping[str, Any] | None = None) -> None:
        from napari.layers import Image

        if isinstance(layer, Image):
            self._bind(layer, self._calls if calls is None else calls)

    @staticmethod
    def _bind(provider: Any, calls: Mapping[str, Callable[[Any], None] | None]) -> None:
        for key, call in calls.items():
            provider.bind_key(key, call, overwrite=True)


def _calling(action: Callable[[], object]) -> Callable[[Any], None]:
    def call(_: Any) -> None:
        action()

    return call
