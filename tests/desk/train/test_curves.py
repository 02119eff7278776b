"""The plots of a training with their legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_iris.app.training.curves import SCORES, RunCurves, TrainingCurves
from napari_iris.desk.train.curves import CurvesView
from napari_iris.training.epochs import Epoch

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


def epochs(*losses: float) -> list[Epoch]:
    return [
        Epoch(n, loss + 0.1, loss, 0.9, 0.8, 0.7, 1 - loss, 0.5, 1e-3, 1.0)
        for n, loss in enumerate(losses, start=1)
    ]


@pytest.fixture
def view(qtbot: QtBot) -> CurvesView:
    view = CurvesView(TrainingCurves())
    qtbot.addWidget(view)
    view.show()
    return view


def test_before_the_first_run_a_hint_says_what_will_appear(view: CurvesView) -> None:
    assert view.hint.isVisible()
    assert not view.loss.isVisible()
    view.curves.show([RunCurves("unet1", epochs(0.5))])
    assert not view.hint.isVisible()
    assert view.loss.isVisible()


def test_the_legend_names_the_runs(view: CurvesView) -> None:
    long_name = "a network with <b>many</b> & wide levels"
    view.curves.show([RunCurves("unet1", epochs(0.5)), RunCurves(long_name, epochs(0.6))])
    assert "unet1" in view.legend.text()
    assert "a network with &lt;b&gt;m" in view.legend.text(), "a name is not markup"
    assert long_name not in view.legend.text()
    view.curves.show([RunCurves(f"run{number}", epochs(0.5, 0.4)) for number in range(9)])
    assert "The first 6 are plotted, 3 more are not." in view.legend.text()
    view.curves.show(view.curves.runs[:2])
    assert "are not" not in view.legend.text()


def test_any_score_can_be_chosen(view: CurvesView) -> None:
    assert [view.choice.itemText(place) for place in range(view.choice.count())] == [*SCORES]
    view.curves.show([RunCurves("unet1", epochs(0.5))])
    view.choice.setCurrentText("MCC")
    assert view.score.curves.title == "MCC (validation)"
