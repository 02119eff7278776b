"""Run the whole workflow on the sample night: masks, training, prediction, report, window.

Makes and prints the masks of thirty simulated frames of one night (clear sky, broken cloud, decks
with and without structure), and shows what the clear-sky reference is worth. Trains the shipped
VGG8 and U-Net further on simulated skies of another seed, predicts the night with them, and
evaluates the predictions against the exact masks. Then the window opens on the result; without a
display, a screenshot is saved. Without Keras and Flax, the shipped models are used unchanged.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from napari_iris.cli.demo_masks import NightMasks
from napari_iris.cli.demo_parts import Part, run_command, run_parts
from napari_iris.cli.info import has_display
from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import local_path
from napari_iris.commands.configs import SIMULATE
from napari_iris.commands.write import evaluate_command, mask_command, predict_command
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.titles import TITLES
from napari_iris.inference.config import PredictConfig
from napari_iris.io.atomic import make_folder
from napari_iris.io.tables import open_table
from napari_iris.masks.config import MaskConfig
from napari_iris.numbers import format_number
from napari_iris.resources import sample_night
from napari_iris.sky.config import SeriesConfig

EXAMPLES = """\
examples:
  napari-iris demo
  napari-iris demo --out demo/ --no-gui
"""

SHOWN_FRAME = 21
"""Number of the frame that the window shows first: cumulus below cirrus."""

TRAINING_FRAMES = 40
"""Simulated frames for the training, of another seed."""

TRAINING = {
    "unet": (
        "The U-Net, trained further: a probability of cloud for each pixel",
        12,
        ("--epochs", "1", "--learning-rate", "0.0005", "--no-evaluate"),
    ),
    "vgg8": (
        "The VGG8, trained further: which frames are clear",
        8,
        ("--epochs", "1", "--learning-rate", "0.0002", "--no-evaluate"),
    ),
}
"""Title, seconds and options of each training; the report at the end is evaluation enough."""

FRAMEWORKS = {"keras": "tensorflow", "flax": "jax"}
"""Frameworks for training, and the package that each needs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--out",
        type=local_path,
        default=Path("demo"),
        metavar="DIR",
        help="output (default: demo)",
    )
    parser.add_argument(
        "--gui",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="open the window at the end (default: on)",
    )


def run(options: argparse.Namespace) -> int:
    """Mask the sample night, train on simulated skies, predict the night, open the window."""
    out = options.out
    make_folder(out)
    engine = next((name for name, library in FRAMEWORKS.items() if find_spec(library)), None)
    if engine is None:
        print("To train the models: pip install 'napari-iris[cpu]'", file=sys.stderr)
    training = [] if engine is None else _training(out, engine)
    models = [str(out / "models" / kind) if training else f"{kind}-lwir" for kind in TRAINING]
    if code := run_parts([*_masking(out), *training, *_predicting(out, *models)]):
        return code
    print(_next_steps(), flush=True)
    return _open_window(out) if options.gui else OK


def write_truth(folder: Path) -> None:
    """Simulate the sample night again, and write the exact masks of its frames.

    Parameters
    ----------
    folder : Path
        Output folder.
    """
    from napari_iris.frames.rebin import rebin
    from napari_iris.io.atomic import make_folder
    from napari_iris.masks.mask_file import mask_path, write_mask
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.sky import rebin_truth, sample_frames

    make_folder(folder)
    paths = sorted(sample_night().glob("*.fits.fz"))
    shape = NetworkSpec(kind="unet").shape
    for path, made in zip(paths, sample_frames(), strict=True):
        frame = rebin(made.data, shape)
        mask = rebin_truth(made.truth, shape, made.undecided)
        cards = {"METHOD": ("SIMULATED", "exact truth of the simulator")}
        write_mask(mask_path(path, folder), frame, mask, made.header, cards)


def _masking(out: Path) -> list[Part]:
    """Make the masks of the night with the clear-sky reference and without, and compare them."""
    masks, alone, truth = out / "masks", out / "masks_alone", out / "truth"
    night = str(sample_night())
    making = mask_command([night], masks, MaskConfig())
    single = [*mask_command([night], alone, MaskConfig()), "--reference", "none"]

    def make() -> int:
        code = run_command(making)
        if code == OK:
            print(_table(masks / "masks.csv"), flush=True)
        return code

    def compare() -> int:
        write_truth(truth)
        _compare(NightMasks(alone, masks, truth), out)
        return OK

    return [
        Part("Masks of the sample night, with the clear sky of its camera", 4, make),
        Part("The masks again, of each frame alone", 4, partial(run_command, single)),
        Part("The exact masks, which the simulator knows, and a comparison", 4, compare),
    ]


def _training(out: Path, engine: str) -> list[Part]:
    """Train the shipped models further, or resume an interrupted demo."""
    sky = out / "sky"
    config = SeriesConfig(count=TRAINING_FRAMES, seed=1)
    # an earlier demo, also one of another version, has made them: a frame is never replaced
    last = sky / "truth" / f"sim_{TRAINING_FRAMES - 1:06d}_mask.fits"
    simulate = ["simulate", str(sky), *SIMULATE.words(config)]
    simulating = Part("Simulated frames to train on", 3, partial(run_command, simulate))
    parts = [] if last.exists() else [simulating]
    for kind, (title, seconds, options) in TRAINING.items():
        model = out / "models" / kind
        resume = (model / "run" / "config.json").exists()
        start = ["--resume"] if resume else ["--init", f"{kind}-lwir", "--engine", engine, *options]
        train = ["train", kind, str(sky), "--out", str(model), *start]
        parts.append(Part(title, seconds, partial(run_command, train)))
    return parts


def _predicting(out: Path, unet: str, vgg8: str) -> list[Part]:
    """Predict the night with two models, and evaluate the predictions."""
    predictions, truth, report = out / "predictions", out / "truth", out / "report"
    predicting = predict_command(unet, [str(sample_night())], predictions, PredictConfig(), vgg8)
    # an earlier demo left a report of other models
    evaluating = evaluate_command(predictions, truth, report, EvaluateConfig(), overwrite=True)

    def evaluate() -> int:
        code = run_command(evaluating)
        if code == OK:
            print(f"\n{_scores(report / 'report.json')}\nFull report: {report / 'report.md'}")
        return code

    return [
        Part("Predictions of the sample night", 4, partial(run_command, predicting)),
        Part("Their scores, beside those of methods without a network", 12, evaluate),
    ]


def _compare(night: NightMasks, out: Path) -> None:
    """Print and draw what the reference is worth."""
    print(night.summary(), flush=True)
    if picture := night.draw(out):
        print(f"Picture: {picture}", flush=True)


def _next_steps() -> str:
    """Say what to do next, with commands that can be pasted into a shell from here."""
    program = "napari-iris"
    if shutil.which(program) is None:  # the environment of `make demo` is not on the path
        program = os.path.relpath(Path(sys.executable).with_name(program))
    return (
        f"\nNext, with frames of your own:\n"
        f"  {program} mask FOLDER --out masks    # a mask for each frame, and a table\n"
        f"  {program} open FOLDER                # the window: look, correct, train, predict\n"
        f"The tutorials, docs/tutorials in a checkout, continue from there."
    )


def _scores(path: Path) -> str:
    """Format the scores of the model and of the baselines as a table."""
    report = json.loads(path.read_bytes())
    rows = {"model": report["model"], **report["baselines"]}
    lines = [f"{'':<18}{'accuracy':>10}{'clear IoU':>11}{'MCC':>8}"]
    for name, scores in rows.items():
        values = (scores[key] for key in ("accuracy", "iou_clear", "mcc"))
        cells = [format_number(value, 3) for value in values]
        lines.append(f"{TITLES[name]:<18}{cells[0]:>10}{cells[1]:>11}{cells[2]:>8}")
    return "\n".join(lines)


def _table(path: Path) -> str:
    """Format ``masks.csv`` as a table: time, sky, cloud in oktas, trust."""
    lines = [f"{'time (UTC)':<20}{'sky':<10}{'cloud':>7}{'trust':>7}  method"]
    with open_table(path) as rows:
        lines += map(_line, rows)
    return "\n".join(lines)


def _line(row: dict[str, str]) -> str:
    oktas = 8 * float(row["cloud_fraction"])
    time = row["date_obs"][:19].replace("T", " ")
    trust = float(row["trust"])
    return f"{time:<20}{row['sky']:<10}{oktas:>5.1f}/8{trust:>7.2f}  {row['method']}"


def _open_window(out: Path) -> int:
    """Open the window on the result; without a display, take a screenshot on a virtual one."""
    command = [sys.executable, "-m", "napari_iris.desk", str(sample_night())]
    command += ["--frame", str(SHOWN_FRAME), "--next-steps"]
    command += ["--review", str(out / "predictions"), str(out / "truth")]
    if find_spec("napari") is None:
        print("The window needs napari: pip install 'napari-iris[pyqt6]'", file=sys.stderr)
        return SOME_FAILED
    if has_display():
        print("Opening the window...", flush=True)
        return OK if subprocess.run(command, check=False).returncode == 0 else SOME_FAILED  # noqa: S603
    picture = out / "window.png"
    virtual = shutil.which("xvfb-run")
    if virtual is None:
        print("No display. For a virtual one: sudo apt-get install xvfb", file=sys.stderr)
        return SOME_FAILED
    print("No display: taking a screenshot on a virtual one...", flush=True)
    screen = [virtual, "-a", "-s", "-screen 0 1600x1000x24"]
    command += ["--screenshot", str(picture)]
    done = subprocess.run([*screen, *command], check=False)  # noqa: S603
    if done.returncode or not picture.exists():
        return SOME_FAILED
    print(f"Screenshot of the window: {picture}")
    return OK
