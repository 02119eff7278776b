"""The curves of runs: drawn where they belong, on any background, and read by mouse and keys."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPalette
from qtpy.QtWidgets import QApplication, QToolTip

from napari_iris.desk.plots.axes import ticks
from napari_iris.desk.plots.plot import ON_DARK, ON_LIGHT, Curve, Plot
from napari_iris.desk.train.curves import SCORES, Curves, Series
from napari_iris.training.epochs import Epoch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


def epochs(*losses: float) -> list[Epoch]:
    return [
        Epoch(n, loss + 0.1, loss, 0.9, 0.8, 0.7, 1 - loss, 0.5, 1e-3, 1.0)
        for n, loss in enumerate(losses, start=1)
    ]


@given(
    low=st.floats(-1e3, 1e3),
    width=st.floats(1e-4, 1e4),
    most=st.integers(1, 12),
)
def test_ticks_are_round_and_within(low: float, width: float, most: int) -> None:
    high = low + width
    found = ticks(low, high, most)
    assert len(found) <= most + 1
    slack = 1e-6 * width
    assert all(low - slack <= tick <= high + slack for tick in found)
    for one, other in itertools.pairwise(found):
        leading = float(f"{other - one:.3e}".split("e")[0])
        assert min(abs(leading - round_) for round_ in (1, 2, 5, 10)) < 0.01


@pytest.fixture(params=["dark", "light"])
def plot(request: pytest.FixtureRequest, qtbot: QtBot) -> Plot:
    """A plot on either background."""
    plot = Plot("loss")
    dark = request.param == "dark"
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor("#23242b" if dark else "#ebe7e6"))
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#f0f1f2" if dark else "#1e1e21"))
    plot.setPalette(palette)
    qtbot.addWidget(plot)
    plot.resize(340, 160)
    plot.show()
    return plot


def is_dark(plot: Plot) -> bool:
    return bool(plot.palette().color(QPalette.ColorRole.Window).lightness() < 128)


def places_of(image: QImage, color: str) -> Iterator[tuple[int, int]]:
    """Pixels of nearly that colour."""
    wanted = QColor(color)
    for x in range(image.width()):
        for y in range(image.height()):
            found = image.pixelColor(x, y)
            off = (
                abs(found.red() - wanted.red())
                + abs(found.green() - wanted.green())
                + abs(found.blue() - wanted.blue())
            )
            if off < 40:
                yield x, y


def test_a_curve_is_drawn_where_its_values_are(plot: Plot) -> None:
    falling = [(epoch, 1 / epoch) for epoch in range(1, 21)]
    plot.show_curves([Curve("loss", falling), Curve("flat", [(1, 0.5), (20, 0.5)], color=1)])
    image = plot.grab().toImage()
    colors = ON_DARK if is_dark(plot) else ON_LIGHT
    axes = plot.axes()
    assert axes is not None
    drawn = set(places_of(image, colors[0]))
    for epoch, value in falling:
        x, y = axes.x(epoch), axes.y(value)
        assert any(math.hypot(px - x, py - y) < 3 for px, py in drawn), epoch
    rows = {y for _, y in places_of(image, colors[1])}
    assert min(abs(y - axes.y(0.5)) for y in rows) < 2
    assert axes.area.left() <= min(x for x, _ in drawn) + 4
    assert max(x for x, _ in drawn) <= axes.area.right() + 5


def test_numbers_stand_out_from_the_background(plot: Plot) -> None:
    """Tick labels and the title can be read on dark and on light."""
    plot.show_curves([Curve("loss", [(1, 0.1), (2, 0.9)])])
    image = plot.grab().toImage()
    head = [image.pixelColor(x, y).lightness() for x in range(6, 40) for y in range(2, 18)]
    assert max(head) - min(head) > 120


def test_one_epoch_is_seen_too(plot: Plot) -> None:
    plot.show_curves([Curve("loss", [(1, 0.5)], best=1)])
    colors = ON_DARK if is_dark(plot) else ON_LIGHT
    assert len(list(places_of(plot.grab().toImage(), colors[0]))) > 8


@pytest.mark.parametrize(
    "points",
    [[], [(1, math.nan)], [(1, 0.5), (2, math.inf), (3, 0.4)], [(1, 0.0)], [(1, -1.0), (2, -1.0)]],
    ids=["none", "no number", "infinite", "zero", "level"],
)
def test_odd_values_are_drawn_as_far_as_they_can_be(
    plot: Plot, points: list[tuple[float, float]]
) -> None:
    plot.show_curves([Curve("loss", points)])
    assert not plot.grab().isNull()
    finite = [point for point in points if math.isfinite(point[1])]
    assert (plot.axes() is None) == (not finite)


def test_the_mouse_reads_the_nearest_epoch(plot: Plot, qtbot: QtBot) -> None:
    steps = Curve("", [(0.5, 0.8)], style="faint")
    plot.show_curves([steps, Curve("validation", [(1, 0.5), (2, 0.25), (3, 0.125)])])
    axes = plot.axes()
    assert axes is not None
    place = QPointF(axes.x(2) + 6, 80)
    QApplication.sendEvent(
        plot,
        QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            QPointF(plot.mapToGlobal(place.toPoint())),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    assert plot.epoch == 2
    assert plot.values() == "epoch 2\nvalidation: 0.2500"
    qtbot.waitUntil(lambda: QToolTip.text() == plot.values())
    assert plot.accessibleDescription() == plot.values()
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert plot.epoch is None


def test_the_arrow_keys_read_too(plot: Plot, qtbot: QtBot) -> None:
    plot.show_curves([Curve("validation", [(n, 1 / n) for n in range(1, 6)])])
    key = Qt.Key
    read = []
    for press in (key.Key_Right, key.Key_Right, key.Key_End, key.Key_Right, key.Key_Left):
        qtbot.keyClick(plot, press)
        read.append(plot.epoch)
    assert read == [1, 2, 5, 5, 4]
    qtbot.keyClick(plot, key.Key_Home)
    assert plot.values() == "epoch 1\nvalidation: 1.0000"
    plot.clearFocus()
    plot.point_at(None)
    assert plot.values() == ""


@pytest.fixture
def curves(qtbot: QtBot) -> Curves:
    curves = Curves()
    qtbot.addWidget(curves)
    curves.show()
    return curves


def test_before_the_first_run_it_says_what_will_be_there(curves: Curves) -> None:
    assert curves.hint.isVisible()
    assert not curves.loss.isVisible()
    curves.show_runs([Series("unet1", epochs(0.5))])
    assert not curves.hint.isVisible()
    assert curves.loss.isVisible()


def test_runs_are_compared(curves: Curves) -> None:
    long_name = "a network with <b>many</b> & wide levels"
    curves.show_runs([Series("unet1", epochs(0.5, 0.3, 0.4)), Series(long_name, epochs(0.6))])
    curves.loss.point_at(1)
    assert curves.loss.values().splitlines() == [
        "epoch 1",
        "unet1 training: 0.6000",
        "unet1 validation: 0.5000",
        f"{long_name} training: 0.7000",
        f"{long_name} validation: 0.6000",
    ]
    assert curves.score.epoch == 1, "both plots point at the same epoch"
    assert "unet1 clear IoU: 0.5000" in curves.score.values()
    best = {curve.name: curve.best for curve in curves.loss.curves}
    assert best["unet1 validation"] == 2
    assert "a network with &lt;b&gt;m" in curves.legend.text(), "a name is no markup"
    assert long_name not in curves.legend.text()


def test_any_score_can_be_drawn(curves: Curves, qtbot: QtBot) -> None:
    curves.show_runs([Series("unet1", epochs(0.5))])
    shown = {}
    for name in SCORES:
        curves.choice.setCurrentText(name)
        (curve,) = curves.score.curves
        shown[name] = curve.points[0][1]
        assert curves.score.title == f"{name} (validation)"
    assert shown == {
        "clear IoU": 0.5,
        "cloud IoU": 0.7,
        "accuracy": 0.9,
        "balanced accuracy": 0.8,
        "MCC": 0.5,
    }


def test_the_first_epoch_shows_its_steps(curves: Curves) -> None:
    curves.show_runs([Series("unet1", [], [(0.1, 0.7), (0.2, 0.6)])])
    assert curves.loss.axes() is not None
    curves.loss.point_at(1)
    assert curves.loss.values() == "epoch 1"


def test_no_more_curves_are_drawn_than_can_be_told_apart(qtbot: QtBot) -> None:
    curves = Curves()
    qtbot.addWidget(curves)
    curves.show_runs([Series(f"run{number}", epochs(0.5, 0.4)) for number in range(9)])
    drawn = {curve.color for curve in curves.score.curves}
    assert len(drawn) == len(curves.score.curves) == len(ON_DARK)
    assert f"the first {len(ON_DARK)} are drawn; 3 more are not" in curves.legend.text()
    curves.show_runs(curves.series[:2])
    assert "are not" not in curves.legend.text()
