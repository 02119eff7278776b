"""Simulate sky frames with exact cloud truth.

Frames go to OUT/frames/*.fits (int16 ADU, every drawn parameter in the header), their truth to
OUT/truth/*_mask.fits. The same seed gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK
from napari_iris.cli.progress import Progress
from napari_iris.commands.configs import SIMULATE

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris simulate night/ --count 100 --sky mixed --seed 1
  napari-iris simulate clear/ --count 20 --sky clear
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write to")
    SIMULATE.add_to(parser)
    parser.add_argument("--json", action="store_true", help="print events as JSON lines")


def run(options: argparse.Namespace) -> int:
    """Simulate the frames."""
    from napari_iris.sky.simulate import write_simulation

    config = SIMULATE.read(options)
    progress = Progress(config.count, as_json=options.json)
    for _ in progress.follow(write_simulation(config, options.out)):
        pass
    progress.end(f"{config.count} frames in {options.out / 'frames'}")
    return OK
