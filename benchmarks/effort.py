"""What it costs a person to clear a night: keys and minutes, by real keys in a real window.

    tools/on-display python benchmarks/effort.py [--frames 480] [--seeds 1 2 3]

A scripted person sees the mask over the frame, and knows by the simulator's truth what an eye
would: whether it is right, whether the sky is clear or overcast, and whether there is too much
cloud or too little. Haze of optical depth 0.02 to 0.12 counts neither way. Times are those of the
keystroke-level model (`benchmarks/hands.py`). Each night is cleared twice: by runs of frames, and
by a decision on each frame. Bursts have 90 frames in ten seconds.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits
from hands import BRUSH, Effort, Hands, at_the_desk, segment_in, wait_for

from napari_iris.desk.workspace import workspace_of
from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.relearning import learn_nights
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import HOURS, draw_night, simulate_nights
from napari_iris.sky.site import draw_site
from napari_iris.sky.truth import rebin_truth
from napari_iris.sky.weather import draw_weather

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_iris.sky.observe import SimulatedFrame

    Masks = list[NDArray[np.uint8]]

SHAPE = (128, 160)
"""Rows and columns of masks, and of binned frames."""

BURSTS, BURST_S, HZ = 4, 10, 9
"""Bursts of a night, their length, and their frames a second."""

GOOD = 0.97
"""Part of a mask's pixels that must be right for the person to let it pass."""

FAIR = 0.93
"""Part that is enough where no step of the threshold improves the mask: people agree on some 95 %
of the pixels of a cloudy sky."""

STROKES = 3
"""Strokes that the person draws at most on a frame."""

TRIES = 8
"""Steps of a threshold that the person tries at most."""


# --- a project of simulated frames


def night(seed: int, count: int) -> Iterator[SimulatedFrame]:
    """Simulate a night from its beginning, a frame a minute."""
    config = SeriesConfig(count=round(60 * HOURS), nights=1, seed=seed)
    return islice(simulate_nights(config), count)


def bursts(seed: int, count: int) -> Iterator[SimulatedFrame]:
    """Simulate so many bursts, spread over a night."""
    config = SeriesConfig(count=round(3600 * HOURS * HZ), nights=1, seed=seed)
    sky, weather = draw_night(config, draw_site(config), 0), draw_weather(seed, 0, HOURS, "mixed")
    for start in np.linspace(0, config.count, count, endpoint=False).astype(int).tolist():
        passage = next(one for one in weather if start * HOURS / config.count < one.end)
        clouds = sky.textures(passage)
        for frame in range(start, start + BURST_S * HZ):
            yield sky.observe(frame, passage, clouds)


def make_project(folder: Path, frames: Iterable[SimulatedFrame]) -> Masks:
    """Make a project of frames with automatic masks, in the order of time; give their truth."""
    (folder / "frames").mkdir(parents=True)
    truth = []
    for number, frame in enumerate(frames):
        path = folder / "frames" / f"{number:04}.fits"
        fits.writeto(path, rebin(frame.data, SHAPE), frame.header)
        truth.append(rebin_truth(frame.truth, SHAPE, frame.undecided))
    paths = sorted((folder / "frames").iterdir())
    with Project(folder / "project") as project:
        references = learn_nights(project.folder, paths)
        for _ in index(project, paths, MaskConfig(), jobs=1, references=references):
            pass
    return truth


# --- a person


class Person:
    """Somebody who clears a project.

    Parameters
    ----------
    hands : Hands
        Their eyes and hands at the desk.
    truth : list of ndarray of uint8
        0 sky, 1 cloud, 2 undecided, by the frames' rows: what an eye knows of a frame it sees.
    """

    def __init__(self, hands: Hands, truth: Masks) -> None:
        self._hands, self._truth = hands, truth
        self._runs = workspace_of(hands.viewer).run_labels
        self._scribbles = False

    @property
    def is_finished(self) -> bool:
        """Whether the desk says that all frames are done."""
        return "finished" in self._hands.dock.message.text()

    def clear_by_frames(self) -> None:
        """Decide on each frame alone."""
        while not self.is_finished:
            self._settle()
            if self._hands.dock.curation.row == self._row:  # `0` and `8` have gone on
                self._hands.press("A")

    def clear_by_runs(self) -> None:
        """Decide on runs of frames, each by the frame that agrees least."""
        while not self.is_finished:
            if self._runs.preview is None:
                self._hands.press("Shift+N")
            if self._settle():
                self._hands.press("Enter")
                continue
            self._hands.press("Esc")  # it goes back to the first frame of the run
            if not self._settle():
                self.scribble(STROKES)
            self._hands.press("Shift+N")  # what was drawn is carried on
            if self._is_good(sum(self._wrong()), FAIR):
                self._hands.press("Enter")
            else:
                self._hands.press("Esc", "A")
        wait_for(lambda: not self._runs.jobs.is_busy)

    def scribble(self, strokes: int, good: float = GOOD) -> int:
        """Draw where most is wrong until the mask is good; return the strokes that it took."""
        layer = self._hands.viewer.layers["label"]
        for count in range(strokes + 1):
            self._wrong()
            truth, mask = self._truth[self._row], np.array(layer.data)
            missing, wrong = (truth == CLOUD) & (mask == SKY), (truth == SKY) & (mask == CLOUD)
            if self._is_good(np.count_nonzero(missing | wrong), good) or count == strokes:
                return count
            if not self._scribbles:
                self._hands.press("Shift+T")
                layer.brush_size, self._scribbles = BRUSH, True
            is_more = np.count_nonzero(missing) > np.count_nonzero(wrong)
            self._hands.stroke(*segment_in(missing if is_more else wrong), shift=not is_more)
        return strokes

    def _settle(self) -> bool:
        """Look at the mask, and mend it by keys; return whether it is good."""
        more, less = self._wrong()
        if self._is_good(more + less):
            return True
        truth = self._truth[self._row]
        if not (truth == CLOUD).any() or not (truth == SKY).any():
            self._hands.press("8" if (truth == CLOUD).any() else "0")
            return True
        for _ in range(TRIES):
            before = more + less
            self._hands.press("," if more > less else ".")
            more, less = self._wrong()
            if self._is_good(more + less) or more + less >= before:
                break
        return self._is_good(more + less, FAIR)

    def _wrong(self) -> tuple[int, int]:
        """Look; give the pixels of cloud that are missing, and those that are too many."""
        row, mask = self._hands.look()
        self._row = row or 0
        truth = self._truth[self._row]
        missing = np.count_nonzero((truth == CLOUD) & (mask == SKY))
        return missing, np.count_nonzero((truth == SKY) & (mask == CLOUD))

    def _is_good(self, wrong: int, part: float = GOOD) -> bool:
        return wrong <= (1 - part) * np.count_nonzero(self._truth[self._row] != IGNORE)


# --- what it costs


@dataclass(frozen=True)
class Outcome:
    """What a project has cost, and how right it is.

    Attributes
    ----------
    frames : int
        Its frames.
    effort : Effort
        What the person did.
    right : float
        Part of all decided pixels that is right in the end.
    approved : float
        Part of the frames that is approved.
    """

    frames: int
    effort: Effort
    right: float
    approved: float

    def cells(self) -> str:
        """Cells of the table."""
        effort = self.effort
        return (
            f"{self.frames} | {effort.keys / self.frames:.3f} | {effort.looks} |"
            f" {effort.minutes:.1f} | {self.right:.4f} | {self.approved:.3f}"
        )


def clear(folder: Path, truth: Masks, *, by_runs: bool) -> Outcome:
    """Have a person clear a project."""
    with at_the_desk(folder) as hands:
        person = Person(hands, truth)
        (person.clear_by_runs if by_runs else person.clear_by_frames)()
    return judge(folder, truth, hands.effort)


def judge(folder: Path, truth: Masks, effort: Effort) -> Outcome:
    """Compare the masks of a project with the truth."""
    right = decided = 0
    with Project(folder, read_only=True) as project:
        for number, known in zip(project.table.id.tolist(), truth, strict=True):
            mask = project.mask(number)
            is_known = known != IGNORE
            right += 0 if mask is None else int(np.count_nonzero((mask == known)[is_known]))
            decided += np.count_nonzero(is_known)
        approved = project.status()["status"]["approved"] / len(truth)
    return Outcome(len(truth), effort, right / decided, approved)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=480, help="of a night, one a minute")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    print("| night | by | frames | keys a frame | looks | minutes | pixels right | approved |")
    print("|---|---|---|---|---|---|---|---|")
    for seed in options.seeds:
        measure(f"{seed}", night(seed, options.frames), ("runs", "frames"))
        measure(f"{seed}, {HZ} Hz", bursts(seed, BURSTS), ("runs",))


def measure(name: str, frames: Iterable[SimulatedFrame], ways: Iterable[str]) -> None:
    """Print the rows of one night."""
    with tempfile.TemporaryDirectory(prefix="iris-effort-") as root:
        truth = make_project(Path(root), frames)
        for by in ways:
            copy = shutil.copytree(Path(root) / "project", Path(root) / f"by {by}")
            outcome = clear(copy, truth, by_runs=by == "runs")
            print(f"| {name} | {by} | {outcome.cells()} |", flush=True)


if __name__ == "__main__":
    main()
