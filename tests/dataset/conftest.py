"""Labelled frames in memory, in a project, in folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.dataset.sample_table import SampleTable
from napari_iris.dataset.samples import Sample
from napari_iris.masks.mask_file import cloud_fraction, write_mask
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

START = np.datetime64("2024-01-15T18:00:00", "us")
SHAPE = (24, 32)
SECONDS = np.timedelta64(1, "s")


@dataclass
class Made:
    """Samples in memory that count their reads."""

    table: SampleTable
    frames: NDArray[np.float32]
    masks: NDArray[np.uint8] | None
    reads: int = 0
    excess: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.table)

    def path(self, row: int) -> Path:
        return Path(str(row))

    def prepare(self, rows: Iterable[int], shape: tuple[int, int]) -> None:
        pass

    def read(self, row: int, shape: tuple[int, int]) -> Sample:
        assert shape == self.frames.shape[1:]
        self.reads += 1
        known = (self.frames, self.masks, self.excess)
        return Sample(*(None if one is None else one[row].copy() for one in known))


def make_source(
    masks: NDArray[np.uint8] | None,
    *,
    count: int = 0,
    frame_class: object = -1,
    part: object = -1,
    time: object = "NaT",
    looks: object = None,
    hashes: list[bytes] | None = None,
) -> Made:
    """Make samples of masks; frames are noise around their row number."""
    count = count if masks is None else len(masks)
    shape = SHAPE if masks is None else masks.shape[1:]
    rng = np.random.default_rng(5)
    frames = (np.arange(count)[:, None, None] + rng.random((count, *shape))).astype(np.float32)
    cloud = [np.nan] * count if masks is None else [cloud_fraction(mask) for mask in masks]
    random_looks = rng.integers(-(2**63), 2**63, count, dtype=np.int64)
    table = SampleTable(
        time=np.broadcast_to(np.array(time, "M8[us]"), count),
        frame_class=np.broadcast_to(np.array(frame_class, np.int8), count),
        part=np.broadcast_to(np.array(part, np.int8), count),
        has_mask=np.full(count, masks is not None),
        cloud_fraction=np.array(cloud, np.float32),
        perceptual_hash=random_looks if looks is None else np.array(looks, np.int64),
        frame_hash=np.array(hashes or [b"frame%011d" % row for row in range(count)], object),
        mask_hash=np.array([b"%d" % row for row in range(count)], object),
    )
    return Made(table, frames, masks)


@pytest.fixture(scope="session")
def source_of() -> Callable[..., Made]:
    """Samples in memory: ``source_of(masks, time=..., frame_class=...)``."""
    return make_source


@pytest.fixture(scope="session")
def half_masks() -> Callable[..., NDArray[np.uint8]]:
    """Masks whose left half is cloud: ``half_masks(5)``."""

    def make(count: int, shape: tuple[int, int] = SHAPE) -> NDArray[np.uint8]:
        masks = np.zeros((count, *shape), np.uint8)
        masks[:, :, : shape[1] // 2] = 1
        return masks

    return make


@pytest.fixture
def frames(write_frame: Callable[..., Path]) -> list[Path]:
    """Eight frames of a night, 10 s apart."""
    data = np.random.default_rng(1).integers(600, 700, (8, *SHAPE)).astype(np.int16)
    return [
        write_frame(f"night/sky_{number}.fits", image, DATE_OBS=str(START + 10 * number * SECONDS))
        for number, image in enumerate(data)
    ]


@pytest.fixture
def mask_of() -> Callable[[int], NDArray[np.uint8]]:
    """Mask by its number, with sky, cloud and ignored pixels."""
    return lambda number: np.random.default_rng(number).integers(0, 3, SHAPE).astype(np.uint8)


@pytest.fixture
def project(tmp_path: Path, frames: list[Path], snapshot: Callable[..., Path]) -> Path:
    """Folder of a project with the eight frames and no label."""

    def make() -> Path:
        with Project(tmp_path / "project", by="ada") as made:
            assert list(index(made, frames, None, jobs=1)) == frames
        return tmp_path / "project"

    return snapshot("dataset", make)


@pytest.fixture
def write_masks(tmp_path: Path, mask_of: Callable) -> Callable[..., Path]:
    """Write mask files ``sky_0_mask.fits`` and on: ``write_masks(3, CLASS="clear")``."""

    def write(count: int, name: str = "masks", **cards: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for number in range(count):
            header = fits.Header([("DATE-OBS", str(START + 10 * number * SECONDS))])
            frame = np.random.default_rng(number).random(SHAPE).astype(np.float32)
            extra = {key: (value, "") for key, value in cards.items()}
            path = folder / f"sky_{number}_mask.fits"
            write_mask(path, frame, mask_of(number), header, extra)
        return folder

    return write
