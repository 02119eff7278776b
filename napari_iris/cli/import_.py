"""Take a published cloud set into a project, each image with its truth.

Images and truths are paired by name and checked: what is missing, swapped or of another shape is
named, the rest goes on. Masks drawn by people become approved human masks; the masks of the iris
layout, which a program made, become automatic ones. An import may be repeated: what a person has
said of a frame since stays.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.progress import Progress
from napari_iris.importers.sets import Layout

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris import swimseg/ --format swimseg --out day
  napari-iris import SWIMCAT/ --format swimcat --out patches --rgb
  napari-iris import published/ --format iris --out lwir
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("source", type=Path, metavar="SOURCE", help="the set's folder")
    parser.add_argument(
        "--format", required=True, choices=get_args(Layout), help="how the set is laid out"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PROJECT", help="project to take it into"
    )
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--grey",
        dest="grey",
        action="store_true",
        default=True,
        help="make colour grey: 0.299 R + 0.587 G + 0.114 B (default)",
    )
    colour.add_argument("--rgb", dest="grey", action="store_false", help="keep the colour")
    parser.add_argument(
        "--json", action="store_true", help="print events as JSON lines instead of a progress line"
    )


def run(options: argparse.Namespace) -> int:
    """Import the set; 1 where some of it failed."""
    from napari_iris.importers.importing import import_set
    from napari_iris.importers.sets import find_pairs
    from napari_iris.project.project import Project

    pairs, problems = find_pairs(options.source, options.format)
    with Project(options.out) as project:
        progress = Progress(len(pairs) + len(problems), as_json=options.json)
        taken = import_set(project, options.source, options.format, grey=options.grey)
        count = sum(1 for _ in progress.follow(taken))
        status = project.status()
    summary = f"{count} frames imported; {options.out} holds {status['frames']}"
    progress.end(summary, masks=cast("dict[str, int]", status["masks"]))
    return SOME_FAILED if progress.failed else OK
