"""The table of the masks of many frames, to sort them by trust."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from napari_iris.frames.names import frame_stem
from napari_iris.io.older_table import OlderTable
from napari_iris.io.tables import write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

TABLE = "masks.csv"


@dataclass(frozen=True)
class MaskRow:
    """One line of ``masks.csv``.

    Attributes
    ----------
    frame, mask : str
        The frame's file, and the name of its mask file; of one in a pack, its path through that.
    date_obs : str
        When the frame was taken, ISO 8601; empty where its header does not say.
    sky : str
        The gate's decision: clear, cloudy or overcast; empty where the gate was off.
    cloud_fraction : float
        Part of the seen sky that is cloud, 0 to 1.
    trust : float or None
        How far to trust the mask, 0 to 1; None where the gate was off.
    threshold : float or None
        The recipe's threshold in the frame's unit (ADU for a raw frame); None for a person's mask.
    method : str
        recipe, clear, overcast, floor, excess, or human for a person's mask, which is kept.
    reference : str
        Clear-sky reference that the frame was evaluated by: measured, limit, or none.
    level, median_excess : float or None
        Level of the clear sky and median excess above it, in ADU; None without a reference.
    clear_part, cloud_part, undecided_part : float or None
        Fractions of the valid pixels that are surely clear, surely cloud, and in between.
    """

    frame: str
    mask: str
    date_obs: str
    sky: str
    cloud_fraction: float
    trust: float | None
    threshold: float | None
    method: str
    reference: str = "none"
    level: float | None = None
    median_excess: float | None = None
    clear_part: float | None = None
    cloud_part: float | None = None
    undecided_part: float | None = None


@contextmanager
def mask_table(
    path: Path, *, overwrite: bool = False
) -> Iterator[Callable[[str, Iterable[object]], None]]:
    """Open the table anew; at the end, rows of an older one for other frames are kept.

    Columns that a person added stay.

    Parameters
    ----------
    path : Path
        The table.
    overwrite : bool
        Whether a table of another kind is replaced.

    Yields
    ------
    callable
        Takes a frame, and the cells of its row.

    Raises
    ------
    FileError
        If it cannot be written, or is another table.
    """
    columns = [field.name for field in fields(MaskRow)]
    older = OlderTable(path, columns, ("frame", "mask"), overwrite=overwrite)
    done: set[str] = set()
    with write_table(path, [*columns, *older.extra]) as table:

        def add(frame: str, cells: Iterable[object]) -> None:
            done.add(frame_stem(frame))
            table.writerow([*cells, *older.added(frame)])

        yield add
        for row in older.rows():
            if frame_stem(row["frame"]) not in done:
                table.writerow(row[name] for name in [*columns, *older.extra])
