"""A sample night: one camera under a sky that clouds over and clears again."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from napari_iris.labels import SkyCondition
from napari_iris.sky.camera import camera_pattern, draw_camera
from napari_iris.sky.clouds import draw_layers
from napari_iris.sky.config import CameraConfig, GradientConfig, SimulationConfig
from napari_iris.sky.draws import Stream, generator
from napari_iris.sky.observe import Scene, SimulatedFrame, observe
from napari_iris.sky.radiance import draw_gradient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.labels import SkyCondition
    from napari_iris.sky.genera import Genus
    from napari_iris.sky.radiance import Gradient

CAMERA = CameraConfig(
    stacked=16,
    bias=(300.0, 300.0),
    fixed_pattern=(1.5, 1.5),
    stripes=(0.3, 0.5),
    bad_columns=(0.0, 0.01),
    narcissus_intensity=(0.02, 0.02),
)
"""A stacking, well corrected camera: its frames compress well."""

GRADIENT = GradientConfig(start=(280.0, 320.0))
"""A clear sky of some 600 ADU, as the real camera sees it."""


@dataclass(frozen=True)
class Act:
    """A part of the night: its sky, and its clouds' coverage from beginning to end."""

    hours: int
    sky: SkyCondition
    genera: tuple[Genus, ...] = ()
    coverage: tuple[float, float] = (0.0, 0.0)


ACTS = (
    Act(3, "clear"),
    Act(2, "cloudy", ("cirrus",), (0.2, 0.9)),
    Act(2, "cloudy", ("cirrus", "cumulus"), (0.25, 0.9)),
    Act(2, "overcast", ("stratocumulus", "stratus"), (1.0, 1.0)),
    Act(2, "cloudy", ("stratocumulus",), (0.9, 0.15)),
    Act(1, "clear"),
)
"""The night: clear, thin cirrus, broken cloud, overcast, clearing."""

ENDS = tuple(accumulate(act.hours for act in ACTS))
"""When each act ends, in hours; the last ends the night."""


def simulate_night(count: int, seed: int) -> Iterator[SimulatedFrame]:
    """Simulate `count` frames spread evenly over a night of 12 hours.

    All frames share a camera and its pattern, and the clouds of an act their height, direction
    and texture; from frame to frame, minutes apart, the texture itself is drawn anew.

    Parameters
    ----------
    count : int
        Number of frames, 1 or more; from 20 on, every part of the night is seen.
    seed : int
        Seed; the same seed gives the same night.

    Yields
    ------
    SimulatedFrame
        Frames of 512 x 640 pixels, in order of time, with their truth.

    Raises
    ------
    ValueError
        If `count` is below 1.
    """
    if count < 1:
        raise ValueError(f"count: expected 1 or more, received {count}")
    hours = ENDS[-1] / count
    config = SimulationConfig(
        count=count, seed=seed, cadence_s=hours * 3600, camera=CAMERA, gradient=GRADIENT
    )
    camera = draw_camera(CAMERA, config.shape, generator(seed, Stream.CAMERA))
    pattern = camera_pattern(camera, config.shape, generator(seed, Stream.PATTERN))
    gradient = draw_gradient(config.gradient, generator(seed, Stream.GRADIENT))
    for index in range(count):
        scene = _scene(index * hours, gradient, seed)
        yield observe(scene, camera, pattern, config, index)


def _scene(hour: float, gradient: Gradient, seed: int) -> Scene:
    """Set the scene at `hour` of the night."""
    number = bisect(ENDS, hour)
    act = ACTS[number]
    first, last = act.coverage
    coverage = last - (last - first) * (ENDS[number] - hour) / act.hours
    layers = draw_layers(act.genera, generator(seed, Stream.LAYERS, number))
    return Scene(act.sky, gradient, tuple(replace(layer, coverage=coverage) for layer in layers))
