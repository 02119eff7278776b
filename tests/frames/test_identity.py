"""Frames that are the same or look the same, whatever their files are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.frames.identity import (
    ALIKE_BITS,
    content_hash,
    earlier_duplicates,
    perceptual_hash,
)
from napari_iris.frames.read import read_frame
from napari_iris.sky.config import SimulationConfig
from napari_iris.sky.simulate import simulate_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def skies() -> list[NDArray[np.float32]]:
    """Six simulated cloudy frames."""
    series = SimulationConfig(count=6, seed=7, sky="cloudy")
    return [simulate_frame(series, number).data.astype(np.float32) for number in range(6)]


def bits_apart(one: int, other: int) -> int:
    return ((one ^ other) & (2**64 - 1)).bit_count()


WRITERS: dict[str, Callable[[fits.PrimaryHDU, Path], None]] = {
    "other.fits": lambda unit, path: unit.writeto(path),
    "a.fits.gz": lambda unit, path: unit.writeto(path),
    "a.fits.bz2": lambda unit, path: unit.writeto(path),
    "a.fits.fz": lambda unit, path: fits.HDUList(
        [fits.PrimaryHDU(), fits.CompImageHDU(unit.data, compression_type="RICE_1")]
    ).writeto(path),
    "float.fits": lambda unit, path: fits.PrimaryHDU(unit.data.astype(">f4")).writeto(path),
    "axis.fits": lambda unit, path: fits.PrimaryHDU(unit.data[..., None]).writeto(path),
    "second.fits": lambda unit, path: fits.HDUList(
        [fits.PrimaryHDU(), fits.ImageHDU(unit.data, name="SKY")]
    ).writeto(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_copy_is_the_same_in_any_file(tmp_path: Path, name: str) -> None:
    data = np.random.default_rng(0).integers(0, 2**14, (40, 50)).astype(np.int16)
    unit = fits.PrimaryHDU(data, fits.Header({"OBSERVER": name}))
    WRITERS[name](unit, tmp_path / name)
    found = read_frame(tmp_path / name).data
    frame = data.astype(np.float32)
    assert content_hash(found) == content_hash(frame)
    assert perceptual_hash(found) == perceptual_hash(frame)


def test_another_frame_is_not_the_same() -> None:
    frame = np.zeros((40, 50), np.float32)
    one_pixel = frame.copy()
    one_pixel[3, 4] = 1
    others = [one_pixel, frame.reshape(50, 40), frame.reshape(20, 100), frame[:39]]
    hashes = {content_hash(other) for other in (frame, *others)}
    assert len(hashes) == 5
    assert {len(one) for one in hashes} == {16}


CHANGES: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "twice and warmer": lambda frame: frame * 2 + 100,
    "in other units": lambda frame: frame / 2**14,
    "a little noisy": lambda frame: frame + np.random.default_rng(1).normal(0, 1, frame.shape),
    "warmer below": lambda frame: frame + np.linspace(0, 50, len(frame))[:, None],
    "warmer to the right": lambda frame: frame + np.linspace(0, 2000, frame.shape[1]),
    "half as large": lambda frame: frame.reshape(256, 2, 320, 2).mean((1, 3)),
    "with a dead pixel": lambda frame: np.where(
        np.arange(frame.size).reshape(frame.shape) == 99, np.nan, frame
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_looks_the_same(skies: list[NDArray[np.float32]], change: str) -> None:
    copies = [CHANGES[change](frame).astype(np.float32) for frame in skies]
    frames = [*skies, *copies]
    looks = np.array([perceptual_hash(frame) for frame in frames])
    same, like = earlier_duplicates([content_hash(frame) for frame in frames], looks)
    assert same.tolist() == [-1] * 12
    assert like.tolist() == [-1] * 6 + list(range(6)), "each its own copy, none another"


def test_different_skies_have_different_hashes(skies: list[NDArray[np.float32]]) -> None:
    looks = [perceptual_hash(frame) for sky in skies for frame in (sky, sky[::-1], sky[:, ::-1])]
    apart = [bits_apart(one, other) for n, one in enumerate(looks) for other in looks[:n]]
    assert min(apart) > 2 * ALIKE_BITS


def test_a_warm_side_alone_does_not_make_skies_alike(skies: list[NDArray[np.float32]]) -> None:
    tilt = np.linspace(0, 2000, skies[0].shape[1], dtype=np.float32)
    hashes = [perceptual_hash(sky + tilt) for sky in skies]
    apart = [bits_apart(one, other) for n, one in enumerate(hashes) for other in hashes[:n]]
    assert min(apart) > 2 * ALIKE_BITS


@pytest.mark.parametrize(
    "frame",
    [
        np.full((40, 50), 7.0),
        np.full((40, 50), np.nan),
        np.full((40, 50), np.inf),
        np.ones((5, 5)),
        np.add.outer(np.arange(40.0), np.arange(50.0)),
    ],
)
def test_frames_without_structure_have_a_hash_too(frame: NDArray[np.float64]) -> None:
    found = perceptual_hash(frame.astype(np.float32))
    assert -(2**63) <= found < 2**63
    assert perceptual_hash(frame.astype(np.float32)) == found


def brute_twins(hashes: list[bytes], looks: list[int]) -> tuple[list[int], list[int]]:
    """Compare each frame with all before."""

    def first(is_twin: Callable[[int, int], bool]) -> list[int]:
        return [
            next((other for other in range(one) if is_twin(one, other)), -1)
            for one in range(len(looks))
        ]

    return (
        first(lambda one, other: hashes[one] == hashes[other]),
        first(lambda one, other: bits_apart(looks[one], looks[other]) <= ALIKE_BITS),
    )


@st.composite
def clustered(draw: st.DrawFn) -> tuple[list[bytes], list[int]]:
    """Looks around a few centres, up to four bits off, and hashes that repeat."""
    centres = draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4))
    looks = []
    for _ in range(draw(st.integers(0, 30))):
        value = draw(st.sampled_from(centres))
        for bit in draw(st.lists(st.integers(0, 63), max_size=4)):
            value ^= 1 << bit
        looks.append(value - 2**64 if value >= 2**63 else value)
    hashes = [bytes(14) + bytes([draw(st.integers(0, 3)), draw(st.integers(0, 1))]) for _ in looks]
    return hashes, looks


@pytest.mark.slow
@given(clustered())
def test_duplicates_equal_a_comparison_of_all_pairs(
    frames: tuple[list[bytes], list[int]],
) -> None:
    hashes, looks = frames
    same, like = earlier_duplicates(hashes, np.array(looks, np.int64))
    assert (same.tolist(), like.tolist()) == brute_twins(hashes, looks)


@pytest.mark.slow
def test_a_fixed_horizon_does_not_slow_the_search() -> None:
    """The lower half of all looks is the same; of 10^5 frames all would be compared with all."""
    looks = np.random.default_rng(0).integers(0, 2**31, 100_000) << 32
    hashes = [number.to_bytes(16) for number in range(len(looks))]
    same, like = earlier_duplicates(hashes, looks)
    assert (same == -1).all()
    some = np.flatnonzero(like >= 0)
    assert len(some) > 100
    assert all(bits_apart(int(looks[one]), int(looks[like[one]])) <= ALIKE_BITS for one in some)
