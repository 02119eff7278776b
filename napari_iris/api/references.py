"""``iris.learn_reference``, and the argument `reference` of `mask` and `predict`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_iris.api.inputs import as_counts, is_many
from napari_iris.api.results import Results
from napari_iris.errors import IrisError
from napari_iris.radiometry.archive import SAMPLE, evenly, references_of
from napari_iris.radiometry.reference_file import read_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.radiometry.statistics import (
    STATISTICS_SHAPE,
    FrameStatistics,
    frame_statistics,
)
from napari_iris.radiometry.statistics_cache import read_statistics

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_iris.api.inputs import FrameLike, Frames

    ReferenceLike: TypeAlias = str | os.PathLike[str] | ReferenceSet


def learn_reference(frames: Frames, clear: Collection[int] = ()) -> ReferenceSet:
    """Learn the clear-sky reference of the cameras that took some frames.

    Parameters
    ----------
    frames : sequence of str, Path, array, NDData, Frame, or a Night
        Frames of one or more cameras, of one or more nights; at most 240 of them are read, spread
        evenly, and those called clear.
    clear : collection of int
        Numbers of frames, from 0, that are known to be clear: none is needed, each helps.

    Returns
    -------
    ReferenceSet
        One reference for each camera that has one, and ``reasons`` why others have none. It is the
        `reference` of `mask` and `predict`, and ``to_fits`` writes it to a file.

    Raises
    ------
    TypeError
        If `frames` is a single frame, or not a sequence.

    Examples
    --------
    >>> import napari_iris as iris
    >>> from napari_iris.resources import sample_night
    >>> night = iris.open_night(sample_night())
    >>> known = iris.learn_reference(night)
    >>> known.kind, known.found[0].frames
    ('measured', 30)
    >>> iris.mask(night[16], reference=known).reference
    'measured'
    >>> known.to_fits("camera.fits")
    """
    if not is_many(frames) or not isinstance(frames, Sequence):
        raise TypeError("frames: expected a list of frames or a Night")
    places = {*evenly(len(frames), SAMPLE).tolist(), *clear} if len(frames) else set()
    sample = {place: _statistics(frames[place]) for place in sorted(places)}
    known = {place: one for place, one in sample.items() if one is not None}
    called = [row for row, place in enumerate(known) if place in clear]
    return references_of(list(known.values()), called)


def references_for(
    reference: ReferenceLike, frame: FrameLike | Frames
) -> Callable[[], ReferenceSet]:
    """Give the references that an argument names, once they are needed.

    Parameters
    ----------
    reference : str, Path or ReferenceSet
        'auto' to learn them from the frames, 'none', a reference file, or references.
    frame : frame or frames
        The frames of the call.

    Returns
    -------
    callable
        Gives the references.

    Raises
    ------
    ReferenceFileError
        If a file is named that cannot be used.
    """
    if isinstance(reference, ReferenceSet):
        return lambda: reference
    if reference == "auto":
        # a single frame says nothing, an iterator can be read once, results take long to compute
        if is_many(frame) and isinstance(frame, Sequence) and not isinstance(frame, Results):
            return cache(partial(learn_reference, frame))
        return ReferenceSet
    if reference == "none":
        return ReferenceSet
    known = ReferenceSet(tuple(read_references(Path(reference))))
    return lambda: known


def _statistics(one: FrameLike) -> FrameStatistics | None:
    """Statistics of one frame of a sample; None for one that cannot be read or is too small."""
    if isinstance(one, str | os.PathLike):
        return read_statistics([Path(one)])[0]
    try:
        frame = as_counts(one)
    except IrisError:  # using the frame names it
        return None
    if np.less(frame.data.shape, STATISTICS_SHAPE).any():
        return None
    return frame_statistics(frame.data, frame.header, with_fingerprint=True)
