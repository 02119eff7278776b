"""Azimuthal power spectrum of a frame: how much structure it has at each scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def azimuthal_power(
    frame: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the power of a frame by spatial frequency, averaged over all directions.

    The mean is subtracted, blank pixels are set to it, and a Hann window limits spectral leakage.
    White noise of variance v has the power v at every frequency.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The binned frame, in any unit; NaN where blank.

    Returns
    -------
    frequency : ndarray of float64, shape (n,)
        Centre of each ring, in cycles per pixel, up to 0.5; n is half the shorter side.
    power : ndarray of float64, shape (n,)
        Mean power of the ring, in the frame's unit squared.
    """
    rows, columns = frame.shape
    values = np.asarray(frame, np.float64)
    seen = np.isfinite(values)
    # periodic windows, as the Fourier transform takes the frame to be
    window = np.hanning(rows + 1)[:-1, None] * np.hanning(columns + 1)[:-1]
    weight = window * seen
    mean = np.average(np.where(seen, values, 0), weights=weight)
    windowed = np.where(seen, values - mean, 0) * window
    power = np.abs(np.fft.fft2(windowed)) ** 2 / np.sum(window**2)
    radius = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(columns))
    rings = min(rows, columns) // 2
    ring = (
        np.floor(radius * 2 * rings + 0.5).astype(np.intp) - 1
    )  # the zero frequency is in no ring
    inside = (ring >= 0) & (ring < rings)
    count = np.bincount(ring[inside], minlength=rings)
    total = np.bincount(ring[inside], power[inside], rings)
    return np.arange(1, rings + 1) / (2 * rings), total / count
