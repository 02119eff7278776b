"""Export a project's labels, for others to train on, look at, or join with their own tables."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.exporters.coco import ANNOTATIONS, open_coco
from napari_iris.exporters.fits_files import save_fits
from napari_iris.exporters.guard import holds_frames
from napari_iris.exporters.label import Label, Written, read_pair
from napari_iris.exporters.names import FileNames
from napari_iris.exporters.png import save_png, write_image
from napari_iris.exporters.table import INDEX, open_index
from napari_iris.io.atomic import make_folder
from napari_iris.labels import Status
from napari_iris.project.frame_table import PARTS, FrameTable, is_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.exporters.coco import CocoFile
    from napari_iris.project.project import Project

    Save = Callable[[Label], Written]


class ExportConfig(BaseModel):
    """Which labels to export, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["fits", "png", "coco", "csv"] = Field(
        "fits",
        description="mask FITS files with their frames; PNG pictures and masks; PNG pictures and "
        "COCO annotations; or the table labels.csv alone, which comes with the others too",
    )
    status: tuple[Status, ...] = Field(
        ("approved",), min_length=1, description="statuses of the frames that are exported"
    )
    tag: Literal["best", "auto", "model", "human"] = Field(
        "best",
        description="whose mask: the program's, a model's, a person's, or the best there is: a "
        "person's, else a model's, else the program's",
    )
    part: Literal["train", "validation", "test"] | None = Field(
        None, description="part of the split that is exported; all frames where not given"
    )


def export(project: Project, out: Path, config: ExportConfig) -> Iterator[Path | FileError]:
    """Export the labels of a project's frames.

    ======  ==================================================================================
    fits    ``<stem>_mask.fits`` a frame: the frame at its mask's shape, and the mask
    png     ``<stem>.png``, the frame for the eye, and ``<stem>_mask.png`` of the same shape:
            0 sky, 255 cloud, 127 ignore
    coco    ``<stem>.png`` a frame, and ``annotations.json``: 1 cloud, 2 ignore (``iscrowd``)
    csv     no file a frame
    ======  ==================================================================================

    ``labels.csv`` is written in any case, with a line for each frame chosen; its ``mask`` is empty
    where there is no mask or it could not be written. It and ``annotations.json`` tell of this
    export alone; they take the place of older ones at the end, or not at all.

    A mask in `out` that a person drew is replaced only by a person's mask, and only if the project
    has it, now or in the frame's history. Of frames of the same stem, those taken in later get
    their folder's name before it.

    Parameters
    ----------
    project : Project
        What to export; it is only read.
    out : Path
        Folder to write to; made if need be.
    config : ExportConfig
        Which labels, and how.

    Yields
    ------
    Path or FileError
        A file that is written, or what is wrong with a frame; the rest goes on.

    Raises
    ------
    FileError
        If the folder cannot be made or written, frames of the project lie in it, or its
        ``labels.csv`` or ``annotations.json`` is something else.
    """
    if holds_frames(out, project.table):
        reason = "holds frames of the project, and nothing is written beside them"
        raise FileError(out, reason, "choose another --out")
    make_folder(out)
    with ExitStack() as files:
        index = files.enter_context(open_index(out / INDEX, project.table))
        save = files.enter_context(_saver(project, out, config))
        for row in chosen(project.table, config).tolist():
            label = _label(project, row, config)
            written = Written()
            try:
                written = save(label)
            except FileError as error:
                yield error
            except IrisError as error:
                yield FrameError(label.path, str(error), "leave it out")
            index.add(row, label, written)
            yield from written.files
    if config.format == "coco":
        yield out / ANNOTATIONS
    yield out / INDEX


def chosen(table: FrameTable, config: ExportConfig) -> NDArray[np.int64]:
    """Rows of the frames that are exported, in order of time."""
    wanted = is_status(table, *config.status)
    if config.part is not None:
        wanted &= table.part == PARTS.index(config.part)
    return np.flatnonzero(wanted)


def _label(project: Project, row: int, config: ExportConfig) -> Label:
    table, frame = project.table, int(project.table.id[row])
    time = table.time[row]
    return Label(
        frame,
        table.paths[row],
        "" if np.isnat(time) else str(time),
        project.decision(frame),
        project.mask_facts(frame, None if config.tag == "best" else config.tag),
    )


@contextmanager
def _saver(project: Project, out: Path, config: ExportConfig) -> Iterator[Save]:
    """Give what writes the files of one frame."""
    if config.format == "csv":
        yield lambda label: _refer(project, label)
        return
    names = FileNames(project.table)
    if config.format == "fits":
        yield lambda label: save_fits(project, out, names.of(label), label)
    elif config.format == "png":
        yield lambda label: save_png(project, out, names.of(label), label)
    else:
        with open_coco(out / ANNOTATIONS) as coco:
            yield lambda label: _save_coco(project, out / f"{names.of(label)}.png", coco, label)


def _save_coco(project: Project, image: Path, coco: CocoFile, label: Label) -> Written:
    """Write a frame's picture and annotate it."""
    pair = read_pair(project, label)
    write_image(image, pair.binned)
    coco.add(label.frame, image.name, label.date_obs, pair.mask)
    return Written(mask=ANNOTATIONS, image=image.name, files=(image,))


def _refer(project: Project, label: Label) -> Written:
    """Say where a frame's mask lies in the project."""
    return Written(mask=str(project.store.path(label.facts.name)) if label.facts else "")
