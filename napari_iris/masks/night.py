"""Make the masks of many frames."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.facts import observed_at
from napari_iris.frames.names import unique_stems
from napari_iris.frames.read import read_frame
from napari_iris.frames.site_mask import hide
from napari_iris.io.atomic import exists_as_file, make_folder
from napari_iris.io.outputs import check_output
from napari_iris.io.pack_writer import pack_file
from napari_iris.io.packs import check_packs, check_single
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import (
    HUMAN,
    cloud_fraction,
    is_drawn_by_person,
    mask_images,
    mask_path,
    read_mask,
    write_mask,
)
from napari_iris.masks.mask_table import TABLE, MaskRow, mask_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.errors import FileError, FrameError
    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.io.outputs import Mark
    from napari_iris.io.pack_writer import PackedFile
    from napari_iris.masks.config import MaskConfig
    from napari_iris.masks.make import CloudMask
    from napari_iris.radiometry.excess import Excess
    from napari_iris.radiometry.reference_set import ReferenceSet


def write_masks(  # noqa: PLR0913 (the options of the command)
    paths: Iterable[Path],
    out: Path,
    config: MaskConfig,
    *,
    hdu: int | None = None,
    plane: int | None = None,
    jobs: int = 0,
    references: ReferenceSet | None = None,
    site: SiteMask | None = None,
    overwrite: bool = False,
) -> Iterator[MaskRow | FileError]:
    """Make and write the mask of every frame; ``masks.csv`` follows at the end.

    Parameters
    ----------
    paths : iterable of Path
        The frames.
    out : Path
        Folder for ``<stem>_mask.fits``; made if need be. A mask that a person drew there stays.
    config : MaskConfig
        How to make the masks.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    jobs : int
        Worker processes; 0 for one a core.
    references : ReferenceSet, optional
        Clear-sky references of the cameras.
    site : SiteMask, optional
        Pixels that never show the sky, which the masks ignore.
    overwrite : bool
        Whether to replace masks of other frames, and automatic masks that were changed since.

    Yields
    ------
    MaskRow or FileError
        What was written, or what is wrong with this frame; the rest goes on.

    Raises
    ------
    FileError
        If the folder cannot be made or written, has another table of the name, or packs of masks.
    """
    make_folder(out)
    check_packs(out, "mask")
    work = partial(
        write_mask_of,
        out=out,
        config=config,
        hdu=hdu,
        plane=plane,
        references=references,
        site=site,
        overwrite=overwrite,
    )
    duplicates: list[FrameError] = []
    stopped: BaseException | None = None
    with mask_table(out / TABLE, overwrite=overwrite) as add:
        try:
            for outcome in each_frame(unique_stems(paths, duplicates), work, jobs):
                if isinstance(outcome, MaskRow):
                    add(outcome.frame, vars(outcome).values())
                yield outcome
            yield from duplicates
        except (GeneratorExit, KeyboardInterrupt) as stop:  # the table keeps what was made
            stopped = stop
    if stopped is not None:
        raise stopped


def write_mask_of(path: Path, *, out: Path, overwrite: bool, **how: Any) -> MaskRow:
    """Make and write one mask, unless a person's mask is there already.

    Parameters
    ----------
    path : Path
        The frame.
    out, overwrite
        As for `write_masks`.
    **how
        The other parameters of `write_masks`, without ``jobs``.

    Returns
    -------
    MaskRow
        Its row.

    Raises
    ------
    IrisError
        If the frame cannot be used, or the file must not be replaced.
    """
    row, made, mark = _make_mask_of(path, out, **how)
    if made is not None:
        target = out / row.mask
        check_output(target, mark, overwrite=overwrite, pixels=made.frame)
        write_mask(target, made.frame, made.mask, made.header, made.cards(), mark=mark)
    return row


def pack_mask_of(
    path: Path, *, out: Path, pack: str, **how: Any
) -> tuple[MaskRow, PackedFile | None]:
    """Make one mask for a pack, unless a person's mask is there already.

    Parameters
    ----------
    path : Path
        The frame.
    out : Path
        As for `write_masks`.
    pack : str
        Name of the pack in `out`.
    **how
        As for `write_mask_of`.

    Returns
    -------
    row : MaskRow
        Its row.
    file : PackedFile or None
        The mask file; None for a person's, which stays a single file.

    Raises
    ------
    IrisError
        If the frame cannot be used, or has a single mask file.
    """
    row, made, mark = _make_mask_of(path, out, **how)
    if made is None:
        return row, None
    check_single(out, row.mask)
    images = mask_images(path, made.frame, made.mask, made.header, made.cards())
    return replace(row, mask=f"{pack}/{row.mask}"), pack_file(row.mask, images, mark, path)


def _make_mask_of(
    path: Path,
    out: Path,
    *,
    config: MaskConfig,
    hdu: int | None,
    plane: int | None,
    references: ReferenceSet | None,
    site: SiteMask | None,
) -> tuple[MaskRow, CloudMask | None, Mark]:
    """Make one mask; None where a person's mask is there already."""
    frame = read_frame(path, hdu=hdu, plane=plane)
    target = mask_path(path, out)
    time = observed_at(frame.header)
    date = "" if np.isnat(time) else str(time)
    mark = frame.mark("mask")
    if exists_as_file(target) and is_drawn_by_person(target):
        fraction = cloud_fraction(_persons_mask(target, time))
        row = MaskRow(str(path), target.name, date, "", fraction, None, None, HUMAN.lower())
        return row, None, mark
    shown = hide(frame, site)
    made = make_mask(shown.data, config, shown.header, references)
    row = MaskRow(
        str(path),
        target.name,
        date,
        made.sky or "",
        made.cloud_fraction,
        made.trust,
        made.threshold,
        made.method,
        made.reference,
        *_measures(made.excess),
    )
    return row, made, mark


def _measures(excess: Excess | None) -> tuple[float | None, ...]:
    return (None,) * 5 if excess is None else (excess.level, excess.median, *excess.parts)


def _persons_mask(path: Path, time: np.datetime64) -> NDArray[np.uint8]:
    """Read the mask that a person made of a frame; refuse one of a frame of another time."""
    found = read_mask(path)
    other = observed_at(found.header)
    if not (np.isnat(other) or np.isnat(time) or other == time):
        reason = "is a human mask of another frame, which is never replaced"
        raise MaskError(path, reason, "choose another --out")
    return found.mask
