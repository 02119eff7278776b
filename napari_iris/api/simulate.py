"""``iris.simulate``: frames of a simulated sky with their exact truth."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from napari_iris.api.options import config_from
from napari_iris.api.results import Results
from napari_iris.sky.config import SimulationConfig
from napari_iris.sky.simulate import simulate_frame

if TYPE_CHECKING:
    from datetime import datetime

    from napari_iris.sky.config import CameraConfig, GradientConfig
    from napari_iris.sky.observe import SimulatedFrame


class SimulationOptions(TypedDict, total=False):
    """Keywords of `simulate`: the fields of `SimulationConfig` but the first three."""

    shape: tuple[int, int]
    truth_shape: tuple[int, int]
    start: datetime
    cadence_s: float
    tau_min: float
    gradient: GradientConfig
    camera: CameraConfig


def simulate(
    count: int = 1,
    *,
    sky: Literal["clear", "cloudy", "overcast", "mixed"] = "mixed",
    seed: int = 0,
    **options: Unpack[SimulationOptions],
) -> Results[SimulatedFrame]:
    """Simulate frames of a thermal sky camera, each with a sky and a camera of its own.

    Parameters
    ----------
    count : int
        Number of frames, 1 or more.
    sky : {'clear', 'cloudy', 'overcast', 'mixed'}
        State of the sky; mixed: one third clear, half cloudy, the rest overcast.
    seed : int
        The same seed gives the same frames, whatever their count.
    **options
        Other fields of `SimulationConfig`: ``shape`` (rows and columns of a frame), ``start``,
        ``cadence_s``, ``tau_min``, ``gradient``, ``camera``.

    Returns
    -------
    Results
        A lazy sequence of `SimulatedFrame`: ``data`` in ADU, ``truth`` (where cloud is), ``tau``
        (its optical depth), ``sky`` and ``header``.

    Raises
    ------
    IrisError
        If a setting is out of range.
    TypeError
        If a keyword is not a setting.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frames = iris.simulate(100, sky="cloudy", seed=1)
    >>> frames
    Results(100, computed when indexed)
    >>> frames[7].data.shape, frames[7].sky
    ((512, 640), 'cloudy')
    >>> bool((frames[7].truth == (frames[7].tau > 0.05)).all())
    True
    """
    known = {**options, "count": count, "sky": sky, "seed": seed}
    config = config_from(SimulationConfig, None, known, "simulate")
    return Results(range(config.count), partial(map, partial(simulate_frame, config)))
