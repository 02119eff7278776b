"""The exporters, one per format."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from napari_iris.exporters.coco import ANNOTATIONS, CocoFile, open_coco
from napari_iris.exporters.file_names import FileNames
from napari_iris.exporters.fits_exporter import write_fits_label
from napari_iris.exporters.frame_label import FrameLabel, WrittenFiles, read_labelled_frame
from napari_iris.exporters.png_exporter import write_image, write_png_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_iris.exporters.frame_label import LabelledFrame
    from napari_iris.project.project import Project

Format = Literal["fits", "png", "coco", "csv"]


Exporter: TypeAlias = "Callable[[FrameLabel], WrittenFiles]"
"""Writes the files of a frame; raises `IrisError` if something cannot be read or written."""


@contextmanager
def open_exporter(project: Project, out: Path, form: Format) -> Iterator[Exporter]:
    """Open the exporter of a format; what it writes for all frames is complete when it closes.

    Parameters
    ----------
    project : Project
        The project.
    out : Path
        Folder to write to.
    form : {'fits', 'png', 'coco', 'csv'}
        The format.

    Yields
    ------
    Exporter
        To write the files of each frame.

    Raises
    ------
    FileError
        If something else has the name of ``annotations.json``, or it cannot be written.
    """
    if form == "csv":
        yield partial(_reference, project)
        return
    names = FileNames(project.table)
    with ExitStack() as files:
        if form == "coco":
            annotations = files.enter_context(open_coco(out / ANNOTATIONS))
            write = partial(_write_coco_label, annotations)
        else:
            write = partial(write_fits_label if form == "fits" else write_png_label, project)

        def export_frame(label: FrameLabel) -> WrittenFiles:
            stem = out / names.of(label)
            return write(read_labelled_frame(project, label), stem)

        yield export_frame


def _reference(project: Project, label: FrameLabel) -> WrittenFiles:
    """Write no file: refer to the mask in the project."""
    facts = label.facts
    return WrittenFiles(mask=str(project.store.path(facts.name)) if facts else "")


def _write_coco_label(annotations: CocoFile, found: LabelledFrame, stem: Path) -> WrittenFiles:
    """Write ``<stem>.png``, a picture of the frame, and annotate it."""
    image = stem.with_name(f"{stem.name}.png")
    write_image(image, found.binned)
    annotations.add(found.label.frame, image.name, found.label.date_obs, found.mask)
    return WrittenFiles(mask=ANNOTATIONS, image=image.name, files=(image,))
