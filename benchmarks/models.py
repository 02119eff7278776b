"""The shipped models beside the sky gate and the other baselines, on sets of frames with truth.

    python benchmarks/models.py [--quick] [--json FILE] [--model MODEL] [--sets WORDS]

Prints a Markdown table. Frames are simulated with seeds that no model was trained on: as the
simulator draws them, and with one trait of the camera beyond its range in turn (alterations.py);
whole nights too, with the clear-sky reference learned from them. Published frames and pictures
follow where ``../shared/data`` exists; of pictures only the class is known, and shares and accuracy
count whole pictures. Haze is left out. The last column compares a model with the gate that knows as
much: worse by MCC or by accuracy, better by one of them, or a difference that may be chance
(`napari_iris.metrics.comparison`, whole frames, or blocks of a night, resampled).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from frame_sets import FrameSet, frame_sets

from napari_iris.evaluation.baselines import baselines
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.predictor import Predictor
from napari_iris.io.atomic import atomic_open
from napari_iris.labels import CLOUD, IGNORE, class_of
from napari_iris.metrics.comparison import DECISIVE, compare
from napari_iris.metrics.counts import Counts, scores
from napari_iris.metrics.unit_sums import UnitSums
from napari_iris.networks.find import find_classifier
from napari_iris.numbers import to_json
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from frame_sets import Series
    from numpy.typing import NDArray

BASELINES = {
    "gate": "recipe_gate",
    "gate, reference": "reference",
    "recipe": "recipe",
    "Otsu": "otsu",
    "all cloud": "all_cloud",
}
"""Name in the table of each baseline of `baselines`."""

SHIPPED, ALONE, WITH = "model", "U-Net alone", ", reference"

RIVALS = {SHIPPED: "gate", SHIPPED + WITH: "gate" + WITH}
"""What a shipped model must not lose to: the gate with the same knowledge."""

DRAWS, BATCH = 400, 16

COLUMNS = {
    "accuracy": ".3f",
    "iou_clear": ".3f",
    "mcc": ".3f",
    "clear_called_cloud": ".1%",
    "cloud_called_clear": ".1%",
    "okta_error": ".2f",
    "class_right": ".1%",
    "unlike": ".0%",
}
"""Scores of the table, and how they are written."""


class Found(NamedTuple):
    """What a method says of some frames.

    Attributes
    ----------
    cloud : ndarray of bool, shape (frames, rows, columns)
        Where it finds cloud.
    cloudy : ndarray of bool, shape (frames,)
        Frames that it calls cloudy.
    unlike : tuple of bool
        Whether each frame is unlike the model's training frames; empty where that is not known.
    """

    cloud: NDArray[np.bool_]
    cloudy: NDArray[np.bool_]
    unlike: tuple[bool, ...] = ()


def predictors(model: str) -> dict[str, Predictor]:
    """Open the model with its classifier, as `predict` does, and without."""
    config = PredictConfig(batch_size=BATCH)
    alone = Predictor.open(model, None, config)
    classifier = find_classifier(model)
    if classifier is None:
        return {SHIPPED: alone}
    return {SHIPPED: Predictor.open(model, classifier, config), ALONE: alone}


def by_baselines(part: Series, *, has_reference: bool) -> dict[str, Found]:
    """Apply the baselines."""
    masks = [
        baselines(frame, header, part.references)
        for frame, header in zip(part.frames, part.headers, strict=True)
    ]
    seen = np.isfinite(part.frames)
    found = {}
    for name, key in BASELINES.items():
        if has_reference or not name.endswith(WITH):
            cloud = np.stack([one[key] for one in masks])
            parts = [class_of(one[where].mean()) for one, where in zip(cloud, seen, strict=True)]
            found[name] = Found(cloud, np.array([one == "cloudy" for one in parts]))
    return found


def by_model(part: Series, predictor: Predictor, references: ReferenceSet) -> Found:
    """Predict the frames with what is known of the clear sky."""
    predictor.clear_sky = references
    pairs = zip(part.frames, part.headers, strict=True)
    loaded = [predictor.prepare(*pair) for pair in pairs]
    made = [
        prediction
        for start in range(0, len(loaded), BATCH)
        for prediction in predictor.predict(loaded[start : start + BATCH])
    ]
    classes = [predictor.frame_class(one) == "cloudy" for one in made]
    unlike = tuple(one.unlike for one in made if one.unlike is not None)
    return Found(np.stack([one.cloud for one in made]), np.array(classes), unlike)


def answers(part: Series, opened: dict[str, Predictor], *, has_reference: bool) -> dict[str, Found]:
    """Apply all methods to some frames."""
    found = {}
    for name, predictor in opened.items():
        found[name] = by_model(part, predictor, ReferenceSet())
        if has_reference:
            found[name + WITH] = by_model(part, predictor, part.references)
    return found | by_baselines(part, has_reference=has_reference)


class Score:
    """Sums of one method over a set, by block of frames."""

    def __init__(self) -> None:
        self.pixels: list[Counts] = []
        self.classes: list[Counts] = []
        self.okta: list[float] = []
        self.unlike: list[bool] = []

    def add(self, part: Series, found: Found, block: int) -> None:
        """Add the frames of a series."""
        pixels, classes = [], []
        self.unlike += found.unlike
        for cloud, truth in zip(found.cloud, part.truth, strict=True):
            counted = truth != IGNORE
            pixels.append(Counts.of(cloud, truth == CLOUD, counted))
            if counted.any():
                covers = cloud[counted].mean(), (truth[counted] == CLOUD).mean()
                self.okta.append(8 * abs(float(covers[0] - covers[1])))
        for called, true in zip(found.cloudy[:, None], part.cloudy[:, None], strict=True):
            classes.append(Counts.of(called, true > 0, np.isfinite(true)))
        for start in range(0, len(pixels), block):
            self.pixels.append(sum(pixels[start : start + block], Counts()))
            self.classes.append(sum(classes[start : start + block], Counts()))

    def extend(self, other: Score) -> None:
        """Add the frames of another set."""
        self.pixels += other.pixels
        self.classes += other.classes
        self.okta += other.okta
        self.unlike += other.unlike

    @property
    def decisive(self) -> list[Counts]:
        """Pixels by block; frames, where only their class is known."""
        return self.pixels if self.okta else self.classes

    def sums(self) -> UnitSums:
        """Give the decisive counts by block."""
        sums = UnitSums(len(self.decisive), is_probability=False)
        for number, counts in enumerate(self.decisive):
            sums.add(number, counts)
        return sums

    def values(self) -> dict[str, float]:
        """Compute the scores by name, as in `COLUMNS`."""
        total, classes = sum(self.decisive, Counts()), sum(self.classes, Counts())
        found = scores(total)
        clear, cloud = total.false + total.clear, total.hit + total.missed
        return {
            **{name: found[name] for name in ("accuracy", "iou_clear", "mcc")},
            "clear_called_cloud": total.false / clear if clear else np.nan,
            "cloud_called_clear": total.missed / cloud if cloud else np.nan,
            "okta_error": float(np.mean(self.okta)) if self.okta else np.nan,
            "class_right": scores(classes)["accuracy"],
            "unlike": float(np.mean(self.unlike)) if self.unlike else np.nan,
        }


def evaluate(one: FrameSet, opened: dict[str, Predictor]) -> dict[str, Score]:
    """Score all methods on a set."""
    found: dict[str, Score] = defaultdict(Score)
    for make in one.parts:
        part = make()
        for method, answer in answers(part, opened, has_reference=one.has_reference).items():
            found[method].add(part, answer, one.block)
    return found


def against(score: Score, rival: Score) -> str:
    """Say whether a method is better or worse than another, in MCC or in accuracy; worse counts."""
    differences = compare(score.sums(), rival.sums(), DRAWS, 0).differences
    found = [one.value for name in DECISIVE if (one := differences[name]).is_significant]
    if not found:
        return "may be chance"
    return "worse" if min(found) < 0 else "better"


def rows(name: str, found: dict[str, Score]) -> Iterator[dict[str, Any]]:
    """Make the rows of a set: one for each method."""
    for method, score in found.items():
        rival = found.get(RIVALS.get(method, ""))
        outcome = against(score, rival) if rival else ""
        yield {"set": name, "method": method, **score.values(), "against_gate": outcome}


def line(row: dict[str, Any]) -> str:
    """Write a row of the table."""
    cells = [row["set"], row["method"]]
    cells += [
        "-" if np.isnan(row[name]) else format(row[name], style) for name, style in COLUMNS.items()
    ]
    cells.append(row["against_gate"])
    pairs = zip(cells, (36, 22, *(len(name) for name in COLUMNS), 13), strict=True)
    return f"| {' | '.join(cell.ljust(width) for cell, width in pairs)} |"


def table(sets: list[FrameSet], opened: dict[str, Predictor]) -> Iterator[dict[str, Any]]:
    """Make the rows of all sets; after the last set of a pool, those of the pool."""
    pools: dict[str, dict[str, Score]] = defaultdict(lambda: defaultdict(Score))
    for number, one in enumerate(sets):
        found = evaluate(one, opened)
        yield from rows(one.name, found)
        if one.pool:
            for method, score in found.items():
                pools[one.pool][method].extend(score)
            if number + 1 == len(sets) or sets[number + 1].pool != one.pool:
                yield from rows(one.pool, pools[one.pool])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few frames of each set")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to a file, too")
    parser.add_argument("--model", default="unet-lwir", help="model (default: unet-lwir)")
    parser.add_argument("--sets", default="", help="only sets with these words in their names")
    options = parser.parse_args()
    opened = predictors(options.model)
    names = ("set", "method", *COLUMNS, "against_gate")
    print(f"| {' | '.join(name.replace('_', ' ') for name in names)} |")
    print("|---" * len(names) + "|")
    sets = [one for one in frame_sets(quick=options.quick) if options.sets in one.name]
    found = []
    for row in table(sets, opened):
        found.append(row)
        print(line(row), flush=True)
    if options.json:
        with atomic_open(options.json) as file:
            file.write(to_json(found, indent=1).encode())


if __name__ == "__main__":
    main()
