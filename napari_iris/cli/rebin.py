"""Rebin frames by block mean, and write them to DIR/<frame>.fits as float32.

A frame that is there already is never replaced.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_frames, add_overwrite
from napari_iris.cli.progress import Progress
from napari_iris.cli.shards import GivenFrames, add_shards
from napari_iris.commands.configs import REBIN
from napari_iris.errors import FileError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from napari_iris.errors import FrameError

EXAMPLES = """\
examples:
  napari-iris rebin night/ --out binned/ --shape 128 160
  napari-iris rebin 'archive/**/*.fits' --out binned/ --shape 128 160 --shard 2/16
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_frames(parser)
    REBIN.add_to(parser)
    add_overwrite(parser)
    add_shards(parser)


def run(options: argparse.Namespace) -> int:
    """Rebin the frames; 1 if some failed."""
    from napari_iris.frames.batch import each_frame
    from napari_iris.frames.names import unique_stems
    from napari_iris.frames.rebin import rebin_file
    from napari_iris.io.atomic import make_folder

    shape = REBIN.read(options).shape
    make_folder(options.out)
    given = GivenFrames(options)
    if any(path.parent == options.out.absolute() for path in given.paths):
        reason = "contains frames to rebin, which would be overwritten"
        raise FileError(options.out, reason, "choose another --out")
    progress = Progress(given.total + len(given.problems), as_json=options.json)
    where = {"hdu": options.hdu, "plane": options.plane, "overwrite": options.overwrite}
    if given.is_campaign:
        from napari_iris.campaign.work import RebinWork

        work = RebinWork(out=options.out, shape=shape, jobs=options.jobs, **where)
        outcomes: Iterable[object] = given.outcomes(work, [])
    else:
        rebin = partial(rebin_file, out=options.out, shape=shape, **where)
        duplicates: list[FrameError] = []
        frames = unique_stems(given.paths, duplicates)
        outcomes = chain(each_frame(frames, rebin, options.jobs), duplicates)
    count = sum(1 for _ in progress.follow(chain(given.problems, outcomes)))
    progress.end(f"{count} frames in {options.out}{given.suffix}")
    return SOME_FAILED if progress.failed else OK
