"""Find labelled frames: in a project, a folder of mask files, or a simulation."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.dataset.find_project import find_in_project
from napari_iris.dataset.mask_shape import check_frame
from napari_iris.dataset.sample_table import SampleTable
from napari_iris.dataset.samples import Samples
from napari_iris.errors import FileError, IrisError, MaskError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.facts import observed_at
from napari_iris.frames.identity import content_hash, perceptual_hash
from napari_iris.frames.paths import FramePaths, find_frames, natural_key
from napari_iris.frames.read import read_frame
from napari_iris.frames.site_mask_file import resolve_site_mask
from napari_iris.io.packs import name_in_pack
from napari_iris.labels import FRAME_CLASSES, MaskChoice
from napari_iris.masks.mask_file import cloud_fraction, mask_path, read_mask
from napari_iris.matching.data_folder import FRAMES, TRUTH, data_kind, mask_names
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.project.site_mask import project_site_mask
from napari_iris.sky import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.frames.site_mask import SiteMask

Row = tuple[Any, ...]
"""Path of the frame and of its mask, a row of `SampleTable`, and whether it was simulated alone."""


def find_samples(
    data: Path, which: MaskChoice = "approved", *, jobs: int = 0, site_mask: str = "auto"
) -> Samples:
    """Find labelled frames and their metadata.

    The metadata of a project come from its database; its files are only checked for existence. The
    frames and masks of a folder are read once, so that damaged ones are found before the training.

    Parameters
    ----------
    data : Path
        A project; a folder of mask files (``*_mask.fits``, else every FITS file, with the frame in
        HDU 0 and the mask in HDU 1); or a folder with ``frames/`` and ``truth/``.
    which : {'approved', 'best', 'auto', 'model'}
        Masks of a project to use, of frames that are not rejected: those of approved frames, the
        best available (human, model, automatic), or those of one origin. Classes set by a person
        are used in any case. Other folders have one mask per frame.
    jobs : int
        Worker processes to read folders with; 0 for one per core.
    site_mask : str
        Pixels that never show the sky, see `data_site_mask`.

    Returns
    -------
    Samples
        In order of time, then of name; ``problems`` has the files that cannot be used.

    Raises
    ------
    IrisError
        If there is no usable sample.
    FileError
        If `data` is none of these, or the project cannot be opened.
    """
    data = Path(data)
    kind = data_kind(data)
    if kind is None:
        reason = "is a file" if data.exists() else "does not exist"
        raise FileError(data, reason, "give a project, or a folder of mask files")
    is_project = kind == "project"
    samples = find_in_project(data, which) if is_project else _find_in_folder(data, kind, jobs)
    return replace(samples, site=data_site_mask(data, site_mask, samples.paths))


def data_site_mask(
    data: Path, choice: str, paths: FramePaths | tuple[Path, ...] = ()
) -> SiteMask | None:
    """Give the site mask of labelled frames.

    Parameters
    ----------
    data : Path
        The labelled frames, as for `find_samples`.
    choice : str
        'auto', as a project keeps it, else none; 'none'; or a file, see `resolve_site_mask`.
    paths : sequence of Path
        The frames.

    Returns
    -------
    SiteMask or None
        The site mask; None for none.

    Raises
    ------
    SiteMaskError
        If it cannot be used.
    """
    if choice == "auto":
        return project_site_mask(data) if data_kind(data) == "project" else None
    return resolve_site_mask(choice, paths)


def _find_in_folder(data: Path, kind: str, jobs: int) -> Samples:
    """Find the samples of a simulation, or of a folder of mask files."""
    if kind == "simulation":
        paths, problems = find_frames([data / FRAMES])
        if problems:
            raise problems[0]
        work = partial(_with_truth, truth=data / TRUTH)
        return collect_samples(data, each_frame(paths, work, jobs))
    return collect_samples(data, each_frame(_mask_files(data), _mask_file, jobs))


def _mask_files(folder: Path) -> list[Path]:
    """List the mask files directly in a folder and in its packs, in natural order."""
    names = mask_names(folder)
    if not names:
        fix = "give a project, a folder of mask files, or one with frames/ and truth/"
        raise FileError(folder, "holds no mask file", fix)
    names.sort(key=lambda name: natural_key(os.fsencode(name_in_pack(name))))
    return [folder / name for name in names]


def _mask_file(path: Path) -> Row:
    """Read the metadata of a mask file."""
    both = read_mask(path)
    if both.frame.ndim != 2 or both.frame.shape != both.mask.shape:
        reason = f"frame {both.frame.shape} and mask {both.mask.shape} differ in shape"
        raise MaskError(path, reason, "make the mask again from its frame")
    return sample_row(path, path, both.frame, both.mask, both.header, both.mask_header)


def _with_truth(path: Path, truth: Path) -> Row:
    """Read the metadata of a frame and its truth."""
    target = mask_path(path, truth)
    if not target.exists():
        raise MaskError(target, f"is missing (the truth of {path.name})", "simulate it again")
    frame, found = read_frame(path), read_mask(target)
    if found.mask.ndim != 2:
        raise MaskError(target, f"its mask has shape {found.mask.shape}", "simulate it again")
    return sample_row(path, target, frame.data, found.mask, frame.header, found.mask_header)


def sample_row(
    path: Path,
    key: Path,
    frame: NDArray[np.float32],
    mask: NDArray[np.uint8],
    header: fits.Header,
    mask_header: fits.Header,
) -> Row:
    """Make the row of a frame and its mask.

    Parameters
    ----------
    path, key : Path
        File of the frame, and of its mask.
    frame : ndarray of float32, shape (rows, columns)
        The frame, in its own unit; NaN where blank.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.
    header, mask_header : astropy.io.fits.Header
        Headers of the frame and of the mask.

    Returns
    -------
    tuple
        See `Row`.

    Raises
    ------
    FrameError
        If the frame is of no use, see `check_frame`.
    """
    check_frame(path, frame)
    name = str(mask_header.get("CLASS", "")).lower()
    frame_class = FRAME_CLASSES.index(name) if name in FRAME_CLASSES else UNKNOWN
    labels = frame_class, UNKNOWN, True, cloud_fraction(mask)
    return (
        path,
        key,
        observed_at(header),
        *labels,
        perceptual_hash(frame),
        content_hash(frame),
        content_hash(mask.astype(np.float32)),
        header.get(ALONE) is True,
    )


def collect_samples(data: Path | str, outcomes: Iterable[Row | FileError]) -> Samples:
    """Sort the rows by time, and separate the problems.

    Parameters
    ----------
    data : Path or str
        Where they are from, for the error.
    outcomes : iterable of Row or FileError
        The rows, and the problems.

    Returns
    -------
    Samples
        The samples.

    Raises
    ------
    IrisError
        If there is no row.
    """
    rows: list[Row] = []
    problems: list[FileError] = []
    for outcome in outcomes:
        if isinstance(outcome, FileError):
            problems.append(outcome)
        else:
            rows.append(outcome)
    if not rows:
        raise IrisError(f"none of {len(problems)} files in {data} can be used: {problems[0]}")
    order = np.argsort(np.array([row[2] for row in rows], "M8[us]"), kind="stable")  # NaT last
    rows = [rows[place] for place in order]
    return Samples(
        SampleTable.of(row[2:-1] for row in rows),
        FramePaths.of(row[0] for row in rows),
        FramePaths.of(row[1] for row in rows).packed,
        problems=tuple(problems),
        independent=all(row[-1] for row in rows),
    )
