"""Renew the pictures in ``docs/images``: the window and every dock on the sample night.

``make screenshots`` runs it, on a virtual display where there is none.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from napari_iris.masks.edit import stroke

IMAGES = Path(__file__).parent / "images"

PICTURES = {"window.png": 16, "clear.png": 3}
"""Frame of the sample night, counted from 1, that each picture shows."""

DECIDED = ("clear", "clear", "clear", "clear", "approve", "approve", "reject", "overcast")
"""What is decided of the first frames before the desk's pictures are taken."""

CORRECTED = 15
"""Frame that is being corrected in the desk's picture, from 0."""

APPROVED = 26
"""Frames that are approved before the training's picture is taken."""

TRAINED = (((8, 16), 20), ((16, 32, 64), 14))
"""Channels of the networks in that picture, and the epochs that each has been trained."""

PREDICTED = 15
"""Frame shown in the screenshot of the Predict dock, from 0."""

COLORS = 256
"""Colours of a picture: as few as the eye allows, for a small file."""


def main() -> int:
    """Take every picture anew."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NAPARI_CONFIG"] = str(Path(folder) / "settings.yaml")  # not one's own
        os.environ["HOME"] = "/home/observer"  # what folders are shown beneath
        os.environ["XDG_CACHE_HOME"] = folder
        IMAGES.mkdir(exist_ok=True)
        _take_reference(Path(folder))
        _take_window()
        _take_desk(Path(folder))
        _take_training(Path(folder))
        _take_models(Path(folder))
    return 0


def _take_reference(folder: Path) -> None:
    """Take the demo's picture of masks with and without the reference."""
    from napari_iris.cli.demo import write_truth
    from napari_iris.cli.demo_masks import PICTURE, NightMasks
    from napari_iris.cli.main import main as command
    from napari_iris.resources import sample_night

    night = NightMasks(folder / "alone", folder / "masks", folder / "truth")
    for out, choice in ((night.alone, "none"), (night.with_reference, "auto")):
        command(["mask", str(sample_night()), "--out", str(out), "--reference", choice])
    write_truth(night.truth)
    night.draw(folder)
    shutil.copy(folder / f"{PICTURE}.png", IMAGES / "demo.png")
    _shrink(IMAGES / "demo.png")


def _take_window() -> None:
    """Take the window with the Mask and the Frames dock."""
    from napari.settings import get_settings

    from napari_iris.desk.window import open_window, save_picture
    from napari_iris.desk.workspace import workspace_of
    from napari_iris.resources import sample_night

    get_settings().appearance.theme = "dark"
    window = open_window([str(sample_night())])
    for name, frame in PICTURES.items():
        workspace_of(window.viewer).session.go_to(frame - 1)
        save_picture(window, IMAGES / name)
        _shrink(IMAGES / name)
    window.viewer.close()


def _take_desk(folder: Path) -> None:
    """Take the curation desk with a mask being corrected, its keys, and its table."""
    import napari

    from napari_iris.desk.window import run_event_loop
    from napari_iris.resources import sample_night

    shutil.copytree(sample_night(), folder / "night")
    viewer = napari.Viewer(title="napari-iris")
    viewer.window.resize(1500, 990)
    viewer.open(str(folder / "night"), plugin="napari-iris")
    _, desk = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
    desk.project.folder.value = folder / "night_project"
    desk.project.open.click()
    while desk.project.job.is_running:
        run_event_loop(0.1)
    run_event_loop(1)
    work = desk.curation
    for action in DECIDED:
        desk.actions[action]()
        run_event_loop(1.5)
    work.session.go_to(CORRECTED)
    desk.actions["threshold"]()
    mask = work.editor.mask
    touched = stroke(mask.shape, (74, 72), (112, 130), 9)
    work.editor.paint_threshold(mask, touched, more=True)
    viewer.layers.selection.active.cursor = "standard"  # there is no mouse
    viewer.reset_view()
    run_event_loop(2)
    _save(viewer, "curate.png")
    desk.show_shortcuts()
    run_event_loop(0.5)
    desk._dialog.grab().save(str(IMAGES / "keys.png"))  # noqa: SLF001 (our own)
    desk._dialog.close()  # noqa: SLF001
    _shrink(IMAGES / "keys.png")
    desk.queue.order.setCurrentText("Least trusted")
    desk.queue.status.setCurrentText("All")
    desk.queue.update_queue()
    run_event_loop(0.5)
    desk.pages.below.grab().save(str(IMAGES / "queue.png"))
    _shrink(IMAGES / "queue.png")
    _take_timeline(viewer)
    viewer.close()


def _take_timeline(viewer: Any) -> None:
    """Take the timeline of the project, below its frames."""
    from napari_iris.desk.window import run_event_loop
    from napari_iris.desk.workspace import workspace_of

    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
    teaching = workspace_of(viewer).teaching
    while not dock.timeline.is_current or teaching.is_busy:
        run_event_loop(0.1)
    run_event_loop(1)
    viewer.reset_view()
    run_event_loop(1)
    _save(viewer, "timeline.png")


def _take_training(folder: Path) -> None:
    """Take the Train dock in the middle of a run that is compared with an earlier one."""
    import napari

    from napari_iris.desk.window import run_event_loop

    project = _approved_project(folder)
    viewer = napari.Viewer(title="napari-iris")
    viewer.window.resize(1500, 990)
    viewer.open(str(folder / "night"), plugin="napari-iris")
    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Train")
    dock.data.folder.value = project
    for channels, epochs in TRAINED:
        while not dock.train.panel.start.isEnabled():
            run_event_loop(0.1)
        dock.training.form.set("channels", channels)
        dock.training.form.set("epochs", 30)
        dock.train.panel.start.click()
        while len(dock.training.control.progress.epochs) < epochs:
            run_event_loop(0.1)
        if channels != TRAINED[-1][0]:
            dock.training.control.cancel()
    dock.runs.view.selectAll()
    viewer.dims.set_current_step(0, CORRECTED)
    dock.verticalScrollBar().setValue(dock.verticalScrollBar().maximum())
    viewer.reset_view()
    run_event_loop(1)
    _save(viewer, "train.png")
    dock.training.control.cancel()
    while dock.training.is_running:
        run_event_loop(0.1)
    viewer.close()


def _take_models(folder: Path) -> None:
    """Take the Predict dock, and the Review dock at the worst frame, with the shipped models."""
    import napari

    from napari_iris.cli.demo import write_truth
    from napari_iris.desk.window import run_event_loop

    write_truth(folder / "night_truth")
    viewer = napari.Viewer(title="napari-iris")
    viewer.window.resize(1500, 950)
    viewer.open(str(folder / "night"), plugin="napari-iris")
    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Predict")
    dock.session.go_to(PREDICTED)
    while dock.prediction.result is None or not dock.is_current:
        run_event_loop(0.1)
    viewer.reset_view()
    run_event_loop(1)
    _save(viewer, "predict.png")
    dock.job_box.panel.start.click()
    while dock.job.control.is_running:
        run_event_loop(0.1)
    viewer.window.remove_dock_widget(dock)
    _take_review(viewer, folder / "night_truth")
    viewer.close()


def _take_review(viewer: Any, truth: Path) -> None:
    from napari_iris.desk.window import run_event_loop

    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Review")
    dock.choice_box.truth.value = truth
    while not dock.is_current or dock.reviewer.review is None:
        run_event_loop(0.1)
    dock.evaluation.panel.start.click()
    while dock.job.control.is_running or dock.scores.texts["model", "mcc"].text() == "–":
        run_event_loop(0.1)
    run_event_loop(1)
    dock.reviewer.go_to(int(dock.table.model.rows[0]))
    dock.frame.checks["prediction"].setChecked(False)
    dock.frame.checks["probability"].setChecked(False)
    run_event_loop(1)
    viewer.reset_view()
    run_event_loop(1)
    _save(viewer, "review.png")
    boxes = dock.widget().layout()
    cover, last = (boxes.itemAt(boxes.count() - place).widget().geometry() for place in (2, 1))
    dock.widget().grab(cover.united(last)).save(str(IMAGES / "review_night.png"))
    _shrink(IMAGES / "review_night.png")


def _approved_project(folder: Path) -> Path:
    """Make a project of the night in which most automatic masks are approved."""
    from napari_iris.frames.paths import find_frames
    from napari_iris.masks.config import MaskConfig
    from napari_iris.project.indexing import index
    from napari_iris.project.project import Project

    with Project(folder / "approved") as project:
        for _ in index(project, list(find_frames([folder / "night"])[0]), MaskConfig()):
            pass
        for frame in project.table.id[:APPROVED].tolist():
            project.approve(frame)
    return folder / "approved"


def _save(viewer: Any, name: str) -> None:
    viewer.window.screenshot(str(IMAGES / name), canvas_only=False, flash=False)
    _shrink(IMAGES / name)


def _shrink(path: Path) -> None:
    """Make a picture's file small: one byte a pixel, of the palette that changes it least."""
    from PIL import Image, ImageChops, ImageStat

    with Image.open(path) as opened:
        picture = opened.convert("RGB")

    def change(small: Image.Image) -> float:
        squares = ImageStat.Stat(ImageChops.difference(small.convert("RGB"), picture)).sum2
        return float(sum(squares))

    methods = (Image.Quantize.MAXCOVERAGE, Image.Quantize.FASTOCTREE)
    smaller = (picture.quantize(COLORS, one, dither=Image.Dither.NONE) for one in methods)
    min(smaller, key=change).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
