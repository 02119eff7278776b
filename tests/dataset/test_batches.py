"""Batches: every frame once, reproducible by seed and epoch, in constant memory."""

from __future__ import annotations

import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.dataset.augment import AugmentConfig
from napari_iris.dataset.batch import frame_target
from napari_iris.dataset.batches import Batch, Batches
from napari_iris.dataset.cache import CachedSamples
from napari_iris.dataset.sample_table import CLEAR, CLOUDY, UNSURE
from napari_iris.errors import FileError, IrisError
from napari_iris.networks.normalisation import ABSENT, network_input
from napari_iris.networks.spec import Kind, NetworkSpec

if TYPE_CHECKING:
    from collections.abc import Callable

STILL = AugmentConfig(rotate_deg=0, flip=False, shear=0, zoom=(1, 1), shift=0)
SHAPE = (32, 32)


def spec(kind: Kind = "unet", shape: tuple[int, int] = SHAPE) -> NetworkSpec:
    return NetworkSpec(kind=kind, channels=(2, 2), shape=shape)


@pytest.mark.slow
@given(
    count=st.integers(1, 30), batch_size=st.integers(1, 9), augmented=st.integers(0, 9),
    shuffle=st.booleans(), number=st.integers(0, 3),
)  # fmt: skip
def test_every_frame_is_used_once_per_epoch(
    source_of: Callable, half_masks: Callable, count: int, batch_size: int, augmented: int,
    shuffle: bool, number: int,
) -> None:  # fmt: skip
    rows = np.arange(count) + 2
    batches = Batches(
        source_of(half_masks(count + 4, (8, 8))), rows, spec(shape=(8, 8)), batch_size=batch_size,
        augmented=augmented, shuffle=shuffle, threads=0,
    )  # fmt: skip
    found = list(batches.epoch(number))
    assert len(found) == len(batches) == -(-count // batch_size)
    new = np.concatenate([batch.rows[: batch.count] for batch in found])
    assert sorted(new) == rows.tolist()
    assert shuffle or new.tolist() == rows.tolist()
    for batch in found:
        assert batch.x.shape == (batch_size + augmented, 8, 8, 1)
        assert batch.y.shape == batch.weight.shape == batch.x.shape
        real, copies = np.split(batch.rows, [batch_size])
        assert set(batch.rows) <= set(rows)
        assert count <= batch_size or not set(copies) & set(real)
        assert count - batch_size < augmented or len(set(copies)) == augmented
    filled = found[-1].weight[found[-1].count : batch_size]
    assert np.all(filled == (1 if shuffle else 0))


def equal(one: list[Batch], other: list[Batch]) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for a, b in zip(one, other, strict=True)
        for name in ("x", "y", "weight", "rows")
    )


def test_mirrored_frames_keep_their_masks(source_of: Callable) -> None:
    rng = np.random.default_rng(1)
    masks = (rng.random((40, 8, 8)) < 0.5).astype(np.uint8)
    settings: dict[str, Any] = {"batch_size": 8, "shuffle": False, "threads": 0}
    source, rows = source_of(masks), np.arange(40)
    plain = Batches(source, rows, spec(shape=(8, 8)), **settings)
    mirrored = Batches(source, rows, spec(shape=(8, 8)), mirrored=True, **settings)
    seen = set()
    for before, after in zip(plain.epoch(0), mirrored.epoch(0), strict=True):
        for slot in range(8):
            for axes in ((), (0,), (1,), (0, 1)):
                if np.array_equal(np.flip(before.x[slot], axes), after.x[slot]):
                    np.testing.assert_array_equal(np.flip(before.y[slot], axes), after.y[slot])
                    seen.add(axes)
                    break
            else:
                pytest.fail("another frame")
    assert seen == {(), (0,), (1,), (0, 1)}
    assert equal(list(mirrored.epoch(1)), list(mirrored.epoch(1)))
    assert not equal(list(mirrored.epoch(0)), list(mirrored.epoch(1)))


def test_an_epoch_depends_only_on_seed_and_number(
    source_of: Callable, half_masks: Callable
) -> None:
    def epoch(number: int, before: int = 0, **settings: int) -> list[Batch]:
        batches = Batches(
            source_of(half_masks(20, SHAPE)), np.arange(20), spec(),
            **{"batch_size": 4, "augmented": 3, "seed": 7, **settings},
        )  # fmt: skip
        for earlier in range(before):
            list(batches.epoch(earlier))
        return list(batches.epoch(number))

    first = epoch(2)
    assert equal(first, epoch(2, before=2))
    for settings in ({"threads": 0}, {"threads": 5}):
        assert equal(first, epoch(2, **settings))
    assert not equal(first, epoch(1))
    assert not equal(first, epoch(2, seed=8))
    in_order = [epoch(number, shuffle=False, augmented=20)[0].x for number in (0, 1)]
    np.testing.assert_array_equal(in_order[0][:4], in_order[1][:4])
    assert not np.array_equal(in_order[0][4:], in_order[1][4:]), "other copies"


def test_ignored_pixels_have_no_weight(source_of: Callable) -> None:
    masks = np.random.default_rng(0).integers(0, 3, (6, *SHAPE)).astype(np.uint8)
    batches = Batches(
        source_of(masks), np.arange(6), spec(), batch_size=3, augmented=3, augmentation=STILL
    )
    for batch in batches.epoch(0):
        truth = masks[batch.rows][..., None]
        np.testing.assert_array_equal(batch.weight, truth != 2)
        np.testing.assert_array_equal(batch.y, truth == 1)


def test_frames_are_normalised(source_of: Callable, half_masks: Callable) -> None:
    source = source_of(half_masks(8, SHAPE))
    batches = Batches(
        source, np.arange(8), spec(), batch_size=4, augmented=4, augmentation=STILL, threads=0
    )
    for batch in batches.epoch(0):
        for x, row in zip(batch.x, batch.rows, strict=True):
            expected = network_input(source.frames[row], "zscale")[..., 0]
            np.testing.assert_allclose(x[..., 0], expected, atol=1e-4)


def test_augmented_copies_keep_the_levels_of_the_whole_frame(
    source_of: Callable, half_masks: Callable
) -> None:
    """Half of a ramp is visible: it spans half of the range."""
    source = source_of(half_masks(1, SHAPE))
    source.frames[:] = 600 + np.arange(32, dtype=np.float32)
    zoomed = STILL.model_copy(update={"zoom": (2.0, 2.0)})
    (batch,) = Batches(
        source, np.arange(1), spec(), batch_size=1, augmented=1, augmentation=zoomed
    ).epoch(0)
    spans = np.ptp(batch.x, axis=(1, 2, 3))
    assert spans[1] == pytest.approx(spans[0] / 2, rel=0.1)


@pytest.mark.parametrize(
    ("said", "cloud", "label", "weight"),
    [
        (CLEAR, 0.5, 0, 1), (CLOUDY, 0.5, 1, 1), (CLOUDY, 0.0, 1, 1), (UNSURE, 0.5, 0, 0),
        (-1, 0.5, 1, 1), (-1, 0.002, 0, 1), (-1, 0.012, 1, 1), (-1, 0.0, 0, 1),
        (-1, 0.004, 0, 0), (-1, 0.006, 0, 0), (CLEAR, 0.004, 0, 1), (CLOUDY, 0.006, 1, 1),
        (-1, None, 0, 0), (CLOUDY, None, 1, 1), (CLEAR, None, 0, 1),
    ],
)  # fmt: skip
def test_a_class_set_by_a_person_takes_precedence_over_the_mask(
    source_of: Callable, said: int, cloud: float | None, label: int, weight: int
) -> None:
    masks = None
    if cloud is not None:
        masks = np.zeros((1, 32, 32), np.uint8)
        masks.ravel()[: round(cloud * 1024)] = 1
    source = source_of(masks, count=1, frame_class=said)
    shape = source.frames.shape[1:]
    batches = Batches(source, np.arange(1), NetworkSpec(kind="vgg8", channels=(2,), shape=shape))
    (batch,) = batches.epoch(0)
    assert batch.y.shape == batch.weight.shape == (32, 1)
    assert batch.y[0, 0] == label
    assert batch.weight[0, 0] == weight


@pytest.mark.parametrize(
    ("ignored", "cloud", "label", "weight"),
    [(0.6, 0.0, 0, 0), (0.4, 0.0, 0, 1), (0.6, 0.1, 1, 1), (1.0, 0.0, 0, 0)],
)
def test_a_mask_that_is_mostly_ignored_shows_cloud_but_no_clear_sky(
    ignored: float, cloud: float, label: int, weight: int
) -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask.ravel()[: round(400 * ignored)] = 2
    mask.ravel()[round(400 * ignored) :][: round(400 * cloud)] = 1
    assert [float(one[0]) for one in frame_target(-1, mask, mask)] == [label, weight]


def excess_source(source_of: Callable, half_masks: Callable, count: int) -> Any:
    source = source_of(half_masks(count, SHAPE))
    source.excess = np.random.default_rng(4).normal(size=source.frames.shape).astype(np.float32)
    return source


def test_the_excess_is_left_out_in_a_third_of_the_samples(
    source_of: Callable, half_masks: Callable
) -> None:
    source = excess_source(source_of, half_masks, 60)
    two = NetworkSpec(kind="unet", channels=(2, 2), shape=SHAPE, planes=2)
    batches = Batches(source, np.arange(60), two, "asinh", batch_size=10, threads=0)
    absent = []
    for number in range(4):
        for batch in batches.epoch(number):
            for x, row in zip(batch.x, batch.rows, strict=True):
                absent.append(bool((x[..., 1] == ABSENT).all()))
                excess = None if absent[-1] else source.excess[row]
                np.testing.assert_array_equal(
                    x, network_input(source.frames[row], "asinh", excess, 2)
                )
    assert np.mean(absent) == pytest.approx(1 / 3, abs=0.1)
    epochs = np.array(absent).reshape(4, 60)
    assert (epochs[0] != epochs[1]).any()


def test_the_excess_is_augmented_as_the_frame(source_of: Callable, half_masks: Callable) -> None:
    source = excess_source(source_of, half_masks, 1)
    plane = network_input(source.frames[0], "asinh")[..., 0]
    source.excess[0] = np.sinh(2 * plane)  # its plane is that of the frame
    source.excess[:, 8:14, :9] = np.nan
    two = NetworkSpec(kind="unet", channels=(2, 2), shape=SHAPE, planes=2)
    batches = Batches(source, np.arange(1), two, "asinh", batch_size=1, augmented=20, threads=0)
    (batch,) = batches.epoch(0)
    with_excess = 0
    for x in batch.x[1:]:
        seen = x[..., 1] > ABSENT
        with_excess += bool(seen.any())
        differ = ~np.isclose(x[seen, 1], x[seen, 0], atol=1e-5)
        assert np.sum(differ) <= 0.05 * seen.size, "only beside blank pixels"
        assert x[seen, 1].min(initial=0) > -0.5, "no mixture with the value of blank pixels"
        assert seen.mean() > 0.5 or not seen.any(), "blank pixels stay blank"
    assert with_excess > 5


def test_a_network_of_one_plane_ignores_the_excess(
    source_of: Callable, half_masks: Callable
) -> None:
    known = excess_source(source_of, half_masks, 4)
    unknown = source_of(half_masks(4, SHAPE))
    one, other = (
        list(Batches(source, np.arange(4), spec(), augmented=3, threads=0).epoch(0))
        for source in (known, unknown)
    )
    assert equal(one, other)


def test_a_cloud_rotated_out_of_view_leaves_a_clear_frame(source_of: Callable) -> None:
    masks = np.zeros((1, 64, 64), np.uint8)
    masks[0, :8, :8] = 1
    near = AugmentConfig(rotate_deg=0, flip=False, shear=0, zoom=(1.8, 1.8), shift=0)
    vgg8 = NetworkSpec(kind="vgg8", channels=(2,), shape=(64, 64))
    for said in (CLOUDY, -1):
        source = source_of(masks, frame_class=said)
        batches = Batches(source, np.arange(1), vgg8, batch_size=1, augmented=1, augmentation=near)
        (batch,) = batches.epoch(0)
        assert batch.y.ravel().tolist() == [1, 0]


def test_the_cache_holds_what_fits(source_of: Callable, half_masks: Callable) -> None:
    one = 32 * 32 * 5
    for limit, reads in ((0, 40), (10 * one, 10), (4 * one, 28), (4 * one - 1, 31)):
        source = source_of(half_masks(10, SHAPE))
        kept = CachedSamples(source, limit)
        batches = Batches(kept, np.arange(10), spec(), batch_size=5, threads=0)
        for epoch in range(4):
            list(batches.epoch(epoch))
        assert source.reads == reads


def test_a_frame_that_cannot_be_read_is_named_and_no_thread_is_left(
    source_of: Callable, half_masks: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(half_masks(9, SHAPE))
    read = source.read

    def fail(row: int, shape: tuple[int, int]) -> object:
        if row == 5:
            raise FileError("sky_5.fits", "is gone", "bring it back")
        return read(row, shape)

    monkeypatch.setattr(source, "read", fail)
    batches = Batches(source, np.arange(9), spec(), batch_size=2)
    with pytest.raises(FileError, match="sky_5.fits: is gone; bring it back"):
        list(batches.epoch(0))
    batches = Batches(source, np.arange(4), spec(), batch_size=1)
    next(iterator := batches.epoch(0))
    iterator.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("batches")]


@pytest.mark.slow
def test_prefetching_holds_few_batches(source_of: Callable, half_masks: Callable) -> None:
    count, pixels = 400, (64, 64)
    batches = Batches(
        source_of(half_masks(count, pixels)), np.arange(count), spec(shape=pixels), batch_size=8,
        augmented=8,
    )  # fmt: skip
    tracemalloc.start()
    try:
        assert sum(1 for _ in batches.epoch(0)) == 50
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    one = 16 * 64 * 64 * 4 * 3
    assert peak < 8 * one, "of 50 batches: those waiting, those being made, and the current one"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rows": np.arange(0)}, "there are no samples to train on"),
        ({"spec": NetworkSpec(kind="unet", planes=4)}, "planes: expected 1 to 3, received 4"),
        ({"batch_size": 0}, "batch_size must be 1 or more"),
    ],
)
def test_invalid_settings_of_batches_are_refused(
    source_of: Callable, half_masks: Callable, settings: dict, message: str
) -> None:
    given_all = {"source": source_of(half_masks(2)), "rows": np.arange(2), "spec": spec()}
    with pytest.raises(IrisError, match=message):
        Batches(**{**given_all, **settings})
