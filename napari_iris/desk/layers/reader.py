"""Open FITS frames, folders of them, and mask files in napari."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.desk.layers.mask_style import FILLED, as_mask
from napari_iris.errors import ProjectError
from napari_iris.frames.contrast import display_limits, percentile_limits
from napari_iris.frames.cube import FrameCube
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.names import is_fits_name
from napari_iris.frames.read import count_planes
from napari_iris.frames.sequence import FrameSequence
from napari_iris.frames.sources import as_source, holds_frames, subfolders_hold_frames
from napari_iris.io.packs import is_pack
from napari_iris.masks.mask_file import is_mask_file, read_mask
from napari_iris.masks.mask_sequence import MaskSequence
from napari_iris.project.folder import is_project

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Labels

LayerData = tuple[Any, ...]
Reader = Callable[[str | list[str]], list[LayerData]]

GAMMA = 0.6
"""Gamma of a night's display: thin cloud shows beside opaque cloud."""

CLOUD_COLORS = {0: "transparent", 1: "#2ec4ff", 2: "#b56576", None: "transparent"}
"""Colours of the mask values: cloud blue, ignored pixels dull red; grey is the frame's own."""


def get_reader(path: str | list[str]) -> Reader | None:
    """Offer to read FITS files, projects, and folders that hold frames or whose subfolders do.

    A folder is peeked into, not scanned.
    """
    paths = [path] if isinstance(path, str) else list(path)
    return read_layers if paths and all(_is_ours(Path(one)) for one in paths) else None


def read_layers(path: str | list[str]) -> list[LayerData]:
    """Read one mask file, one pack, one cube, or any number of frames as one lazy stack.

    Raises
    ------
    FrameError
        If nothing in it can be read.
    """
    paths = [path] if isinstance(path, str) else list(path)
    if len(paths) == 1 and is_project(paths[0]):
        open_project(Path(paths[0]))
        return [(None,)]  # npe2: nothing is to be added
    if len(paths) == 1 and Path(paths[0]).is_file():
        only = Path(paths[0])
        if is_pack(only):
            return pack_layers(only)
        if is_mask_file(only):
            return mask_layers(only)
        if count_planes(only) > 1:
            return [_cube_layer(only)]
    return [night_layer(paths)]


def night_layer(sources: Sequence[str | Path]) -> LayerData:
    """Make a lazy image layer of the frames that some files, folders or globs name."""
    from napari_iris.desk.layers.busy import show_busy

    show_busy()
    wanted = [as_source(source) for source in sources]
    index = FrameIndex(wanted)
    sequence = FrameSequence(index.paths)
    settings = {
        "name": Path(sources[0]).name if len(sources) == 1 else f"{len(index.paths)} frames",
        "contrast_limits": display_limits(sequence),
        "colormap": "gray",
        "gamma": GAMMA,
        "axis_labels": ("frame", "y", "x"),
        "metadata": {"iris_sources": [os.path.abspath(source) for source in wanted]},  # noqa: PTH100
    }
    return sequence, settings, "image"


def mask_layers(path: Path) -> list[LayerData]:
    """Make an image layer and a labels layer of a mask file."""
    content = read_mask(path)
    image = {
        "name": path.name.removesuffix(".fits"),
        "contrast_limits": percentile_limits(content.frame),
    }
    return [(content.frame, image, "image"), labels_layer(content.mask, "cloud mask", path)]


def pack_layers(path: Path) -> list[LayerData]:
    """Make a lazy image layer of the frames in a pack, and a labels layer if it has masks."""
    frames = night_layer([path])
    paths = frames[0].paths
    if not is_mask_file(paths[0]):
        return [frames]
    return [frames, labels_layer(MaskSequence(paths), "cloud masks", None)]


def labels_layer(mask: np.ndarray | MaskSequence, name: str, frame: Path | None) -> LayerData:
    """Make a labels layer of a cloud mask, in the mask's colours."""
    from napari.utils.colormaps import DirectLabelColormap

    settings = {
        "name": name,
        "colormap": DirectLabelColormap(color_dict=CLOUD_COLORS),
        "opacity": FILLED,
        "metadata": {"iris_frame": None if frame is None else str(frame)},
    }
    return mask, settings, "labels"


def new_labels(mask: np.ndarray, name: str) -> Labels:
    """Make a labels layer of a mask, which is in no viewer yet."""
    from napari.layers import Labels

    data, settings, _ = labels_layer(mask, name, None)
    return as_mask(Labels(data, **settings))


def _cube_layer(path: Path) -> LayerData:
    cube = FrameCube(path)
    return cube, {"name": path.name, "contrast_limits": display_limits(cube)}, "image"


def _is_ours(path: Path) -> bool:
    if not path.is_dir():
        return is_fits_name(path.name)
    return is_project(path) or holds_frames(path) or subfolders_hold_frames(path)


def open_project(folder: Path) -> None:
    """Open a project in the Curate dock of the current viewer, once it has read this.

    Raises
    ------
    ProjectError
        If there is no viewer with a window.
    """
    import napari
    from qtpy.QtCore import QTimer

    viewer = napari.current_viewer()
    if viewer is None:
        raise ProjectError(folder, "is a project", "open it in the Curate dock")
    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
    QTimer.singleShot(0, lambda: dock.open_project(folder))
