"""The options of campaigns, and the outcomes of a shard, for the commands that have them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from _typeshed import DataclassInstance

    from napari_iris.campaign.frames import CampaignFrames
    from napari_iris.campaign.shard import Shard
    from napari_iris.campaign.work import Outcomes, Row, Work
    from napari_iris.errors import FrameError
    from napari_iris.frames.paths import FramePaths

ARRAY = "array"
"""Value of ``--shard`` without I/N."""


def add_shards(parser: argparse.ArgumentParser) -> None:
    """Add the options of a command whose frames many machines can share."""
    parser.add_argument(
        "--shard",
        nargs="?",
        const=ARRAY,
        metavar="I/N",
        help="only part I of N of the frames, all with one --out, then `merge`; without I/N, that "
        "of SLURM's job array",
    )
    parser.add_argument(
        "--retry-failed",
        action="store_true",
        help="with --shard: try again the frames that failed earlier",
    )


class GivenFrames:
    """The frames that a command is given: all of them, or those of a shard.

    Parameters
    ----------
    options : argparse.Namespace
        With ``frames``, and those of `add_shards`.

    Attributes
    ----------
    paths : FramePaths
        All frames: what is learned from them is the same for each shard.
    problems : list of FrameError
        One for each source without a frame.
    """

    paths: FramePaths
    problems: list[FrameError]

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._campaign: CampaignFrames | None = None
        from napari_iris.errors import IrisError

        if options.shard is None:
            from napari_iris.frames.paths import find_frames

            if options.retry_failed:
                raise IrisError("--retry-failed needs --shard: other runs try each frame anyway")
            self.paths, self.problems = find_frames(options.frames)
            self.total = len(self.paths)
            return
        from napari_iris.campaign.frames import CampaignFrames

        if getattr(options, "table", "csv") != "csv":
            raise IrisError("--table: shards have parts; give it to merge")
        shard = _shard(options)
        self._campaign = CampaignFrames.find(options.frames)
        self.paths, self.problems = self._campaign.paths, self._campaign.problems
        self._mine = self._campaign.of(shard)
        self.total = len(self._mine.paths)

    @property
    def is_campaign(self) -> bool:
        """Whether these are shared with other machines."""
        return self._campaign is not None

    @property
    def suffix(self) -> str:
        """What the summary says of the shard."""
        return f", shard {self._mine.shard}" if self.is_campaign else ""

    def outcomes(self, work: Work[Row], notes: Sequence[str]) -> Outcomes[Row]:
        """Work on the frames of the shard."""
        from napari_iris.campaign.run import run_shard

        retry = self._options.retry_failed
        return run_shard(work, self._mine, retry_failed=retry, notes=notes)

    def store_table(self, path: Path, row: type[DataclassInstance]) -> None:
        """Store the table of a single run as the options say."""
        if self._options.table == "parquet":
            from napari_iris.io.table_cells import number_columns
            from napari_iris.io.tables import as_parquet

            as_parquet(path, number_columns(row))


def _shard(options: argparse.Namespace) -> Shard:
    """Give the shard of the options; that of a job array is said in a line."""
    from napari_iris.campaign.shard import Shard, shard_of_job

    if options.shard != ARRAY:
        return Shard.parse(options.shard)
    shard = shard_of_job(os.environ)
    if not options.json:
        print(f"shard {shard}, the place of this task in SLURM's job array", file=sys.stderr)
    return shard
