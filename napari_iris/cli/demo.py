"""Do the main job, end to end, on the sample night.

Masks are made for thirty simulated frames of one night (clear, thin cirrus, broken cloud,
overcast, clearing), what was found is printed frame by frame, and the window opens on the night.
Without a display the window opens on a virtual one, and a picture of it is saved.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import subprocess
import sys
from pathlib import Path

from napari_iris.cli.info import has_display
from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.main import main as napari_iris
from napari_iris.resources import sample_night

EXAMPLES = """\
examples:
  napari-iris demo
  napari-iris demo --out demo/ --no-gui
"""

SHOWN_FRAME = 16
"""Frame that the window opens on: broken cloud below cirrus."""


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
    """Mask the sample night, tell what was found, open the window."""
    masks = options.out / "masks"
    print(f"$ napari-iris mask {sample_night()} --out {masks}", flush=True)
    code = napari_iris(["mask", str(sample_night()), "--out", str(masks)])
    if code != OK:
        return code
    print(_table(masks / "masks.csv"), flush=True)
    return _open_window(options.out) if options.gui else OK


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


def _open_window(out: Path) -> int:
    """Open the window; with no display on a virtual one, to take its picture."""
    command = [sys.executable, "-m", "napari_iris.desk", str(sample_night())]
    command += ["--frame", str(SHOWN_FRAME)]
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
