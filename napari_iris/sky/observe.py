"""Observe a scene with a camera: a frame, and the exact truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.masks.mask_file import write_mask
from napari_iris.sky.camera import Camera, Pattern, expose
from napari_iris.sky.cards import Card
from napari_iris.sky.clouds import CloudLayer, optical_depth
from napari_iris.sky.draws import Stream, generator
from napari_iris.sky.header import frame_header
from napari_iris.sky.radiance import Gradient, clear_radiance, composite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from astropy.io import fits
    from astropy.nddata import CCDData
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition
    from napari_iris.sky.config import SimulationConfig


@dataclass(frozen=True)
class Scene:
    """A sky before a camera sees it; `layers` are the clouds, highest first."""

    sky: SkyCondition
    gradient: Gradient
    layers: tuple[CloudLayer, ...]


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedFrame:
    """A frame and its truth.

    Attributes
    ----------
    data : ndarray of int16, shape (rows, columns)
        The frame in ADU, 0 to 2**14 - 1.
    truth : ndarray of bool, shape (rows, columns)
        Cloud: where `tau` exceeds the configured limit.
    tau : ndarray of float32, shape (rows, columns)
        Optical depth of all cloud along the line of sight at 8-14 um, 0 or more.
    sky : {"clear", "cloudy", "overcast"}
        State of the sky.
    undecided : ndarray of bool or None, shape (rows, columns)
        Pixels of which truth is undecided: haze, neither surely clear nor surely cloud.
    header : astropy.io.fits.Header
        Cards like a Tau2's, and every value drawn.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frame = iris.simulate(1, sky="clear", seed=1)[0]
    >>> frame
    SimulatedFrame(512x640, clear, cloud fraction 0.000)
    >>> frame.to_fits("sky_mask.fits")
    """

    data: NDArray[np.int16]
    truth: NDArray[np.bool_]
    tau: NDArray[np.float32]
    sky: SkyCondition
    header: fits.Header
    undecided: NDArray[np.bool_] | None = None

    def __repr__(self) -> str:
        rows, columns = self.data.shape
        fraction = f"cloud fraction {float(self.truth.mean()):.3f}"
        return f"SimulatedFrame({rows}x{columns}, {self.sky}, {fraction})"

    def to_fits(self, path: Path | str) -> None:
        """Write a mask file: the frame, and the exact truth as its mask, at full resolution.

        Parameters
        ----------
        path : Path or str
            File to write, in place of an older one.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        cards = {"METHOD": ("SIMULATED", "exact truth of the simulator")}
        frame, mask = self.data.astype(np.float32), self.truth.astype(np.uint8)
        write_mask(Path(path), frame, mask, self.header, cards)

    def to_ccddata(self) -> CCDData:
        """Convert the frame to an astropy `CCDData` in adu, with its header; nothing is masked.

        Returns
        -------
        astropy.nddata.CCDData
            The frame; the truth stays behind.
        """
        from napari_iris.frames.ccddata import to_ccddata

        return to_ccddata(self.data, self.header, np.zeros(self.data.shape, np.bool_))


def observe(
    scene: Scene, camera: Camera, pattern: Pattern, config: SimulationConfig, index: int
) -> SimulatedFrame:
    """Observe a scene as frame `index` of a series.

    Parameters
    ----------
    scene : Scene
        The sky.
    camera : Camera
        The camera.
    pattern : Pattern
        The camera's pattern, of the configured shape.
    config : SimulationConfig
        The series: seed, shape, times, and the limit of optical depth.
    index : int
        Number of the frame, from 0.

    Returns
    -------
    SimulatedFrame
        The frame and its truth, drawn anew for each index from the streams DEPTH and NOISE.
    """
    depth_rng = generator(config.seed, Stream.DEPTH, index)
    depths = [optical_depth(layer, config.shape, depth_rng) for layer in scene.layers]
    tau = sum(depths, start=np.zeros(config.shape, np.float32))
    truth = tau > config.tau_min
    brightness = (layer.brightness for layer in scene.layers)
    radiance = clear_radiance(scene.gradient, config.shape)
    radiance += composite(zip(depths, brightness, strict=True), config.shape)
    data = expose(camera, pattern, radiance, generator(config.seed, Stream.NOISE, index))
    drawn = (*_scene_cards(scene, float(truth.mean())), *camera.cards())
    return SimulatedFrame(
        data, truth, tau, scene.sky, frame_header(config, index, scene.sky, drawn)
    )


def _scene_cards(scene: Scene, cloud_fraction: float) -> Iterator[Card]:
    """List what was drawn for a scene; a layer's keywords end in its number, from 1."""
    yield Card("CLDFRAC", "fraction of pixels that are cloud", cloud_fraction)
    yield from scene.gradient.cards()
    yield Card("NLAYERS", "cloud layers, the highest first", len(scene.layers))
    for number, layer in enumerate(scene.layers, start=1):
        yield from layer.cards(suffix=str(number))
