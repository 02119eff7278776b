"""Genera of cloud: the ranges that their layers are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from napari_iris.labels import SkyCondition
    from napari_iris.sky.config import Range

Genus = Literal["cirrus", "altocumulus", "cumulus", "stratocumulus", "stratus"]
"""Genera of cloud, from high, cold and thin to low, warm and opaque."""


@dataclass(frozen=True)
class GenusRanges:
    """The ranges that a genus's layers are drawn from, in the units of `CloudLayer`."""

    slope: Range
    scale: Range
    stretch: Range
    stir: Range
    coverage: Range
    depth: Range
    power: Range
    brightness: Range
    base: Range = (0.0, 0.0)


GENERA: Mapping[Genus, GenusRanges] = MappingProxyType(
    {
        "cirrus": GenusRanges(
            slope=(3.5, 4.2),
            scale=(300, 1000),
            stretch=(2, 5),
            stir=(1, 6),
            coverage=(0.4, 0.95),
            depth=(0.12, 0.6),
            power=(1, 1.8),
            brightness=(120, 350),
        ),
        "altocumulus": GenusRanges(
            slope=(3.4, 4.0),
            scale=(150, 400),
            stretch=(1, 2),
            stir=(2, 6),
            coverage=(0.4, 0.95),
            depth=(0.2, 0.8),
            power=(1, 1.6),
            brightness=(200, 450),
        ),
        "cumulus": GenusRanges(
            slope=(3.9, 4.5),
            scale=(200, 800),
            stretch=(1, 1.3),
            stir=(3, 9),
            coverage=(0.2, 0.7),
            depth=(0.5, 2),
            power=(1, 1.6),
            brightness=(350, 800),
        ),
        "stratocumulus": GenusRanges(
            slope=(3.8, 4.5),
            scale=(300, 1200),
            stretch=(1, 2),
            stir=(2, 8),
            coverage=(0.6, 0.95),
            depth=(0.3, 1.5),
            power=(0.8, 1.5),
            brightness=(300, 700),
        ),
        "stratus": GenusRanges(
            slope=(3.6, 4.4),
            scale=(300, 1200),
            stretch=(1, 2.5),
            stir=(1, 8),
            coverage=(1, 1),
            base=(0.5, 1.8),
            depth=(0.15, 0.6),
            power=(0.8, 1.3),
            brightness=(300, 700),
        ),
    }
)
"""Ranges chosen until simulated frames looked like real ones: clear 700 ADU, opaque cloud 1400."""

BROKEN: tuple[Genus, ...] = ("cirrus", "altocumulus", "cumulus", "stratocumulus")
"""Genera that leave gaps; stratus covers everything."""


def draw_genera(sky: SkyCondition, rng: np.random.Generator) -> tuple[Genus, ...]:
    """Draw the genera of a sky's cloud layers.

    A cloudy sky has one to three broken layers; an overcast one a deck of stratus that covers
    everything, alone or with one broken layer; a clear one none.

    Parameters
    ----------
    sky : {'clear', 'cloudy', 'overcast'}
        Sky condition.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    if sky == "clear":
        return ()
    order = [BROKEN[number] for number in rng.permutation(len(BROKEN))]
    if sky == "cloudy":
        return tuple(order[: rng.integers(1, 4)])
    return ("stratus", *order[: rng.integers(2)])
