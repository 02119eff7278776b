"""Frames that are the same, or look the same, whatever their files are called."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 8
"""Rows and columns of the grid that a frame's look is taken from: 64 bits."""

ALIKE_BITS = 2
"""Bits by which the looks of two frames may differ and still be called alike: one flip of each."""

TURNS = 16
"""Turns in which frames alike are looked for, so that a million take some 100 MB at a time."""


def content_hash(frame: NDArray[np.float32]) -> bytes:
    """Hash of a frame's shape and pixels, 16 bytes: the same for a copy under another name.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The frame as read.
    """
    found = hashlib.sha256("x".join(map(str, frame.shape)).encode())
    found.update(np.ascontiguousarray(frame).data)
    return found.digest()[:16]


def look(frame: NDArray[np.float32]) -> int:
    """Perceptual hash of a frame: which of its 8 by 8 blocks are brighter than the next.

    The plane through the frame is taken off first, so that the warm horizon alone does not make
    two frames alike (difference hash after Krawetz, 2013).

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The frame, in any unit; NaN where blank.

    Returns
    -------
    int
        64 bits as a signed number.
    """
    seen = np.where(np.isfinite(frame), frame, np.nanmean(frame) if np.isfinite(frame).any() else 0)
    try:
        blocks = rebin(seen, (SIDE, SIDE + 1)).astype(np.float64)
    except IrisError:  # smaller than the grid
        return 0
    rows, columns = np.mgrid[:SIDE, : SIDE + 1]
    terms = np.stack([np.ones(blocks.size), rows.ravel(), columns.ravel()], axis=1)
    plane = terms @ np.linalg.lstsq(terms, blocks.ravel(), rcond=None)[0]
    level = blocks - plane.reshape(blocks.shape)
    bits = level[:, 1:] > level[:, :-1]
    return int(np.packbits(bits).view(">i8")[0])


def earlier_twins(hashes: list[bytes], looks: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """For each frame, the earliest other one with the same pixels, and the earliest one alike.

    Parameters
    ----------
    hashes : list of bytes
        Content hash of each frame, in order.
    looks : ndarray of int64, shape (frames,)
        Perceptual hash of each frame.

    Returns
    -------
    same, like : ndarray of int64, shape (frames,)
        Place of the earlier frame; -1 for none.
    """
    packed = np.frombuffer(b"".join(hashes), "S16" if hashes else "S1") if hashes else np.empty(0)
    return _first_equal(np.array(packed)), _first_alike(looks.view(np.uint64))


def _first_equal(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """Place of the first equal value before each; -1 for none."""
    if not len(values):
        return np.empty(0, np.int64)
    _, first, group = np.unique(values, return_index=True, return_inverse=True)
    found: NDArray[np.int64] = first[group.ravel()].astype(np.int64)
    found[found == np.arange(len(values))] = -1
    return found


def _first_alike(looks: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Place of the first look within `ALIKE_BITS` before each; -1 for none.

    Looks that differ in two bits or less become the same when at most one bit of each is flipped,
    and no others do: all looks so changed are sorted, and those that became the same are put
    together. That takes the same time however alike the frames are, behind a fixed horizon say.
    """
    distinct, first = np.unique(looks, return_index=True)
    nearest = first.copy()
    flips = np.r_[np.uint64(0), np.uint64(1) << np.arange(64, dtype=np.uint64)]
    for turn in range(TURNS if len(looks) else 0):
        changed, owners = [], []
        for flip in flips:
            flipped = distinct ^ flip
            owner = np.flatnonzero(flipped % np.uint64(TURNS) == turn)
            changed.append(flipped[owner])
            owners.append(owner)
        _, group = np.unique(np.concatenate(changed), return_inverse=True)
        owner = np.concatenate(owners)
        least = np.full(len(owner), len(looks))
        np.minimum.at(least, group, first[owner])
        np.minimum.at(nearest, owner, least[group])
    found = nearest[np.searchsorted(distinct, looks)]
    return np.where(found < np.arange(len(looks)), found, -1)
