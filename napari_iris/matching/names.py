"""Which labelled frame each prediction of a folder is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.frames.names import frame_stem
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.inference.rows import find_predictions, frames_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_iris.dataset.samples import Samples
    from napari_iris.errors import FileError


def bare_name(path: Path | str) -> str:
    """Name of the frame that a mask or a prediction was made of.

    >>> bare_name("night/sky_0001_mask_pred.fits")
    'sky_0001'
    """
    return frame_stem(path).removesuffix("_pred").removesuffix("_mask")


def name_in(folder: Path, prediction: Path) -> str:
    """Name of a prediction's frame, unlike any other in its folder.

    >>> from pathlib import Path
    >>> name_in(Path("out"), Path("out/night2/sky_0001_pred.fits"))
    'night2/sky_0001'
    """
    return name_of(prediction.relative_to(folder).as_posix())


def name_of(file: str) -> str:
    """Name of a frame by its prediction's file, from the folder of predictions on."""
    inside, slash, name = file.rpartition("/")
    return f"{inside}{slash}{bare_name(name)}"


@dataclass(frozen=True)
class Matched:
    """Predictions of a folder and the frames that they are of.

    Attributes
    ----------
    found : dict of int to Path
        Prediction by the row of its frame.
    unclear : set of int
        Rows that predictions may be of, and nobody knows which.
    strangers : list of Path
        Predictions of no labelled frame.
    problems : list of FileError
        Those that nothing tells the frame of.
    """

    found: dict[int, Path]
    unclear: set[int]
    strangers: list[Path]
    problems: list[FileError]


class Labelled:
    """Labelled frames, to be found by their file, else by their name.

    Parameters
    ----------
    samples : Samples
        The frames.
    only : iterable of Path or None
        Files of those to take; None for all.

    Attributes
    ----------
    rows : list of int
        Rows of those to take, in order.
    """

    def __init__(self, samples: Samples, only: Iterable[Path] | None) -> None:
        paths = [str(path) for path in samples.paths]
        wanted = set(paths) if only is None else {str(path) for path in only}
        self.rows = [row for row, path in enumerate(paths) if path in wanted]
        self._samples, self._taken = samples, set(self.rows)
        self._by_path = {path: row for row, path in enumerate(paths)}
        self._by_name: dict[str, list[int]] = {}
        for row, path in enumerate(paths):
            self._by_name.setdefault(bare_name(path), []).append(row)

    def match(self, folder: Path) -> Matched:
        """Find the frame of each prediction of a folder."""
        said = frames_of(folder)
        exact: dict[int, list[Path]] = {}
        alike: dict[int, list[Path]] = {}
        matched = Matched({}, set(), [], [])
        for path in find_predictions(folder):
            row = self._by_path.get(said.get(path, ""))
            if row is not None:
                exact.setdefault(row, []).append(path)
                continue
            rows = self._by_name.get(bare_name(path), [])
            rows = (len(rows) > 1 and self._of_pixels(path, rows)) or rows
            if len(rows) == 1:
                alike.setdefault(rows[0], []).append(path)
            elif not rows:
                matched.strangers.append(path)
            else:
                self._leave_out(matched, path, rows)
        self._settle(matched, exact)
        for row in set(alike).intersection(exact):  # the frame has a prediction of its own
            matched.strangers.extend(alike.pop(row))
        self._settle(matched, alike)
        return matched

    def _leave_out(self, matched: Matched, path: Path, rows: list[int]) -> None:
        """Note a prediction that may be of any of several frames."""
        if self._taken.intersection(rows):
            matched.unclear.update(rows)
            reason = f"is of one of several labelled frames called {bare_name(path)}"
            fix = "give each of them its own folder of predictions, and its own truth"
            matched.problems.append(PredictionError(path, reason, fix))

    def _settle(self, matched: Matched, found: dict[int, list[Path]]) -> None:
        """Take the predictions of frames that have one alone."""
        for row in self._taken.intersection(found):
            if len(found[row]) == 1:
                matched.found[row] = found[row][0]
                continue
            matched.unclear.add(row)
            for path in found[row]:
                reason = f"another prediction is of {bare_name(path)} too"
                matched.problems.append(PredictionError(path, reason, "remove one of them"))

    def _of_pixels(self, path: Path, rows: list[int]) -> list[int]:
        """Which of some namesakes has the very pixels that a prediction was made of."""
        try:
            pixels = read_prediction(path).frame_id
        except PredictionError:
            return []
        return [row for row in rows if self._samples.table.frame_hash[row].hex() == pixels][:1]
