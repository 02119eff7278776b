"""Import a public cloud data set into a project, images and masks.

Images and masks are matched by name and checked; files that are missing, swapped or of different
shapes are named, the others are imported. Masks drawn by people become approved human masks; masks
of the iris format, made by a program, become automatic masks. An import may be repeated; labels
set in the project since are kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_json, add_out
from napari_iris.cli.progress import Progress
from napari_iris.importers.image_pair import Layout

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris import swimseg/ --format swimseg --out day
  napari-iris import SWIMCAT/ --format swimcat --out patches --ratio
  napari-iris import published/ --format iris --out lwir
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of the data set")
    parser.add_argument(
        "--format", required=True, choices=get_args(Layout), help="format of the data set"
    )
    add_out(parser, "PROJECT", "project to import into")
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--grey",
        dest="colour",
        action="store_const",
        const="grey",
        default="grey",
        help="convert colour to grey: 0.299 R + 0.587 G + 0.114 B (default)",
    )
    colour.add_argument(
        "--ratio",
        dest="colour",
        action="store_const",
        const="ratio",
        help="convert colour to 255 R / (R + B): blue sky is dark, cloud bright",
    )
    colour.add_argument(
        "--rgb", dest="colour", action="store_const", const="rgb", help="keep the colour"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Import the data set; 1 if some files failed."""
    from napari_iris.importers.find_pairs import find_pairs
    from napari_iris.importers.import_set import import_set
    from napari_iris.project.project import Project

    pairs, problems = find_pairs(options.source, options.format)
    with Project(options.out) as project:
        progress = Progress(len(pairs) + len(problems), as_json=options.json)
        taken = import_set(project, options.source, options.format, options.colour)
        count = sum(1 for _ in progress.follow(taken))
        status = project.status()
    summary = f"{count} frames imported; {options.out} has {status['frames']}"
    progress.end(summary, masks=cast("dict[str, int]", status["masks"]))
    return SOME_FAILED if progress.failed else OK
