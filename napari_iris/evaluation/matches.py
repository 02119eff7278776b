"""Predictions and the labelled frames that they are evaluated against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.errors import FileError, IrisError
from napari_iris.evaluation.labelled_frames import LabelledFrames
from napari_iris.inference.prediction_file import PredictionError
from napari_iris.inference.rows import find_predictions
from napari_iris.matching.names import frame_name, prediction_name

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Samples


@dataclass(frozen=True, eq=False)
class Match:
    """A prediction and the labelled frame that it is evaluated against.

    Attributes
    ----------
    row : int
        Number of the match, from 0, in order of time.
    prediction : Path
        The prediction's file.
    against : Path or None
        The other model's.
    sample : Samples
        The labelled frame, alone.
    """

    row: int
    prediction: Path
    against: Path | None
    sample: Samples

    def __fspath__(self) -> str:
        return str(self.prediction)


class LeftOut(NamedTuple):
    """A file that is left out of an evaluation.

    Attributes
    ----------
    frame : str
        Name of the frame.
    file : str
        The prediction's file, or the labelled frame's.
    reason : str
        Why.
    failed : bool
        Whether the file cannot be used; else it only has no counterpart.
    """

    frame: str
    file: str
    reason: str
    failed: bool


@dataclass(frozen=True, eq=False)
class Matches:
    """Predictions and their labelled frames; a sequence of `Match`.

    Attributes
    ----------
    samples : Samples
        The labelled frames.
    rows : ndarray of int, shape (matches,)
        Row of the labelled frame of each match, in order of time.
    names : list of str
        Name of each frame, see `prediction_name`.
    predictions, against : list of Path
        Prediction of each match; `against` is empty where only one model is evaluated.
    problems : list of FileError
        Files that are damaged, or ambiguous.
    unmatched : list of LeftOut
        Files without a counterpart.
    """

    samples: Samples
    rows: NDArray[np.intp]
    names: list[str]
    predictions: list[Path]
    against: list[Path]
    problems: list[FileError]
    unmatched: list[LeftOut]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Match]:
        for place in range(len(self)):
            yield self[place]

    def __getitem__(self, place: int) -> Match:
        other = self.against[place] if self.against else None
        sample = _alone(self.samples, int(self.rows[place]))
        return Match(place, self.predictions[place], other, sample)

    def without(self, places: Container[int]) -> Matches:
        """Leave some matches out, by their numbers."""
        kept = [place for place in range(len(self)) if place not in places]
        return replace(
            self,
            rows=self.rows[kept],
            names=[self.names[place] for place in kept],
            predictions=[self.predictions[place] for place in kept],
            against=[self.against[place] for place in kept] if self.against else [],
        )

    @property
    def times(self) -> NDArray[np.datetime64]:
        """When each frame was taken, UTC; NaT where not known."""
        return self.samples.table.time[self.rows]

    @property
    def cloudy(self) -> NDArray[np.float32]:
        """Class of each frame: 0 clear, 1 cloudy, NaN where unknown."""
        return self.samples.table.class_labels()[self.rows]


def match_predictions(
    folder: Path,
    samples: Samples,
    against: Path | None = None,
    only: Iterable[Path] | None = None,
) -> Matches:
    """Match predictions with labelled frames: by the frame's file, else by its name.

    Whether the pixels are those of the frame is checked when both are read.

    Parameters
    ----------
    folder : Path
        Folder of prediction files.
    samples : Samples
        The labelled frames.
    against : Path, optional
        Folder of another model's predictions; then a frame needs both.
    only : iterable of Path, optional
        Files of the labelled frames to use; by default all.

    Returns
    -------
    Matches
        In order of time. A name that several frames or several predictions share is ambiguous: if
        nothing else identifies them, none is used, and each prediction is a problem.

    Raises
    ------
    IrisError
        If nothing matches.
    PredictionError
        If a folder holds no prediction.
    """
    labelled = LabelledFrames(samples, only)
    made = labelled.match(folder)
    other = None if against is None else labelled.match(against)
    rows, unmatched = [], []
    for row in labelled.rows:
        if row in made.found and (other is None or row in other.found):
            rows.append(row)
        elif row not in made.ambiguous:
            wanted = folder if row not in made.found or against is None else against
            path, reason = str(samples.paths[row]), f"no prediction in {wanted.name}"
            unmatched.append(LeftOut(frame_name(path), path, reason, failed=False))
    damaged = {frame_name(one.path): one for one in samples.problems}
    problems = [*made.problems, *(other.problems if other else ())]
    names = {frame_name(path) for path in made.unmatched_predictions}
    problems += [one for name, one in damaged.items() if name in names]
    unmatched += [
        LeftOut(_name(folder, path), str(path), "no labelled frame", failed=False)
        for path in made.unmatched_predictions
        if frame_name(path) not in damaged and only is None
    ]
    if not rows:
        raise _nothing_matches(folder, samples, problems)
    return Matches(
        samples,
        np.array(rows, np.intp),
        [_name(folder, made.found[row]) for row in rows],
        [made.found[row] for row in rows],
        [other.found[row] for row in rows] if other is not None else [],
        problems,
        unmatched,
    )


def _name(folder: Path, prediction: Path) -> str:
    return prediction_name(prediction.relative_to(folder).as_posix())


def _alone(samples: Samples, row: int) -> Samples:
    """Give one labelled frame of many, small enough to be sent to another process."""
    return replace(samples.take(np.array([row])), problems=())


def _nothing_matches(folder: Path, samples: Samples, problems: list[FileError]) -> IrisError:
    """Make the error that nothing matches, with an example of each side."""
    if problems:
        return IrisError(f"none of the predictions in {folder} can be used: {problems[0]}")
    made, frame = find_predictions(folder), frame_name(samples.paths[0])
    counts = f"none of {len(made)} predictions (first: {_name(folder, made[0])}) is of one of"
    reason = f"{counts} {len(samples)} frames (first: {frame})"
    return PredictionError(folder, reason, "give the truth of these frames")
