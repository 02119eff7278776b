"""Cameras unlike those of the simulator: each trait beyond its range, one at a time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from napari_iris.sky import SimulationConfig

    Alteration = Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]]

BEYOND = (1.5, 2.5)
"""Range of an altered trait, in units of the highest value that the simulator draws."""

TRAITS = (
    ("bad columns", ("bad_columns",)),
    ("read noise", ("read_noise",)),
    ("sky noise", ("sky_noise",)),
    ("fixed pattern", ("fixed_pattern",)),
    ("stripes", ("stripes",)),
    ("narcissus", ("narcissus_intensity",)),
    ("small narcissus", ("narcissus_radius", "narcissus_blur")),
)
"""Traits of the simulated camera, and the fields that are changed together."""

SMALLER = "small narcissus"
"""Trait that is divided by `BEYOND`."""


def altered_configs(config: SimulationConfig) -> dict[str, SimulationConfig]:
    """Give a configuration for each trait of the simulator, drawn beyond its range.

    Parameters
    ----------
    config : SimulationConfig
        The configuration to alter.
    """
    found = {}
    for name, fields in TRAITS:
        changes = {}
        for field in fields:
            value = getattr(config.camera, field)
            high, is_range = (value[1], True) if isinstance(value, tuple) else (value, False)
            low, high = (high * factor for factor in BEYOND)
            if name == SMALLER:
                low, high = (value[0] / factor for factor in reversed(BEYOND))
            changes[field] = (low, high) if is_range else high
        found[name] = config.model_copy(update={"camera": config.camera.model_copy(update=changes)})
    return found


def _radius(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Distance from the centre, 1 in the corners."""
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    return np.hypot(rows[:, None], columns) / np.float32(2**0.5)


def warm_edges(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add warm bands of 60 to 100 ADU along two sides, where the simulator has up to 40."""
    heights, width = rng.uniform(60, 100, 2), rng.uniform(4, 20)
    bands = [
        height * np.exp(-np.arange(side) / width)[:: rng.choice([-1, 1])]
        for height, side in zip(heights, frame.shape, strict=True)
    ]
    return frame + (bands[0][:, None] + bands[1]).astype(np.float32)


def vignetting(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Darken the corners by 8 to 12 % of the signal."""
    return frame * (1 - np.float32(rng.uniform(0.08, 0.12)) * _radius(frame.shape) ** 2)


def inverse_vignetting(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Brighten the corners by 8 to 12 % of the signal."""
    return frame * (1 + np.float32(rng.uniform(0.08, 0.12)) * _radius(frame.shape) ** 2)


def halo(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add a bright ring of 40 to 60 ADU about the centre."""
    away = (_radius(frame.shape) - rng.uniform(0.4, 0.7)) / 0.08
    return frame + np.float32(rng.uniform(40, 60)) * np.exp(-(away**2)).astype(np.float32)


def row_offsets(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add row offsets of 6 to 10 ADU, after rebinning."""
    return frame + rng.normal(0, rng.uniform(6, 10), (frame.shape[0], 1)).astype(np.float32)


def pixel_noise(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add white noise of 8 to 12 ADU, after rebinning."""
    return frame + rng.normal(0, rng.uniform(8, 12), frame.shape).astype(np.float32)


def eight_bit(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Stretch to 0..255 with automatic gain, which saturates 0.5 to 2 % on either side."""
    lost = rng.uniform(0.005, 0.02)
    low, high = np.quantile(frame, [lost, 1 - lost])
    return np.rint(np.clip((frame - low) / max(high - low, 1e-6), 0, 1) * 255).astype(np.float32)


def defocus(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Blur by 1.5 to 3 pixels, then add the noise of the detector again."""
    blurred: NDArray[np.float32] = gaussian_filter(frame, rng.uniform(1.5, 3))
    return blurred + rng.normal(0, 1.5, frame.shape).astype(np.float32)


def response(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Bend the response: the square root of the signal, or its square."""
    return np.power(frame, np.float32(rng.choice([0.5, 2]))).astype(np.float32)


def dead_area(frame: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Leave a tenth of the frame blank."""
    height, width = (round(side * 0.32) for side in frame.shape)
    row, column = rng.integers(frame.shape[0] - height), rng.integers(frame.shape[1] - width)
    changed = frame.copy()
    changed[row : row + height, column : column + width] = np.nan
    return changed


ALTERATIONS: Mapping[str, Alteration] = MappingProxyType(
    {
        "warm edges": warm_edges,
        "vignetting": vignetting,
        "inverse vignetting": inverse_vignetting,
        "halo": halo,
        "row offsets": row_offsets,
        "pixel noise": pixel_noise,
        "8 bit": eight_bit,
        "defocus": defocus,
        "bent response": response,
        "dead area": dead_area,
    }
)
"""Alterations of binned frames, in ADU, that the simulator does not draw."""
