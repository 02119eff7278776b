"""Adapting a model to a camera without labels: its scores before and after.

    python benchmarks/adapting.py [--model MODEL] [--cameras N] [--count N] [TRAINING OPTIONS]

Prints a Markdown table. Nights are simulated, of cameras beyond the ranges of the simulator
(alterations.py): `train --adapt` sees the frames of the first night, without their truth; the model
is scored on that night and on another one of the camera. Of the published frames it sees the first
half by name, and is scored on the second: by level (below 720 ADU clear, above 850 cloud), and by
the recipe where clear sky and cloud are in view. Each score is given with the clear-sky reference,
as `predict` learns it, and without. Haze is left out. Further options are those of `train`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from alterations import ALTERATIONS
from astropy.io import fits
from frame_sets import (
    DATA,
    SHAPE,
    UNSEEN,
    both_in_view,
    by_level,
    learn,
    published_paths,
    series,
    truth_of,
)

from models import Score, by_model
from napari_iris.frames.rebin import rebin
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.find import find_classifier
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from frame_sets import Series

    from napari_iris.sky import SimulatedFrame

COLUMNS = {
    "accuracy": ".3f",
    "iou_clear": ".3f",
    "mcc": ".3f",
    "clear_called_cloud": ".1%",
    "cloud_called_clear": ".1%",
}
"""Scores of the table, and how they are written."""


def camera_night(made: list[SimulatedFrame], alteration: str, seed: int, out: Path) -> Series:
    """Write the frames of a night as files, and give them with their truth."""
    out.mkdir()
    frames, headers = [], [one.header for one in made]
    for number, one in enumerate(made):
        frame = one.data.astype(np.float32)
        if alteration:  # the same for all frames of the camera
            frame = ALTERATIONS[alteration](frame, np.random.default_rng(seed))
        fits.writeto(out / f"sky_{number:04}.fits", frame, one.header)
        frames.append(frame)
    truths = [truth_of(one) for one in made]
    return series([rebin(one, SHAPE) for one in frames], headers, truths, learn(frames, headers))


def simulated(seed: int, alteration: str, count: int, folder: Path) -> dict[str, Series]:
    """Simulate two nights of a camera."""
    config = SeriesConfig(count=count, nights=2, seed=seed, shape=(256, 320))
    made, camera = list(simulate_nights(config)), alteration or "as drawn"
    parts = {"adapted night": made[:count], "another night": made[count:]}
    return {
        f"camera {camera}, {name}": camera_night(part, alteration, seed, folder / name[:7])
        for name, part in parts.items()
    }


def published(folder: Path) -> dict[str, Series]:
    """Link the first half of the published frames into a folder; give the second half."""
    paths = published_paths()
    folder.mkdir()
    for path in paths[: len(paths) // 2]:
        (folder / path.name).symlink_to(path)
    level, half = by_level(), slice(len(paths) // 2, None)
    known = learn(level.frames[half], level.headers[half])
    # levels show which frames have both in view; the recipe's masks are the other truth
    both, last = both_in_view(), {frame.tobytes() for frame in level.frames[half]}
    kept = np.array([frame.tobytes() in last for frame in both.frames])
    return {
        "real frames, second half, by level": _part(level, np.arange(len(paths))[half], known),
        "real frames, second half, by recipe": _part(both, np.flatnonzero(kept), known),
    }


def _part(one: Series, rows: np.ndarray, known: ReferenceSet) -> Series:
    headers = [one.headers[row] for row in rows]
    frames, truth, cloudy = one.frames[rows], one.truth[rows], one.cloudy[rows]
    return replace(
        one, frames=frames, headers=headers, truth=truth, cloudy=cloudy, references=known
    )


def adapt(model: str, night: Path, out: Path, options: list[str]) -> str:
    """Adapt the model; say how long that took, and what simulated truth says of it."""
    command = [sys.executable, "-m", "napari_iris", "train", "unet", "--adapt", str(night)]
    started = time.monotonic()
    command += ["--init", model, "--out", str(out), "--json", *options]
    ran = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    (data,) = (one for one in events if one["event"] == "data")
    kept = events[-1]["best_epoch"]
    scores: dict[str, Any] = RunFolder(out).facts()["adapted"]
    before, after = scores["before"], scores["after"]
    return (
        f"{night.name}: {data['sure_labels']}; {time.monotonic() - started:.0f} s, epoch {kept}; "
        f"{scores['frames']} simulated frames: accuracy {before['accuracy']:.4f} before, "
        f"{after['accuracy']:.4f} after, MCC {before['mcc']:.3f}, {after['mcc']:.3f}"
    )


def print_rows(sets: dict[str, Series], models: dict[str, str]) -> None:
    """Score the models on some sets."""
    for name, part in sets.items():
        for step, model in models.items():
            predictor = Predictor.open(model, find_classifier(model), PredictConfig())
            for known, references in (("alone", ReferenceSet()), ("reference", part.references)):
                score = Score()
                score.add(part, by_model(part, predictor, references), 1)
                values = score.values()
                cells = [name, step, known, *(f"{values[key]:{COLUMNS[key]}}" for key in COLUMNS)]
                print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="unet-lwir", help="model (default: unet-lwir)")
    parser.add_argument("--cameras", type=int, default=3, help="simulated cameras (default: 3)")
    parser.add_argument("--count", type=int, default=120, help="frames a night (default: 120)")
    options, training = parser.parse_known_args()
    names = ("frames", "model", "knows", *(name.replace("_", " ") for name in COLUMNS))
    print(f"| {' | '.join(names)} |\n{'|---' * len(names)}|")
    remarks = []
    with tempfile.TemporaryDirectory() as place:
        for number, alteration in enumerate(["", *ALTERATIONS][: options.cameras]):
            folder = Path(place) / f"camera{number}"
            folder.mkdir()
            sets = simulated(UNSEEN + 100 + number, alteration, options.count, folder)
            out = folder / "model"
            remarks.append(adapt(options.model, folder / "adapted", out, training))
            print_rows(sets, {"before": options.model, "after": str(out)})
        if DATA.is_dir():
            folder, out = Path(place) / "real", Path(place) / "real-model"
            sets = published(folder)
            remarks.append(adapt(options.model, folder, out, training))
            print_rows(sets, {"before": options.model, "after": str(out)})
    print("", *remarks, sep="\n")


if __name__ == "__main__":
    main()
