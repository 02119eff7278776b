"""Join the results of a campaign's shards into what a single run writes.

Checks that every shard of `mask`, `predict` or `rebin --shard I/N` in the folder has ended, and
names those that are missing; then nothing is joined. Joins their part tables into DIR/masks.csv or
DIR/predictions.csv, in the order of a single run; from 100,000 rows on, these are Parquet files.
Parts and manifests stay in DIR/shards.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_json, add_table
from napari_iris.cli.progress import Progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from napari_iris.campaign.merge import Campaign
    from napari_iris.events import Result

EXAMPLES = """\
examples:
  napari-iris merge masks/
  napari-iris merge predictions/ --table parquet
  napari-iris merge predictions/ --incomplete      what there is, while shards still run
"""

MADE = {"mask": "masks", "predict": "predictions", "rebin": "frames"}
"""What each command makes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the --out of the shards")
    parser.add_argument(
        "--incomplete", action="store_true", help="join what there is, where shards are missing"
    )
    add_table(parser, "csv; parquet from 100,000 rows on, where pyarrow is installed")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Join the shards; 1 if some are missing, or frames failed."""
    from napari_iris.campaign.merge import find_campaigns, store_table

    campaigns = find_campaigns(options.folder)
    total = sum(one.given for campaign in campaigns for one in campaign.manifests)
    progress = Progress(total, as_json=options.json)
    result: Result = {}
    said: list[str] = []
    for campaign in campaigns:
        problems = campaign.problems()
        for problem in problems:
            progress.fail(problem)
        if not problems or options.incomplete:
            counts = _join(campaign, progress, incomplete=bool(problems))
            if campaign.command != "rebin":
                store_table(campaign, options.table or "auto")
            said.append(_summary(campaign, counts))
            if campaign.command == "mask":
                result["masks"] = counts
            elif campaign.command == "predict":
                result["predictions"] = counts
    progress.end("; ".join(said) or f"nothing joined in {options.folder}", **result)
    return SOME_FAILED if progress.failed else OK


def _join(campaign: Campaign, progress: Progress, *, incomplete: bool) -> Counter[str]:
    """Join a campaign; count what there is by sky condition or class."""
    from napari_iris.campaign.merge import join

    counts: Counter[str] = Counter()
    for row in join(campaign, incomplete=incomplete):
        counts[row.get("sky") or row.get("method") or ""] += 1
        progress.step()
    for _ in progress.follow(campaign.failures):
        pass
    return counts


def _summary(campaign: Campaign, counts: Counter[str]) -> str:
    """Say what was joined, as the single run does."""
    what = f"{counts.total()} {MADE[campaign.command]} of {campaign.count} shards"
    kinds: Iterable[str] = (f"{count} {kind}" for kind, count in counts.most_common() if kind)
    details = "; ".join(filter(None, [", ".join(kinds), *campaign.notes]))
    return f"{what} in {campaign.out}{f' ({details})' if details else ''}"
