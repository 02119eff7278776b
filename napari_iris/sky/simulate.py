"""Simulate series of sky frames, and write them with their truth."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from napari_iris.frames.rebin import rebin
from napari_iris.sky.camera import camera_pattern, draw_camera
from napari_iris.sky.clouds import draw_layers
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.draws import Stream, generator
from napari_iris.sky.genera import draw_genera
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.observe import Scene, SimulatedFrame, observe
from napari_iris.sky.radiance import draw_gradient
from napari_iris.sky.samples import draw_sample
from napari_iris.sky.series_output import SeriesOutput
from napari_iris.sky.truth import rebin_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy as np

    from napari_iris.errors import FileError
    from napari_iris.labels import SkyCondition
    from napari_iris.sky.config import SimulationConfig

ALONE = "ALONE"
"""Card of a frame that has nothing of any other: no gap in time is needed beside it."""

ALONE_COMMENT = True, "drawn on its own: it has no neighbours in time"

MIXED: tuple[SkyCondition, ...] = ("clear", "clear", "cloudy", "cloudy", "cloudy", "overcast")
"""What each six frames of a mixed series hold, in an order drawn anew for each six."""


def simulate_frame(config: SimulationConfig, index: int) -> SimulatedFrame:
    """Simulate frame `index` of a series; it does not depend on the series' count.

    A clear frame follows the published simulator: a brightness gradient, transformed, seen by a
    camera with noise, bad columns, fixed pattern and narcissus. A cloudy one adds what its cloud
    layers emit. Each frame has a sky and a camera of its own.

    Parameters
    ----------
    config : SimulationConfig
        The series.
    index : int
        Number of the frame, from 0 to ``config.count - 1``.

    Returns
    -------
    SimulatedFrame
        The frame and its truth.

    Raises
    ------
    IndexError
        If the series has no such frame.
    """
    if not 0 <= index < config.count:
        raise IndexError(f"index: expected 0 to {config.count - 1}, received {index}")

    def stream(effect: Stream) -> np.random.Generator:
        return generator(config.seed, effect, index)

    sky = _sky(config, index)
    gradient = draw_gradient(config.gradient, stream(Stream.GRADIENT))
    clouds = stream(Stream.LAYERS)
    scene = Scene(sky, gradient, draw_layers(draw_genera(sky, clouds), clouds))
    camera = draw_camera(config.camera, config.shape, stream(Stream.CAMERA))
    pattern = camera_pattern(camera, config.shape, stream(Stream.PATTERN))
    made = observe(scene, camera, pattern, config, index)
    made.header[ALONE] = ALONE_COMMENT
    return made


def write_simulation(
    config: SimulationConfig, out: Path, *, overwrite: bool = False
) -> Iterator[Path | FileError]:
    """Simulate a series and write it: ``OUT/frames/sim_*.fits`` and ``OUT/truth/sim_*_mask.fits``.

    Parameters
    ----------
    config : SimulationConfig
        The series.
    out : Path
        Folder to write to, made where missing.
    overwrite : bool
        Whether to replace frames of another series, and truth that was changed since.

    Yields
    ------
    Path or FileError
        Each frame's file, once it and its truth are written; or the file that must not be replaced,
        see `check_output`.

    Raises
    ------
    FileError
        If a file or folder cannot be written.
    """
    output = SeriesOutput(out, _settings(config), overwrite)
    if isinstance(config, SeriesConfig) and config.nights:
        return write_frames(simulate_nights(config), output, config.truth_shape)
    if isinstance(config, SeriesConfig) and config.cameras == "any":
        return _write_samples(config, output)
    frames = (simulate_frame(config, index) for index in range(config.count))
    return write_frames(frames, output, config.truth_shape)


def write_frames(
    frames: Iterable[SimulatedFrame], output: SeriesOutput, truth_shape: tuple[int, int]
) -> Iterator[Path | FileError]:
    """Write simulated frames and their truth, as `write_simulation` does.

    Parameters
    ----------
    frames : iterable of SimulatedFrame
        The frames, numbered in order from 0.
    output : SeriesOutput
        Where to write them.
    truth_shape : (int, int)
        Rows and columns of the masks, in pixels.

    Yields
    ------
    Path or FileError
        As `write_simulation`.

    Raises
    ------
    FileError
        If a file or folder cannot be written.
    """
    for index, frame in enumerate(frames):
        cards = {
            "METHOD": ("simulated", "exact optical depth, by majority of the area"),
            "TAUMIN": (frame.header["TAUMIN"], frame.header.comments["TAUMIN"]),
            "CLDFRAC": (frame.header["CLDFRAC"], "fraction of the full frame that is cloud"),
        }
        mask = rebin_truth(frame.truth, truth_shape, frame.undecided)
        truth = rebin(frame.data, truth_shape), mask, frame.header, cards
        yield output.write(index, (frame.data, frame.header), truth)


def _settings(config: SimulationConfig) -> str:
    """Identify the settings that a frame depends on; only in whole nights is the count one."""
    nights = isinstance(config, SeriesConfig) and config.nights
    text = config.model_dump_json(exclude=None if nights else {"count"})
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _write_samples(config: SeriesConfig, output: SeriesOutput) -> Iterator[Path | FileError]:
    """Write frames of any cameras, and their truth, binned."""
    from astropy.io import fits

    for index in range(config.count):
        sample = draw_sample(config.seed, index, config.truth_shape, sky=config.sky)
        header = fits.Header()
        header["CAMERA"] = "any (simulated)", "no real camera"
        header["SEED"] = config.seed, "seed of the series"
        header["INDEX"] = index, "number of the frame in the series, from 0"
        header[ALONE] = ALONE_COMMENT
        cards = {"METHOD": ("simulated", "exact optical depth")}
        truth = sample.frame, sample.mask, header, cards
        yield output.write(index, (sample.frame, header), truth)


def _sky(config: SimulationConfig, index: int) -> SkyCondition:
    if config.sky != "mixed":
        return config.sky
    block, place = divmod(index, len(MIXED))
    order = generator(config.seed, Stream.KIND, block).permutation(len(MIXED))
    return MIXED[int(order[place])]
