"""The concatenation of several sources of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.dataset.sample_table import SampleTable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_iris.dataset.samples import Sample, SampleSource


class ConcatenatedSamples:
    """The concatenation of several sources.

    Parameters
    ----------
    *sources : SampleSource
        The sources; samples of the first one keep their row numbers.
    """

    def __init__(self, *sources: SampleSource) -> None:
        self.sources = sources
        self.table = SampleTable.concatenate(source.table for source in sources)
        self.ends = np.cumsum([len(source) for source in sources])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def path(self, row: int) -> Path:
        """Give the file of a frame, or the name of a simulated one."""
        source, own_row = self._find(row)
        return source.path(own_row)

    def prepare(self, rows: Iterable[int], shape: tuple[int, int]) -> None:
        """Begin to make samples, each in its source; see `SampleSource.prepare`."""
        for row in rows:
            source, own_row = self._find(row)
            source.prepare([own_row], shape)

    def read(self, row: int, shape: tuple[int, int]) -> Sample:
        """Read a sample; see `Samples.read`."""
        source, own_row = self._find(row)
        return source.read(own_row, shape)

    def _find(self, row: int) -> tuple[SampleSource, int]:
        if not 0 <= row < len(self):
            raise IndexError(f"row: expected 0 to {len(self) - 1}, received {row}")
        number = int(np.searchsorted(self.ends, row, side="right"))
        return self.sources[number], row - (int(self.ends[number - 1]) if number else 0)
