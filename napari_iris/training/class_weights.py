"""Batches in which clear sky and cloud have weights of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.dataset.batch import Batch
    from napari_iris.dataset.batches import Batches


@dataclass(frozen=True)
class ClassWeightedBatches:
    """Multiply the sample weights of batches by class weights; ignored pixels stay ignored.

    Attributes
    ----------
    batches : Batches
        The batches.
    clear, cloud : float
        Weights of clear sky and of cloud, as `SampleTable.class_weights` computes them.
    """

    batches: Batches
    clear: float = 1.0
    cloud: float = 1.0

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Iterate over the batches of an epoch, in order; see `Batches.epoch`."""
        for batch in self.batches.epoch(number):
            # Times, not in place of: ignored pixels have weight 0 and must keep it.
            factor = np.where(batch.y > 0.5, np.float32(self.cloud), np.float32(self.clear))
            yield replace(batch, weight=batch.weight * factor)
