"""The table of the drill: for every command, all that may be done to it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.drill.crafted import crafted
from tests.drill.inputs import FRAMES, bad_frame, bad_option, bad_path, path_kinds
from tests.drill.limits import (
    CALLS,
    LIMITS,
    SIGNALS,
    can_mount,
    changing,
    failing,
    full_streams,
    killed,
    limited,
    on_small_disk,
    read_only,
    shim,
    surroundings,
    without_streams,
)
from tests.drill.process import Plan

if TYPE_CHECKING:
    from tests.drill.commands import Leaf

Prepare = Callable[[Path, Random], Plan]
Make = Callable[..., Plan]
KINDS = (
    "good",
    "paths",
    "frames",
    "options",
    "crafted",
    "limits",
    "streams",
    "disk",
    "faults",
    "kills",
)
"""Columns of the table."""


@dataclass(frozen=True)
class Case:
    """One thing that is done to one command; it may be done again with another seed."""

    leaf: Leaf
    kind: str
    name: str
    prepare: Prepare

    @property
    def is_quick(self) -> bool:
        """Whether it takes about a second at most."""
        return self.leaf.cost_s <= 1 or (
            self.kind in ("paths", "options") and not self.leaf.endless
        )

    def __str__(self) -> str:
        return f"{self.leaf.name} / {self.kind} / {self.name}"


def all_cases(leaf: Leaf, folder: Path) -> list[Case]:
    """List the cases of a command; `folder` is for the library that has calls fail."""
    table = [*_inputs(leaf), *_options(leaf), *_system(leaf, folder)]
    found = []
    for kind, name, make in table:

        def prepare(ground: Path, rng: Random, make: Make = make) -> Plan:
            return make(ground=ground, leaf=leaf, rng=rng)

        found.append(Case(leaf, kind, name, prepare))
    return found


def _inputs(leaf: Leaf) -> Iterator[tuple[str, str, Make]]:
    """Bad paths, frames, and contents."""
    read = [one for one in (*leaf.required, *leaf.optional) if one.is_path]
    for slot in (*leaf.inputs, *read):
        for name in path_kinds():
            yield "paths", f"{slot.flag or slot.given}: {name}", partial(bad_path, name, slot=slot)
    for slot in leaf.inputs:
        if slot.given in ("night", "masks", "predictions"):
            for name in FRAMES:
                yield "frames", f"{slot.given}: {name}", partial(bad_frame, name, slot=slot)
        yield "crafted", slot.given, partial(crafted, slot=slot)


def _options(leaf: Leaf) -> Iterator[tuple[str, str, Make]]:
    """Bad values of everything else."""
    yield "good", "as it should be", lambda ground, leaf, rng: Plan(leaf.words())
    for slot in (*leaf.required, *leaf.optional, *leaf.positional):
        if slot not in leaf.inputs:
            yield "options", slot.flag or slot.given, partial(bad_option, slot=slot)


def _system(leaf: Leaf, folder: Path) -> Iterator[tuple[str, str, Make]]:
    """Limits, streams, disks, faults and signals."""
    for name in LIMITS:
        yield "limits", name, partial(limited, name)
    yield "streams", "closed", without_streams
    yield "streams", "full", full_streams
    yield "streams", "surroundings", surroundings
    yield "disk", "read-only", read_only
    yield "disk", "changing", changing
    if can_mount():
        yield "disk", "small", on_small_disk
    library = shim(folder)
    if library is not None:
        for call in CALLS:
            yield "faults", call, partial(failing, call, library=library)
    for number in SIGNALS:
        yield "kills", signal.Signals(number).name, partial(killed, number)


def sample(cases: list[Case], count: int, seed: int) -> list[tuple[Case, int]]:
    """Draw `count` cases with a seed for each; commands and kinds alike, dear ones less often."""
    rng = Random(seed)
    cells: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        cells.setdefault((case.leaf.name, case.kind), []).append(case)
    for cell in cells.values():
        rng.shuffle(cell)
    drawn: list[tuple[Case, int]] = []
    turn = 0
    while len(drawn) < count and cells:
        names = [name for name in cells if rng.random() < 1 / cells[name][0].leaf.cost_s]
        rng.shuffle(names)
        drawn += [(cells[name][turn % len(cells[name])], rng.randrange(1 << 30)) for name in names]
        turn += 1
    return drawn[:count]
