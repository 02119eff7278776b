"""Hashes that find equal and near-duplicate frames, whatever their files are called."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 8
"""Rows and columns of bits in a perceptual hash."""

ALIKE_BITS = 2
"""Bits in which the perceptual hashes of near duplicates may differ; `_first_alike` needs 2."""

PASSES = 16
"""Passes of the search for near duplicates: a million frames take some 100 MB in each."""


def content_hash(frame: NDArray[np.float32]) -> bytes:
    """Hash the shape and pixels of a frame: the same for a copy under another name.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The frame as read.

    Returns
    -------
    bytes
        16 bytes of SHA-256.
    """
    found = hashlib.sha256("x".join(map(str, frame.shape)).encode())
    found.update(np.ascontiguousarray(frame).data)
    return found.digest()[:16]


def perceptual_hash(frame: NDArray[np.float32]) -> int:
    """Hash what a frame looks like: which of its 8 by 9 blocks are brighter than their neighbours.

    The plane fitted to the frame is subtracted first, so that a warm horizon alone does not make
    two frames alike (difference hash after Krawetz, 2013).

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The frame, in any unit; NaN where blank.

    Returns
    -------
    int
        64 bits as a signed number; 0 for a frame smaller than the blocks.
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


def earlier_duplicates(
    hashes: list[bytes], likenesses: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the earliest equal and the earliest similar frame before each frame.

    Parameters
    ----------
    hashes : list of bytes
        Content hash of each frame, in order.
    likenesses : ndarray of int64, shape (frames,)
        Perceptual hash of each frame.

    Returns
    -------
    same, like : ndarray of int64, shape (frames,)
        Index of the earlier frame with the same pixels, and of the earlier frame whose perceptual
        hash differs in at most `ALIKE_BITS` bits; -1 for none.
    """
    packed = np.frombuffer(b"".join(hashes), "S16") if hashes else np.empty(0)
    return _first_equal(np.array(packed)), _first_alike(likenesses.view(np.uint64))


def _first_equal(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """Index of the first equal value before each; -1 for none."""
    if not len(values):
        return np.empty(0, np.int64)
    _, first, group = np.unique(values, return_index=True, return_inverse=True)
    found: NDArray[np.int64] = first[group.ravel()].astype(np.int64)
    found[found == np.arange(len(values))] = -1
    return found


def _first_alike(likenesses: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Index of the first perceptual hash within two bits before each; -1 for none.

    Two hashes differ in at most two bits exactly if flipping at most one bit of each makes them
    equal. So all 65 variants of each are grouped by value, in time that does not depend on how many
    are alike: behind a fixed horizon all of them may share half their bits.
    """
    distinct, first = np.unique(likenesses, return_index=True)
    earliest = first.copy()
    flips = np.r_[np.uint64(0), np.uint64(1) << np.arange(64, dtype=np.uint64)]
    for turn in range(PASSES if len(likenesses) else 0):
        variants, owners = [], []
        for flip in flips:
            flipped = distinct ^ flip
            # equal variants fall in the same pass, so each pass is complete on its own
            owner = np.flatnonzero(flipped % np.uint64(PASSES) == turn)
            variants.append(flipped[owner])
            owners.append(owner)
        _, group = np.unique(np.concatenate(variants), return_inverse=True)
        owner = np.concatenate(owners)
        least = np.full(len(owner), len(likenesses))
        np.minimum.at(least, group, first[owner])
        np.minimum.at(earliest, owner, least[group])
    found = earliest[np.searchsorted(distinct, likenesses)]
    return np.where(found < np.arange(len(likenesses)), found, -1)
