"""The exporters, one per format."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from napari_iris.exporters.coco import ANNOTATIONS, open_coco
from napari_iris.exporters.coco_exporter import CocoExporter
from napari_iris.exporters.file_names import FileNames
from napari_iris.exporters.fits_exporter import FitsExporter
from napari_iris.exporters.frame_label import WrittenFiles
from napari_iris.exporters.png_exporter import PngExporter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.exporters.frame_label import FrameLabel
    from napari_iris.project.project import Project

Format = Literal["fits", "png", "coco", "csv"]


class Exporter(Protocol):
    """Writes the files of one frame after the other."""

    def write(self, label: FrameLabel) -> WrittenFiles:
        """Write the files of a frame.

        Parameters
        ----------
        label : FrameLabel
            The frame's label.

        Returns
        -------
        WrittenFiles
            The files.

        Raises
        ------
        IrisError
            If the frame or its mask cannot be read, the files cannot be written, or something else
            is in their place.
        """


@dataclass(frozen=True)
class MaskReferences:
    """Write no files: refer to the masks in the project.

    Parameters
    ----------
    project : Project
        The project.
    """

    project: Project

    def write(self, label: FrameLabel) -> WrittenFiles:
        """Refer to the mask of a frame; see `Exporter`."""
        facts = label.facts
        return WrittenFiles(mask=str(self.project.store.path(facts.name)) if facts else "")


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
        yield MaskReferences(project)
        return
    names = FileNames(project.table)
    if form == "fits":
        yield FitsExporter(project, out, names)
    elif form == "png":
        yield PngExporter(project, out, names)
    else:
        with open_coco(out / ANNOTATIONS) as annotations:
            yield CocoExporter(project, out, names, annotations)
