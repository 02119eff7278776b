"""Open the window on frames or on a project.

FRAMES are files, folders or globs; a folder without frames of its own means those of its
subfolders. A project opens in the Curate dock, at the first frame to review. Without FRAMES, the
window offers the sample night, a folder and a project.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec

from napari_iris.cli.info import has_display
from napari_iris.cli.main import OK
from napari_iris.errors import IrisError
from napari_iris.frames.paths import find_frames
from napari_iris.frames.sources import as_source
from napari_iris.project.folder import is_project

EXAMPLES = """\
examples:
  napari-iris open
  napari-iris open /data/2024-01-15
  napari-iris open night1_project
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    text = "files, folders or globs; or one project folder (default: none)"
    parser.add_argument("frames", nargs="*", metavar="FRAMES", help=text)
    parser.add_argument(
        "--gui",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="open the window; without it, only check what is to be opened (default: on)",
    )


def run(options: argparse.Namespace) -> int:
    """Check what is to be opened, and open the window in a separate process."""
    if options.frames and not (len(options.frames) == 1 and is_project(options.frames[0])):
        _, problems = find_frames(map(as_source, options.frames))
        if problems:
            raise problems[0]
    if not options.gui:
        return OK
    if find_spec("napari") is None:
        raise IrisError("the window needs napari: pip install 'napari-iris[pyqt6]'")
    if not has_display():
        raise IrisError("there is no display; xvfb-run provides a virtual one")
    command = [sys.executable, "-m", "napari_iris.desk", *options.frames]
    return subprocess.run(command, check=False).returncode  # noqa: S603
