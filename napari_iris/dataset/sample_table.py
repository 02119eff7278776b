"""Metadata of all labelled frames, as columns, known before any frame is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.labels import CLOUDY_FROM, FRAME_CLASSES
from napari_iris.project.frame_table import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_iris.networks.spec import Kind

CLEAR, CLOUDY, UNSURE = (FRAME_CLASSES.index(name) for name in ("clear", "cloudy", "unsure"))
"""Codes of the frame classes."""


@dataclass(frozen=True, eq=False)
class SampleTable:
    """One row per sample, in order of time; those without a time follow in natural order.

    Attributes
    ----------
    time : ndarray of datetime64[us]
        Time of observation, UTC; NaT if unknown.
    frame_class : ndarray of int8
        Class set by a person, as an index into ``FRAME_CLASSES``; -1 for none.
    part : ndarray of int8
        Part of a saved split, as an index into ``PARTS``; -1 for none.
    has_mask : ndarray of bool
        Whether there is a mask.
    cloud_fraction : ndarray of float32
        Cloud fraction of the pixels that are not ignored, 0 to 1; NaN without such pixels.
    perceptual_hash : ndarray of int64
        Perceptual hash of the frame.
    frame_hash, mask_hash : list of bytes
        Content hash of the frame and of its mask; empty for none.
    """

    time: NDArray[np.datetime64]
    frame_class: NDArray[np.int8]
    part: NDArray[np.int8]
    has_mask: NDArray[np.bool_]
    cloud_fraction: NDArray[np.float32]
    perceptual_hash: NDArray[np.int64]
    frame_hash: NDArray[np.object_]
    mask_hash: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, ...]]) -> SampleTable:
        """Make columns of rows, each with the values of all attributes in their order."""
        columns = list(zip(*rows, strict=True)) or [()] * len(fields(cls))
        time, frame_class, part, has_mask, cloud_fraction, likeness, frames, masks = columns
        return cls(
            np.array(time, "M8[us]"),
            np.array(frame_class, np.int8),
            np.array(part, np.int8),
            np.array(has_mask, np.bool_),
            np.array(cloud_fraction, np.float32),
            np.array(likeness, np.int64),
            np.array(frames, object),
            np.array(masks, object),
        )

    @classmethod
    def concatenate(cls, tables: Iterable[SampleTable]) -> SampleTable:
        """Join the rows of several tables."""
        rows = ([getattr(table, field.name) for field in fields(cls)] for table in tables)
        return cls(*map(np.concatenate, zip(*rows, strict=True)))

    def take(self, rows: NDArray[np.intp]) -> SampleTable:
        """Select rows by number."""
        return SampleTable(*(getattr(self, field.name)[rows] for field in fields(self)))

    def class_labels(self) -> NDArray[np.float32]:
        """Class of each frame for VGG8: that set by a person, else that of the mask.

        Returns
        -------
        ndarray of float32, shape (samples,)
            0 clear, 1 cloudy (cloud fraction above 0.5 %), NaN if unknown.
        """
        of_mask = np.where(np.isnan(self.cloud_fraction), np.nan, self.cloud_fraction > CLOUDY_FROM)
        labels = np.where(self.frame_class == UNKNOWN, of_mask, self.frame_class == CLOUDY)
        labels[self.frame_class == UNSURE] = np.nan
        return labels.astype(np.float32)

    def cloudiness(self, kind: Kind) -> NDArray[np.float32]:
        """Share of cloud in the target of each sample: of its pixels (U-Net) or its class (VGG8).

        Parameters
        ----------
        kind : {'unet', 'vgg8'}
            The network.

        Returns
        -------
        ndarray of float32, shape (samples,)
            0 to 1; NaN if unknown.
        """
        return self.cloud_fraction if kind == "unet" else self.class_labels()

    def labelled(self, kind: Kind) -> NDArray[np.bool_]:
        """Whether each sample has a label: a mask (U-Net) or a class (VGG8).

        Parameters
        ----------
        kind : {'unet', 'vgg8'}
            The network.

        Returns
        -------
        ndarray of bool, shape (samples,)
        """
        known = ~np.isnan(self.cloudiness(kind))
        return self.has_mask & known if kind == "unet" else known

    def without_duplicates(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Deselect samples with the same pixels as an earlier selected one.

        Parameters
        ----------
        usable : ndarray of bool, shape (samples,)
            Selected samples.

        Returns
        -------
        ndarray of bool, shape (samples,)
            Those without the duplicates.
        """
        # Not numpy.unique: the earliest in time is to stay, whatever its hash.
        kept = np.zeros(len(self), np.bool_)
        seen: set[bytes] = set()
        for row in np.flatnonzero(usable).tolist():
            kept[row] = self.frame_hash[row] not in seen
            seen.add(self.frame_hash[row])
        return kept

    def class_weights(self, rows: NDArray[np.intp], kind: Kind) -> tuple[float, float]:
        """Compute weights with which clear sky and cloud contribute equally: 0.5 / frequency.

        Parameters
        ----------
        rows : ndarray of int
            Rows of the training samples.
        kind : {'unet', 'vgg8'}
            The network: frequencies are those of pixels (all frames weighted equally) or of frames.

        Returns
        -------
        clear, cloud : float
            Weights; 1 and 1 if both are equally frequent.

        Raises
        ------
        IrisError
            If there is only one class.
        """
        values = self.cloudiness(kind)[rows]
        known = values[~np.isnan(values)]
        cloud = float(known.mean(dtype=np.float64)) if len(known) else 0.0
        if not 0 < cloud < 1:
            only = "cloud" if cloud else "clear sky"
            raise IrisError(f"there is only {only} in {len(known)} labelled frames; add others")
        return 0.5 / (1 - cloud), 0.5 / cloud

    def data_hash(self, rows: NDArray[np.intp]) -> str:
        """Hash pixels, masks and classes of samples; their order and file names do not matter.

        Parameters
        ----------
        rows : ndarray of int
            Rows of the samples used.

        Returns
        -------
        str
            32 hexadecimal digits.
        """
        lines = sorted(
            b"%b %b %d" % (self.frame_hash[row], self.mask_hash[row], self.frame_class[row])
            for row in rows.tolist()
        )
        digest = hashlib.sha256()
        for line in lines:  # with their lengths, so that no two lists of lines hash alike
            digest.update(len(line).to_bytes(4, "big") + line)
        return digest.hexdigest()[:32]
