"""The benchmark of campaigns: its frames differ, and its figures are those of all processes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.frames.read import read_frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@pytest.fixture(scope="module")
def campaign() -> Iterator[ModuleType]:
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    import campaign

    yield campaign
    del sys.path[0], sys.modules["campaign"]


def test_frames_of_one_sky_differ_by_noise_and_time(campaign: Any, tmp_path: Path) -> None:
    campaign.make_frames(tmp_path / "frames", campaign.SKIES + 1)
    paths = sorted((tmp_path / "frames").iterdir())
    first, second, again = (read_frame(paths[number]) for number in (0, 1, campaign.SKIES))
    assert first.data.shape == campaign.SHAPE
    assert 0 < np.abs(first.data - again.data).max() <= 2 * campaign.NOISE_ADU
    assert np.abs(first.data - second.data).max() > 2 * campaign.NOISE_ADU
    times = [one.header["DATE-OBS"] for one in (first, second, again)]
    assert times == [f"2024-01-15T18:{minute:02d}:00.000000" for minute in (0, 1, 50)]


@pytest.mark.slow
def test_a_run_is_measured_with_all_its_processes_and_leaves_nothing(
    campaign: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign.make_frames(tmp_path / "12", 12)
    campaign.make_frames(tmp_path / "24", 24)
    costs = campaign.measure("mask", tmp_path, [12, 24])
    assert [one.frames for one in costs] == [12, 24, 12]
    for one in costs:
        assert one.cpu_s > 0.1
        assert one.memory > 50 * campaign.MIB
        assert 3 < one.files < 64
    assert sorted(path.name for path in tmp_path.iterdir()) == ["12", "24"]
    campaign.summarize("mask", costs)
    assert "mask: a frame of 24 costs -" in capsys.readouterr().out
