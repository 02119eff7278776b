"""Masks before and after one press of the key 0, on nights with a single clear frame.

For each simulated night, all frames with less than `CLOUDY` of cloud are left out, apart from the
clearest one. Masks are made with the reference that is learned from the rest without help; then the
clear frame is called clear, as by the key 0 in the Curate dock. Printed is the fraction of right
pixels in the frames that nobody has touched; haze of optical depth 0.02 to 0.12 is left out.

    python benchmarks/teaching.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.night_references import nights_of
from napari_iris.project.project import Project
from napari_iris.project.relearning import apply_night, learn_nights, relearn_night
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.truth import rebin_truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.sky.observe import SimulatedFrame

SEEDS = range(1, 9)

FRAMES = 40

CLOUDY = 0.3
"""Least cloud fraction of the frames that are kept."""

SHAPE, CAMERA = (128, 160), (512, 640)
"""Rows and columns of masks, and of frames: in binned frames, noise is what it is in a camera's."""


def main() -> None:
    """Print the table."""
    print("| night | frames | correct before | correct after | reference before | after |")
    print("|---|---|---|---|---|---|")
    before_all, after_all = [], []
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            count, before, after, kinds = taught(seed, Path(folder))
        before_all.append(before)
        after_all.append(after)
        print(f"| {seed} | {count} | {before:.3f} | {after:.3f} | {kinds[0]} | {kinds[1]} |")
    print(f"| all | | {np.mean(before_all):.3f} | {np.mean(after_all):.3f} | | |")


def taught(seed: int, folder: Path) -> tuple[int, float, float, tuple[str, str]]:
    """Give frames, right pixels before and after, and the references, of one night."""
    frames, clear = never_clear(seed)
    (folder / "frames").mkdir()
    paths = [folder / "frames" / f"{number:03}.fits" for number in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        fits.writeto(path, frame.data, frame.header)
    with Project(folder / "project") as project:
        references = learn_nights(project.folder, paths)
        for _ in index(project, paths, MaskConfig(), jobs=1, references=references):
            pass
        before = right(project, frames, clear)
        (night,) = set(nights_of(project.table.time).tolist())
        kind = references.of_night(night).found[0].kind
        project.label(int(project.table.id[clear]), np.zeros(SHAPE, np.uint8), "clear", "clear sky")
        renewed = relearn_night(project.folder, night)
        apply_night(project.folder, renewed)
        kinds = (kind, renewed.references.found[0].kind)
        return len(frames), before, right(project, frames, clear), kinds


def never_clear(seed: int) -> tuple[list[SimulatedFrame], int]:
    """Give the frames of a night that are cloudy, with the clearest one, and its place."""
    frames = list(simulate_nights(SeriesConfig(count=FRAMES, nights=1, seed=seed, shape=CAMERA)))
    cover = [float(np.mean(truth_of(frame))) for frame in frames]
    clear = int(np.argmin(cover))
    kept = [place for place, part in enumerate(cover) if part >= CLOUDY or place == clear]
    return [frames[place] for place in kept], kept.index(clear)


def truth_of(frame: SimulatedFrame) -> NDArray[np.bool_]:
    """Give the exact mask of a frame."""
    return rebin_truth(frame.truth, SHAPE) == 1


def right(project: Project, frames: list[SimulatedFrame], clear: int) -> float:
    """Give the fraction of right pixels in the automatic masks of all frames but one."""
    same, decided = 0, 0
    for place, (number, frame) in enumerate(zip(project.table.id.tolist(), frames, strict=True)):
        mask = project.mask(number, "auto")
        if place != clear and mask is not None:
            known = rebin_truth(frame.undecided, SHAPE) == 0
            same += np.count_nonzero(((mask == 1) == truth_of(frame))[known])
            decided += np.count_nonzero(known)
    return same / decided


if __name__ == "__main__":
    main()
