"""Durations held to a limit, on machines that other programs use too."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 4
"""Tries of which the best counts."""

SOON_S = 20.0
"""Time within which a command that is stopped has ended, also on a busy machine [s]."""

BUSY = 2.0
"""Programs that want a core, for each core there is, from which a long time says nothing."""


def seconds(work: Callable[[], object]) -> float:
    """Time that one call takes [s]."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def assert_within(
    most_s: float,
    measure: Callable[[], float],
    *,
    beside: Callable[[], float] | None = None,
    times: float = 1,
) -> None:
    """Hold what is measured to a limit, in the best of a few rounds.

    A stall of a busy machine spoils one round, or two; what has become slow is slow in each. The
    first round within the limit is the last. On a machine that is overloaded, a long time skips
    the test.

    Parameters
    ----------
    most_s : float
        The limit [s].
    measure : callable
        One measurement [s], such as ``lambda: seconds(work)``.
    beside : callable, optional
        A measurement of comparable work, made again in each round: on a slow machine so many
        `times` as long is the limit instead.
    times : float
        See `beside`.
    """
    rounds = []
    for _ in range(ROUNDS):
        limit = most_s if beside is None else max(most_s, times * beside())
        took = measure()
        rounds.append(f"{1000 * took:.1f} ms of {1000 * limit:.0f} ms")
        if took < limit:
            print(rounds[-1])
            return
    found = f"too slow in every round: {', '.join(rounds)}"
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > BUSY * cores:
        pytest.skip(f"{found}, but the load is {load:.0f} on {cores} cores")
    pytest.fail(found)
