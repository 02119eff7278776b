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
from napari_iris.commands.configs import REBIN
from napari_iris.errors import FileError

if TYPE_CHECKING:
    import argparse

    from napari_iris.errors import FrameError

EXAMPLES = """\
examples:
  napari-iris rebin night/ --out binned/ --shape 128 160
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_frames(parser)
    REBIN.add_to(parser)
    add_overwrite(parser)


def run(options: argparse.Namespace) -> int:
    """Rebin the frames; 1 if some failed."""
    from napari_iris.frames.batch import each_frame
    from napari_iris.frames.names import unique_stems
    from napari_iris.frames.paths import find_frames
    from napari_iris.frames.rebin import rebin_file
    from napari_iris.io.atomic import make_folder

    shape = REBIN.read(options).shape
    make_folder(options.out)
    paths, problems = find_frames(options.frames)
    if any(path.parent == options.out.absolute() for path in paths):
        reason = "contains frames to rebin, which would be overwritten"
        raise FileError(options.out, reason, "choose another --out")
    progress = Progress(len(paths) + len(problems), as_json=options.json)
    where = {"hdu": options.hdu, "plane": options.plane}
    work = partial(rebin_file, out=options.out, shape=shape, **where, overwrite=options.overwrite)
    duplicates: list[FrameError] = []
    frames = unique_stems(paths, duplicates)
    outcomes = chain(problems, each_frame(frames, work, options.jobs), duplicates)
    count = sum(1 for _ in progress.follow(outcomes))
    progress.end(f"{count} frames in {options.out}")
    return SOME_FAILED if progress.failed else OK
