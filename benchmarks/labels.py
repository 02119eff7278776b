"""Accuracy against the number of frames that a person corrected, for each order of the queue.

    python benchmarks/labels.py [--quick] [--figure FILE] [--curves FILE]

A small U-Net, trained on simulated frames of any cameras, meets nights of a camera with one trait
beyond its range (alterations.py), in each of five seeds another one. The queue of a project brings
up the next frames; the simulator's truth becomes their mask, as if a person had corrected them; the
U-Net is trained on all frames corrected so far, each time from the first weights and for as many
steps, and scored on two later nights, haze left out. For the order by uncertainty its predictions
are taken into the project before each turn. Prints a Markdown table; intervals are 90 %, by
resampling the seeds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from alterations import ALTERATIONS
from astropy.io import fits
from label_curves import draw, table
from learner import SHAPE, Learner, accuracy

from napari_iris.dataset.cache import CachedSamples
from napari_iris.dataset.find_project import find_in_project
from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.io.atomic import atomic_open
from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.queue import Order, QueueConfig, queue
from napari_iris.project.records import NewMask
from napari_iris.project.relearning import learn_nights
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.truth import rebin_truth, undecided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.sky import SimulatedFrame

ORDERS: tuple[Order, ...] = ("most uncertain", "least trusted", "random", "time")

UNSEEN = 780_000
"""First of the seeds of cameras; no model was trained on them."""

CAMERA = (128, 160)
"""Rows and columns of the frames."""


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes
    ----------
    seeds : int
        Cameras, each with a seed of its own.
    nights, later : int
        Nights whose frames are corrected, and nights to score on.
    frames : int
        Frames of a night.
    sizes : tuple of int
        Numbers of corrected frames, increasing; all frames follow.
    first_steps, steps : int
        Steps of the first training, and of each further one.
    """

    seeds: int = 5
    nights: int = 3
    later: int = 2
    frames: int = 120
    sizes: tuple[int, ...] = (5, 10, 20, 40, 80, 160)
    first_steps: int = 400
    steps: int = 80

    @property
    def all(self) -> int:
        """Number of frames that can be corrected."""
        return self.nights * self.frames


QUICK = Effort(1, 1, 1, 12, (3, 6), 4, 2)


class Archive:
    """Frames of a camera: those of the first nights in a project, those of later ones to score on.

    Parameters
    ----------
    folder : Path
        For frames and projects.
    seed : int
        Of the camera.
    effort : Effort
        Number of nights and frames.
    learner : Learner
        The model.
    """

    def __init__(self, folder: Path, seed: int, effort: Effort, learner: Learner) -> None:
        self.folder, self.seed, self.effort, self.learner = folder, seed, effort, learner
        made = camera_frames(seed, effort)
        self.truth = [rebin_truth(one.truth, CAMERA, undecided(one.tau)) for one in made]
        self.inputs = [learner.predictor.prepare(one.data, one.header) for one in made]
        self.paths = [folder / f"{number:04}.fits" for number in range(effort.all)]
        for path, one in zip(self.paths, made, strict=False):
            fits.writeto(path, one.data, one.header)
        small = [rebin_truth(one.truth, SHAPE, undecided(one.tau)) for one in made]
        self.later, self.later_truth = self.inputs[effort.all :], small[effort.all :]
        self.project = folder / "project"
        with Project(self.project) as project:
            references = learn_nights(project.folder, self.paths)
            for _ in index(project, self.paths, MaskConfig(), jobs=1, references=references):
                pass

    def accuracy(self) -> float:
        """Score the model on the later nights."""
        return accuracy(self.learner.predictor.predict(self.later), self.later_truth)

    def curve(self, order: Order, sizes: Sequence[int]) -> list[float]:
        """Give the accuracy after each number of frames that are corrected in an order."""
        self.learner.restart()
        found, done = [], 0
        with Project(shutil.copytree(self.project, self.folder / order)) as project:
            for size in sizes:
                if order == "most uncertain":
                    self.take(project)
                config = QueueConfig(order=order, seed=self.seed, count=size - done)
                for row in queue(project.table, config).tolist():
                    frame = int(project.table.id[row])
                    project.approve(frame, self.truth[place(project, row)])
                done = size
                self.learner.train(
                    CachedSamples(find_in_project(project.folder, "approved")),
                    self.effort.steps,
                    self.seed,
                )
                found.append(self.accuracy())
        return found

    def take(self, project: Project) -> None:
        """Add the model's predictions to the project, as its command `take` does."""
        made = self.learner.predictor.predict(self.inputs[: self.effort.all])
        with project.repository.transaction() as transaction:
            for row, frame in enumerate(project.table.id.tolist()):
                one = made[place(project, row)]
                mask = cloud_mask(one.probability, one.threshold)
                name = project.store.save(mask, durable=False)
                new = NewMask(name, one.cloud_fraction, uncertainty=one.uncertainty)
                transaction.add_mask(frame, "model", new, one.model)
        project.reload()


def place(project: Project, row: int) -> int:
    """Give the number of the frame in a row of a project's table."""
    return int(project.table.paths[row].stem)


def camera_frames(seed: int, effort: Effort) -> list[SimulatedFrame]:
    """Simulate the nights of a camera with a trait beyond its range."""
    alter = list(ALTERATIONS.values())[seed % len(ALTERATIONS)]
    config = SeriesConfig(
        count=effort.frames,
        nights=effort.nights + effort.later,
        seed=seed,
        shape=CAMERA,
        truth_shape=SHAPE,
    )
    return [
        replace(one, data=alter(one.data.astype(np.float32), np.random.default_rng(seed)))
        for one in simulate_nights(config)
    ]


def curves(seed: int, learner: Learner, effort: Effort) -> dict[str, list[float]]:
    """Give, for one camera and each order, the accuracy without and with corrected frames."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder), UNSEEN + seed, effort, learner)
        learner.restart()
        first = archive.accuracy()
        found = {order: [first, *archive.curve(order, effort.sizes)] for order in ORDERS[:-1]}
        in_time = archive.curve(ORDERS[-1], (*effort.sizes, effort.all))
    found[ORDERS[-1]] = [first, *in_time[:-1]]
    return {order: [*values, in_time[-1]] for order, values in found.items()}


def main() -> None:
    """Print the table, and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few frames and steps")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="also draw a figure (PNG)")
    parser.add_argument(
        "--curves", type=Path, metavar="FILE", help="keep what is measured, and start from there"
    )
    options = parser.parse_args()
    effort, kept = QUICK if options.quick else Effort(), options.curves
    found = json.loads(kept.read_text()) if kept and kept.exists() else []
    learner = Learner.of_any_cameras(effort.first_steps) if len(found) < effort.seeds else None
    while learner and len(found) < effort.seeds:
        found.append(curves(len(found), learner, effort))
        if kept:
            with atomic_open(kept) as file:
                file.write(json.dumps(found).encode())
    numbers = (0, *effort.sizes, effort.all)
    values = {order: np.array([one[order] for one in found]) for order in ORDERS}
    print(table(numbers, values))
    if options.figure:
        draw(numbers, values, options.figure)


if __name__ == "__main__":
    main()
