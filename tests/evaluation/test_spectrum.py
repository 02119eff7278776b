"""Power by scale: white noise is flat, a wave is a peak, mean and blanks do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.evaluation.spectrum import azimuthal_power


@pytest.mark.parametrize("shape", [(128, 160), (64, 64), (12, 16)])
def test_white_noise_has_its_variance_at_every_frequency(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    spectra = [azimuthal_power(rng.normal(650, 5, shape))[1] for _ in range(60)]
    mean = np.mean(spectra, axis=0)
    assert len(mean) == min(shape) // 2
    np.testing.assert_allclose(mean[3:], 25, rtol=0.25)
    assert mean[3:].mean() == pytest.approx(25, rel=0.05)


@pytest.mark.parametrize("cycles", [8, 20, 40])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_wave_is_a_peak_at_its_frequency(cycles: int, axis: int) -> None:
    shape = (128, 128)
    phase = 2 * np.pi * cycles * np.arange(128) / 128
    wave = np.broadcast_to(np.sin(phase) if axis else np.sin(phase)[:, None], shape)
    frequency, power = azimuthal_power(wave)
    assert frequency[np.argmax(power)] == pytest.approx(cycles / 128, abs=1e-9)
    assert frequency[[0, -1]] == pytest.approx([1 / 128, 0.5])


def test_level_does_not_matter_and_gain_counts_squared() -> None:
    frame = np.random.default_rng(1).normal(0, 1, (40, 50))
    plain = azimuthal_power(frame)[1]
    np.testing.assert_allclose(azimuthal_power(frame + 1000)[1], plain, rtol=1e-6)
    np.testing.assert_allclose(azimuthal_power(frame * 3)[1], plain * 9)


def test_blank_pixels_are_filled() -> None:
    frame = np.random.default_rng(2).normal(600, 1, (40, 50))
    frame[:4] = np.nan
    assert np.isfinite(azimuthal_power(frame)[1]).all()
