"""What is known of all labelled frames, as columns, before any is read for training."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.labels import CLOUDY_FROM, FRAME_CLASSES
from napari_iris.project.frame_table import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_iris.networks.spec import Kind

CLEAR, CLOUDY, UNSURE = (FRAME_CLASSES.index(sky) for sky in ("clear", "cloudy", "unsure"))
"""Codes of a frame's class."""


@dataclass(frozen=True, eq=False)
class Facts:
    """One row a sample, in order of time; those without a time follow in natural order.

    Attributes
    ----------
    time : ndarray of datetime64[us]
        When the frame was taken, UTC; NaT where not known.
    sky : ndarray of int8
        Class a person has set, as an index into ``FRAME_CLASSES``; -1 where the mask decides.
    part : ndarray of int8
        Part of a saved split, as a place in ``PARTS``; -1 for none.
    masked : ndarray of bool
        Whether it has a mask.
    cloud : ndarray of float32
        Cloud fraction of the mask's seen sky, 0 to 1; NaN where there is none.
    look : ndarray of int64
        Perceptual hash of the frame.
    frame_hash, mask_hash : list of bytes
        Content hash of the frame and of its mask; empty where there is none.
    """

    time: NDArray[np.datetime64]
    sky: NDArray[np.int8]
    part: NDArray[np.int8]
    masked: NDArray[np.bool_]
    cloud: NDArray[np.float32]
    look: NDArray[np.int64]
    frame_hash: list[bytes]
    mask_hash: list[bytes]

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, ...]]) -> Facts:
        """Make columns of rows, each with the values of all attributes in their order."""
        columns = list(zip(*rows, strict=True)) or [()] * len(fields(cls))
        time, sky, part, masked, cloud, look, frames, masks = columns
        return cls(
            np.array(time, "M8[us]"),
            np.array(sky, np.int8),
            np.array(part, np.int8),
            np.array(masked, np.bool_),
            np.array(cloud, np.float32),
            np.array(look, np.int64),
            list(frames),
            list(masks),
        )

    @classmethod
    def joined(cls, several: Iterable[Facts]) -> Facts:
        """Put the rows of several behind one another."""
        all_of = list(several)

        def put(name: str) -> Any:
            columns = [getattr(facts, name) for facts in all_of]
            is_list = isinstance(columns[0], list)
            return list(chain.from_iterable(columns)) if is_list else np.concatenate(columns)

        return cls(*(put(field.name) for field in fields(cls)))

    def take(self, rows: NDArray[np.intp]) -> Facts:
        """Give some of the rows, by their numbers."""

        def some(name: str) -> Any:
            column = getattr(self, name)
            return [column[row] for row in rows] if isinstance(column, list) else column[rows]

        return Facts(*(some(field.name) for field in fields(self)))

    def said(self) -> NDArray[np.float32]:
        """Class of each frame for VGG8: what was said of it, else what its mask says.

        Returns
        -------
        ndarray of float32, shape (samples,)
            0 clear, 1 cloudy (more than 0.5 % of the mask is cloud), NaN where not to be told.
        """
        by_mask = np.where(np.isnan(self.cloud), np.nan, self.cloud > CLOUDY_FROM)
        said = np.where(self.sky == UNKNOWN, by_mask, self.sky == CLOUDY)
        said[self.sky == UNSURE] = np.nan
        return said.astype(np.float32)

    def labelled(self, kind: Kind) -> NDArray[np.bool_]:
        """Which samples a network can learn from: by their masks (U-Net) or their class (VGG8)."""
        return self.masked & ~np.isnan(self.cloud) if kind == "unet" else ~np.isnan(self.said())

    def without_copies(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the usable samples have not the pixels of an earlier usable one."""
        kept = np.zeros(len(self), np.bool_)
        seen: set[bytes] = set()
        for row in np.flatnonzero(usable).tolist():
            kept[row] = self.frame_hash[row] not in seen
            seen.add(self.frame_hash[row])
        return kept
