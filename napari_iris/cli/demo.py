"""Walk the whole loop on the sample night: masks, training, prediction, report, window.

Masks are made for thirty simulated frames of one night (clear, thin cirrus, broken cloud,
overcast, clearing), and what was found is printed frame by frame. The shipped VGG8 and U-Net are
trained further on simulated skies of another seed, predict the night, and are measured against its
exact truth. The window opens on the result; without a display on a virtual one, and a picture of it
is saved. Where nothing is installed to train with, the shipped models predict as they are.
"""

from __future__ import annotations

import argparse
import csv
import json
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from napari_iris.cli.info import has_display
from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.numbers import number
from napari_iris.resources import sample_night

EXAMPLES = """\
examples:
  napari-iris demo
  napari-iris demo --out demo/ --no-gui
"""

SHOWN_FRAME = 16
"""Frame that the window opens on: broken cloud below cirrus."""

SEED_OF_NIGHT = 0
"""Seed that the sample night was simulated with."""

LEARNT = 100
"""Simulated frames, of another seed, that the networks learn from."""

TRAINING = {
    "unet": ("--epochs", "3", "--learning-rate", "0.0005"),
    "vgg8": ("--epochs", "3", "--learning-rate", "0.0002"),
}
"""How each shipped network is trained further: half a minute on two cores."""

ENGINES = {"keras": "tensorflow", "flax": "jax"}
"""Engines to train with, and what each needs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="folder (default: demo)"
    )
    parser.add_argument(
        "--gui",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="open the window at the end (default: on)",
    )


def run(options: argparse.Namespace) -> int:
    """Mask the sample night, train on simulated skies, predict the night, open the window."""
    out, night = options.out, str(sample_night())
    masks, predictions, truth = out / "masks", out / "predictions", out / "truth"
    engine = next((name for name, library in ENGINES.items() if find_spec(library)), None)
    unet, vgg8 = "unet-lwir", "vgg8-lwir"
    training: list[list[str]] = []
    if engine is None:
        print("Nothing is installed to train with: pip install 'napari-iris[cpu]'", file=sys.stderr)
    else:
        unet, vgg8 = (str(out / "models" / kind) for kind in TRAINING)
        training = _training(out, engine)
    steps = [
        ["mask", night, "--out", str(masks)],
        *training,
        ["predict", unet, night, "--classifier", vgg8, "--out", str(predictions)],
        ["evaluate", str(predictions), str(truth), "--out", str(out / "report")],
    ]
    write_truth(truth)
    for step in steps:
        print(f"\n$ {shlex.join(['napari-iris', *step])}", flush=True)
        code = _run(step)
        if code != OK:
            return code
        if step[0] == "mask":
            print(_table(masks / "masks.csv"), flush=True)
    report = out / "report" / "report.json"
    print(f"\n{_scores(report)}\nThe whole report: {report.with_suffix('.md')}", flush=True)
    return _open_window(out, predictions, truth) if options.gui else OK


def write_truth(folder: Path) -> None:
    """Simulate the sample night again, for the truth of its frames: exactly where cloud is."""
    from napari_iris.frames.rebin import rebin
    from napari_iris.io.atomic import make_folder
    from napari_iris.masks.mask_file import mask_path, write_mask
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.sky import rebin_truth, simulate_night

    make_folder(folder)
    paths = sorted(sample_night().glob("*.fits.fz"))
    shape = NetworkSpec(kind="unet").shape
    for path, made in zip(paths, simulate_night(len(paths), SEED_OF_NIGHT), strict=True):
        frame, mask = rebin(made.data, shape), rebin_truth(made.truth, shape)
        cards = {"METHOD": ("SIMULATED", "exact truth of the simulator")}
        write_mask(mask_path(path, folder), frame, mask, made.header, cards)


def _training(out: Path, engine: str) -> list[list[str]]:
    """Commands that train the shipped networks further, or go on where an earlier demo stopped."""
    sky = out / "sky"
    steps = [["simulate", str(sky), "--count", str(LEARNT), "--sky", "mixed", "--seed", "1"]]
    for kind, options in TRAINING.items():
        model = out / "models" / kind
        begun = (model / "run" / "config.json").exists()
        start = ["--resume"] if begun else ["--init", f"{kind}-lwir", "--engine", engine, *options]
        steps.append(["train", kind, str(sky), "--out", str(model), *start])
    return steps


def _run(step: list[str]) -> int:
    """Run a command as a process of its own, as from a shell."""
    command = [sys.executable, "-m", "napari_iris", *step]
    return subprocess.run(command, check=False).returncode  # noqa: S603


def _scores(path: Path) -> str:
    """Lay out what the report found: the model beside what is had without a network."""
    report = json.loads(path.read_bytes())
    rows = {"model": report["model"], **report["baselines"]}
    lines = [f"{'':<14}{'accuracy':>10}{'clear IoU':>11}{'MCC':>8}"]
    for name, scores in rows.items():
        values = (scores[key] for key in ("accuracy", "iou_clear", "mcc"))
        cells = [number(value, 3) for value in values]
        lines.append(f"{name.replace('_', ' '):<14}{cells[0]:>10}{cells[1]:>11}{cells[2]:>8}")
    return "\n".join(lines)


def _table(path: Path) -> str:
    """Lay out the night's masks as a table: time, sky, okta, trust."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [f"{'time (UTC)':<20}{'sky':<10}{'cloud':>7}{'trust':>7}  made by"]
    for row in rows:
        okta = 8 * float(row["cloud_fraction"])
        time = row["date_obs"][:19].replace("T", " ")
        lines.append(
            f"{time:<20}{row['sky']:<10}{okta:>5.1f}/8{float(row['trust']):>7.2f}  {row['method']}"
        )
    return "\n".join(lines)


def _open_window(out: Path, predictions: Path, truth: Path) -> int:
    """Open the window on the result; with no display on a virtual one, to take its picture."""
    command = [sys.executable, "-m", "napari_iris.desk", str(sample_night())]
    command += ["--frame", str(SHOWN_FRAME), "--review", str(predictions), str(truth)]
    if find_spec("napari") is None:
        print("The window needs napari: pip install 'napari-iris[pyqt6]'", file=sys.stderr)
        return SOME_FAILED
    if has_display():
        print("Opening the window ...", flush=True)
        return OK if subprocess.run(command, check=False).returncode == 0 else SOME_FAILED  # noqa: S603
    picture = out / "window.png"
    virtual = shutil.which("xvfb-run")
    if virtual is None:
        print("There is no display. For a virtual one: sudo apt-get install xvfb", file=sys.stderr)
        return SOME_FAILED
    print("There is no display: opening the window on a virtual one ...", flush=True)
    screen = [virtual, "-a", "-s", "-screen 0 1600x1000x24"]
    command += ["--screenshot", str(picture)]
    done = subprocess.run([*screen, *command], check=False)  # noqa: S603
    if done.returncode or not picture.exists():
        return SOME_FAILED
    print(f"A picture of the window: {picture}")
    return OK
