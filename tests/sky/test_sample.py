"""The committed sample night is what its command makes, and has what a beginner should see."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.resources import sample_night
from napari_iris.sky import sample_frames
from napari_iris.sky.sample import SAMPLE

ROUNDED = 2
"""ADU by which a pixel may differ between processors that round differently."""


@pytest.fixture(scope="module")
def committed() -> dict[str, tuple[np.ndarray, fits.Header]]:
    paths = sorted(sample_night().iterdir())
    return {path.name: fits.getdata(path, header=True) for path in paths}


@pytest.mark.slow
def test_the_committed_files_are_what_the_command_makes(
    committed: dict[str, tuple[np.ndarray, fits.Header]], tmp_path: Path
) -> None:
    root = Path(__file__).parents[2]
    (command,) = re.findall(r"python (tools/\S+) \S+", (root / "sample_data/README.md").read_text())
    subprocess.run([sys.executable, str(root / command), str(tmp_path / "night")], check=True)
    made = sorted((tmp_path / "night").iterdir())
    assert [path.name for path in made] == list(committed)
    for path in made:
        data, header = fits.getdata(path, header=True)
        pixels, cards = committed[path.name]
        difference = np.abs(data.astype(int) - pixels)
        assert difference.max() <= ROUNDED
        assert difference.mean() < 1e-3
        assert header.pop("CLDFRAC") == pytest.approx(cards.pop("CLDFRAC"), abs=1e-4)
        assert list(header.items()) == list(cards.items())


def test_it_is_small_and_in_order_of_time(
    committed: dict[str, tuple[np.ndarray, fits.Header]],
) -> None:
    assert sum(path.stat().st_size for path in sample_night().iterdir()) < 6 * 2**20
    times = [header["DATE-OBS"] for _, header in committed.values()]
    assert times == sorted(times)
    assert len(times) == SAMPLE.count == 30


def test_it_has_clear_sky_clouds_and_decks_in_two_pointings(
    committed: dict[str, tuple[np.ndarray, fits.Header]],
) -> None:
    headers = [header for _, header in committed.values()]
    skies = [header["SKY"] for header in headers]
    assert {sky: skies.count(sky) for sky in sorted(set(skies))} == {
        "clear": 13,
        "cloudy": 12,
        "overcast": 5,
    }
    assert skies[0] == skies[-1] == "clear"
    assert len({header["AZIMUTH"] for header in headers}) == 2
    assert {header["SERIAL"] for header in headers} == {f"SIM{SAMPLE.seed:06d}"}


@pytest.mark.slow
def test_one_deck_is_as_smooth_as_a_clear_sky_and_warmer() -> None:
    frames = list(sample_frames())
    clear, deck = frames[29], frames[27]
    assert deck.truth.all()
    assert not clear.truth.any()
    spread, clear_spread = (np.ptp(np.percentile(one.data, (2, 98))) for one in (deck, clear))
    assert spread < 3 * clear_spread
    assert np.median(deck.data) > np.median(clear.data) + 200
