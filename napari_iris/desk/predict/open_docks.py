"""What the Predict and Review docks of a viewer share while one of them is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.desk.predict.keys import PredictionKeys

if TYPE_CHECKING:
    from napari_iris.app.prediction.acceptance import Acceptance
    from napari_iris.app.prediction.blink import Blink
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.desk.keys.chosen import Keys
    from napari_iris.desk.layers.frames_layer import FramesLayer
    from napari_iris.desk.layers.prediction_layers import PredictionLayers


class OpenDocks:
    """Binds shortcuts with the first open dock, and removes them and all layers with the last.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the frames.
    layers : PredictionLayers
        The layers of the prediction.
    prediction : CurrentPrediction
        The prediction of the current frame.
    acceptance : Acceptance
        Accepts it as label.
    blink : Blink
        Blinks.
    keys : Keys
        The keys that a person has chosen.
    """

    def __init__(
        self,
        frames: FramesLayer,
        layers: PredictionLayers,
        prediction: CurrentPrediction,
        acceptance: Acceptance,
        blink: Blink,
        keys: Keys,
    ) -> None:
        self._layers, self._prediction, self._blink = layers, prediction, blink
        actions = {"accept": acceptance.accept, "blink": blink.step}
        self._keys = PredictionKeys(frames, actions, keys)
        self._docks: set[int] = set()

    def add(self, dock: object) -> None:
        """Note that a dock has opened."""
        if not self._docks:
            self._keys.bind()
        self._docks.add(id(dock))

    def discard(self, dock: object) -> None:
        """Note that a dock has closed."""
        if id(dock) not in self._docks:
            return
        self._docks.remove(id(dock))
        if not self._docks:
            self._keys.unbind()
            self._prediction.set_source(None)
            self._blink.stop()
            self._layers.remove()
