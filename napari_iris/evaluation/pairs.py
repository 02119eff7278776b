"""Which prediction belongs to which labelled frame."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.dataset.facts import Facts
from napari_iris.dataset.samples import Samples
from napari_iris.errors import FileError, IrisError
from napari_iris.frames.names import frame_stem
from napari_iris.frames.paths import FramePaths
from napari_iris.inference.prediction_file import PredictionError, find_predictions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from numpy.typing import NDArray


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
    """Predictions and their labelled frames, matched by name.

    Attributes
    ----------
    samples : Samples
        The labelled frames.
    rows : ndarray of int, shape (pairs,)
        Number of the sample of each pair, in order of time.
    names : list of str
        Name of each pair's frame.
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
        return self.samples.facts.time[self.rows]

    @property
    def cloudy(self) -> NDArray[np.float32]:
        """Class of each frame: 0 clear, 1 cloudy, NaN where not to be told."""
        return self.samples.facts.said()[self.rows]


def bare_name(path: Path | str) -> str:
    """Name of the frame that a mask or a prediction was made of.

    >>> bare_name("night/sky_0001_mask_pred.fits")
    'sky_0001'
    """
    return frame_stem(path).removesuffix("_pred").removesuffix("_mask")


def pair_up(
    folder: Path,
    samples: Samples,
    against: Path | None = None,
    only: Collection[str] | None = None,
) -> Pairs:
    """Match predictions with labelled frames by name.

    Parameters
    ----------
    folder : Path
        Folder of prediction files.
    samples : Samples
        The labelled frames.
    against : Path, optional
        Folder of another model's predictions; then a frame needs both.
    only : collection of str, optional
        Names of the frames to take; by default all that there are.

    Returns
    -------
    Pairs
        In order of time. A name that several frames or several predictions have tells nothing:
        none of them is used, and each is a problem.

    Raises
    ------
    IrisError
        If nothing matches.
    PredictionError
        If a folder holds no prediction.
    """
    problems: list[FileError] = []
    made = _by_name(find_predictions(folder), only, problems)
    other = None if against is None else _by_name(find_predictions(against), only, problems)
    names = [bare_name(samples.paths[row]) for row in range(len(samples))]
    shared = {name for name, times in Counter(names).items() if times > 1}
    rows, lonely = [], []
    for row, name in enumerate(names):
        if only is not None and name not in only:
            continue
        if name in shared and name in made:
            fix = "give each of them its own folder of predictions, and its own truth"
            reason = f"is of one of several labelled frames called {name}"
            problems.append(PredictionError(made.pop(name), reason, fix))
        elif name not in shared and name in made and (other is None or name in other):
            rows.append(row)
        elif name not in shared:
            wanted = folder if name not in made or against is None else against
            reason = f"no prediction in {wanted.name}"
            lonely.append(LeftOut(name, str(samples.paths[row]), reason, failed=False))
    problems += [one for one in samples.problems if bare_name(one.path) in made]
    known = set(names) | {bare_name(one.path) for one in samples.problems}
    lonely += [
        LeftOut(name, str(path), "no labelled frame", failed=False)
        for name, path in made.items()
        if name not in known
    ]
    if not rows:
        raise _none(folder, made, names, problems)
    kept = [names[row] for row in rows]
    return Pairs(
        samples,
        np.array(rows, np.intp),
        kept,
        [made[name] for name in kept],
        [other[name] for name in kept] if other is not None else [],
        problems,
        lonely,
    )


def _by_name(
    paths: list[Path], only: Collection[str] | None, problems: list[FileError]
) -> dict[str, Path]:
    """Predictions by the name of their frame; those that share one are problems."""
    found: dict[str, Path] = {}
    shared: dict[str, list[Path]] = {}
    for path in paths:
        name = bare_name(path)
        if only is not None and name not in only:
            continue
        if name in found or name in shared:
            shared.setdefault(name, [found.pop(name)] if name in found else []).append(path)
        else:
            found[name] = path
    for name, several in shared.items():
        problems += [
            PredictionError(path, f"another prediction is of {name} too", "remove one of them")
            for path in several
        ]
    return found


def _alone(samples: Samples, row: int) -> Samples:
    """One labelled frame of many, small enough to be sent to another process."""
    part = slice(row, row + 1)
    facts = Facts(*(getattr(samples.facts, field.name)[part] for field in fields(Facts)))
    paths = FramePaths(samples.paths.packed[part])
    return Samples(facts, paths, samples.keys[part], samples.store)


def _none(
    folder: Path, made: dict[str, Path], names: list[str], problems: list[FileError]
) -> IrisError:
    """Say that nothing matches, with a name of each side."""
    if problems:
        return IrisError(f"none of the predictions in {folder} can be used: {problems[0]}")
    one, other = next(iter(made), "none"), names[0]
    counts = f"none of {len(made)} predictions (first: {one}) is of one of {len(names)} frames"
    return PredictionError(folder, f"{counts} (first: {other})", "give the truth of these frames")
