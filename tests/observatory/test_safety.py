"""The laws of the verdict: unsafe by default and at once, safe after the hold, with reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.observatory.config import WatchConfig
from napari_iris.observatory.safety import STARTING, Moment, Reading, Safety, Verdict

CONFIG = WatchConfig(hold=600, max_age=120)
GOOD = Reading("a.fits", 0, "clear", cover=5, trust=0.9, novelty=0.4)


class Sky:
    """A verdict over a clock that the test moves, and frames that all differ."""

    def __init__(self, config: WatchConfig = CONFIG) -> None:
        self.time = Moment(1000.0, 1_700_000_000.0)
        self.count = 0
        self.safety = Safety(config, lambda: self.time)

    def wait(self, seconds: float, step: float = 0.0) -> Verdict:
        self.time = Moment(self.time.steady_s + seconds, self.time.wall_s + seconds + step)
        return self.safety.verdict()

    def frame(self, reading: Reading = GOOD, age: float = 0.0, pixels: str = "") -> Verdict:
        self.count += 1
        written, pixels = self.time.wall_s - age, pixels or str(self.count)
        return self.safety.frame(replace(reading, written_s=written, pixels=pixels))

    def good_for(self, seconds: float) -> Verdict:
        """Good frames, one a minute."""
        verdict = self.frame()
        for _ in range(round(seconds // 60)):
            self.wait(60)
            verdict = self.frame()
        return verdict


def test_it_starts_unsafe_and_says_so() -> None:
    verdict = Sky().safety.verdict()
    assert (verdict.is_safe, verdict.reasons) == (False, (STARTING,))


def test_it_is_safe_after_the_hold_and_not_before() -> None:
    sky = Sky()
    sky.frame()
    for _ in range(9):
        verdict = sky.wait(60)
        assert not verdict.is_safe
        sky.frame()
    assert not sky.wait(59.9).is_safe
    assert sky.wait(0.1) == Verdict(True, (), sky.safety.verdict().reading, pytest.approx(0))


BAD = {
    "cloud cover is 31 % (2.5 oktas), above 30 %": replace(GOOD, cover=31),
    "trust in the prediction is 0.20": replace(GOOD, trust=0.2),
    "unlike the model's training frames": replace(GOOD, novelty=1.3),
    "the sky is cloudy": replace(GOOD, cover=None, sky="cloudy"),
    "the sky is unsure": replace(GOOD, cover=None, sky="unsure"),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_frame_is_unsafe_at_once_and_for_the_hold(reason: str) -> None:
    sky = Sky()
    assert sky.good_for(600).is_safe
    verdict = sky.frame(BAD[reason])
    assert not verdict.is_safe
    assert reason in verdict.reasons[0]
    sky.wait(1)
    verdict = sky.good_for(540)
    assert not verdict.is_safe
    assert reason in verdict.reasons[0], "said as what was before"
    sky.wait(60)
    assert sky.frame().is_safe


def test_between_the_thresholds_it_stays_as_it_is() -> None:
    between = replace(GOOD, cover=25)
    sky = Sky()
    assert not sky.frame(between).is_safe
    for _ in range(20):
        sky.wait(60)
        assert "not yet below 20 %" in sky.frame(between).reasons[0]
    assert sky.good_for(600).is_safe
    for _ in range(20):
        sky.wait(60)
        assert sky.frame(between).is_safe


def test_a_frozen_camera() -> None:
    sky = Sky()
    assert sky.good_for(600).is_safe
    assert sky.frame(pixels="same").is_safe
    assert "frozen" in sky.frame(pixels="same").reasons[0]


def test_no_frame_for_too_long_also_if_nobody_asked_meanwhile() -> None:
    sky = Sky()
    assert sky.good_for(600).is_safe
    assert sky.wait(120).is_safe
    assert "the newest frame is 121 s old, more than 120 s" in sky.wait(1).reasons[0]
    sky = Sky()
    sky.good_for(600)
    sky.time = Moment(sky.time.steady_s + 3600, sky.time.wall_s + 3600)
    assert not sky.frame().is_safe, "the hold begins anew"


@pytest.mark.parametrize(("step", "way"), [(3600, "forward"), (-3600, "back"), (2.5, "forward")])
def test_a_clock_step(step: float, way: str) -> None:
    sky = Sky()
    assert sky.good_for(600).is_safe
    assert f"set {way}" in sky.wait(1, step).reasons[0]
    assert f"set {way}" in sky.wait(1).reasons[0], "said as what was before"
    assert not sky.good_for(540).is_safe


def test_a_clock_that_is_adjusted_slowly_is_no_step() -> None:
    sky = Sky()
    assert sky.good_for(600).is_safe
    for _ in range(100):
        assert sky.wait(1, 0.0005).is_safe


def test_old_frames_make_nothing_safe() -> None:
    """Those that were there before the start come first."""
    sky = Sky()
    for _ in range(30):
        sky.wait(60)
        assert not sky.frame(age=7200).is_safe
    sky.frame()
    assert "a frame was already 7200 s old when it arrived" in sky.frame(age=7200).reasons


def test_a_file_of_the_future_is_not_trusted() -> None:
    assert "500 s ahead of the clock" in Sky().frame(age=-500).reasons[0]


def test_a_fault_stays_until_a_good_frame() -> None:
    sky = Sky()
    assert sky.good_for(600).is_safe
    assert sky.safety.fail("the disk is full").reasons == ("the disk is full",)
    assert sky.wait(30).reasons == ("the disk is full",)
    assert "the disk is full" in sky.frame().reasons[0]
    assert sky.good_for(600).is_safe


def test_a_rising_cover_has_a_trend() -> None:
    sky = Sky()
    for minute in range(20):
        verdict = sky.frame(replace(GOOD, cover=minute * 100 / 8 / 60))  # an okta an hour
        assert (verdict.trend is None) == (minute < 4)
        sky.wait(60)
    assert verdict.trend == pytest.approx(1)
    assert sky.wait(1800).trend is None, "too long ago"


EVENTS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0, 400)),
    st.tuples(st.just("step"), st.sampled_from([-3600.0, -3.0, 3.0, 3600.0])),
    st.tuples(st.just("good"), st.just(0)),
    st.tuples(st.just("bad"), st.sampled_from(list(BAD))),
    st.tuples(st.just("frozen"), st.just(0)),
    st.tuples(st.just("fault"), st.sampled_from(["a blank frame", "the disk is full"])),
    st.tuples(st.just("fair weather"), st.integers(1, 15)),
)


@given(st.lists(EVENTS, max_size=40))
def test_never_safe_within_the_hold_after_anything_unsafe(events: list[tuple[str, float]]) -> None:
    sky = Sky()
    unsafe_at = sky.time.steady_s
    for kind, what in events:
        words = ""
        if kind == "wait":
            verdict = sky.wait(what)
        elif kind == "step":
            verdict, words = sky.wait(0, what), "clock was set"
        elif kind == "bad":
            verdict, words = sky.frame(BAD[what]), str(what)
        elif kind == "frozen":
            sky.frame(pixels="same")
            verdict, words = sky.frame(pixels="same"), "frozen"
        elif kind == "fault":
            verdict, words = sky.safety.fail(str(what)), str(what)
        else:
            verdict = sky.good_for(60 * what)
        if words:
            assert any(words in reason for reason in verdict.reasons), "every reason is said"
            unsafe_at = sky.time.steady_s
        assert verdict.is_safe == (not verdict.reasons)
        if verdict.is_safe:
            assert sky.time.steady_s - unsafe_at >= CONFIG.hold
            assert sky.time.wall_s - verdict.reading.written_s <= CONFIG.max_age + 1e-6


def test_thresholds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="--safe-below must not be above"):
        WatchConfig(safe_below=40, unsafe_above=30)
