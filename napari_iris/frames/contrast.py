"""Display limits that are right at first sight, and the same for every frame of a night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_iris.frames.sequence import FrameSequence

PERCENTILES = (0.5, 99.5)
SAMPLED_PIXELS = 4_000_000


def display_limits(sequence: FrameSequence) -> tuple[float, float]:
    """Percentiles of the pixels of up to twelve frames spread over the sequence.

    Parameters
    ----------
    sequence : FrameSequence
        The frames; blank pixels are left out. Large frames are sampled more sparsely.

    Returns
    -------
    (float, float)
        Lower and upper limit in the frames' unit, the upper one always above the lower one.
    """
    count, rows, columns = sequence.shape
    frames = int(np.clip(SAMPLED_PIXELS // (rows * columns), 1, min(12, count)))
    numbers = np.unique(np.linspace(0, count - 1, frames).round().astype(int))
    sample = np.concatenate([sequence.pixels(int(number)).ravel()[::7] for number in numbers])
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return 0.0, 1.0
    low, high = (float(limit) for limit in np.percentile(sample, PERCENTILES))
    return low, high if high > low else low + 1.0
