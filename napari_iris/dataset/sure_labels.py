"""Frames of a night without labels as samples: their labels are what physics is sure of."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from napari_iris.dataset.clear_sky import SampleReferences
from napari_iris.dataset.find import collect_samples, sample_row
from napari_iris.dataset.mask_shape import rebin_sample
from napari_iris.dataset.samples import Sample, Samples
from napari_iris.errors import IrisError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.paths import FramePaths, find_frames
from napari_iris.frames.read import read_frame
from napari_iris.frames.wcs import rebinned_header
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.radiometry.agreement import surely
from napari_iris.radiometry.archive import evenly, resolve_references
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset.find import Row
    from napari_iris.radiometry.excess import Excess

CLEAR_RADIANCE, CLOUD_RADIANCE = 1.0, 4.0
"""Excess below which a pixel is labelled clear, and above which cloud [W m-2 sr-1], where the gain
of the camera is known."""

MARGINS = (0.5, 2.0)
"""Where it is not: how far below the limit of surely clear, and above that of surely cloud, in
units of their distance."""

MOST = 600
"""Frames of a night that are used at most, spread evenly."""

FEWEST = 20
"""Frames with sure labels that are needed."""

LEAST = 0.01
"""Least part of the sure labels that is clear sky, and that is cloud."""


class SureSamples(Samples):
    """Frames without labels; their masks say what their excess is sure of."""

    def read(self, row: int, shape: tuple[int, int]) -> Sample:
        """Read a frame, its sure labels and its excess; see `Samples.read`."""
        path = self.paths[row]
        found = read_frame(path)
        known = self.references or ReferenceSet()
        return _labelled(path, found.data, found.header, known, shape)

    @property
    def text(self) -> str:
        """How many frames have sure labels, and what these are."""
        known = self.table.cloud_fraction[self.table.labelled("unet")]
        labels = f"sure labels in {known.size} of {len(self)} frames"
        return labels + (f", {known.mean():.0%} of them cloud" if known.size else "")


def sure_mask(excess: Excess) -> NDArray[np.uint8]:
    """Label the pixels of which physics is sure.

    Parameters
    ----------
    excess : Excess
        Excess of a frame above the clear sky.

    Returns
    -------
    ndarray of uint8, shape of the frame
        0 sky, 1 cloud, 2 where undecided or blank. Where the gain is known, the excess in
        W m-2 sr-1 must be below `CLEAR_RADIANCE` or above `CLOUD_RADIANCE`, and the pixel surely
        clear or cloud by the scatter of the reference; else the latter alone, by `MARGINS`.
    """
    radiance = excess.radiance
    if np.isfinite(radiance).any():
        clear, cloud = surely(excess)
        clear &= radiance < CLEAR_RADIANCE
        cloud &= radiance > CLOUD_RADIANCE
    else:
        clear, cloud = surely(excess, MARGINS)
    return np.select([clear, cloud], [SKY, CLOUD], IGNORE).astype(np.uint8)


def find_sure_samples(
    night: str, reference: str, shape: tuple[int, int], learned: ReferenceSet | None = None
) -> SureSamples:
    """Label frames by what physics is sure of; nothing is written.

    Parameters
    ----------
    night : str
        A folder, file or glob of frames.
    reference : str
        Their clear-sky reference: 'auto' to learn it from them, or a file.
    shape : (int, int)
        Rows and columns at which they are labelled [pixels].
    learned : ReferenceSet, optional
        What has been learned from them before.

    Returns
    -------
    SureSamples
        At most `MOST` frames; ``problems`` has those that cannot be used.

    Raises
    ------
    FileError
        If there is no frame, or the reference cannot be used.
    IrisError
        If there is no reference, or there are too few sure labels, or those of one class only.
    """
    paths, problems = find_frames([night])
    if problems:
        raise problems[0]
    references = learned or resolve_references(reference, paths)
    if not references.found:
        reason = f"{night}: reference: {references}; without one, no label is sure"
        raise IrisError(f"{reason}: add frames with clear sky in view, or give --reference FILE")
    used = FramePaths(paths.packed[evenly(len(paths), MOST)])
    rows = each_frame(used, partial(_row, references=references, shape=shape))
    found = collect_samples(night, rows)
    known = {one.name: getattr(found, one.name) for one in fields(found)}
    samples = SureSamples(**{**known, "references": SampleReferences(references)})
    _check(night, samples)
    return samples


def _check(night: str, samples: SureSamples) -> None:
    """Refuse labels from which nothing, or only one class, can be learnt."""
    cloud = samples.table.cloud_fraction[samples.table.labelled("unet")]
    fix = "add frames, or give --reference FILE"
    about = f"{night}: reference: {samples.references}; {samples.text}"
    if len(cloud) < FEWEST:
        raise IrisError(f"{about}, {FEWEST} are needed: {fix}")
    if not LEAST <= cloud.mean() <= 1 - LEAST:
        rare = "cloud" if cloud.mean() < LEAST else "clear sky"
        raise IrisError(f"{about}, at least {LEAST:.0%} {rare} is needed: {fix}")


def _row(path: Path, references: ReferenceSet, shape: tuple[int, int]) -> Row:
    found = read_frame(path)
    mask = _labelled(path, found.data, found.header, references, shape).mask
    if mask is None:
        mask = np.full(shape, IGNORE, np.uint8)
    return sample_row(path, path, found.data, mask, found.header, fits.Header())


def _labelled(
    path: Path,
    frame: NDArray[np.float32],
    header: fits.Header,
    references: ReferenceSet | SampleReferences,
    shape: tuple[int, int],
) -> Sample:
    """Label a frame as `predict` sees it; without a mask where its camera has no reference."""
    small, _ = rebin_sample(path, frame, None, shape)
    excess = references.excess(small, rebinned_header(header, frame.shape, shape))
    if excess is None:
        return Sample(small, None)
    return Sample(small, sure_mask(excess), excess.relative)
