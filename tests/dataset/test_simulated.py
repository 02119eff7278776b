"""Simulated frames as a source, drawn in this process or in others, alone and with others."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.dataset import simulated
from napari_iris.dataset.batches import Batches
from napari_iris.dataset.concatenated import ConcatenatedSamples
from napari_iris.dataset.samples import Sample
from napari_iris.dataset.simulated import SimulatedSamples
from napari_iris.dataset.workers import Workers
from napari_iris.errors import IrisError
from napari_iris.masks.recipe import recipe
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (32, 40)


def equal(one: Sample, other: Sample) -> bool:
    return all(
        (a is None and b is None) or np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in zip(one, other, strict=True)
    )


def test_a_frame_depends_only_on_seed_and_number() -> None:
    source = SimulatedSamples(6, seed=1)
    first = [source.read(row, SHAPE) for row in range(3)]
    assert equal(first[2], SimulatedSamples(300, seed=1).read(2, SHAPE))
    assert equal(first[2], source.read(2, SHAPE)), "from memory"
    assert not equal(first[2], first[1])
    assert not equal(first[2], SimulatedSamples(6, seed=2).read(2, SHAPE))
    assert first[0].frame.shape == first[0].mask.shape == SHAPE
    assert set(np.unique(first[0].mask)) <= {0, 1, 2}


@pytest.mark.slow
def test_a_frame_does_not_depend_on_the_process_that_draws_it() -> None:
    alone = SimulatedSamples(64)
    with closing(Workers(2)) as workers:
        ahead = SimulatedSamples(64, workers=workers)
        ahead.prepare(range(5), SHAPE)
        for row in (4, 0, 3):
            assert equal(ahead.read(row, SHAPE), alone.read(row, SHAPE))


@pytest.mark.slow
def test_a_worker_that_is_killed_ends_the_run_with_one_line() -> None:
    with closing(Workers(1)) as workers:
        ahead = SimulatedSamples(64, workers=workers)
        pid = workers.submit(os.getpid).result()
        ahead.prepare(range(60), (256, 320))
        os.kill(pid, 9)
        with pytest.raises(IrisError, match="was killed .*; continue with --resume"):
            ahead.read(59, (256, 320))


def test_frames_that_do_not_fit_into_memory_are_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[int] = []
    whole = simulated.draw_packed

    def count(seed: int, row: int, *rest: object) -> object:
        drawn.append(row)
        return whole(seed, row, *rest)

    monkeypatch.setattr(simulated, "draw_packed", count)
    one = whole(0, 0, SHAPE, "truth").nbytes
    assert one <= 5 * SHAPE[0] * SHAPE[1], "20,000 frames of 128 by 160 pixels: 2 GiB"
    source = SimulatedSamples(4, limit_bytes=2 * one)
    for _ in range(2):
        for row in range(4):
            source.read(row, SHAPE)
    assert sorted(drawn) == [0, 1, 2, 2, 3, 3]
    assert source.bytes <= source.limit_bytes


def test_the_recipe_labels_only_frames_with_clear_sky_and_cloud_in_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    frames = rng.normal(700, 5, (3, *SHAPE)).astype(np.float32)
    masks = np.zeros((3, *SHAPE), np.uint8)
    masks[1] = 1
    masks[2, :, :20] = 1
    monkeypatch.setattr(
        simulated, "draw_sample", lambda _, row, __: Sample(frames[row], masks[row])
    )
    source = SimulatedSamples(3, masks="recipe")
    clear, overcast, both = (source.read(row, SHAPE).mask for row in range(3))
    assert not clear.any()
    assert overcast.all()
    np.testing.assert_array_equal(both, recipe(frames[2]).mask)


@pytest.mark.slow
def test_the_class_of_a_simulated_frame_is_that_of_its_truth() -> None:
    source = SimulatedSamples(12)
    vgg8 = NetworkSpec(kind="vgg8", channels=(2,), shape=SHAPE)
    (batch,) = Batches(source, np.arange(12), vgg8, batch_size=12).epoch(0)
    known = batch.weight.ravel() > 0
    truth = np.array(
        [(source.read(int(row), SHAPE).mask == 1).mean() > 0.005 for row in batch.rows]
    )
    assert known.sum() > 6
    assert batch.y.ravel()[known].tolist() == truth[known].tolist()


def test_concatenated_sources_keep_their_samples(source_of: Callable, half_masks: Callable) -> None:
    first, last = source_of(half_masks(3, SHAPE)), source_of(half_masks(2, SHAPE))
    joined = ConcatenatedSamples(first, SimulatedSamples(4), last)
    assert len(joined) == len(joined.table) == 9
    names = [joined.path(row).name[:3] for row in (0, 2, 3, 6, 7, 8)]
    assert names == ["0", "2", "sim", "sim", "0", "1"]
    np.testing.assert_array_equal(joined.read(8, SHAPE).frame, last.frames[1])
    np.testing.assert_array_equal(joined.table.cloud_fraction[7:], last.table.cloud_fraction)
    np.testing.assert_array_equal(joined.table.frame_hash[:3], first.table.frame_hash)
    for row in (9, -1):
        with pytest.raises(IndexError, match="row: expected 0 to 8"):
            joined.read(row, SHAPE)


def test_names_of_other_seeds_are_other_data() -> None:
    rows = np.arange(60)
    hashes = {SimulatedSamples(60, seed).table.data_hash(rows) for seed in (0, 0, 1)}
    assert len(hashes) == 2
