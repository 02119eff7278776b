"""Edits of a mask: what each key and stroke changes, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_iris.errors import IrisError
from napari_iris.masks import edit, threshold
from napari_iris.masks.local_threshold import threshold_brush
from napari_iris.masks.threshold import apply_threshold, best_threshold
from tests.masks.regions import grow_region

if TYPE_CHECKING:
    from collections.abc import Callable

SKY, CLOUD, IGNORE = 0, 1, 2
SHAPE = (128, 160)
PICTURE = {".": SKY, "#": CLOUD, "x": IGNORE}


def mask_of(*rows: str) -> np.ndarray:
    """A mask from a picture: ``.`` sky, ``#`` cloud, ``x`` ignore."""
    return np.array([[PICTURE[sign] for sign in row] for row in rows], np.uint8)


def picture(mask: np.ndarray) -> list[str]:
    return ["".join(".#x"[value] for value in row) for row in mask]


# Known answers


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        pytest.param(
            edit.grow,
            [".....", "..#..", ".....", "....."],
            ["..#..", ".###.", "..#..", "....."],
            id="a pixel grows to a disc",
        ),
        pytest.param(
            lambda mask: edit.grow(mask, 2),
            ["#x..", "#x..", "xx.."],
            ["#x#.", "#x#.", "xx.."],
            id="cloud grows across ignored pixels, never into them",
        ),
        pytest.param(
            edit.shrink,
            ["###..", "###..", "###..", "....."],
            ["##...", "##...", ".....", "....."],
            id="the border does not eat into cloud",
        ),
        pytest.param(edit.shrink, ["##x", "##x"], ["##x", "##x"], id="ignored pixels do not eat"),
        pytest.param(lambda mask: edit.grow(mask, 0), [".#."], [".#."], id="grown by nothing"),
        pytest.param(edit.shrink, ["###"] * 3, ["###"] * 3, id="overcast stays so"),
        pytest.param(
            edit.fill_holes,
            ["######.", "#.##.##", "####.##", "##.###.", "##.####"],
            ["######.", "#######", "#######", "##.###.", "##.####"],
            id="holes, but not the bays at the border",
        ),
        pytest.param(
            lambda mask: edit.fill_holes(mask, 1),
            ["######", "#.##.#", "####.#", "######"],
            ["######", "####.#", "####.#", "######"],
            id="holes up to a size",
        ),
        pytest.param(
            edit.fill_holes,
            ["#####", "#.x.#", "#####"],
            ["#####", "##x##", "#####"],
            id="a dead pixel in a hole",
        ),
        pytest.param(
            lambda mask: edit.fill_holes(mask, 2),
            ["#####", "#.x.#", "#####"],
            ["#####", "##x##", "#####"],
            id="a dead pixel does not count",
        ),
        pytest.param(
            edit.fill_holes,
            ["#####", "##.##", "##x##"],
            ["#####", "##.##", "##x##"],
            id="sky above a building is not a hole",
        ),
        pytest.param(
            edit.smooth,
            [".........", "..#......", ".........", "....x....", "........."],
            [".........", ".........", ".........", "....x....", "........."],
            id="a speck goes",
        ),
        pytest.param(
            edit.smooth,
            ["#########", "#########", "###.##x##", "#########", "#########"],
            ["#########", "#########", "######x##", "#########", "#########"],
            id="a pinhole goes",
        ),
        pytest.param(edit.smooth, ["....####"] * 6, ["....####"] * 6, id="an edge stays"),
        pytest.param(edit.smooth, ["xxx", "x#x", "xxx"], ["xxx", "x#x", "xxx"], id="alone"),
        pytest.param(lambda mask: edit.whole(mask, SKY), [".#x"], ["..x"], id="clear sky"),
        pytest.param(lambda mask: edit.whole(mask, CLOUD), [".#x"], ["##x"], id="overcast"),
    ],
)
def test_edits_of_shape(
    change: Callable[[np.ndarray], np.ndarray], before: list[str], after: list[str]
) -> None:
    mask = mask_of(*before)
    assert picture(change(mask)) == after
    assert picture(mask) == before, "the given mask is left as it is"


def test_paint_sets_and_clears_ignored_pixels() -> None:
    mask, region = mask_of(".#x", ".#x"), np.array([[True] * 3, [False] * 3])
    assert picture(edit.paint(mask, region, IGNORE)) == ["xxx", ".#x"]
    assert picture(edit.paint(mask, region, SKY)) == ["...", ".#x"]


@pytest.mark.parametrize("radius", [4, 7, 10])
def test_smooth_drops_discs_up_to_its_radius(radius: int) -> None:
    def around(part: float) -> np.ndarray:
        return edit.disc((60, 60), (30, 30), part * radius).astype(np.uint8)

    assert not edit.smooth(around(0.92), radius).any()
    assert edit.smooth(around(1.1), radius)[30, 30] == CLOUD


@pytest.mark.parametrize(
    ("start", "end", "radius", "expected"),
    [
        ((2, 3), (2, 3), 0, [".......", ".......", "...#...", ".......", "......."]),
        ((2, 3), (2, 3), 1, [".......", "...#...", "..###..", "...#...", "......."]),
        ((2, 1), (2, 5), 1, [".......", ".#####.", "#######", ".#####.", "......."]),
        ((0, 0), (0, 0), 1.5, ["##.....", "##.....", ".......", ".......", "......."]),
        ((-1, 3), (-4, 3), 1, ["...#...", ".......", ".......", ".......", "......."]),
        ((-9, 3), (-9, 3), 2, ["......."] * 5),
        ((2, 40), (2, 40), 2, ["......."] * 5),
    ],
)
def test_strokes(
    start: tuple[int, int], end: tuple[int, int], radius: float, expected: list[str]
) -> None:
    assert picture(edit.stroke((5, 7), start, end, radius).astype(np.uint8)) == expected


@given(*[st.tuples(st.floats(-9, 30), st.floats(-9, 30))] * 2, st.floats(0, 12))
def test_a_stroke_is_the_union_of_its_discs(
    start: tuple[float, float], end: tuple[float, float], radius: float
) -> None:
    shape, steps = (20, 24), np.linspace(start, end, 200)
    discs = np.any([edit.disc(shape, tuple(place), radius) for place in steps], axis=0)
    assert not np.any(discs & ~edit.stroke(shape, start, end, radius + 1e-4))
    wider = [edit.disc(shape, tuple(place), radius + 0.2) for place in steps]
    assert not np.any(edit.stroke(shape, start, end, radius) & ~np.any(wider, axis=0))


@pytest.mark.parametrize(
    ("values", "mask", "cut"),
    [
        pytest.param([1, 2, 4, 8], "..##", 3.0, id="middle of the gap"),
        pytest.param([1, 2, 3, 4, 5, 9], "..#.##", 4.5, id="of equally good gaps one"),
        pytest.param([1, 2, 9, 4, 6, 7], "...###", 3.0, id="the stray warm sky is outvoted"),
        pytest.param([1, 2, 4, np.nan, 8], "..#.#", 3.0, id="blank pixels have no say"),
        pytest.param([1, 2, 4, 3, 8], "..#x#", 3.0, id="ignored pixels have no say"),
        pytest.param([7, 7, 7, 9], ".#.#", 8.0, id="equal values stay together"),
    ],
)
def test_the_cut_of_a_mask(values: list[float], mask: str, cut: float) -> None:
    frame, region = np.array([values], np.float32), np.ones((1, len(mask)), bool)
    assert best_threshold(frame, mask_of(mask), region) == cut


# The laws


@st.composite
def frames(draw: st.DrawFn, shape: tuple[int, int] = (12, 15)) -> np.ndarray:
    """Frames with ties, blanks and outliers, level, smooth or noisy."""
    few = arrays(np.float32, shape, elements=st.integers(-3, 3).map(float), fill=st.just(0.0))
    frame = draw(few) * np.float32(draw(st.sampled_from([1e-3, 1, 700])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    frame += np.float32(draw(st.sampled_from([0, 600]))) + np.arange(shape[1], dtype=np.float32)
    frame += rng.normal(0, draw(st.sampled_from([0, 1e-3, 5])), shape).astype(np.float32)
    blank = rng.random(shape) < draw(st.sampled_from([0, 0.1]))
    frame[blank] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return frame


MASKS = arrays(np.uint8, (12, 15), elements=st.integers(0, 2), fill=st.nothing())
BINARY = arrays(np.uint8, (12, 15), elements=st.integers(0, 1), fill=st.nothing())
REGIONS = st.builds(
    lambda center, radius: edit.disc((12, 15), center, radius),
    st.tuples(st.integers(0, 11), st.integers(0, 14)),
    st.integers(0, 9),
)
EDITS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "grow": lambda frame, mask, region: edit.grow(mask),
    "grow by 3": lambda frame, mask, region: edit.grow(mask, 3),
    "shrink": lambda frame, mask, region: edit.shrink(mask),
    "fill_holes": lambda frame, mask, region: edit.fill_holes(mask),
    "smooth": lambda frame, mask, region: edit.smooth(mask),
    "apply_threshold": lambda frame, mask, region: apply_threshold(frame, mask, region, 1.0),
    "more": lambda frame, mask, region: threshold_brush(frame, mask, region, more=True),
    "less": lambda frame, mask, region: threshold_brush(frame, mask, region, more=False),
    "grow_region": lambda frame, mask, region: grow_region(frame, mask, (5, 7), CLOUD),
    "overcast": lambda frame, mask, region: edit.whole(mask, CLOUD),
}


@pytest.mark.parametrize("name", EDITS)
@given(frames(), MASKS, REGIONS)
def test_every_edit_keeps_ignored_pixels_and_its_input(
    name: str, frame: np.ndarray, mask: np.ndarray, region: np.ndarray
) -> None:
    before = mask.copy()
    after = EDITS[name](frame, mask, region)
    assert after.dtype == np.uint8
    assert after.shape == mask.shape
    assert not np.shares_memory(after, mask)
    np.testing.assert_array_equal(mask, before)
    np.testing.assert_array_equal(after == IGNORE, mask == IGNORE)


@pytest.mark.parametrize("name", ["apply_threshold", "more", "less", "grow_region"])
@given(frames(), MASKS, REGIONS)
def test_edits_by_frame_keep_blank_pixels(
    name: str, frame: np.ndarray, mask: np.ndarray, region: np.ndarray
) -> None:
    after = EDITS[name](frame, mask, region)
    kept = ~np.isfinite(frame)
    if name != "grow_region":
        kept |= ~region
    np.testing.assert_array_equal(after[kept], mask[kept])


@given(MASKS, st.integers(1, 4))
def test_growing_and_shrinking_back_loses_no_cloud(mask: np.ndarray, pixels: int) -> None:
    closed = edit.shrink(edit.grow(mask, pixels), pixels)
    opened = edit.grow(edit.shrink(mask, pixels), pixels)
    assert np.all(closed[mask == CLOUD] == CLOUD)
    assert np.all(opened[mask == SKY] == SKY)


@given(BINARY, st.integers(1, 3))
def test_shrinking_is_growing_of_the_sky(mask: np.ndarray, pixels: int) -> None:
    np.testing.assert_array_equal(edit.shrink(mask, pixels), 1 - edit.grow(1 - mask, pixels))


@given(MASKS)
def test_filling_holes_twice_is_filling_them_once(mask: np.ndarray) -> None:
    filled = edit.fill_holes(mask)
    np.testing.assert_array_equal(edit.fill_holes(filled), filled)
    np.testing.assert_array_equal(edit.fill_holes(mask, mask.size), filled)
    np.testing.assert_array_equal(edit.fill_holes(mask, 0), mask)


@given(frames(), MASKS, REGIONS, st.floats(-3000, 3000, width=32))
def test_the_cut_of_a_threshold_is_that_threshold(
    frame: np.ndarray, mask: np.ndarray, region: np.ndarray, cut: float
) -> None:
    """To the last bit: cutting anew at the cut found gives the very mask."""
    assume(np.any(region & np.isfinite(frame) & (mask != IGNORE)))
    mask = apply_threshold(frame, mask, region, cut)
    again = apply_threshold(frame, mask, region, best_threshold(frame, mask, region))
    np.testing.assert_array_equal(again, mask)


@given(frames(), MASKS, REGIONS)
def test_no_other_cut_comes_closer(frame: np.ndarray, mask: np.ndarray, region: np.ndarray) -> None:
    seen = region & np.isfinite(frame) & (mask != IGNORE)
    assume(seen.any())

    def wrong(cut: float) -> int:
        return np.count_nonzero((frame > cut)[seen] != (mask == CLOUD)[seen])

    every = [-np.inf, *frame[seen]]
    assert wrong(best_threshold(frame, mask, region)) == min(wrong(cut) for cut in every)


@pytest.mark.parametrize("spread", [0, 30, 3000])
@given(arrays(np.float32, (8, 9), elements=st.integers(-50, 50).map(float)), st.integers(0, 2**32))
def test_the_cut_is_the_best_one_of_many_pixels_too(
    spread: float, frame: np.ndarray, seed: int
) -> None:
    """Where it starts from a guess."""
    mask = (frame > np.random.default_rng(seed).normal(0, spread, frame.shape)).astype(np.uint8)
    region = np.ones(frame.shape, bool)
    expected = best_threshold(frame, mask, region)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threshold, "MANY", 4)
        assert best_threshold(frame, mask, region) == expected


@pytest.mark.parametrize("low", [1, np.nextafter(np.float32(1), np.float32(2)), -1, 0, 1e30])
def test_a_cut_lies_between_neighbouring_numbers(low: float) -> None:
    """Where rounding leaves no middle."""
    first = np.float32(low)
    frame = np.array([[first, np.nextafter(first, np.float32(np.inf))]])
    mask, region = mask_of(".#"), np.ones((1, 2), bool)
    cut = best_threshold(frame, mask, region)
    np.testing.assert_array_equal(apply_threshold(frame, mask, region, cut), mask)


@pytest.mark.parametrize("value", [SKY, CLOUD])
def test_the_cut_of_one_class_lies_beside_its_values(value: int) -> None:
    frame = np.random.default_rng(0).normal(650, 9, (10, 12)).astype(np.float32)
    mask, region = np.full(frame.shape, value, np.uint8), np.ones(frame.shape, bool)
    cut = best_threshold(frame, mask, region)
    np.testing.assert_array_equal(apply_threshold(frame, mask, region, cut), mask)
    assert cut == pytest.approx(frame.max() if value == SKY else frame.min(), abs=1e-3)


@pytest.mark.parametrize("more", [True, False])
@given(frames(), MASKS, REGIONS)
def test_strokes_go_on_until_nothing_is_left(
    more: bool, frame: np.ndarray, mask: np.ndarray, region: np.ndarray
) -> None:
    """Each changes something, none takes back."""
    target, other = (CLOUD, SKY) if more else (SKY, CLOUD)
    seen = region & np.isfinite(frame)
    while np.any(mask[seen] == other):
        after = threshold_brush(frame, mask, region, more=more)
        assert np.any(after != mask)
        assert np.all(after[after != mask] == target)
        mask = after
    np.testing.assert_array_equal(threshold_brush(frame, mask, region, more=more), mask)


# Wrong input


def test_a_region_without_pixels_has_no_cut() -> None:
    frame, mask = np.full((3, 4), np.nan, np.float32), mask_of("....", "....", "....")
    for region in (np.ones((3, 4), bool), np.zeros((3, 4), bool)):
        with pytest.raises(IrisError, match="choose another"):
            best_threshold(frame, mask, region)
        assert not apply_threshold(frame, mask, region, 1.0).any()


@pytest.mark.parametrize("name", ["apply_threshold", "more", "grow_region"])
def test_a_frame_of_another_shape_is_refused(name: str) -> None:
    mask = mask_of("....", "....")
    with pytest.raises(IrisError, match=r"frame \(8, 16\) and mask \(2, 4\) differ in shape"):
        EDITS[name](np.zeros((8, 16), np.float32), mask, np.ones_like(mask, dtype=bool))
