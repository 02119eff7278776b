"""Public cloud sets as projects, and their division into folds without near copies across them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse.csgraph import connected_components

from napari_iris.frames.paths import natural_key
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.labels import PARTS
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.importers.image_pair import Layout
    from napari_iris.labels import MaskChoice

ALIKE = 0.95
"""Correlation of two thumbnails, less their planes, from which they are near copies."""

SIDE = 16
"""Rows and columns of a thumbnail."""

RUN = 3
"""Pictures in a row, by name, that stay together: neighbours in many sets are so in time."""

VALIDATION = 5
"""Every n-th picture of a single training fold is for validation."""


class Published(NamedTuple):
    """Published accuracies on grey pictures: of a network, and of Otsu's threshold."""

    direct: float
    tuned: float
    scratch: float
    otsu: float


@dataclass(frozen=True)
class PictureSet:
    """A public set: its layout, its folders in the data, and what was published on it."""

    layout: Layout
    folders: tuple[str, ...]
    published: Published | None = None

    @property
    def masks(self) -> MaskChoice:
        """Masks that are the truth: people's, or the recipe's on infrared frames."""
        return "auto" if self.layout == "iris" else "approved"


SETS = {
    "hyta": PictureSet("hyta", ("hyta",), Published(0.4585, 0.7753, 0.5599, 0.747)),
    "swimseg": PictureSet(  # two samples of one set, of different size
        "swimseg", ("swimseg", "swimseg_300"), Published(0.5751, 0.8456, 0.8865, 0.829)
    ),
    "swinseg": PictureSet("swinseg", ("swinseg",), Published(0.6706, 0.9164, 0.9325, 0.851)),
    "wsiseg": PictureSet("wsiseg", ("wsiseg",)),
    "swimcat": PictureSet("swimcat", ("swimcat",)),
    "lwir": PictureSet("iris", ("lwir/frames",)),
}


def command(*words: object) -> None:
    """Run a command of napari-iris in a child process; its messages are shown if it fails."""
    line = [sys.executable, "-m", "napari_iris", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(line[2:])}\n{done.stdout}{done.stderr}")


def import_project(chosen: PictureSet, data: Path, folder: Path, colour: str) -> None:
    """Import a set into a project, unless it is there."""
    mark = folder / "imported"
    if not mark.exists():
        for part in chosen.folders:
            words = "--format", chosen.layout, "--out", folder, f"--{colour}"
            command("import", data / part, *words)
        mark.touch()


def make_folds(folder: Path, count: int, seed: int = 0) -> NDArray[np.intp]:
    """Assign each picture of a project to a fold; -1 for copies of another picture's pixels."""
    with Project(folder, read_only=True) as project:
        paths, copies = list(project.table.paths), project.table.is_copy
    # by name: two samples of one set interleave
    order = sorted(
        np.flatnonzero(~copies), key=lambda place: natural_key(paths[place].stem.encode())
    )
    thumbnails = np.array([thumbnail(read_frame(paths[place]).data) for place in order])
    folds = np.full(len(paths), -1)
    folds[order] = divide(together(thumbnails), count, seed)
    return folds


def thumbnail(frame: NDArray[np.float32]) -> NDArray[np.float64]:
    """Small picture, flat, less its plane, of mean 0 and norm 1."""
    seen = np.where(np.isfinite(frame), frame, np.nanmean(frame))
    values = rebin(seen, (SIDE, SIDE)).astype(np.float64).ravel()
    rows, columns = np.mgrid[:SIDE, :SIDE]
    terms = np.stack([np.ones(values.size), rows.ravel(), columns.ravel()], axis=1)
    rest = values - terms @ np.linalg.lstsq(terms, values, rcond=None)[0]
    return rest / (np.linalg.norm(rest) or 1)


def together(thumbnails: NDArray[np.float64]) -> NDArray[np.intp]:
    """Group near copies, and runs of pictures: number of the group of each."""
    alike = thumbnails @ thumbnails.T >= ALIKE
    runs = np.arange(len(thumbnails)) // RUN
    return connected_components(alike | (runs[:, None] == runs))[1]


def divide(groups: NDArray[np.intp], count: int, seed: int) -> NDArray[np.intp]:
    """Fold of each picture: groups, in random order, go where the fewest pictures are."""
    sizes = np.bincount(groups)
    filled, fold_of = np.zeros(count, np.intp), np.zeros(len(sizes), np.intp)
    for group in np.random.default_rng(seed).permutation(len(sizes)):
        fold_of[group] = np.argmin(filled)
        filled[fold_of[group]] += sizes[group]
    return fold_of[groups]


def parts_of_turn(folds: NDArray[np.intp], turn: int) -> NDArray[np.intp]:
    """Part of each picture, as an index into PARTS; -1 for none.

    Two folds are tested in a turn, the next one validates, and the network learns the others: with
    ten folds 70, 10 and 20 percent.
    """
    parts = np.where(folds == (2 * turn + 2) % (folds.max() + 1), 1, 0)
    return np.where(folds < 0, -1, np.where(folds // 2 == turn, 2, parts))


def parts_of_few(folds: NDArray[np.intp], turn: int) -> NDArray[np.intp]:
    """Part of each picture where one fold alone is learned, with every fifth for validation."""
    parts = np.where(folds == turn, 0, 2)
    parts[np.flatnonzero(folds == turn)[VALIDATION - 1 :: VALIDATION]] = 1
    return np.where(folds < 0, -1, parts)


def save_parts(folder: Path, parts: NDArray[np.intp]) -> dict[str, Sequence[Path]]:
    """Save the parts in the project, where `train` finds them; files of each part."""
    with Project(folder) as project:
        names = [None if part < 0 else PARTS[part] for part in parts.tolist()]
        with project.repository.transaction() as transaction:
            transaction.set_parts(zip(names, project.table.id.tolist(), strict=True))
        paths = list(project.table.paths)
    return {
        part: [path for path, name in zip(paths, names, strict=True) if name == part]
        for part in PARTS
    }
