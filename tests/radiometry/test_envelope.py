"""The low envelope of the frames of a camera."""

from __future__ import annotations

import numpy as np

from napari_iris.radiometry.envelope import lowest_agreement


def test_the_clear_sky_is_low_though_more_frames_agree_on_a_deck() -> None:
    rng = np.random.default_rng(5)
    clear, deck = rng.normal(650, 3, 20), rng.normal(900, 3, 40)
    levels = np.concatenate([clear, rng.uniform(700, 850, 10), deck])
    assert abs(lowest_agreement(levels) - 650) < 10
