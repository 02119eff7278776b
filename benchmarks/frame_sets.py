"""Sets of frames with truth that benchmarks share: simulated, real, and pictures with a class."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from alterations import ALTERATIONS, altered_traits
from astropy.io import fits

from napari_iris.frames.paths import find_frames
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import FULL_SCALE_ADU, rebin
from napari_iris.importers.class_pairs import class_pairs
from napari_iris.importers.pictures import read_picture, to_grey
from napari_iris.labels import CLOUD, CLOUDY_FROM, IGNORE, SKY
from napari_iris.masks.mask_file import read_mask
from napari_iris.radiometry.archive import references_of
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.radiometry.statistics import frame_statistics
from napari_iris.sky import SimulationConfig, simulate_frame
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.samples import TYPICAL, draw_sample
from napari_iris.sky.truth import rebin_truth, undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alterations import Alteration
    from numpy.typing import NDArray

    from napari_iris.sky import SimulatedFrame
    from napari_iris.sky.traits import Traits

SHAPE = (128, 160)
"""Rows and columns of frames and truth."""

DATA = Path(__file__).parents[2] / "shared/data"
"""Published frames and pictures; sets of them are left out where this does not exist."""

CLEAR_ADU, CLOUD_ADU = 720.0, 850.0
"""Level below which the published frames show clear sky, and above which cloud."""

DECK_ADU = 900.0
"""Level of the coldest 0.5 % from which a published frame shows no clear sky."""

IN_VIEW = 0.02
"""Least part of a frame for clear sky, or cloud, to be in view."""

BLOCK = 10
"""Frames of a night that are resampled together: neighbours in time are alike."""

UNSEEN = 770_000
"""First of the seeds that no model was trained on."""


@dataclass(frozen=True, eq=False)
class Series:
    """Frames of one camera, or single frames without a reference.

    Attributes
    ----------
    frames : ndarray of float32, shape (frames, rows, columns)
        Binned.
    headers : list of Header
        Their headers.
    truth : ndarray of uint8, shape (frames, rows, columns)
        0 sky, 1 cloud, 2 ignore.
    cloudy : ndarray of float, shape (frames,)
        Class: 0 clear, 1 cloudy, NaN where truth is largely undecided.
    references : ReferenceSet
        What is known of the camera's clear sky.
    """

    frames: NDArray[np.float32]
    headers: list[fits.Header]
    truth: NDArray[np.uint8]
    cloudy: NDArray[np.float64]
    references: ReferenceSet = field(default_factory=ReferenceSet)


@dataclass(frozen=True)
class FrameSet:
    """A set of frames, made when it is needed.

    Attributes
    ----------
    name : str
        What it holds.
    parts : tuple of callable
        Make its series.
    has_reference : bool
        Whether clear-sky references can be learned.
    block : int
        Frames that are resampled together.
    pool : str
        Name of the sum of several sets that it belongs to; empty for none.
    """

    name: str
    parts: tuple[Callable[[], Series], ...]
    has_reference: bool = False
    block: int = 1
    pool: str = ""


def frame_sets(*, quick: bool = False) -> list[FrameSet]:
    """List all sets.

    Parameters
    ----------
    quick : bool
        Whether to take a few frames of each only.

    Returns
    -------
    list of FrameSet
        Those of published data are left out where `DATA` does not exist.
    """
    count, altered, cameras, length = (20, 6, 2, 15) if quick else (150, 40, 8, 40)
    published = published_sets(step=10 if quick else 1) if DATA.is_dir() else []
    return [
        FrameSet("frames of a Tau2", (partial(tau2_frames, count),)),
        FrameSet("frames of any cameras", (partial(any_cameras, count),)),
        *altered_frames(altered),
        FrameSet(
            "simulated nights",
            tuple(partial(night, UNSEEN + camera, length) for camera in range(cameras)),
            has_reference=True,
            block=BLOCK,
        ),
        *altered_nights(length),
        *published,
    ]


def altered_frames(count: int) -> list[FrameSet]:
    """List the sets of single frames with one trait of the camera beyond its range."""
    return [
        FrameSet(
            f"altered frames: {name}",
            (partial(any_cameras, count, traits, first=place * count),),
            pool="altered frames, all",
        )
        for place, (name, traits) in enumerate(altered_traits().items(), start=1000)
    ]


def altered_nights(length: int) -> list[FrameSet]:
    """List the sets of nights with one trait of the camera beyond its range."""
    return [
        FrameSet(
            f"altered nights: {name}",
            (partial(night, UNSEEN + camera, length, alter),),
            has_reference=True,
            block=BLOCK,
            pool="altered nights, all",
        )
        for camera, (name, alter) in enumerate(ALTERATIONS.items())
    ]


def tau2_frames(count: int) -> Series:
    """Simulate frames of cameras like a Tau2, each of its own."""
    config = SimulationConfig(count=count, seed=UNSEEN)
    made = [simulate_frame(config, number) for number in range(count)]
    frames = [rebin(one.data, SHAPE) for one in made]
    return series(frames, [one.header for one in made], [truth_of(one) for one in made])


def any_cameras(count: int, traits: Traits = TYPICAL, first: int = 0) -> Series:
    """Simulate frames of any cameras, each of its own; `first` is the number of the first one."""
    made = [draw_sample(UNSEEN, first + number, SHAPE, traits) for number in range(count)]
    return series([one.frame for one in made], [fits.Header()] * count, [one.mask for one in made])


def night(seed: int, length: int, alter: Alteration | None = None) -> Series:
    """Simulate two nights of one camera, and learn its reference from them."""
    made = _simulated_nights(seed, length)
    frames = [one.data.astype(np.float32) for one in made]
    if alter is not None:  # the same for all frames of the camera
        frames = [alter(frame, np.random.default_rng(seed)) for frame in frames]
    headers = [one.header for one in made]
    known = learn(frames, headers)
    frames = [rebin(one, SHAPE) for one in frames]
    return series(frames, headers, [truth_of(one) for one in made], known)


@lru_cache(maxsize=8)
def _simulated_nights(seed: int, length: int) -> list[SimulatedFrame]:
    config = SeriesConfig(count=length, nights=2, seed=seed, shape=(256, 320))
    return list(simulate_nights(config))


def truth_of(one: SimulatedFrame) -> NDArray[np.uint8]:
    """Truth of a simulated frame at `SHAPE`; haze is ignored."""
    return rebin_truth(one.truth, SHAPE, undecided(one.tau))


def learn(frames: Iterable[NDArray[np.generic]], headers: Iterable[fits.Header]) -> ReferenceSet:
    """Learn the clear-sky references of some frames."""
    pairs = zip(frames, headers, strict=True)
    return references_of([frame_statistics(*pair, with_fingerprint=True) for pair in pairs])


def series(
    frames: list[NDArray[np.float32]],
    headers: list[fits.Header],
    truths: list[NDArray[np.uint8]],
    references: ReferenceSet | None = None,
) -> Series:
    """Make a series; the class of a frame follows from its truth."""
    cloudy = np.array([class_of_truth(truth) for truth in truths])
    stacked = np.stack(frames).astype(np.float32)
    truth = np.where(np.isfinite(stacked), np.stack(truths), np.uint8(IGNORE))
    return Series(stacked, headers, truth, cloudy, references or ReferenceSet())


def class_of_truth(truth: NDArray[np.uint8]) -> float:
    """Class of a frame by its truth: 0 clear, 1 cloudy, NaN where haze may decide."""
    if (truth == CLOUD).mean() > CLOUDY_FROM:
        return 1.0
    return 0.0 if (truth == IGNORE).mean() < CLOUDY_FROM else np.nan


def published_sets(step: int = 1) -> list[FrameSet]:
    """List the sets of published frames and pictures: every one, or one in `step`."""
    makes = {
        "real frames by level": by_level,
        "real frames by recipe, both in view": both_in_view,
        "real frames, decks": decks,
    }
    return [
        *(
            FrameSet(name, (partial(_every, step, make),), has_reference=True)
            for name, make in makes.items()
        ),
        FrameSet("raw frames", (raw_frames,)),
        FrameSet("pictures by class (swimcat)", (partial(swimcat, step),)),
    ]


def _every(step: int, make: Callable[[], Series]) -> Series:
    """Give one in `step` frames, which keep the reference of all."""
    one, at = make(), slice(None, None, step)
    return replace(
        one,
        frames=one.frames[at],
        headers=one.headers[at],
        truth=one.truth[at],
        cloudy=one.cloudy[at],
    )


@lru_cache(maxsize=1)
def by_level() -> Series:
    """Read the published frames; their level is the truth where it is sure."""
    read = [read_frame(path) for path in published_paths()]
    frames, headers = [one.data for one in read], [one.header for one in read]
    adu = np.stack(frames) * FULL_SCALE_ADU
    truth = np.select([adu < CLEAR_ADU, adu > CLOUD_ADU], [SKY, CLOUD], IGNORE).astype(np.uint8)
    return series(frames, headers, list(truth), learn(frames, headers))


def published_paths() -> list[Path]:
    """List the published frames."""
    return list(find_frames([str(DATA / "lwir/frames")])[0])


def both_in_view() -> Series:
    """Select published frames with clear sky and cloud in view; truth is the recipe's mask."""
    level = by_level()
    masks = np.stack([read_mask(path).mask for path in published_paths()])
    parts = [(level.truth == kind).mean(axis=(1, 2)) for kind in (SKY, CLOUD)]
    return _where(level, np.min(parts, axis=0) >= IN_VIEW, masks)


def decks() -> Series:
    """Select published frames that show no clear sky: all is cloud."""
    level = by_level()
    lowest = np.quantile(level.frames, 0.005, axis=(1, 2)) * FULL_SCALE_ADU
    return _where(level, lowest >= DECK_ADU, np.full_like(level.truth, CLOUD))


def _where(one: Series, wanted: NDArray[np.bool_], truth: NDArray[np.uint8]) -> Series:
    headers = [one.headers[row] for row in np.flatnonzero(wanted)]
    return series(list(one.frames[wanted]), headers, list(truth[wanted]), one.references)


def raw_frames() -> Series:
    """Read two raw frames of a Tau2: a clear one, and one of which only the class is known."""
    read = [read_frame(DATA / f"lwir/raw/{name}_sky_sample.fits") for name in ("clear", "cloud")]
    frames = [rebin(one.data, SHAPE) for one in read]
    truths = [np.full(SHAPE, kind, np.uint8) for kind in (SKY, IGNORE)]
    made = series(frames, [one.header for one in read], truths)
    return replace(made, cloudy=np.array([0.0, 1.0]))


def swimcat(step: int = 1) -> Series:
    """Read grey patches of daylight pictures, of which only the class is known."""
    pairs = class_pairs(DATA / "swimcat", [])[::step]
    frames = [rebin(to_grey(read_picture(one.image)), SHAPE) for one in pairs]
    unknown = np.full(SHAPE, IGNORE, np.uint8)
    made = series(frames, [fits.Header()] * len(pairs), [unknown] * len(pairs))
    return replace(made, cloudy=np.array([float(one.frame_class == "cloudy") for one in pairs]))
