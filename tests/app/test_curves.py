"""Curves over epochs: their limits, and the values that are read."""

from __future__ import annotations

import math
from unittest.mock import Mock

import pytest

from napari_iris.app.curves import Curve, Curves, stepped

STEPS = Curve("", [(0.5, 0.8)], style="faint")
FALLING = Curve("validation", [(1, 0.5), (2, 0.25), (3, 0.125)])


@pytest.fixture
def curves() -> Curves:
    curves = Curves("Loss")
    curves.show([STEPS, FALLING])
    return curves


@pytest.mark.parametrize(
    ("points", "limits"),
    [
        ([], None),
        ([(1, math.nan)], None),
        ([(1, 0.5), (2, math.inf), (3, 1.5)], (1, 3, 0.44, 1.56)),
        ([(1, 0.0)], (1, 2, -0.5, 0.5)),
        ([(1, -1.0), (2, -1.0)], (1, 2, -1.05, -0.95)),
        ([(0.2, 1.0)], (0.2, 2, 0.95, 1.05)),
    ],
    ids=["none", "not a number", "infinite", "zero", "level", "steps"],
)
def test_limits_leave_a_margin_around_finite_values(
    points: list[tuple[float, float]], limits: tuple[float, ...] | None
) -> None:
    curves = Curves("Loss")
    curves.show([Curve("loss", points)])
    assert curves.limits == (None if limits is None else pytest.approx(limits))


@pytest.mark.parametrize(
    ("position", "epoch"), [(2.4, 2), (0.1, 1), (99, 3), (None, None)], ids=str
)
def test_the_nearest_epoch_is_read(
    curves: Curves, position: float | None, epoch: int | None
) -> None:
    curves.read(1)
    curves.read(position)
    assert curves.epoch == epoch


def test_the_values_of_an_epoch(curves: Curves) -> None:
    moved = Mock()
    curves.moved.connect(moved)
    curves.read(2)
    curves.read(2)
    moved.assert_called_once_with()
    assert curves.text == "Epoch 2\nvalidation: 0.2500", "faint curves are not read"
    curves.read(None)
    assert curves.text == ""


def test_steps_stay_within_the_epochs(curves: Curves) -> None:
    read = []
    for step in ("next", "next", "last", "next", "previous", "first", "previous"):
        assert curves.step(step)
        read.append(curves.epoch)
    assert read == [1, 2, 3, 3, 2, 1, 1]


def test_without_an_epoch_there_is_nothing_to_read() -> None:
    curves = Curves("Loss")
    curves.show([STEPS])
    assert not curves.step("next")
    curves.read(1)
    assert curves.epoch is None


@pytest.mark.parametrize(("step", "to"), [("next", 2), ("previous", 7)])
def test_a_first_step_starts_from_an_end(step: str, to: int) -> None:
    assert stepped(step, None, 2, 7) == to
