"""Export the labels of a project for training, viewing, or joining with other tables."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.exporters.coco import ANNOTATIONS
from napari_iris.exporters.existing_files import holds_frames
from napari_iris.exporters.exporter import Format, open_exporter
from napari_iris.exporters.frame_label import FrameLabel, WrittenFiles
from napari_iris.exporters.label_table import LABELS, open_label_table
from napari_iris.frames.site_mask_file import write_site_mask
from napari_iris.io.atomic import make_folder
from napari_iris.labels import PARTS, Status
from napari_iris.project.frame_table import FrameTable, is_status
from napari_iris.project.site_mask import SITE_MASK, project_site_mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.project.project import Project


class ExportConfig(BaseModel):
    """Which labels to export, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format = Field(
        "fits",
        description="mask FITS files with their frames; PNG pictures and masks; PNG pictures and "
        "COCO annotations; or only the table labels.csv, which is written in any case",
    )
    status: tuple[Status, ...] = Field(
        ("approved",), min_length=1, description="statuses of the frames to export"
    )
    tag: Literal["best", "auto", "model", "human"] = Field(
        "best",
        description="origin of the mask: automatic, model, human, or the best there is (human, "
        "else model, else automatic)",
    )
    part: Literal["train", "validation", "test"] | None = Field(
        None, description="part of the split to export; by default all frames"
    )


def export(project: Project, out: Path, config: ExportConfig) -> Iterator[Path | FileError]:
    """Export the labels of a project's frames.

    ======  ==================================================================================
    fits    ``<stem>_mask.fits`` per frame: the frame at its mask's shape, and the mask
    png     ``<stem>.png``, a picture of the frame, and ``<stem>_mask.png`` of the same shape:
            0 sky, 255 cloud, 127 ignore
    coco    ``<stem>.png`` per frame, and ``annotations.json``: 1 cloud, 2 ignore (``iscrowd``)
    csv     no file per frame
    ======  ==================================================================================

    ``labels.csv`` is written in any case, with one line per exported frame; ``mask`` is empty where
    there is no mask or it could not be written. It and ``annotations.json`` describe this export
    only, and replace older ones when it is complete.

    A human mask in `out` is replaced only by a human mask, and only if the project has it, now or
    in the frame's history. Of frames with the same stem, those indexed later get the name of their
    folder before it.

    Parameters
    ----------
    project : Project
        The project; it is only read.
    out : Path
        Folder to write to; created where it does not exist.
    config : ExportConfig
        Which labels, and how.

    Yields
    ------
    Path or FileError
        A file that was written, or what is wrong with a frame; the export continues.

    Raises
    ------
    FileError
        If the folder cannot be created or written, it holds frames of the project, or its
        ``labels.csv`` or ``annotations.json`` is not from an export.
    """
    if holds_frames(out, project.table):
        reason = "holds frames of the project, and nothing is written beside them"
        raise FileError(out, reason, "choose another --out")
    make_folder(out)
    with ExitStack() as files:
        table = files.enter_context(open_label_table(out / LABELS, project.table))
        export_frame = files.enter_context(open_exporter(project, out, config.format))
        for row in selected_rows(project.table, config).tolist():
            label = _label(project, row, config)
            written = WrittenFiles()
            try:
                written = export_frame(label)
            except FileError as error:
                yield error
            except IrisError as error:
                yield FrameError(label.path, str(error), "leave it out")
            table.add(row, label, written)
            yield from written.files
    if config.format == "coco":
        yield out / ANNOTATIONS
    site = project_site_mask(project.folder)
    if site is not None:
        write_site_mask(out / SITE_MASK, site)
        yield out / SITE_MASK
    yield out / LABELS


def selected_rows(table: FrameTable, config: ExportConfig) -> NDArray[np.int64]:
    """Select the frames to export.

    Parameters
    ----------
    table : FrameTable
        The project's frames.
    config : ExportConfig
        Which ones.

    Returns
    -------
    ndarray of int64
        Rows of the table, in order of time.
    """
    wanted = is_status(table, *config.status)
    if config.part is not None:
        wanted &= table.part == PARTS.index(config.part)
    return np.flatnonzero(wanted)


def _label(project: Project, row: int, config: ExportConfig) -> FrameLabel:
    table, frame = project.table, int(project.table.id[row])
    time = table.time[row]
    return FrameLabel(
        frame,
        table.paths[row],
        "" if np.isnat(time) else str(time),
        project.decision(frame),
        project.mask_facts(frame, None if config.tag == "best" else config.tag),
    )
