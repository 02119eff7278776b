"""Export frames as PNG pictures with COCO annotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.exporters.coco import ANNOTATIONS
from napari_iris.exporters.frame_label import WrittenFiles, read_labelled_frame
from napari_iris.exporters.png_exporter import write_image

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.exporters.coco import CocoFile
    from napari_iris.exporters.file_names import FileNames
    from napari_iris.exporters.frame_label import FrameLabel
    from napari_iris.project.project import Project


@dataclass(frozen=True)
class CocoExporter:
    """Write ``<name>.png``, a picture of the frame, and annotate it.

    Parameters
    ----------
    project : Project
        The project.
    out : Path
        Folder to write to.
    names : FileNames
        Names of the files.
    annotations : CocoFile
        The annotations of all frames.
    """

    project: Project
    out: Path
    names: FileNames
    annotations: CocoFile

    def write(self, label: FrameLabel) -> WrittenFiles:
        """Write the picture and the annotations of a frame; see `Exporter`."""
        name = self.names.of(label)
        found = read_labelled_frame(self.project, label)
        image = self.out / f"{name}.png"
        write_image(image, found.binned)
        self.annotations.add(label.frame, image.name, label.date_obs, found.mask)
        return WrittenFiles(mask=ANNOTATIONS, image=image.name, files=(image,))
