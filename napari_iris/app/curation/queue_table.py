"""The table of a project's frames, and the filters over it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.times import short_time
from napari_iris.frames.paths import natural_key
from napari_iris.labels import FRAME_CLASSES, STATUS_NAMES, STATUSES, TO_DO, Status
from napari_iris.project.queue import Order, QueueConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable

COLUMNS = {
    "Status": "Status of the frame's label",
    "File": "File name of the frame",
    "Time": "When the frame was taken, UTC",
    "Trust": "Trust of the sky gate in the automatic mask, 0 to 1",
    "Class": "Class of the frame",
    "Cloud": "Cloud fraction of the active mask",
    "Frame": "Number of the frame, in order of time",
}
"""Columns of the table, and their tooltips."""

FROM_MODEL = "Model"
"""Shown as the status of frames whose mask is a model's, which nobody has reviewed."""

ORDERS: dict[str, Order] = {
    "Time": "time",
    "Random": "random",
    "Least trusted": "least trusted",
    "Most uncertain": "most uncertain",
    "Rejected": "rejected",
}
DOUBTFUL_FIRST: tuple[Order, ...] = ("least trusted", "most uncertain")
"""Orders whose first frame is gone to at once."""

STATUS_FILTERS: dict[str, tuple[Status, ...]] = {
    "To review": TO_DO,
    "All": STATUSES,
    **{STATUS_NAMES[status]: (status,) for status in STATUSES},
}
CLASS_FILTERS: dict[str, tuple[str, ...]] = {
    "Any class": (*FRAME_CLASSES, "none"),
    **{name.capitalize(): (name,) for name in FRAME_CLASSES},
    "No class": ("none",),
}
CLOUD_FILTERS = {
    "Any cloud": (0.0, 1.0),
    "Under 1/8": (0.0, 0.125),
    "1/8 to 7/8": (0.125, 0.875),
    "Over 7/8": (0.875, 1.0),
}
"""Choices of the boxes over the table, and what they mean."""


def queue_config(order: str, status: str, frame_class: str, cloud: str) -> QueueConfig:
    """Give the queue of some choices.

    Parameters
    ----------
    order, status, frame_class, cloud : str
        Keys of `ORDERS`, `STATUS_FILTERS`, `CLASS_FILTERS` and `CLOUD_FILTERS`.

    Returns
    -------
    QueueConfig
        Order and filters.
    """
    return QueueConfig.model_validate(
        {
            "order": ORDERS[order],
            "status": STATUS_FILTERS[status],
            "frame_class": CLASS_FILTERS[frame_class],
            "cloud": CLOUD_FILTERS[cloud],
        }
    )


def count_text(count: int) -> str:
    """Write how many frames match the filters.

    Parameters
    ----------
    count : int
        Number of frames.

    Returns
    -------
    str
        Such as "1,200 frames".
    """
    return f"{count:,} frames" if count else "No frames match"


def status_name(table: FrameTable, row: int) -> str:
    """Name the status of a frame; `FROM_MODEL` where it is a model's mask that nobody reviewed.

    Parameters
    ----------
    table : FrameTable
        The project's frames.
    row : int
        Row of the frame.
    """
    status = table.status_of(row)
    is_starting = status == "auto" and bool(table.from_model[row])
    return FROM_MODEL if is_starting else STATUS_NAMES[status]


def sort_rows(
    table: FrameTable, rows: NDArray[np.int64], column: str, *, descending: bool
) -> NDArray[np.int64]:
    """Sort frames by a column; those without a value come last.

    Parameters
    ----------
    table : FrameTable
        The project's frames.
    rows : ndarray of int64
        Rows of the frames; those that are alike stay in this order.
    column : str
        One of `COLUMNS`.
    descending : bool
        Whether the largest comes first.

    Returns
    -------
    ndarray of int64
        The same rows, sorted.
    """
    columns: dict[str, NDArray[np.generic]] = {
        "Status": table.status,
        "Class": table.frame_class,
        "Cloud": table.cloud_fraction,
        "Trust": table.trust,
    }
    values = rows.astype(np.float64)  # the table is in order of time
    if column == "File":
        keys = np.array([natural_key(path) for path in table.packed[rows].tolist()], np.bytes_)
        values = np.unique(keys, return_inverse=True)[1].astype(np.float64)
    elif column in columns:
        values = columns[column][rows].astype(np.float64)
    return rows[np.argsort(-values if descending else values, kind="stable")]


def cell_text(table: FrameTable, row: int, column: str) -> str:
    """Write one cell of the table.

    Parameters
    ----------
    table : FrameTable
        The project's frames.
    row : int
        Row of the frame.
    column : str
        One of `COLUMNS`.

    Returns
    -------
    str
        Empty where the value is not known.
    """
    match column:
        case "Frame":
            return str(row + 1)
        case "Time":
            return short_time(table.time[row])
        case "Status":
            return status_name(table, row)
        case "Class":
            return (table.class_of(row) or "").capitalize()
        case "File":
            return table.paths[row].name
    value = float(table.cloud_fraction[row] if column == "Cloud" else table.trust[row])
    return "" if np.isnan(value) else f"{value:.0%}" if column == "Cloud" else f"{value:.2f}"
