"""Results of a lazy sequence: each is computed when it is indexed, and none is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

from napari_iris.api.night import Night

Source = TypeVar("Source")
Result_co = TypeVar("Result_co", covariant=True)
Result = TypeVar("Result")


class Results(Sequence[Result_co], Generic[Result_co]):
    """A lazy sequence of results, one for each item of another sequence.

    Indexing computes one result, slicing gives another lazy sequence, and iteration computes one
    result after the other, in batches where that is faster. Nothing is kept: a result that is
    needed twice is best assigned to a name, or all of them to a list.

    Parameters
    ----------
    source : sequence
        The items.
    compute : callable
        Maps an iterable of items to an iterator of their results, in order.

    Examples
    --------
    >>> import napari_iris as iris
    >>> masks = iris.mask(iris.simulate(1000, sky="overcast"))
    >>> masks
    Results(1000, computed when indexed)
    >>> masks[-1].mask.shape
    (128, 160)
    >>> len(masks[::10])
    100
    """

    def __init__(
        self,
        source: Sequence[Source],
        compute: Callable[[Iterable[Source]], Iterator[Result_co]],
    ) -> None:
        self._source, self._compute = source, compute

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, key: int) -> Result_co: ...
    @overload
    def __getitem__(self, key: slice) -> Results[Result_co]: ...
    def __getitem__(self, key: int | slice) -> Result_co | Results[Result_co]:
        if isinstance(key, slice):
            return Results(self._source[key], self._compute)
        return next(self._compute([self._source[key]]))

    def __iter__(self) -> Iterator[Result_co]:
        return self._compute(self._source)

    def __repr__(self) -> str:
        return f"Results({len(self)}, computed when indexed)"


def map_frames(
    source: Iterable[Source], compute: Callable[[Iterable[Source]], Iterator[Result]]
) -> Sequence[Result]:
    """Map several frames to results: to a list, or lazily where the frames are lazy themselves.

    Parameters
    ----------
    source : iterable
        Frames: a list, tuple, generator, `Night` or `Results`.
    compute : callable
        Maps an iterable of frames to an iterator of their results, in order.

    Returns
    -------
    list or Results
        `Results` for a `Night` and for `Results`.
    """
    if isinstance(source, Night | Results):
        return Results(source, compute)
    return list(compute(source))
