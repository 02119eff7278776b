"""The time left that the demo prints, on a fast and a slow machine, and where it stops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from napari_iris.cli.demo_parts import Part, run_parts
from napari_iris.cli.main import OK, SOME_FAILED

if TYPE_CHECKING:
    from collections.abc import Callable


class Machine:
    """Does parts by moving a clock on: by their expected seconds, times how slow it is."""

    def __init__(self, slowness: float) -> None:
        self.now, self.slowness = 0.0, slowness

    def part(self, title: str, seconds: float, code: int = OK) -> Part:
        def work() -> int:
            self.now += self.slowness * seconds
            return code

        return Part(title, seconds, work)

    def clock(self) -> float:
        return self.now


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[tuple[str, str, str]]]:
    """Place, time left and title of each part."""
    heading = re.compile(r"^\[(\d/\d), about (.+) left\] (.+)$", re.MULTILINE)
    return lambda: heading.findall(capsys.readouterr().out)


def test_on_the_machine_of_the_expected_times_they_are_the_time_left(
    printed: Callable[[], list[tuple[str, str, str]]],
) -> None:
    machine = Machine(1)
    parts = [machine.part("masks", 10), machine.part("train", 40), machine.part("scores", 20)]
    assert run_parts(parts, machine.clock) == OK
    assert printed() == [
        ("1/3", "70 s", "masks"),
        ("2/3", "60 s", "train"),
        ("3/3", "20 s", "scores"),
    ]


@pytest.mark.parametrize(("slowness", "least", "most"), [(4, 60, 80), (0.25, 5, 10)])
def test_the_time_left_follows_the_machine(
    slowness: float,
    least: int,
    most: int,
    printed: Callable[[], list[tuple[str, str, str]]],
) -> None:
    machine = Machine(slowness)
    run_parts([machine.part("train", 40), machine.part("scores", 20)], machine.clock)
    number, _, unit = printed()[-1][1].partition(" ")
    assert unit == "s"
    assert least <= int(number) <= most


def test_from_two_minutes_on_the_time_left_is_in_minutes(
    printed: Callable[[], list[tuple[str, str, str]]],
) -> None:
    machine = Machine(1)
    run_parts([machine.part("train", 200)], machine.clock)
    assert printed() == [("1/1", "3 minutes", "train")]


def test_the_parts_after_one_that_failed_are_not_done(
    printed: Callable[[], list[tuple[str, str, str]]],
) -> None:
    machine = Machine(1)
    parts = [machine.part("masks", 10, SOME_FAILED), machine.part("train", 40)]
    assert run_parts(parts, machine.clock) == SOME_FAILED
    assert [title for _, _, title in printed()] == ["masks"]
    assert machine.now == 10
