"""Which of the frames measured a model was trained on: these flatter it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.numbers import counted
from napari_iris.resources import is_shipped
from napari_iris.training.lineage import run_lineage
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset import Samples
    from napari_iris.training.split_file import FrameIdentities

Part = Literal["train", "validation", "test"]


@dataclass(frozen=True, eq=False)
class Seen:
    """The frames of a model's training, to know them again among others.

    Attributes
    ----------
    model : Path
        The model's folder.
    parts : dict of str to FrameIdentities
        Its frames by part; those of the models that it started from are in 'train'.
    unknown : tuple of str
        Models in its history whose training frames are not known.
    """

    model: Path
    parts: dict[str, FrameIdentities]
    unknown: tuple[str, ...] = ()

    @classmethod
    def by(cls, model: Path) -> Seen:
        """Read what a model has seen.

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

    def frames(self, samples: Samples, part: Part) -> list[Path]:
        """List the labelled frames that are of a part.

        Raises
        ------
        IrisError
            If none is, or the parts are not known.
        """
        if not self.parts:
            raise IrisError(f"--part: {self.model} has no run/split.csv; leave it out")
        rows = np.flatnonzero(self.parts[part].find_in(samples))
        if not len(rows):
            reason = f"none of {counted(len(samples), 'labelled frame')} is a {part} frame"
            raise IrisError(f"--part: {reason} of {self.model}; give the data it was trained on")
        return [samples.paths[row] for row in rows.tolist()]

    def remarks(self, samples: Samples, rows: NDArray[np.intp]) -> tuple[str, ...]:
        """Say how many of the frames measured the model was trained on."""
        unknown = tuple(f"It is not known which frames {name} has learnt." for name in self.unknown)
        if not self.parts:
            return unknown
        count = int(np.count_nonzero(self.parts["train"].find_in(samples)[rows]))
        if not count:
            return unknown
        of = f"{count} of {counted(len(rows), 'frame')} were trained on"
        told = f"{of} by {self.model.name}: these numbers flatter it. Give --part test."
        return told, *unknown
