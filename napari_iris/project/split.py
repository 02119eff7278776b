"""An honest split: whole nights, or blocks with a gap between, so that neighbours stay together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from napari_iris.errors import IrisError
from napari_iris.project.database import transaction
from napari_iris.project.frame_table import PARTS, UNKNOWN, is_status

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project

BLOCKS = 20
"""Blocks that a project is cut into where it is split by blocks."""

HALF_DAY = np.timedelta64(12, "h")


class SplitConfig(BaseModel):
    """How the frames are split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: tuple[float, float, float] = Field(
        (70.0, 20.0, 10.0), description="train, validation and test, in percent of the frames"
    )
    by: Literal["auto", "night", "block"] = Field(
        "auto",
        description="what stays together: nights (noon to noon, UTC), contiguous blocks, or nights "
        "where there are enough",
    )
    gap_s: float = Field(
        600.0, ge=0, description="frames this near another part's are left out [s]"
    )
    seed: int = Field(0, ge=0, description="seed of the split")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if min(self.percent) < 0 or abs(sum(self.percent) - 100) > 0.01:
            raise ValueError("the three percentages must add up to 100")
        return self


def split(project: Project, config: SplitConfig) -> dict[str, int]:
    """Split a project's frames into train, validation and test, and save it.

    Rejected frames and copies of another frame's pixels are left out.

    Parameters
    ----------
    project : Project
        The project; its frames' ``part`` is written anew.
    config : SplitConfig
        How to split.

    Returns
    -------
    dict
        Frames by part, those ``left_out``, and the overlap found: ``same`` for pixels, ``alike``
        for looks that are on two sides of the split.

    Raises
    ------
    IrisError
        If there are too few frames.
    """
    table = project.table
    parts = divide(table, config)
    with transaction(project.folder, project.connection) as connection:
        connection.executemany(
            "UPDATE frame SET part = ? WHERE id = ?",
            [
                (None if part == UNKNOWN else PARTS[part], frame)
                for frame, part in zip(table.id.tolist(), parts.tolist(), strict=True)
            ],
        )
        connection.execute(
            "INSERT OR REPLACE INTO project VALUES ('split', ?)", (config.model_dump_json(),)
        )
    table.part[:] = parts
    counts = {name: int(np.count_nonzero(parts == code)) for code, name in enumerate(PARTS)}
    return {**counts, "left_out": int(np.count_nonzero(parts == UNKNOWN)), **overlap(table)}


def divide(table: FrameTable, config: SplitConfig) -> NDArray[np.int8]:
    """Part of each frame; -1 for those left out. See `split`."""
    parts = np.full(len(table), UNKNOWN, np.int8)
    used = np.flatnonzero(~is_status(table, "rejected") & ~table.same)
    wanted = sum(percent > 0 for percent in config.percent)
    if len(used) < wanted:
        raise IrisError(f"{len(used)} frames cannot be split in {wanted}; index more frames")
    units = _units(table.time[used], config, wanted)
    parts[used] = _shares(units, config)[units]
    parts[used[_near_another(table.time[used], parts[used], config.gap_s)]] = UNKNOWN
    return parts


def overlap(table: FrameTable) -> dict[str, int]:
    """Count frames with a twin in another part: with the same pixels, or the same look."""
    place = np.searchsorted(table.id, table.twin, sorter=(order := np.argsort(table.id)))
    twin = order[np.minimum(place, len(order) - 1)] if len(order) else order
    apart = (table.twin > 0) & (table.part != UNKNOWN) & (table.part[twin] != UNKNOWN)
    apart &= table.part != table.part[twin]
    return {
        "same": int(np.count_nonzero(apart & table.same)),
        "alike": int(np.count_nonzero(apart & ~table.same)),
    }


def _units(times: NDArray[np.datetime64], config: SplitConfig, wanted: int) -> NDArray[np.int64]:
    """Give the number of the night or block that each frame, in order of time, belongs to."""
    nights = np.unique((times - HALF_DAY).astype("M8[D]"), return_inverse=True)[1]
    enough = nights.max(initial=0) + 1 >= 2 * wanted and not np.isnat(times).any()
    if config.by == "night" and nights.max(initial=0) + 1 < wanted:
        raise IrisError("there are fewer nights than parts; split by block")
    if config.by == "night" or (config.by == "auto" and enough):
        return nights.astype(np.int64)
    blocks = min(BLOCKS, len(times))
    return np.arange(len(times)) * blocks // len(times)


def _shares(units: NDArray[np.int64], config: SplitConfig) -> NDArray[np.int8]:
    """Part of each unit: in random order, each goes where most is missing."""
    sizes = np.bincount(units)
    missing = np.array(config.percent) / 100 * len(units)
    empty = [code for code, percent in enumerate(config.percent) if percent > 0]
    parts = np.zeros(len(sizes), np.int8)
    order = np.random.default_rng(config.seed).permutation(len(sizes))
    for place, unit in enumerate(order):
        left = len(order) - place
        choice = empty[-1] if len(empty) >= left else int(np.argmax(missing))
        parts[unit] = choice
        missing[choice] -= sizes[unit]
        empty = [code for code in empty if code != choice]
    return parts


def _near_another(
    times: NDArray[np.datetime64], parts: NDArray[np.int8], gap_s: float
) -> NDArray[np.bool_]:
    """Which frames, in order of time, lie within the gap after another part's; test stays whole."""
    near = np.zeros(len(times), bool)
    gap = np.timedelta64(round(gap_s * 1e6), "us")
    for border in np.flatnonzero(np.diff(parts) != 0) + 1:
        before, after = parts[border - 1], parts[border]
        loser_is_before = before < after  # train gives way to validation, both to test
        if loser_is_before:
            start = np.searchsorted(times[:border], times[border] - gap, side="right")
            near[start:border] |= parts[start:border] == before
        else:
            end = border + np.searchsorted(times[border:], times[border - 1] + gap, side="left")
            near[border:end] |= parts[border:end] == after
    return near
