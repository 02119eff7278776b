"""Scores by frame: the worst first."""

from __future__ import annotations

import numpy as np

from napari_iris.evaluation.score_table import ScoreTable


def test_the_worst_frame_is_first_by_accuracy_then_by_loss() -> None:
    accuracy = [0.9, 0.5, np.nan, 0.5, 0.9, 0.7]
    loss = [0.1, 0.4, np.nan, 0.8, 0.3, 0.2]
    times = np.full(6, np.datetime64("NaT"), "M8[us]")
    table = ScoreTable.empty(list("abcdef"), times, np.zeros(6, np.float32))
    table.values["accuracy"], table.values["bce"] = accuracy, loss
    table.done[:5] = True
    assert [table.names[row] for row in table.order()] == ["d", "b", "e", "a", "c"]
    assert len(table) == 5
