"""References of an archive: learned from a bounded sample of its frames, one for each camera."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.paths import find_frames
from napari_iris.frames.read import read_frame
from napari_iris.radiometry.fingerprint import split_cameras
from napari_iris.radiometry.learn import evidence_of, learn_reference
from napari_iris.radiometry.reference import NoReference, Reference
from napari_iris.radiometry.reference_file import read_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.radiometry.statistics import STATISTICS_SHAPE
from napari_iris.radiometry.statistics_cache import read_statistics

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from napari_iris.frames.paths import FramePaths
    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.radiometry.statistics import FrameStatistics

    Paths = Sequence[Path] | FramePaths

SAMPLE = 240
"""Frames that a reference is learned from at most: of a million, it takes as long as of 240."""


def learn_references(
    paths: Paths,
    *,
    hdu: int | None = None,
    plane: int | None = None,
    site: SiteMask | None = None,
) -> ReferenceSet:
    """Learn the references of an archive's cameras from a sample of its frames.

    Parameters
    ----------
    paths : sequence of Path
        The frames, in order of their names.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    site : SiteMask, optional
        Pixels that never show the sky: they are blank in what is read.

    Returns
    -------
    ReferenceSet
        One for each camera that has one, and why others have none.
    """
    places = evenly(len(paths), SAMPLE).tolist()
    wanted = [paths[place] for place in places]
    sample = read_statistics(wanted, hdu=hdu, plane=plane, site=site)
    return references_of([one for one in sample if one is not None])


def unread_frames(paths: Paths) -> list[FrameError]:
    """Say which frames of the sample that `learn_references` has learned from cannot be read.

    Parameters
    ----------
    paths : sequence of Path
        The frames, as for `learn_references`, which keeps the statistics of the others.

    Returns
    -------
    list of FrameError
        One for each; none for a frame that is only coarser than statistics.
    """
    wanted = [paths[place] for place in evenly(len(paths), SAMPLE).tolist()]
    problems: list[FrameError] = []
    for path, statistics in zip(wanted, read_statistics(wanted), strict=True):
        if statistics is None:
            try:
                read_frame(path)
            except FrameError as problem:
                problems.append(problem)
    return problems


def evenly(count: int, most: int) -> NDArray[np.intp]:
    """Choose places that are spread evenly.

    Parameters
    ----------
    count : int
        Number of places to choose from.
    most : int
        Number of places to choose at most.

    Returns
    -------
    ndarray of int
        Places from 0 to `count` - 1, in order.
    """
    return np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(np.intp))


def learn_nearby(
    paths: Paths,
    *,
    hdu: int | None = None,
    plane: int | None = None,
    site: SiteMask | None = None,
) -> ReferenceSet:
    """Learn references from frames; if these show no clear sky, from all frames of their folders.

    So a few frames of a night have the reference of the night.

    Parameters
    ----------
    paths : sequence of Path
        The frames, in order of their names.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    site : SiteMask, optional
        Pixels that never show the sky: they are blank in what is read.

    Returns
    -------
    ReferenceSet
        As `learn_references`.
    """
    learned = learn_references(paths, hdu=hdu, plane=plane, site=site)
    if learned.kind == "measured":
        return learned
    nearby, _ = find_frames(sorted({path.parent for path in paths}))
    if len(nearby) <= len(paths):
        return learned
    wider = learn_references(nearby, hdu=hdu, plane=plane, site=site)
    return learned if wider.kind == "none" else wider


def resolve_references(
    choice: str,
    paths: Paths,
    *,
    hdu: int | None = None,
    plane: int | None = None,
    nearby: bool = False,
    site: SiteMask | None = None,
) -> ReferenceSet:
    """Give the references that an option names.

    Parameters
    ----------
    choice : str
        'auto' to learn them from the frames, 'none', or a reference file.
    paths : sequence of Path
        The frames.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    nearby : bool
        Whether 'auto' is `learn_nearby`.
    site : SiteMask, optional
        Pixels that never show the sky: they are blank in what is read.

    Returns
    -------
    ReferenceSet
        The references; empty for 'none'.

    Raises
    ------
    ReferenceFileError
        If a file is named that cannot be used.
    """
    if choice == "none":
        return ReferenceSet()
    if choice == "auto":
        learn = learn_nearby if nearby else learn_references
        return learn(paths, hdu=hdu, plane=plane, site=site)
    return ReferenceSet(tuple(read_references(Path(choice))))


def references_of(sample: Sequence[FrameStatistics], clear: Collection[int] = ()) -> ReferenceSet:
    """Learn the references of a sample of frames.

    Parameters
    ----------
    sample : sequence of FrameStatistics
        Frames of one or more cameras.
    clear : collection of int
        Places of frames that a person called clear.

    Returns
    -------
    ReferenceSet
        One for each camera that has one, and why others have none.
    """
    if not sample:
        rows, columns = STATISTICS_SHAPE
        return ReferenceSet((), (f"no frame of at least {rows}x{columns} pixels can be read",))
    cameras: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(sample):
        cameras[one.camera].append(place)
    found: list[Reference] = []
    reasons: list[str] = []
    for places in cameras.values():
        groups = split_cameras([_fingerprint(sample[place]) for place in places])
        learned = [_learn(sample, [places[member] for member in group], clear) for group in groups]
        reasons += [one.reason for one in learned if isinstance(one, NoReference)]
        found += _consistent([one for one in learned if isinstance(one, Reference)])
    return ReferenceSet(tuple(found), tuple(dict.fromkeys(reasons)))


def _learn(
    sample: Sequence[FrameStatistics], places: list[int], clear: Collection[int]
) -> Reference | NoReference:
    called_clear = [row for row, place in enumerate(places) if place in clear]
    frames = [sample[place] for place in places]
    learned = learn_reference(frames, called_clear)
    if isinstance(learned, NoReference):
        return learned
    if called_clear and learned.has_pattern:
        learned = replace(learned, kind="measured")  # a person saw clear sky, be it in one frame
    return replace(learned, evidence=evidence_of(learned, frames, called_clear))


def _fingerprint(statistics: FrameStatistics) -> NDArray[np.float16]:
    if statistics.fingerprint is None:
        raise ValueError("statistics: expected those of a sample, with fingerprints")
    return statistics.fingerprint


def _consistent(learned: list[Reference]) -> list[Reference]:
    """Drop limits that a measured reference of the same name explains: the camera was turned."""
    measured = [one for one in learned if one.kind == "measured"]
    lowest = min((one.lowest_level for one in measured), default=np.inf)
    return [one for one in learned if one.kind == "measured" or one.lowest_level < lowest]
