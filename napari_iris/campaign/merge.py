"""Join the part tables of a campaign into the table that a single run writes."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from napari_iris.campaign.manifest import (
    FOLDER,
    Manifest,
    find_manifests,
    manifest_path,
    read_manifest,
)
from napari_iris.campaign.part import part_name, read_part, rows_in_order
from napari_iris.campaign.prediction import PredictWork
from napari_iris.campaign.shard import Shard
from napari_iris.campaign.work import MaskWork, RebinWork, Work
from napari_iris.errors import FileError, MissingPackageError
from napari_iris.inference.rows import COLUMNS, OLD_COLUMNS
from napari_iris.inference.table import lock_name
from napari_iris.inference.table_index import key_of
from napari_iris.io.locks import Lock
from napari_iris.io.older_table import OlderTable
from napari_iris.io.parquet import MANY
from napari_iris.io.table_cells import number_columns
from napari_iris.io.tables import as_parquet, write_table
from napari_iris.masks.mask_table import mask_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    Add = Callable[[str, Iterable[object]], None]
    Rows = dict[str, str]

WORKS: dict[str, type[Work[Any]]] = {one.command: one for one in (MaskWork, PredictWork, RebinWork)}
"""Commands that have campaigns; the table of ``rebin`` is not joined."""

NAMED, MOST = 12, 160
"""Missing shards that a message names, and letters that it has of a note."""


@dataclass(frozen=True)
class Campaign:
    """The manifests of a command's shards.

    Attributes
    ----------
    out : Path
        Output folder.
    command : str
        Name of the command.
    count : int
        Number of shards.
    manifests : list of Manifest
        Those that are there, in order.
    """

    out: Path
    command: str
    count: int
    manifests: list[Manifest]

    @property
    def table(self) -> Path:
        """The table that is joined."""
        return self.out / WORKS[self.command].table

    @property
    def failures(self) -> Iterator[FileError]:
        """What is wrong with the frames that failed, shard by shard."""
        for one in self.manifests:
            yield from one.errors.values()

    @property
    def notes(self) -> list[str]:
        """What the summary of a single run says beside the counts."""
        texts = (str(text)[:MOST] for one in self.manifests for text in one.notes)
        return list(dict.fromkeys(texts))

    def problems(self) -> list[FileError]:
        """Say what keeps the parts from being joined.

        Returns
        -------
        list of FileError
            One for each kind of shards: missing, not ended, of other frames or settings.
        """
        ended = {one.shard for one in self.manifests if one.complete}
        begun = {one.shard for one in self.manifests} - ended
        missing = [number for number in range(1, self.count + 1) if number not in ended | begun]
        most = Counter(map(_identity, self.manifests)).most_common(1)[0][0]
        other = [one.shard for one in self.manifests if _identity(one) != most]
        return [
            FileError(
                self.out / FOLDER, f"{self.command}: {_named(numbers, self.count)} {what}", fix
            )
            for numbers, what, fix in (
                (missing, "missing", "run the same command with --shard for each"),
                (sorted(begun), "not finished", "run them again, or wait for them"),
                (other, "from other frames or settings than the rest", "run these again"),
            )
            if numbers
        ]

    @property
    def parts(self) -> list[Path]:
        """The part tables."""
        table = WORKS[self.command].table
        shards = (Shard(one.shard, one.of) for one in self.manifests)
        return [self.out / part_name(table, shard) for shard in shards]

    def rows(self) -> Iterator[Rows]:
        """Yield the rows of all parts in the order of the campaign, with few files open."""
        return rows_in_order(self.parts, WORKS[self.command].columns())


def find_campaigns(out: Path) -> list[Campaign]:
    """Find the campaigns that wrote into a folder.

    Parameters
    ----------
    out : Path
        Output folder.

    Returns
    -------
    list of Campaign
        One for each command.

    Raises
    ------
    FileError
        If there is none, or shards of a command are of several numbers.
    """
    found: dict[str, dict[int, list[Manifest]]] = {}
    for command, shard in find_manifests(out):
        manifest = read_manifest(manifest_path(out, command, shard))
        if command in WORKS and manifest and (manifest.shard, manifest.of) == astuple(shard):
            found.setdefault(command, {}).setdefault(shard.count, []).append(manifest)
    if not found:
        fix = "give the --out folder of commands with --shard"
        raise FileError(out, "holds no shards of a campaign", fix)
    for command, counts in found.items():
        if len(counts) > 1:
            several = " and of ".join(f"{count}" for count in sorted(counts))
            fix = f"delete the files {command}.*-of-N.json of the number N that is not wanted"
            raise FileError(out / FOLDER, f"{command}: has shards of {several}", fix)
    return [
        Campaign(out, command, count, manifests)
        for command, counts in found.items()
        for count, manifests in counts.items()
    ]


def join(campaign: Campaign, *, incomplete: bool = False) -> Iterator[Rows]:
    """Join the parts of a campaign into its table; rows of other frames in an older one stay.

    Parameters
    ----------
    campaign : Campaign
        Its parts, see `Campaign.problems`.
    incomplete : bool
        Whether parts may lack rows.

    Yields
    ------
    dict of str to str
        Each row, once it is in the table.

    Raises
    ------
    FileError
        If the table cannot be written, or is another one, or a part cannot be read.
    """
    with _OPEN[campaign.command](campaign) as (columns, add):
        count = 0
        for count, row in enumerate(campaign.rows(), 1):  # noqa: B007
            add(row["frame"], [row[name] for name in columns])
            yield row
        if count != (done := sum(one.done for one in campaign.manifests)) and not incomplete:
            reason = f"{campaign.command}: its parts have {count} of {done} rows"
            raise FileError(campaign.out / FOLDER, reason, "run its shards again")


def join_all(work: Work[Any], how: str) -> None:
    """Join the shards of a campaign that has just ended.

    Parameters
    ----------
    work : Work
        What was done.
    how : {'auto', 'csv', 'parquet'}
        As for `store_table`.

    Raises
    ------
    FileError
        If a shard is missing, or the table cannot be written.
    """
    for campaign in find_campaigns(work.out):
        if campaign.command == work.command:
            for problem in campaign.problems():
                raise problem
            for _ in join(campaign):
                pass
            if work.command != RebinWork.command:
                store_table(campaign, how)


def store_table(campaign: Campaign, how: str) -> None:
    """Store the joined table as CSV or Parquet.

    Parameters
    ----------
    campaign : Campaign
        The campaign, once it is joined.
    how : {'auto', 'csv', 'parquet'}
        With 'auto', as Parquet from `MANY` rows on, where pyarrow is installed and names are UTF-8.

    Raises
    ------
    FileError
        If it cannot be written, or another program wrote a file of its name.
    MissingPackageError
        If pyarrow is needed and not installed.
    """
    if how == "csv" or (how == "auto" and sum(one.done for one in campaign.manifests) < MANY):
        return
    try:
        as_parquet(campaign.table, number_columns(WORKS[campaign.command].row))
    except (FileError, MissingPackageError):  # the CSV file is there
        if how != "auto":
            raise


@contextmanager
def _masks(campaign: Campaign) -> Iterator[tuple[Sequence[str], Add]]:
    with mask_table(campaign.table) as add:
        yield MaskWork.columns(), add


@contextmanager
def _predictions(campaign: Campaign) -> Iterator[tuple[Sequence[str], Add]]:
    """Open ``predictions.csv`` anew; rows of other frames are first, as a single run appends."""
    path = campaign.table
    busy = FileError(campaign.out, "is being written to by another process", "wait for it")
    with Lock(campaign.out / lock_name(), busy, "make room there", remove=True):
        older = OlderTable(path, COLUMNS, OLD_COLUMNS[0])
        names = [*COLUMNS, *older.extra]
        with write_table(path, names) as table:
            parts = (read_part(path, COLUMNS) for path in campaign.parts)
            mine = {key_of(row["frame"]) for row in chain.from_iterable(parts)}
            table.writerows(
                [row[name] for name in names]
                for row in older.rows()
                if key_of(row["frame"]) not in mine
            )
            yield COLUMNS, lambda frame, cells: table.writerow([*cells, *older.added(frame)])


@contextmanager
def _nothing(_: Campaign) -> Iterator[tuple[Sequence[str], Add]]:
    yield [], lambda *_: None


_OPEN = {"mask": _masks, "predict": _predictions, "rebin": _nothing}


def _identity(manifest: Manifest) -> tuple[str, int, str]:
    """Give what all shards of a campaign have in common."""
    return repr(sorted(manifest.settings.items())), manifest.total, manifest.digest


def _named(numbers: list[int], count: int) -> str:
    """Name some shards in a message."""
    some = ", ".join(map(str, numbers[:NAMED]))
    more = f" and {len(numbers) - NAMED} more" if len(numbers) > NAMED else ""
    one = len(numbers) == 1
    return f"shard{'' if one else 's'} {some}{more} of {count} {'is' if one else 'are'}"
