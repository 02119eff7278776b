"""ReferenceSet of an archive: learnt from a bounded sample of its frames, one for each camera."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.read import read_frame
from napari_iris.radiometry.fingerprint import fingerprint, split_cameras
from napari_iris.radiometry.learn import learn_reference
from napari_iris.radiometry.reference import NoReference, Reference
from napari_iris.radiometry.reference_file import read_references
from napari_iris.radiometry.statistics import FrameStatistics, frame_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.frames.paths import FramePaths

    Paths = Sequence[Path] | FramePaths

SAMPLE = 240
"""Frames that a reference is learnt from at most: a million frames take as long as some hundred."""

READERS = 2
"""Threads that read the sample: astropy releases the interpreter while it reads."""


@dataclass(frozen=True)
class ReferenceSet:
    """The references of some frames.

    Attributes
    ----------
    found : tuple of Reference
        One for each camera that has one.
    reasons : tuple of str
        Why other cameras have none.
    """

    found: tuple[Reference, ...] = ()
    reasons: tuple[str, ...] = ()

    def of(self, statistics: FrameStatistics, frame: NDArray[np.floating]) -> Reference | None:
        """Give the reference of a frame's camera; None where there is none.

        Parameters
        ----------
        statistics : FrameStatistics
            The frame's statistics.
        frame : ndarray of float, shape (rows, columns)
            The frame: its fingerprint tells cameras apart that headers do not.
        """
        known = [one for one in self.found if one.camera == statistics.camera]
        if len(known) > 1:  # cameras that headers do not tell apart
            own = fingerprint(frame).astype(np.float32)
            return max(known, key=lambda one: float((own * one.fingerprint).sum()))
        return known[0] if known else None

    def __str__(self) -> str:
        lines = [
            f"{one.kind} ({one.camera or 'unnamed camera'}: {one.clear_frames} clear of "
            f"{one.frames} frames, level to {one.level_sigma:.0f} ADU)"
            for one in self.found
        ]
        return "; ".join([*lines, *(f"none ({reason})" for reason in self.reasons)]) or "none"


def learn_references(
    paths: Paths, *, hdu: int | None = None, plane: int | None = None
) -> ReferenceSet:
    """Learn the references of an archive's cameras from a sample of its frames.

    Parameters
    ----------
    paths : sequence of Path
        The frames, in order of their names.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.

    Returns
    -------
    ReferenceSet
        One for each camera that has one, and why others have none.
    """
    places = np.unique(np.linspace(0, len(paths) - 1, min(SAMPLE, len(paths))).round().astype(int))

    def statistics(place: int) -> FrameStatistics | None:
        try:
            frame = read_frame(paths[place], hdu=hdu, plane=plane)
            return frame_statistics(frame.data, frame.header, with_fingerprint=True)
        except IrisError:  # masking the frame names it
            return None

    with ThreadPoolExecutor(READERS, thread_name_prefix="iris-sample") as readers:
        sample = [one for one in readers.map(statistics, places) if one is not None]
    return references_of(sample)


def resolve_references(
    choice: str, paths: Paths, *, hdu: int | None = None, plane: int | None = None
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
        return learn_references(paths, hdu=hdu, plane=plane)
    return ReferenceSet(tuple(read_references(Path(choice))))


def references_of(sample: Sequence[FrameStatistics]) -> ReferenceSet:
    """Learn the references of a sample of frames.

    Parameters
    ----------
    sample : sequence of FrameStatistics
        Frames of one or more cameras.

    Returns
    -------
    ReferenceSet
        One for each camera that has one, and why others have none.
    """
    cameras: dict[str, list[FrameStatistics]] = defaultdict(list)
    for one in sample:
        cameras[one.camera].append(one)
    found: list[Reference] = []
    reasons: list[str] = []
    for frames in cameras.values():
        learnt = [
            learn_reference([frames[place] for place in group])
            for group in split_cameras([_fingerprint(one) for one in frames])
        ]
        reasons += [one.reason for one in learnt if isinstance(one, NoReference)]
        found += _consistent([one for one in learnt if isinstance(one, Reference)])
    return ReferenceSet(tuple(found), tuple(dict.fromkeys(reasons)))


def _fingerprint(statistics: FrameStatistics) -> NDArray[np.float16]:
    if statistics.fingerprint is None:
        raise ValueError("statistics: expected those of a sample, with fingerprints")
    return statistics.fingerprint


def _consistent(learnt: list[Reference]) -> list[Reference]:
    """Drop limits that a measured reference of the same name explains: the camera was turned."""
    measured = [one for one in learnt if one.kind == "measured"]
    lowest = min((one.lowest_level for one in measured), default=np.inf)
    return [one for one in learnt if one.kind == "measured" or one.lowest_level < lowest]
