"""Training learns what its frames are like; a model that exists can be taught it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from napari_iris.errors import ModelError
from napari_iris.networks.card import read_card
from napari_iris.networks.normalisation import frame_plane
from napari_iris.networks.novelty import FEWEST
from napari_iris.training.novelty import add_novelty, training_novelty

SHAPE = (64, 80)


def frames(count: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    ramps = rng.uniform(10, 60, (count, 1, 1)) * np.linspace(0, 1, SHAPE[1])
    return list((700 + ramps + rng.normal(0, 2, (count, *SHAPE))).astype(np.float32))


@dataclass
class TwelveBatches:
    """Stands in for training batches, each with one augmented copy; notes the epochs read."""

    size: int
    shape: tuple[int, int] = SHAPE

    def __post_init__(self) -> None:
        self.asked: list[int] = []
        rows = np.arange(12 * (self.size - 1))
        self.batches = SimpleNamespace(rows=rows, spec=SimpleNamespace(shape=self.shape))

    def epoch(self, number: int) -> Iterator[Any]:
        self.asked.append(number)
        for batch in range(12):
            planes = [frame_plane(one, "asinh") for one in frames(self.size, batch)]
            planes[-1][:] = np.nan
            yield SimpleNamespace(x=np.stack(planes)[..., None], count=self.size - 1)


def test_a_run_learns_from_its_first_epoch() -> None:
    batches: Any = TwelveBatches(10)
    found = training_novelty(batches, None)
    assert found is not None
    assert (found.frames, batches.asked) == (108, [0])  # without augmented copies
    assert found.of(frame_plane(frames(1, 99)[0], "asinh")) < 1
    assert found.of(np.random.default_rng(0).normal(0, 1, SHAPE).astype(np.float32)) > 1


def test_a_run_of_few_frames_keeps_what_its_first_model_knew(
    make_model: Callable[..., Path],
) -> None:
    few: Any = TwelveBatches(5)
    assert training_novelty(few, None) is None
    init = make_model()
    assert training_novelty(few, str(init)) is None
    added = add_novelty(init, frames(FEWEST))
    assert training_novelty(few, str(init)) == added
    assert few.asked == []  # nothing is read in vain
    small: Any = TwelveBatches(20, shape=(32, 40))
    assert training_novelty(small, None) is None


def test_a_model_that_exists_is_taught_it(make_model: Callable[..., Path]) -> None:
    folder = make_model()
    before = read_card(folder)
    assert before.novelty is None
    found = add_novelty(folder, frames(FEWEST))
    assert read_card(folder) == before.model_copy(update={"novelty": found})


def test_too_few_frames_are_an_error(make_model: Callable[..., Path]) -> None:
    folder = make_model()
    with pytest.raises(ModelError, match="needs 100 frames of 64 pixels or more"):
        add_novelty(folder, frames(FEWEST - 1))
    assert read_card(folder).novelty is None
