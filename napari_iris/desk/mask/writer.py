"""Save a labels layer as a mask file that bears its author's name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.frames.wcs import rebinned_header
from napari_iris.io.user import user_name
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.mask_file import author_cards, is_mask_file, read_mask, write_mask


def write_labels(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write one frame's labels to a mask file: a person's mask, which no machine replaces.

    Parameters
    ----------
    path : str
        File to write; ``.fits`` is added where it lacks an ending.
    data : ndarray of int, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.
    attributes : dict
        The layer's attributes; its metadata names the frame.

    Returns
    -------
    list of str
        The file written.

    Raises
    ------
    MaskError
        If the labels are not those of one frame, or hold other values, or the file is there and
        is not a mask: a frame is never replaced.
    """
    target = Path(path if path.endswith(".fits") else f"{path}.fits")
    mask = np.asarray(data).squeeze()
    if mask.ndim != 2:
        fix = "choose the labels of one frame"
        raise MaskError(target, f"labels have shape {mask.shape}, not (rows, columns)", fix)
    if mask.min() < 0 or mask.max() > IGNORE:
        values = ", ".join(str(value) for value in np.unique(mask)[:5])
        raise MaskError(target, f"labels hold {values}", "use 0 sky, 1 cloud, 2 ignore")
    if target.exists() and not is_mask_file(target):
        raise MaskError(target, "exists and is not a mask file", "choose another name")
    source = attributes.get("metadata", {}).get("iris_frame")
    frame, header = _frame_of(source, mask.shape)
    write_mask(target, frame, mask.astype(np.uint8), header, _signature(mask), durable=True)
    return [str(target)]


def _frame_of(source: str | None, shape: tuple[int, ...]) -> tuple[np.ndarray, Any]:
    """Frame that the labels belong to, at their shape; blank where it is not known."""
    from astropy.io import fits

    if source is None:
        return np.full(shape, np.nan, np.float32), fits.Header()
    if is_mask_file(Path(source)):
        content = read_mask(Path(source))
        return content.frame, content.header
    frame, shape = read_frame(source), (shape[0], shape[1])
    return rebin(frame.data, shape), rebinned_header(frame.header, frame.data.shape, shape)


def _signature(mask: np.ndarray) -> dict[str, tuple[str | float, str]]:
    """Cards that say who drew the mask, and when."""
    seen = max(1, int(np.count_nonzero(mask != IGNORE)))
    fraction = int(np.count_nonzero(mask == CLOUD)) / seen
    return {
        **author_cards(user_name(), datetime.now(UTC)),
        "CLDFRAC": (round(fraction, 6), "cloud fraction of the seen sky"),
    }
