"""The benchmark of label efficiency: what its figures mean, and that it runs through."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MODULES = ("alterations", "label_curves", "learner", "labels")


@pytest.fixture
def labels(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import labels

    yield labels
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def curves(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import label_curves

    yield label_curves
    del sys.modules["label_curves"]


@pytest.mark.parametrize(
    ("curve", "part", "expected"),
    [
        ([0.5, 0.7, 0.9], 1.0, 20),
        ([0.5, 0.7, 0.9], 0.5, 10),
        ([0.5, 0.7, 0.9], 0.75, 15),
        ([0.5, 0.95, 0.9], 1.0, 10 * 0.4 / 0.45),
        ([0.5, 0.4, 0.6], 0.5, 17.5),
    ],
)
def test_frames_needed_are_those_at_which_the_curve_first_reaches_the_part(
    curves: Any, curve: list[float], part: float, expected: float
) -> None:
    assert curves.needed((0, 10, 20), np.array(curve), part) == pytest.approx(expected)


def test_an_order_that_is_twice_as_fast_needs_half_of_the_frames(curves: Any) -> None:
    seeds = np.linspace(0, 0.01, 5)[:, None]
    fast, slow = ([0.5, 0.7, 0.9, 0.9, 0.9], [0.5, 0.6, 0.7, 0.9, 0.9])
    values = {"most uncertain": fast + seeds, "random": slow + seeds}
    text = curves.table((0, 10, 20, 40, 80), values)
    assert "For 100% of the gain, most uncertain needs 0.50 (0.50-0.50) of the frames" in text
    assert text.splitlines()[2].startswith("| most uncertain | 0.5050 | 0.7050 | 0.9050 |")
    assert "| 20 (20-20) |" in text


class Stand:
    """Stands in for a network, which is its input; counts the steps of each training."""

    def __init__(self, *_: object) -> None:
        self.trainings: list[int] = []

    def weights(self) -> dict[str, Any]:
        return {}

    optimizer_state = weights

    def set_weights(self, _: object) -> None:
        self.trainings.append(0)

    def set_optimizer_state(self, _: object) -> None:
        pass

    def step(self, x: Any, y: Any, weight: Any, learning_rate: float) -> float:
        assert x.shape == y.shape == weight.shape
        assert 0 < learning_rate <= 1e-3
        self.trainings[-1] += 1
        return 0.0

    def predict(self, x: Any) -> Any:
        return x


@pytest.mark.slow
def test_each_order_is_measured_and_what_is_measured_stays(
    labels: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand = Stand()
    monkeypatch.setattr("learner.make_trainer", lambda *_: stand)
    kept, picture = tmp_path / "curves.json", tmp_path / "labels.png"
    line = ["labels.py", "--quick", "--curves", str(kept), "--figure", str(picture)]
    monkeypatch.setattr(sys, "argv", line)
    labels.main()
    printed = capsys.readouterr().out
    assert [row.split(" | ")[0][2:] for row in printed.splitlines()[2:6]] == list(labels.ORDERS)
    (found,) = json.loads(kept.read_text())
    quick, curves = labels.QUICK, np.array(list(found.values()))
    # the stand-in does not learn
    assert (curves == curves[0, 0]).all()
    assert 0.3 < curves[0, 0] < 1
    times = len(labels.ORDERS) * len(quick.sizes) + 1
    assert [steps for steps in stand.trainings if steps] == [quick.first_steps] + times * [
        quick.steps
    ]
    assert picture.read_bytes().startswith(b"\x89PNG")
    monkeypatch.delattr(labels, "Learner")
    labels.main()
    assert capsys.readouterr().out == printed
