"""The options of campaigns, and the outcomes of a shard, for the commands that have them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from _typeshed import DataclassInstance

    from napari_iris.campaign.frames import CampaignFrames, ShardFrames
    from napari_iris.campaign.shard import Shard
    from napari_iris.campaign.work import Row, Work
    from napari_iris.errors import FileError, FrameError
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
        help="process only shard I of N of the frames; all shards share one --out, and `merge` "
        "joins them; without I/N, the shard of this task in SLURM's job array",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="process the shards on the Dask cluster at this address, then join them",
    )
    parser.add_argument(
        "--retry-failed",
        action="store_true",
        help="with --shard or --scheduler: try again the frames that failed earlier",
    )


def add_pack(parser: argparse.ArgumentParser) -> None:
    """Add the option of a command whose shards can write packs."""
    parser.add_argument(
        "--pack",
        action="store_true",
        help="write one file per shard, with compressed cubes, instead of one per frame; without "
        "--shard or --scheduler, all frames are one shard, which is joined at once",
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
    is_campaign : bool
        Whether they are worked on in shards.
    packs : bool
        Whether each shard writes one pack.
    """

    paths: FramePaths
    problems: list[FrameError]

    def __init__(self, options: argparse.Namespace) -> None:
        from napari_iris.errors import IrisError

        self._options = options
        self._campaign: CampaignFrames | None = None
        self._mine: ShardFrames | None = None
        self.packs: bool = getattr(options, "pack", False)
        shared = options.shard is not None or options.scheduler is not None
        self.is_campaign = shared or self.packs
        if options.shard is not None and options.scheduler is not None:
            raise IrisError("--scheduler makes the shards itself; give it without --shard")
        if options.retry_failed and not self.is_campaign:
            raise IrisError("--retry-failed needs --shard: other runs try each frame anyway")
        if options.shard is not None and getattr(options, "table", None) is not None:
            raise IrisError("--table: shards write part tables; give it to merge")
        if self.is_campaign:
            self._find_campaign()
        else:
            from napari_iris.frames.paths import find_frames

            self.paths, self.problems = find_frames(options.frames)
        self.total = len(self.paths if self._mine is None else self._mine.paths)

    def _find_campaign(self) -> None:
        from napari_iris.campaign.frames import CampaignFrames

        shard = None if self._options.shard is None else _shard(self._options)
        self._campaign = CampaignFrames.find(self._options.frames)
        self.paths, self.problems = self._campaign.paths, self._campaign.problems
        self._mine = None if shard is None else self._campaign.of(shard)

    @property
    def suffix(self) -> str:
        """What the summary says of the shard."""
        return "" if self._mine is None else f", shard {self._mine.shard}"

    def outcomes(self, work: Work[Row], notes: Sequence[str]) -> Iterator[Row | FileError | None]:
        """Work on the frames of the shard, or of all shards, which are then joined."""
        how: dict[str, Any] = {"retry_failed": self._options.retry_failed, "notes": notes}
        if self._mine is not None:
            from napari_iris.campaign.run import run_shard

            yield from run_shard(work, self._mine, **how)
        elif self._campaign is not None:
            from napari_iris.campaign.merge import join_all

            yield from self._all_shards(work, self._campaign, how)
            join_all(work, getattr(self._options, "table", None) or "auto")

    def _all_shards(
        self, work: Work[Row], campaign: CampaignFrames, how: dict[str, Any]
    ) -> Iterator[Row | FileError | None]:
        """Work on all frames: as one shard, or as those of a cluster."""
        if self._options.scheduler is None:
            from napari_iris.campaign.run import run_shard
            from napari_iris.campaign.shard import Shard

            return run_shard(work, campaign.of(Shard(1, 1)), **how)
        from napari_iris.campaign.cluster import run_on_cluster

        return run_on_cluster(self._options.scheduler, work, campaign, say=self._say, **how)

    def _say(self, text: str) -> None:
        if not self._options.json:
            print(text, file=sys.stderr)

    def store_table(self, path: Path, row: type[DataclassInstance]) -> None:
        """Store the table of a single run as the options say."""
        if self._options.table == "parquet" and not self.is_campaign:
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
