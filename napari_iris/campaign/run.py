"""Work on one shard of a campaign, and keep its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.campaign.manifest import FOLDER, Manifest, manifest_path, read_manifest
from napari_iris.campaign.part import part_name, read_part, sort_part
from napari_iris.errors import FileError
from napari_iris.io.atomic import make_folder
from napari_iris.io.locks import Lock
from napari_iris.io.pack_writer import Pack
from napari_iris.io.packs import check_packs, name_in_pack, pack_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_iris.campaign.frames import ShardFrames
    from napari_iris.campaign.shard import Shard
    from napari_iris.campaign.work import Outcomes, Row, Work


def run_shard(
    work: Work[Row],
    frames: ShardFrames,
    *,
    retry_failed: bool = False,
    notes: Sequence[str] = (),
) -> Outcomes[Row]:
    """Work on the frames of a shard that are not done yet.

    A frame that failed in an earlier run with the same settings counts as done, unless it is asked
    for. After a stop at any moment, the same shard goes on where it was.

    Parameters
    ----------
    work : Work
        What is done to each frame.
    frames : ShardFrames
        The frames.
    retry_failed : bool
        Whether frames that failed are tried again.
    notes : sequence of str
        What the summary of a single run says beside the counts.

    Yields
    ------
    row, FileError or None
        In the order of the frames: what was made, what is wrong, or None where it was made earlier.

    Raises
    ------
    FileError
        If the folder cannot be written, or another process works on this shard.
    """
    shard = frames.shard
    begun = Manifest(
        command=work.command,
        shard=shard.number,
        of=shard.count,
        settings=work.settings,
        total=frames.total,
        digest=frames.digest,
        given=len(frames.paths),
        notes=list(notes),
    )
    make_folder(work.out / FOLDER)
    check_packs(work.out, work.command, shard.count if work.packs else 0)
    path = manifest_path(work.out, work.command, shard)
    busy = FileError(path, "is being written to by another process", "wait for it")
    with Lock(path.with_suffix(".lock"), busy, "make room there", remove=True):
        earlier = read_manifest(path)
        keep = begun.has_same_settings(earlier)
        known = earlier.errors if keep and earlier and not retry_failed else {}
        pack = _pack(work, shard) if work.packs else None
        if pack is not None:  # with what a killed run has left
            _write_pack(pack, work, shard)
        begun.ended(0, known, complete=False).write(work.out)
        yield from _outcomes(work, frames, begun, known, pack, keep=keep)


def _outcomes(
    work: Work[Row],
    frames: ShardFrames,
    begun: Manifest,
    known: Mapping[str, FileError],
    pack: Pack | None,
    *,
    keep: bool,
) -> Outcomes[Row]:
    """Work on the frames, except those known to fail; in the end, write table, pack, manifest."""
    numbers = dict(zip(map(str, frames.paths), frames.numbers.tolist(), strict=True))
    tried = np.array([path not in known for path in numbers], np.bool_)
    made = work.outcomes(frames.paths.take(tried), frames, pack, keep=keep)
    failed: dict[str, FileError] = {}
    complete = False
    try:
        for path in numbers:
            outcome = known[path] if path in known else next(made)
            if isinstance(outcome, FileError):
                failed[path] = outcome
            yield outcome
        complete = next(made, None) is None  # it closes its table
    finally:
        made.close()
        rest = {} if complete else known
        count = sort_part(work.out / part_name(work.table, frames.shard), numbers)
        if pack is not None:
            _write_pack(pack, work, frames.shard)
        begun.ended(count, {**rest, **failed}, complete=complete).write(work.out)


def _pack(work: Work[Row], shard: Shard) -> Pack:
    """Give the pack of a shard."""
    journal = f"{work.command}.{shard.label}.journal"
    return Pack(work.out / pack_name(work.command, shard.label), work.out / FOLDER / journal)


def _write_pack(pack: Pack, work: Work[Row], shard: Shard) -> None:
    """Have the pack of a shard hold the files of its part table, in order."""
    rows = read_part(work.out / part_name(work.table, shard), [work.file])
    files = (row[work.file] for row in rows)
    pack.write(name for file in files if (name := name_in_pack(file)) != file)
