"""Make a cloud mask for every frame.

Each frame is rebinned and split by the published recipe (logarithmic stretch of the zscale range,
Otsu's threshold), unless the sky gate finds it clear (empty mask) or overcast (full mask). Writes
DIR/<frame>_mask.fits, and DIR/masks.csv with a trust value per mask. Human masks are kept.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_frames
from napari_iris.cli.progress import Progress
from napari_iris.commands.configs import MASK

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris mask night/ --out masks/
  napari-iris mask 'archive/2023-*/*.fits' --out masks/ --jobs 8
  napari-iris mask night/ --out published/ --no-gate       the published recipe, bit for bit
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_frames(parser)
    MASK.add_to(parser)


def run(options: argparse.Namespace) -> int:
    """Make the masks; 1 if some frames failed."""
    from napari_iris.frames.paths import find_frames
    from napari_iris.masks.night import write_masks

    config = MASK.read(options)
    paths, problems = find_frames(options.frames)
    progress = Progress(len(paths) + len(problems), as_json=options.json)
    masks = write_masks(
        paths, options.out, config, hdu=options.hdu, plane=options.plane, jobs=options.jobs
    )
    skies = Counter(row.sky or row.method for row in progress.follow(chain(problems, masks)))
    counts = ", ".join(f"{count} {sky}" for sky, count in skies.most_common())
    progress.end(f"{skies.total()} masks in {options.out}", counts, masks=dict(skies))
    return SOME_FAILED if progress.failed else OK
