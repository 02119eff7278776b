"""Simulate sky frames with exact cloud masks.

Writes frames to OUT/frames/*.fits (int16 ADU; headers of single frames have all random
parameters) and their masks to OUT/truth/*_mask.fits. The same seed gives the same bytes. Each
frame has a sky and a camera of its own; with --nights, COUNT frames a night are of one camera,
whose temperatures, corrections, pointing and weather change, and haze is 2 (ignore) in the masks.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_json, add_overwrite
from napari_iris.cli.progress import Progress
from napari_iris.commands.configs import SIMULATE

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris simulate night/ --count 100 --sky mixed --seed 1
  napari-iris simulate clear/ --count 20 --sky clear
  napari-iris simulate nights/ --nights 3 --count 60 --seed 1
  napari-iris simulate any/ --cameras any --count 100 --seed 1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("out", type=Path, metavar="OUT", help="output folder")
    SIMULATE.add_to(parser)
    add_overwrite(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Simulate the frames."""
    from napari_iris.sky.simulate import write_simulation

    config = SIMULATE.read(options)
    total = config.count * max(1, config.nights)
    progress = Progress(total, as_json=options.json)
    written = write_simulation(config, options.out, overwrite=options.overwrite)
    count = sum(1 for _ in progress.follow(written))
    progress.end(f"{count} frames in {options.out / 'frames'}")
    return SOME_FAILED if progress.failed else OK
