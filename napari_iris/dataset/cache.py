"""Keep small data sets in memory, so that only the first epoch reads files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_iris.dataset.sample_table import SampleTable
    from napari_iris.dataset.samples import Sample, SampleSource

GIB = 2**30


class CachedSamples:
    """A source that keeps the binned frames and masks it has read, up to a limit.

    Beyond the limit, samples are read each time. Thread-safe; the arrays it returns are read-only.

    Parameters
    ----------
    source : SampleSource
        Source to read from.
    limit_bytes : int
        Largest size of the cache [bytes].
    """

    def __init__(self, source: SampleSource, limit_bytes: int = GIB) -> None:
        self.source = source
        self.limit_bytes = limit_bytes
        self.bytes = 0
        self._cache: dict[tuple[int, tuple[int, int]], Sample] = {}

    @property
    def table(self) -> SampleTable:
        """Metadata of the samples."""
        return self.source.table

    def __len__(self) -> int:
        return len(self.source)

    def path(self, row: int) -> Path:
        """Give the file of a frame."""
        return self.source.path(row)

    def prepare(self, rows: Iterable[int], shape: tuple[int, int]) -> None:
        """Begin to make samples that are not in the cache; see `SampleSource.prepare`."""
        self.source.prepare([row for row in rows if (row, shape) not in self._cache], shape)

    def read(self, row: int, shape: tuple[int, int]) -> Sample:
        """Return a sample from the cache, or read it; see `Samples.read`."""
        cached = self._cache.get((row, shape))
        if cached is not None:
            return cached
        sample = self.source.read(row, shape)
        arrays = [one for one in sample if one is not None]
        for one in arrays:
            one.setflags(write=False)
        size = sum(one.nbytes for one in arrays)
        # Without a lock: two threads that read the same sample count it twice, no worse.
        if self.bytes + size <= self.limit_bytes:
            self.bytes += size
            self._cache[row, shape] = sample
        return sample
