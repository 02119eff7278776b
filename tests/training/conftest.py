"""Shared by the training tests: a small data set in batches, and both frameworks."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


def read_events(path: Path) -> list[Any]:
    """Read a TensorBoard event file and check every checksum."""
    from tensorboardX.crc32c import crc32c
    from tensorboardX.proto.event_pb2 import Event

    def masked(data: bytes) -> int:
        code = crc32c(data)
        return (((code >> 15) | (code << 17)) + 0xA282EAD8) & 0xFFFFFFFF

    content, events, at = path.read_bytes(), [], 0
    while at < len(content):
        length, code = struct.unpack_from("<QI", content, at)
        assert code == masked(content[at : at + 8])
        data = content[at + 12 : at + 12 + length]
        assert struct.unpack_from("<I", content, at + 12 + length) == (masked(data),)
        events.append(Event.FromString(data))
        at += 16 + length
    return events


LIBRARIES = {"keras": "tensorflow", "flax": "flax"}


@dataclass(frozen=True)
class SkyBatch:
    """Some frames of a small sky."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    weight: NDArray[np.float32]


class SkyBatches:
    """Noisy frames that are cloudy where warm; the lowest rows (trees) are ignored."""

    def __init__(self, count: int, seed: int, size: int = 4) -> None:
        rng = np.random.default_rng(seed)
        cloud = gaussian_filter(rng.normal(size=(count, 16, 20)), (0, 2, 2))
        cloud /= cloud.std()
        self.x = (cloud + rng.normal(0, 0.3, cloud.shape)).astype(np.float32)[..., None]
        self.y = (cloud > 0.3).astype(np.float32)[..., None]
        self.weight = np.ones_like(self.y)
        self.weight[:, :3] = 0
        self.size, self.seed = size, seed

    def __len__(self) -> int:
        return len(self.x) // self.size

    def epoch(self, number: int) -> Iterator[SkyBatch]:
        order = np.random.default_rng((self.seed, number)).permutation(len(self.x))
        for rows in np.split(order, len(self)):
            yield SkyBatch(self.x[rows], self.y[rows], self.weight[rows])


@pytest.fixture(params=LIBRARIES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each framework that is installed."""
    library = LIBRARIES[request.param]
    pytest.importorskip(library, reason=f"{library} is not installed")
    return str(request.param)


@pytest.fixture
def sky() -> tuple[SkyBatches, SkyBatches]:
    """Training and validation frames."""
    return SkyBatches(12, 1), SkyBatches(8, 2)


@pytest.fixture
def network() -> NetworkSpec:
    """A small U-Net."""
    return NetworkSpec(kind="unet", channels=(4, 8), shape=(16, 20))


@pytest.fixture
def config(engine_name: str, network: NetworkSpec) -> TrainConfig:
    """A short run."""
    return TrainConfig.of(network, engine=engine_name, epochs=4, learning_rate=1e-2, seed=3)
