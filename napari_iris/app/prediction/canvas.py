"""What shows the prediction of the current frame; napari's layers implement it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from napari_iris.app.overlay import Overlay


class PredictionCanvas(Protocol):
    """Overlays of a prediction, of the truth, and of their differences."""

    @property
    def probability(self) -> Overlay:
        """Probability of cloud, float32, 0 to 1."""

    @property
    def mask(self) -> Overlay:
        """Mask at the threshold, uint8: 0 sky, 1 cloud, 2 ignore."""

    @property
    def uncertainty(self) -> Overlay:
        """Standard deviation of the probability over flipped and shifted copies, float32."""

    @property
    def truth(self) -> Overlay:
        """Reference mask, uint8: 0 sky, 1 cloud, 2 ignore."""

    @property
    def errors(self) -> Overlay:
        """Error map, uint8, see `error_map`."""
