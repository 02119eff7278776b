"""Small sets stay in memory, so that only the first epoch reads files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.dataset.facts import Facts
    from napari_iris.dataset.samples import Pair, Sample, Source

GIB = 2**30


class Cached:
    """A source that keeps the binned frames and masks it has read, up to a limit.

    Once the limit is reached, what is kept stays and the rest is read each time. May be used by
    several threads; what it gives must not be changed, and cannot be.

    Parameters
    ----------
    source : Source
        Where to read from.
    limit_bytes : int
        Bytes to keep at most.
    """

    def __init__(self, source: Source, limit_bytes: int = GIB) -> None:
        self.source = source
        self.limit_bytes = limit_bytes
        self.bytes = 0
        self._kept: dict[tuple[int, tuple[int, int]], Pair] = {}

    @property
    def facts(self) -> Facts:
        """What is known of the samples."""
        return self.source.facts

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, row: int) -> Sample:
        return self.source[row]

    def read(self, row: int, shape: tuple[int, int]) -> Pair:
        """Give a sample from memory, or read it: see `Samples.read`."""
        kept = self._kept.get((row, shape))
        if kept is not None:
            return kept
        frame, mask = self.source.read(row, shape)
        frame.setflags(write=False)
        size = frame.nbytes
        if mask is not None:
            mask.setflags(write=False)
            size += mask.nbytes
        if self.bytes + size <= self.limit_bytes:  # two threads may pass by a frame: no harm
            self.bytes += size
            self._kept[row, shape] = frame, mask
        return frame, mask
