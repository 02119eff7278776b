"""Match the predictions of a folder with labelled frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.inference.rows import find_predictions, stated_frames
from napari_iris.matching.frame_index import FrameIndex
from napari_iris.matching.names import frame_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_iris.dataset.samples import Samples
    from napari_iris.errors import FileError


@dataclass(frozen=True)
class FolderMatch:
    """Predictions of a folder, matched with labelled frames.

    Attributes
    ----------
    found : dict of int to Path
        Prediction by the row of its frame.
    ambiguous : set of int
        Rows that have several predictions, or share one with other rows; none of them is used.
    unmatched_predictions : list of Path
        Predictions without a labelled frame.
    problems : list of FileError
        The predictions that are ambiguous.
    """

    found: dict[int, Path] = field(default_factory=dict)
    ambiguous: set[int] = field(default_factory=set)
    unmatched_predictions: list[Path] = field(default_factory=list)
    problems: list[FileError] = field(default_factory=list)


class LabelledFrames:
    """Labelled frames, to be matched with folders of predictions.

    Parameters
    ----------
    samples : Samples
        The frames.
    only : iterable of Path or None
        Files of those to use; None for all.

    Attributes
    ----------
    rows : list of int
        Rows of those to use, in order.
    """

    def __init__(self, samples: Samples, only: Iterable[Path] | None) -> None:
        paths = [str(path) for path in samples.paths]
        wanted = set(paths) if only is None else {str(path) for path in only}
        self.rows = [row for row, path in enumerate(paths) if path in wanted]
        self._used = set(self.rows)
        self._index = FrameIndex(paths, samples.table.frame_hash)

    def match(self, folder: Path) -> FolderMatch:
        """Find the frame of each prediction of a folder, by its file, else by its name.

        Raises
        ------
        PredictionError
            If the folder holds no prediction.
        """
        stated = stated_frames(folder)
        by_path: dict[int, list[Path]] = {}
        by_name: dict[int, list[Path]] = {}
        match = FolderMatch()
        for path in find_predictions(folder):
            file = stated.get(path, "")
            rows = self._index.find(file, frame_name(path), partial(_frame_id, path))
            if len(rows) == 1:
                found = by_name if self._index.at(file) is None else by_path
                found.setdefault(rows[0], []).append(path)
            elif rows:
                self._note_ambiguous(match, path, rows)
            else:
                match.unmatched_predictions.append(path)
        self._keep_single(match, by_path)
        for row in set(by_name).intersection(by_path):  # only of the same name, not of this frame
            match.unmatched_predictions.extend(by_name.pop(row))
        self._keep_single(match, by_name)
        return match

    def _note_ambiguous(self, match: FolderMatch, path: Path, rows: list[int]) -> None:
        """Note a prediction that may be of any of several frames."""
        if self._used.intersection(rows):
            match.ambiguous.update(rows)
            reason = f"is of one of several labelled frames called {frame_name(path)}"
            fix = "give each of them its own folder of predictions, and its own truth"
            match.problems.append(PredictionError(path, reason, fix))

    def _keep_single(self, match: FolderMatch, found: dict[int, list[Path]]) -> None:
        """Keep the predictions of frames that have exactly one."""
        for row in self._used.intersection(found):
            if len(found[row]) == 1:
                match.found[row] = found[row][0]
                continue
            match.ambiguous.add(row)
            for path in found[row]:
                reason = f"another prediction is also of {frame_name(path)}"
                match.problems.append(PredictionError(path, reason, "remove one of them"))


def _frame_id(path: Path) -> str:
    """Read the frame's identifier from a prediction; empty where the file is damaged."""
    try:
        return read_prediction(path).frame_id
    except PredictionError:
        return ""
