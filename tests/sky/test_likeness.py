"""Simulated frames beside real ones (skipped where the real ones are absent)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.frames.rebin import rebin
from napari_iris.sky import SimulationConfig, simulate_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

LWIR = Path(__file__).parents[3] / "shared" / "data" / "lwir"
SHAPE = (128, 160)

pytestmark = pytest.mark.skipif(not LWIR.is_dir(), reason=f"needs the real frames of {LWIR}")


def spectral_slope(frame: NDArray[np.float32]) -> float:
    """Slope of the power spectrum where cloud outweighs noise, 0.02 to 0.1 cycles a pixel."""
    window = np.outer(np.hanning(SHAPE[0]), np.hanning(SHAPE[1]))
    power = np.abs(np.fft.rfft2((frame - frame.mean()) * window)) ** 2
    k = np.hypot(np.fft.fftfreq(SHAPE[0])[:, None], np.fft.rfftfreq(SHAPE[1]))
    fitted = (k > 0.02) & (k < 0.1)
    return float(np.polyfit(np.log(k[fitted]), np.log(power[fitted]), 1)[0])


def simulated(sky: str, count: int) -> list[NDArray[np.int16]]:
    config = SimulationConfig.model_validate({"count": count, "sky": sky, "seed": 2})
    return [simulate_frame(config, index).data for index in range(count)]


@pytest.mark.slow
def test_clouds_have_the_spectrum_of_real_ones() -> None:
    files = sorted((LWIR / "frames").glob("*.fits"))[::5]
    real = np.median([spectral_slope(fits.getdata(path).squeeze()) for path in files])
    frames = simulated("cloudy", 12) + simulated("overcast", 12)
    found = np.median([spectral_slope(rebin(frame, SHAPE)) for frame in frames])
    assert found == pytest.approx(real, abs=0.5)


def test_a_clear_frame_spreads_like_a_real_one() -> None:
    """The published noise is a little more than the real camera's: up to twice as much."""
    real = fits.getdata(LWIR / "raw" / "clear_sky_sample.fits").astype(float)
    for frame in simulated("clear", 6):
        noise, real_noise = (np.diff(data, axis=0).std() for data in (frame.astype(float), real))
        assert real_noise < noise < 2.2 * real_noise
        assert real.std() / 2 < frame.std() < 3 * real.std()
