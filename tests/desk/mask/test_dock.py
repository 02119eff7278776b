"""The Mask dock: the live preview of the mask, what is shown of it, and the layer it lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from qtpy.QtCore import Qt

from napari_iris.app import clear_sky
from napari_iris.app.mask_summary import METHODS
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import CloudMask, make_mask
from napari_iris.masks.mask_file import write_mask
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.mask.dock import MaskDock

pytestmark = pytest.mark.gui

CLEAR, CLOUDY, OVERCAST = 2, 15, 13
"""Frames of the sample night."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no clear sky learned, so that masks do not depend on when the background is done."""
    monkeypatch.setattr(clear_sky, "learn_references", lambda *_, **__: ReferenceSet())


@pytest.fixture
def preview(model: Any) -> Callable[[], Any]:
    """Give the preview's layer, or None."""

    def find() -> Any:
        return next((layer for layer in model.layers if "iris_preview" in layer.metadata), None)

    return find


@pytest.fixture
def expected(mask_dock: MaskDock) -> Callable[..., CloudMask]:
    """Make the mask of a frame of the night, by its number, as the command line makes it."""

    def make(number: int, **config: Any) -> CloudMask:
        assert mask_dock.session.sequence is not None
        return make_mask(mask_dock.session.sequence.pixels(number), MaskConfig(**config))

    return make


@pytest.fixture
def night(
    mask_dock: MaskDock,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    settle: Callable[[], None],
) -> Any:
    """Four frames in the viewer, the last of them in view and masked."""
    layer = open_night(make_night(4))
    mask_dock.session.go_to(3)
    settle()
    return layer


def tick(qtbot: QtBot, box: Any) -> None:
    place = box.rect().center()
    place.setX(8)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=place)


def test_with_no_night_there_is_nothing_to_tell(mask_dock: MaskDock) -> None:
    assert mask_dock.summary.sky.text() == "No frame"
    assert mask_dock.summary.cloud.text() == "–"
    assert mask_dock.preview.made is None
    assert not mask_dock.apply.panel.start.isEnabled()
    assert not mask_dock.apply.panel.copy.isEnabled()


def test_the_preview_is_the_mask_of_the_frame_in_view(
    night: Any, preview: Any, expected: Callable[..., CloudMask]
) -> None:
    np.testing.assert_array_equal(preview().data, expected(3).mask)
    assert preview().metadata["iris_frame"].endswith("night/sky_4.fits")
    assert preview().visible
    assert not preview().editable


def test_the_preview_follows_the_frames(
    night: Any,
    model: Any,
    preview: Any,
    settle: Callable[[], None],
    expected: Callable[..., CloudMask],
) -> None:
    assert (expected(1).mask != expected(2).mask).any()
    for number in (0, 1, 2, 1):
        model.dims.set_current_step(0, number)
        settle()
        np.testing.assert_array_equal(preview().data, expected(number).mask)
        assert preview().metadata["iris_frame"].endswith(f"sky_{number + 1}.fits")


def test_only_the_last_of_many_quick_steps_counts(
    night: Any,
    model: Any,
    preview: Any,
    settle: Callable[[], None],
    expected: Callable[..., CloudMask],
) -> None:
    for number in (0, 1, 2, 3) * 10 + (2,):
        model.dims.set_current_step(0, number)
    settle()
    np.testing.assert_array_equal(preview().data, expected(2).mask)


@pytest.mark.parametrize(
    ("name", "value"),
    [("contrast", 2.0), ("a_log", 10), ("gate", False), ("shape", (64, 80))],
)
def test_the_preview_follows_every_parameter(
    mask_dock: MaskDock,
    model: Any,
    open_night: Callable[..., Any],
    preview: Any,
    settle: Callable[[], None],
    expected: Callable[..., CloudMask],
    name: str,
    value: Any,
) -> None:
    number = CLEAR if name == "gate" else CLOUDY
    open_night(sample_night())
    model.dims.set_current_step(0, number)
    settle()
    before = preview().data.copy()
    mask_dock.form.set(name, value)
    settle()
    assert mask_dock.form.config == MaskConfig(**{name: value})
    np.testing.assert_array_equal(preview().data, expected(number, **{name: value}).mask)
    assert before.shape != preview().data.shape or (before != preview().data).any()


def test_the_gate_empties_the_mask_of_a_clear_frame(
    mask_dock: MaskDock,
    night: Any,
    model: Any,
    preview: Any,
    qtbot: QtBot,
    settle: Callable[[], None],
) -> None:
    model.dims.set_current_step(0, 0)
    settle()
    assert not preview().data.any()
    assert mask_dock.summary.sky.text() == "Clear"
    tick(qtbot, mask_dock.form_view.rows["gate"].native)
    settle()
    assert preview().data.mean() > 0.1, "without the gate the recipe calls clear sky cloud"
    assert mask_dock.summary.sky.text() == "Gate off"
    assert mask_dock.summary.trust.text() == "–"
    tick(qtbot, mask_dock.form_view.rows["gate"].native)
    settle()
    assert not preview().data.any()


def test_a_typed_parameter_is_taken(
    mask_dock: MaskDock,
    night: Any,
    preview: Any,
    qtbot: QtBot,
    settle: Callable[[], None],
    expected: Callable[..., CloudMask],
) -> None:
    spin = mask_dock.form_view.rows["a_log"].native
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, "20")
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    settle()
    assert mask_dock.form.config == MaskConfig(a_log=20)
    np.testing.assert_array_equal(preview().data, expected(3, a_log=20).mask)


@pytest.mark.parametrize(
    ("number", "sky", "method"),
    [
        (CLEAR, "Clear", "clear"),
        (CLOUDY, "Cloudy", "recipe"),
        (OVERCAST, "Overcast", "overcast"),
    ],
)
def test_the_sky_condition_is_shown(
    mask_dock: MaskDock,
    model: Any,
    open_night: Callable[..., Any],
    settle: Callable[[], None],
    expected: Callable[..., CloudMask],
    number: int,
    sky: str,
    method: str,
) -> None:
    open_night(sample_night())
    model.dims.set_current_step(0, number)
    settle()
    made = expected(number)
    assert made.gate is not None
    assert made.method == method
    summary = mask_dock.summary
    assert summary.sky.text() == sky
    fraction = made.cloud_fraction
    assert summary.cloud.text() == f"{fraction:.1%}  ({8 * fraction:.1f} oktas)"
    assert summary.threshold.text().startswith(f"{made.threshold:.1f} ADU")
    assert summary.threshold.text().endswith("(replaced by the sky gate)") == (number != CLOUDY)
    assert summary.method.text() == METHODS[method]
    assert summary.trust.text() == f"{round(100 * made.gate.trust)}%"


def test_a_frame_scaled_to_one_has_a_threshold_without_a_unit(
    mask_dock: MaskDock,
    write_frame: Callable[..., Path],
    open_night: Callable[..., Any],
    settle: Callable[[], None],
) -> None:
    frame = np.full((128, 160), 0.04, np.float32)
    frame[:, :32] = 0.06
    open_night(write_frame("a.fits", frame))
    settle()
    assert 0.04 <= float(mask_dock.summary.threshold.text().split()[0]) <= 0.06
    assert "ADU" not in mask_dock.summary.threshold.text()


def test_a_bad_frame_shows_the_reason_and_no_mask(
    mask_dock: MaskDock,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    model: Any,
    preview: Any,
    settle: Callable[[], None],
) -> None:
    folder = make_night(4)
    (folder / "sky_3.fits").write_bytes(b"")
    open_night(folder)
    model.dims.set_current_step(0, 1)
    settle()
    assert preview().visible
    model.dims.set_current_step(0, 2)
    settle()
    assert mask_dock.summary.sky.text() == "No mask"
    assert mask_dock.summary.method.text() == "is empty (0 bytes)"
    assert not preview().visible
    assert mask_dock.show_preview.isChecked()
    model.dims.set_current_step(0, 3)
    settle()
    assert preview().visible
    assert mask_dock.summary.method.text() in METHODS.values()


def test_an_error_that_none_foresaw_is_raised_not_swallowed(
    mask_dock: MaskDock, night: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("napari_iris.app.mask_preview.make_mask", fail)
    with qtbot.captureExceptions() as raised:
        mask_dock.form.set("contrast", 0.8)  # no mask of it is made yet
        qtbot.waitUntil(lambda: bool(raised))
    assert raised[0][0] is ZeroDivisionError


@pytest.mark.parametrize("shape", [(128, 160), (64, 80), (40, 40), (256, 320), (37, 53)])
def test_the_preview_covers_the_frame_to_its_corners(
    mask_dock: MaskDock,
    night: Any,
    preview: Any,
    settle: Callable[[], None],
    shape: tuple[int, int],
) -> None:
    mask_dock.form.set("shape", shape)
    settle()
    layer = preview()
    assert layer.data.shape == shape
    rows, columns = shape
    frame_corners = [(-0.5, -0.5), (-0.5, 159.5), (127.5, -0.5), (127.5, 159.5)]
    mask_corners = [(r, c) for r in (-0.5, rows - 0.5) for c in (-0.5, columns - 0.5)]
    for mask_corner, corner in zip(mask_corners, frame_corners, strict=True):
        np.testing.assert_allclose(layer.data_to_world(mask_corner), corner, atol=1e-9)


def test_a_pixel_of_cloud_lies_on_its_block_of_the_frame(
    mask_dock: MaskDock,
    write_frame: Callable[..., Path],
    open_night: Callable[..., Any],
    preview: Any,
    settle: Callable[[], None],
) -> None:
    """A raw frame of 512 x 640: mask pixel (r, c) covers rows 4r to 4r + 3."""
    frame = np.random.default_rng(0).normal(600, 1, (512, 640))
    frame[400:440, 80:120] += 300
    open_night(write_frame("raw.fits", frame.astype(np.int16)))
    settle()
    layer = preview()
    for world, cloud in (((400, 80), 1), ((439, 119), 1), ((399, 80), 0), ((440, 119), 0)):
        assert layer.get_value((0, *world), world=True) == cloud, world


def test_the_preview_leaves_the_night_selected(night: Any, model: Any, preview: Any) -> None:
    assert preview() is not None
    assert model.layers.selection.active == night


def test_the_preview_leaves_another_layer_selected(
    mask_dock: MaskDock,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    model: Any,
    settle: Callable[[], None],
    preview: Any,
) -> None:
    open_night(make_night(2))
    points = model.add_points(np.zeros((1, 2)))
    settle()
    assert preview() is not None
    assert model.layers.selection.active == points


def test_the_preview_lies_on_the_selected_sequence(
    mask_dock: MaskDock,
    night: Any,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    model: Any,
    preview: Any,
    settle: Callable[[], None],
) -> None:
    second = open_night(make_night(2, "tuesday"))
    settle()
    assert model.layers.index(preview()) > model.layers.index(second)
    model.layers.selection.active = night
    settle()
    assert preview().metadata["iris_frame"].startswith(mask_dock.session.sources[0])
    assert sum("iris_preview" in layer.metadata for layer in model.layers) == 1


def test_a_preview_that_is_deleted_stays_away_until_it_is_wanted(
    mask_dock: MaskDock,
    night: Any,
    model: Any,
    preview: Any,
    qtbot: QtBot,
    settle: Callable[[], None],
    expected: Callable[..., CloudMask],
) -> None:
    model.layers.remove(preview())
    assert not mask_dock.show_preview.isChecked()
    model.dims.set_current_step(0, 1)
    settle()
    assert preview() is None
    assert mask_dock.summary.sky.text() == "Cloudy", "what was found is shown all the same"
    tick(qtbot, mask_dock.show_preview)
    np.testing.assert_array_equal(preview().data, expected(1).mask)
    model.dims.set_current_step(0, 2)
    settle()
    np.testing.assert_array_equal(preview().data, expected(2).mask)


def test_the_box_and_the_eye_of_the_layer_list_are_one(
    mask_dock: MaskDock,
    night: Any,
    model: Any,
    preview: Any,
    qtbot: QtBot,
    settle: Callable[[], None],
) -> None:
    preview().visible = False
    assert not mask_dock.show_preview.isChecked()
    model.dims.set_current_step(0, 1)
    settle()
    assert not preview().visible, "a step does not show what the person hid"
    tick(qtbot, mask_dock.show_preview)
    assert preview().visible
    tick(qtbot, mask_dock.show_preview)
    assert not preview().visible


def test_a_night_that_is_closed_takes_its_mask_along(
    mask_dock: MaskDock, night: Any, model: Any, preview: Any, qtbot: QtBot
) -> None:
    mask_dock.preview.refresh()
    model.layers.remove(night)
    qtbot.waitUntil(lambda: mask_dock.summary.sky.text() == "No frame")
    assert not preview().visible
    assert not mask_dock.apply.panel.start.isEnabled()


def test_after_all_is_cleared_a_new_night_has_its_preview(
    mask_dock: MaskDock,
    night: Any,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    model: Any,
    preview: Any,
    settle: Callable[[], None],
) -> None:
    model.layers.clear()
    assert preview() is None
    open_night(make_night(2, "tuesday"))
    settle()
    assert preview().visible


def test_an_opened_mask_file_is_never_written_over(
    mask_dock: MaskDock,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    model: Any,
    preview: Any,
    settle: Callable[[], None],
) -> None:
    """It may have the preview's name and place; a person's work would be lost."""
    folder = make_night(3)
    drawn = np.full((128, 160), 2, np.uint8)
    path = folder.parent / "sky_1_mask.fits"
    write_mask(path, np.ones((128, 160), np.float32), drawn, fits.Header(), {})
    labels = model.open(str(path), plugin="napari-iris")[1]
    open_night(folder)
    for number in (0, 1, 2):
        model.dims.set_current_step(0, number)
        settle()
    np.testing.assert_array_equal(labels.data, drawn)
    assert preview() != labels


def test_the_dock_opened_again_takes_over_the_preview(
    night: Any, model: Any, preview: Any, qtbot: QtBot
) -> None:
    from napari_iris.desk.mask.dock import MaskDock

    again = MaskDock(model)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again.preview.is_current)
    assert sum("iris_preview" in layer.metadata for layer in model.layers) == 1


@pytest.fixture
def window(
    make_night: Callable[..., Path], make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot
) -> Any:
    """A real window with four frames, and the Mask dock in it."""
    viewer = make_napari_viewer_proxy(show=True)
    viewer.open(str(make_night(4)), plugin="napari-iris")
    dock = viewer.window.add_plugin_dock_widget("napari-iris", "Mask")[1]
    dock.session.go_to(3)
    qtbot.waitUntil(
        lambda: dock.preview.is_current and "cloud mask" in viewer.layers, timeout=60_000
    )
    return viewer


def test_a_dock_that_is_closed_takes_its_mask_along(window: Any, qtbot: QtBot) -> None:
    dock = window.window.dock_widgets["Mask (napari-iris)"]
    window.window.remove_dock_widget(dock)
    assert "cloud mask" not in window.layers
    for number in (1, 2):
        dock.session.go_to(number)
        qtbot.wait(300)  # longer than a preview takes, if one were made
        assert "cloud mask" not in window.layers, "nor does it come back with a later frame"
    again = window.window.add_plugin_dock_widget("napari-iris", "Mask")[1]
    qtbot.waitUntil(
        lambda: again.preview.is_current and "cloud mask" in window.layers, timeout=60_000
    )
    assert window.layers["cloud mask"].metadata["iris_frame"].endswith("sky_3.fits")


def test_a_mask_that_a_project_hid_does_not_come_back_without_its_dock(
    window: Any, tmp_path: Path, qtbot: QtBot
) -> None:
    with Project(tmp_path / "project") as project:
        paths = sorted((tmp_path / "night").iterdir())
        assert list(index(project, paths, MaskConfig(), jobs=1)) == paths
    curate = window.window.add_plugin_dock_widget("napari-iris", "Curate")[1]
    curate.project.folder.value = tmp_path / "project"
    qtbot.mouseClick(curate.project.open, Qt.MouseButton.LeftButton)
    window.window.remove_dock_widget(window.window.dock_widgets["Mask (napari-iris)"])
    qtbot.mouseClick(curate.project.close_project, Qt.MouseButton.LeftButton)
    qtbot.wait(300)  # longer than a preview takes, if one were made
    assert "cloud mask" not in window.layers


def test_the_mask_and_a_prediction_do_not_mix(
    window: Any, make_model: Callable[..., Path], qtbot: QtBot
) -> None:
    make_model("unet1")
    dock = window.window.dock_widgets["Mask (napari-iris)"]
    predict = window.window.add_plugin_dock_widget("napari-iris", "Predict")[1]
    qtbot.waitUntil(lambda: predict.prediction.result is not None)
    of_model = [layer for layer in window.layers if "iris_frame" in layer.metadata][-2:]
    assert [layer.visible for layer in of_model] == [True, True]
    assert not window.layers["cloud mask"].visible
    assert dock.show_preview.isChecked(), "it comes back with its dock"
    dock.parentWidget().raise_()
    qtbot.waitUntil(lambda: window.layers["cloud mask"].visible)
    assert [layer.visible for layer in of_model] == [False, False]
    dock.session.go_to(1)
    qtbot.waitUntil(lambda: dock.preview.is_current and predict.is_current)
    assert [layer.visible for layer in of_model] == [False, False]
    window.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: all(layer.visible for layer in of_model))


def test_a_value_out_of_range_is_reported(
    mask_dock: MaskDock, night: Any, preview: Any, settle: Callable[[], None]
) -> None:
    mask_dock.form.set("contrast", 50)
    settle()
    problem = "Contrast: input should be less than or equal to 10"
    assert (mask_dock.summary.sky.text(), mask_dock.summary.method.text()) == ("No mask", problem)
    assert mask_dock.job.problem == problem
    assert not preview().visible
    mask_dock.form.set("contrast", 0.9)
    settle()
    assert preview().visible
