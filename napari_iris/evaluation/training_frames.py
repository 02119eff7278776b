"""The frames that a model was trained on: scores on these are too good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.numbers import format_count
from napari_iris.resources import is_shipped
from napari_iris.training.lineage import run_lineage
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Samples
    from napari_iris.training.split_file import FrameIdentities

SplitPart = Literal["train", "validation", "test"]


@dataclass(frozen=True, eq=False)
class TrainingFrames:
    """The frames of a model's training, to be recognised among others.

    Attributes
    ----------
    model : Path
        The model's folder.
    parts : dict of str to FrameIdentities
        Its frames by part; 'train' includes those of the models that it was initialised from.
    unknown : tuple of str
        Models in its history whose training frames are not known.
    """

    model: Path
    parts: dict[str, FrameIdentities]
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, model: Path) -> TrainingFrames:
        """Read the frames of a model's training.

        Raises
        ------
        ModelError
            If its run is damaged.
        """
        run = RunFolder(model)
        if not run.has_split():
            return cls(model, {}, () if is_shipped(model) else (str(model),))
        parts, before = run.identities(), run_lineage(run)
        return cls(model, {**parts, "train": parts["train"] | before.frames}, before.unknown)

    def select(self, samples: Samples, part: SplitPart) -> list[Path]:
        """List the labelled frames that belong to a part.

        Raises
        ------
        IrisError
            If none does, or the parts are not known.
        """
        if not self.parts:
            raise IrisError(f"--part: {self.model} has no run/split.csv; leave it out")
        rows = np.flatnonzero(self.parts[part].find_in(samples))
        if not len(rows):
            reason = f"none of {format_count(len(samples), 'labelled frame')} is a {part} frame"
            raise IrisError(f"--part: {reason} of {self.model}; give the data it was trained on")
        return [samples.paths[row] for row in rows.tolist()]

    def remarks(self, samples: Samples, rows: NDArray[np.intp]) -> tuple[str, ...]:
        """Warn of evaluated frames that the model was trained on.

        Parameters
        ----------
        samples : Samples
            Labelled frames.
        rows : ndarray of int
            Rows of those that are evaluated.

        Returns
        -------
        tuple of str
            Sentences; empty for nothing to warn of.
        """
        unknown = tuple(f"The training frames of {name} are not known." for name in self.unknown)
        if not self.parts:
            return unknown
        count = int(np.count_nonzero(self.parts["train"].find_in(samples)[rows]))
        if not count:
            return unknown
        of = f"{self.model.name} was trained on {count} of {format_count(len(rows), 'frame')}"
        return f"{of}: these scores are optimistic. Give --part test.", *unknown
