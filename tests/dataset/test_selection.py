"""A choice at random has no neighbours in time and no copies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.dataset import select

START = np.datetime64("2024-01-15T18:00:00", "us")


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 200)), max_size=60),
    st.integers(0, 20), st.integers(0, 99), st.sampled_from([0, 2.0, 7.5]),
)  # fmt: skip
def test_no_two_are_neighbours_or_copies(
    tenths: list[int | None], count: int, seed: int, apart_s: float
) -> None:
    times = np.array(
        ["NaT" if one is None else START + np.timedelta64(100 * one, "ms") for one in tenths],
        "M8[us]",
    )
    hashes = [b"%d" % (place % 7) for place in range(len(times))]
    chosen = select(times, count, seed, apart_s, hashes)
    assert np.all(np.diff(chosen) > 0)
    assert not count or len(chosen) <= count
    known = np.sort(times[chosen][~np.isnat(times[chosen])])
    assert np.all(np.diff(known) >= np.timedelta64(round(apart_s * 1e6), "us"))
    assert len({hashes[place] for place in chosen}) == len(chosen)
    np.testing.assert_array_equal(chosen, select(times, count, seed, apart_s, hashes))


@pytest.mark.parametrize(("count", "found"), [(1000, 1000), (0, None), (9000, None)])
def test_as_many_come_as_there_are(count: int, found: int | None) -> None:
    times = START + np.arange(9 * 3600) * np.timedelta64(111_111, "us")  # an hour at 9 Hz
    chosen = select(times, count, seed=1)
    assert len(chosen) == found if found else 1000 < len(chosen) <= 1800
    assert chosen.tolist() != select(times, count, seed=2).tolist()
