"""What the clear-sky reference is worth on the sample night: a line, and a picture."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import MissingPackageError
from napari_iris.evaluation.figures.masks import MaskedFrame, draw_masks
from napari_iris.evaluation.figures.style import paper_style, save
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.mask_file import read_mask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PICTURE = "reference"
"""Name of the picture, without suffix."""


@dataclass(frozen=True)
class NightMasks:
    """Masks of a night made in two ways, and their truth; files have the same names in all folders.

    Attributes
    ----------
    alone, with_reference, truth : Path
        Folders of mask files: each frame judged alone, with the reference, and the truth.
    """

    alone: Path
    with_reference: Path
    truth: Path

    @cached_property
    def frames(self) -> list[MaskedFrame]:
        """All frames with their masks, in order of time."""
        return [
            MaskedFrame(
                name=_time(path),
                frame=read_mask(path).frame,
                alone=read_mask(self.alone / path.name).mask,
                with_reference=read_mask(self.with_reference / path.name).mask,
                truth=read_mask(path).mask,
            )
            for path in sorted(self.truth.glob("*_mask.fits"))
        ]

    def summary(self) -> str:
        """Say in one line how much nearer to the truth the reference brings the masks."""
        truth = [one.truth for one in self.frames]
        alone = _scores([one.alone for one in self.frames], truth)
        better = _scores([one.with_reference for one in self.frames], truth)
        return (
            f"Each frame alone: {alone}. With the clear-sky reference: {better}. "
            "(Against the exact masks; haze left out.)"
        )

    def draw(self, out: Path) -> Path | None:
        """Draw the frames that differ most; without matplotlib, say how to install it.

        Parameters
        ----------
        out : Path
            Folder for the picture.

        Returns
        -------
        Path or None
            The picture, if it could be drawn.
        """
        try:
            with paper_style():
                save(draw_masks(self.shown()), out, PICTURE)
        except MissingPackageError as error:
            print(error, file=sys.stderr)
            return None
        return out / f"{PICTURE}.png"

    def shown(self) -> list[MaskedFrame]:
        """Choose a clear frame, and of broken cloud and decks the one that gains most."""
        clear: list[MaskedFrame] = []
        broken: list[MaskedFrame] = []
        decks: list[MaskedFrame] = []
        for one in self.frames:
            cover = np.mean(one.truth == CLOUD)
            (clear if cover < 0.01 else decks if cover > 0.99 else broken).append(one)
        best = [max(kind, key=_gain) for kind in (broken, decks) if kind]
        return [*clear[:1], *best]


def _time(path: Path) -> str:
    """Hours and minutes of a mask file's name, ``sky_20240115T180000_mask.fits``."""
    time = path.name.partition("T")[2]
    return f"{time[:2]}:{time[2:4]}"


def _gain(one: MaskedFrame) -> float:
    """Part of the frame that the reference sets right."""
    right = [np.mean(mask == one.truth) for mask in (one.alone, one.with_reference)]
    return float(right[1] - right[0])


def _scores(masks: Sequence[NDArray[np.uint8]], truth: Sequence[NDArray[np.uint8]]) -> str:
    """Say the part of the decided pixels that is right, and the mean error of the cloud cover."""
    decided = [one != IGNORE for one in truth]
    triples = list(zip(masks, truth, decided, strict=True))
    right = sum(int(((mask == true) & known).sum()) for mask, true, known in triples)
    oktas = [
        8 * abs(float(np.mean(mask[known] == CLOUD) - np.mean(true[known] == CLOUD)))
        for mask, true, known in triples
        if known.any()
    ]
    total = sum(int(known.sum()) for known in decided)
    return (
        f"{right / total:.1%} of the pixels correct, cloud cover off by {np.mean(oktas):.2f} oktas"
    )
