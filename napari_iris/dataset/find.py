"""Find labelled frames: in a project, among mask files, beside a simulator's truth."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_iris.dataset.facts import Facts
from napari_iris.dataset.find_project import find_in_project
from napari_iris.dataset.mask_shape import check_frame
from napari_iris.dataset.samples import Samples
from napari_iris.errors import FileError, IrisError, MaskError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.facts import observed_at
from napari_iris.frames.identity import content_hash, perceptual_hash
from napari_iris.frames.paths import FramePaths, find_frames, natural_key
from napari_iris.frames.read import read_frame
from napari_iris.labels import FRAME_CLASSES
from napari_iris.masks.mask_file import cloud_fraction, mask_path, read_mask
from napari_iris.matching.data_folder import FRAMES, TRUTH, data_kind, mask_names
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.sky import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from astropy.io import fits
    from numpy.typing import NDArray

Which = Literal["approved", "best", "auto", "model"]
"""Masks of a project: a person's of approved frames, the best there is, or a program's."""

Row = tuple[Any, ...]
"""A frame's path, its mask's, the values of `Facts`, and whether it was simulated on its own."""


def find_samples(data: Path, which: Which = "approved", *, jobs: int = 0) -> Samples:
    """Find the labelled frames of `data`, and what is known of them.

    A project tells all of it from its database, and each file is only looked for. Of folders,
    every frame and mask is read once, so that what is damaged shows before the training does.

    Parameters
    ----------
    data : Path
        A project; a folder of mask files (``*_mask.fits``, else every FITS file, with the frame in
        HDU 0 and the mask in HDU 1); or a folder with ``frames/`` and ``truth/``.
    which : {'approved', 'best', 'auto', 'model'}
        Masks to take of a project, of frames that are not rejected: those of approved frames, the
        best there is (human, model, auto), or those of one tag. A class that was said of a frame is
        taken in any case. Other folders have one mask a frame.
    jobs : int
        Processes to read folders with; 0 for one a core.

    Returns
    -------
    Samples
        In order of time, then of names; ``problems`` has the files that cannot be used.

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
    if kind == "project":
        return find_in_project(data, which)
    if kind == "simulation":
        paths, problems = find_frames([data / FRAMES])
        if problems:
            raise problems[0]
        work = partial(_with_truth, truth=data / TRUTH)
        return _samples(data, each_frame(paths, work, jobs))
    return _samples(data, each_frame(_mask_files(data), _mask_file, jobs))


def _mask_files(folder: Path) -> list[Path]:
    """List the mask files directly in a folder, in natural order."""
    names = mask_names(folder)
    if not names:
        fix = "give a project, a folder of mask files, or one with frames/ and truth/"
        raise FileError(folder, "holds no mask file", fix)
    return [
        folder / name for name in sorted(names, key=lambda name: natural_key(os.fsencode(name)))
    ]


def _mask_file(path: Path) -> Row:
    """Read a mask file for what is to be known of it."""
    both = read_mask(path)
    if both.frame.ndim != 2 or both.frame.shape != both.mask.shape:
        reason = f"frame {both.frame.shape} and mask {both.mask.shape} differ in shape"
        raise MaskError(path, reason, "make the mask again from its frame")
    return _row(path, path, both.frame, both.mask, both.header, both.mask_header)


def _with_truth(path: Path, truth: Path) -> Row:
    """Read a frame and its truth for what is to be known of them."""
    target = mask_path(path, truth)
    if not target.exists():
        raise MaskError(target, f"is missing, the truth of {path.name}", "simulate it again")
    frame, found = read_frame(path), read_mask(target)
    if found.mask.ndim != 2:
        raise MaskError(target, f"its mask has shape {found.mask.shape}", "simulate it again")
    return _row(path, target, frame.data, found.mask, frame.header, found.mask_header)


def _row(
    path: Path,
    key: Path,
    frame: NDArray[np.float32],
    mask: NDArray[np.uint8],
    header: fits.Header,
    mask_header: fits.Header,
) -> Row:
    check_frame(path, frame)
    said = str(mask_header.get("CLASS", "")).lower()
    sky = next((code for code, name in enumerate(FRAME_CLASSES) if name == said), UNKNOWN)
    hashes = content_hash(frame), content_hash(mask.astype(np.float32))
    values = (
        observed_at(header),
        sky,
        UNKNOWN,
        True,
        cloud_fraction(mask),
        perceptual_hash(frame),
        *hashes,
    )
    return path, key, *values, header.get(ALONE) is True


def _samples(data: Path, outcomes: Iterable[Row | FileError]) -> Samples:
    """Put the rows in order of time, and the problems aside."""
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
        Facts.of(row[2:-1] for row in rows),
        FramePaths.of(row[0] for row in rows),
        FramePaths.of(row[1] for row in rows).packed,
        problems=tuple(problems),
        independent=all(row[-1] for row in rows),
    )
