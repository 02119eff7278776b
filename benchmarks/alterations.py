"""Cameras unlike those of the simulator: each trait beyond its range, one at a time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.sky.traits import Traits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Alteration = Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]]

BEYOND = (1.3, 2.0)
"""Range of an altered trait, in units of the farthest value that the simulator draws."""

TRAITS = {
    "noise": ("noise", 1),
    "grain": ("grain", 1),
    "stripes": ("stripes", 1),
    "blotches": ("blotches", 1),
    "residual": ("residual", 1),
    "vignetting": ("vignetting", 1),
    "inverse vignetting": ("vignetting", 0),
    "narcissus, dark": ("narcissus", 1),
    "narcissus, bright": ("narcissus", 0),
    "rings": ("rings", 1),
    "edges, warm": ("edges", 1),
    "edges, cold": ("edges", 0),
    "corners, warm": ("corners", 1),
    "blur": ("blur", 1),
    "gain": ("gain", 1),
    "vapour": ("vapour", 1),
    "humid": ("moisture", 1),
    "low elevation": ("elevation_deg", 0),
    "faint cloud": ("brightness", 0),
}
"""Names of the altered traits: field of `Traits`, and the end of its range (0 low, 1 high) beyond
which it is drawn."""


def altered_traits() -> dict[str, Traits]:
    """Give the ranges of samples with one trait beyond its range, for each of `TRAITS`."""
    found = {"8 bit, all": Traits(processed=1.0)}
    for name, (trait, end) in TRAITS.items():
        limit = getattr(Traits(), trait)[end]
        # a range that ends above 0 is left towards 0
        factors = [1 / one for one in BEYOND] if end == 0 and limit > 0 else BEYOND
        found[name] = Traits.model_validate({trait: tuple(sorted(limit * one for one in factors))})
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


ALTERATIONS: Mapping[str, Alteration] = MappingProxyType(
    {
        "warm edges": warm_edges,
        "vignetting": vignetting,
        "inverse vignetting": inverse_vignetting,
        "halo": halo,
        "row offsets": row_offsets,
    }
)
"""What nights of a camera are given in addition, in ADU: the same in every frame."""
