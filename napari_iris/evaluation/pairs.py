"""Which prediction belongs to which labelled frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.errors import FileError, IrisError
from napari_iris.inference.prediction_file import PredictionError
from napari_iris.inference.rows import find_predictions
from napari_iris.matching.names import Labelled, bare_name, name_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Samples


@dataclass(frozen=True, eq=False)
class Pair:
    """A prediction and the labelled frame it belongs to.

    Attributes
    ----------
    row : int
        Number of the pair, from 0, in order of time.
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
    """A file that could not be measured by.

    Attributes
    ----------
    frame : str
        Name of the frame.
    file : str
        The prediction's file, or the labelled frame's.
    reason : str
        Why.
    failed : bool
        Whether something is wrong with it; else it only has no counterpart.
    """

    frame: str
    file: str
    reason: str
    failed: bool


@dataclass(frozen=True, eq=False)
class Pairs:
    """Predictions and their labelled frames, matched.

    Attributes
    ----------
    samples : Samples
        The labelled frames.
    rows : ndarray of int, shape (pairs,)
        Number of the sample of each pair, in order of time.
    names : list of str
        Name of each pair's frame, see `name_in`.
    predictions, against : list of Path
        Prediction of each pair; `against` is empty where one model is measured alone.
    problems : list of FileError
        What is damaged or has a namesake.
    lonely : list of LeftOut
        What has no counterpart.
    """

    samples: Samples
    rows: NDArray[np.intp]
    names: list[str]
    predictions: list[Path]
    against: list[Path]
    problems: list[FileError]
    lonely: list[LeftOut]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Pair]:
        for place in range(len(self)):
            yield self[place]

    def __getitem__(self, place: int) -> Pair:
        other = self.against[place] if self.against else None
        sample = _alone(self.samples, int(self.rows[place]))
        return Pair(place, self.predictions[place], other, sample)

    @property
    def times(self) -> NDArray[np.datetime64]:
        """When each frame was taken, UTC; NaT where not known."""
        return self.samples.table.time[self.rows]

    @property
    def cloudy(self) -> NDArray[np.float32]:
        """Class of each frame: 0 clear, 1 cloudy, NaN where not to be told."""
        return self.samples.table.class_labels()[self.rows]


def pair_up(
    folder: Path,
    samples: Samples,
    against: Path | None = None,
    only: Iterable[Path] | None = None,
) -> Pairs:
    """Match predictions with labelled frames: by the frame's file, else by its name.

    That a prediction was made of the frame's pixels is seen to when both are read.

    Parameters
    ----------
    folder : Path
        Folder of prediction files.
    samples : Samples
        The labelled frames.
    against : Path, optional
        Folder of another model's predictions; then a frame needs both.
    only : iterable of Path, optional
        Files of the labelled frames to take; by default all that there are.

    Returns
    -------
    Pairs
        In order of time. A name that several frames or several predictions have tells nothing:
        where nothing else tells them apart, none is used, and each prediction is a problem.

    Raises
    ------
    IrisError
        If nothing matches.
    PredictionError
        If a folder holds no prediction.
    """
    labelled = Labelled(samples, only)
    made = labelled.match(folder)
    other = None if against is None else labelled.match(against)
    rows, lonely = [], []
    for row in labelled.rows:
        if row in made.found and (other is None or row in other.found):
            rows.append(row)
        elif row not in made.unclear:
            wanted = folder if row not in made.found or against is None else against
            path, reason = str(samples.paths[row]), f"no prediction in {wanted.name}"
            lonely.append(LeftOut(bare_name(path), path, reason, failed=False))
    damaged = {bare_name(one.path): one for one in samples.problems}
    names = {bare_name(path) for path in made.strangers}
    problems = [*made.problems, *(other.problems if other else ())]
    problems += [one for name, one in damaged.items() if name in names]
    lonely += [
        LeftOut(name_in(folder, path), str(path), "no labelled frame", failed=False)
        for path in made.strangers
        if bare_name(path) not in damaged and only is None
    ]
    if not rows:
        raise _none(folder, samples, problems)
    return Pairs(
        samples,
        np.array(rows, np.intp),
        [name_in(folder, made.found[row]) for row in rows],
        [made.found[row] for row in rows],
        [other.found[row] for row in rows] if other is not None else [],
        problems,
        lonely,
    )


def _alone(samples: Samples, row: int) -> Samples:
    """One labelled frame of many, small enough to be sent to another process."""
    return replace(samples.take(np.array([row])), problems=())


def _none(folder: Path, samples: Samples, problems: list[FileError]) -> IrisError:
    """Say that nothing matches, with a name of each side."""
    if problems:
        return IrisError(f"none of the predictions in {folder} can be used: {problems[0]}")
    made, frame = find_predictions(folder), bare_name(samples.paths[0])
    counts = f"none of {len(made)} predictions (first: {name_in(folder, made[0])}) is of one of"
    reason = f"{counts} {len(samples)} frames (first: {frame})"
    return PredictionError(folder, reason, "give the truth of these frames")
