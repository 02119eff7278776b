"""Batches in which clear and cloud count as they are told to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.dataset import Batch, Batches


@dataclass(frozen=True)
class Weighed:
    """Batches whose weights are those of others, times what the class of each value counts.

    What is to be ignored stays so.

    Attributes
    ----------
    batches : Batches
        The batches.
    clear, cloud : float
        What clear sky and cloud count, as `class_weights` gives it.
    """

    batches: Batches
    clear: float = 1.0
    cloud: float = 1.0

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Give the batches of an epoch, in order; see `Batches.epoch`."""
        for batch in self.batches.epoch(number):
            counts = np.where(batch.y > 0.5, np.float32(self.cloud), np.float32(self.clear))
            yield replace(batch, weight=batch.weight * counts)
