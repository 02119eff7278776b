"""The Mask dock: settings of the mask, a live preview, and masks of many frames."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from napari_iris.app.mask_job import MaskJob
from napari_iris.app.mask_preview import PREVIEW, MaskPreview
from napari_iris.desk.forms.dock import Dock
from napari_iris.desk.forms.form import FormView
from napari_iris.desk.forms.layout import titled
from napari_iris.desk.forms.overlay_check import OverlayCheck
from napari_iris.desk.frames.job_box import FrameJobBox
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.layers.overlay import Overlay
from napari_iris.desk.layers.reader import new_labels
from napari_iris.desk.mask.summary_view import MaskSummaryView
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    import napari

WIDTH = 415
"""Least width of the dock [pixels]."""

MARK = "iris_preview"
"""Key that marks the preview in its layer's metadata."""


class MaskDock(Dock):
    """Find settings on the current frame, then make masks of many frames.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.session, self.frames = workspace.session, workspace.frames
        self.form = workspace.mask_settings
        self.form_view = FormView(self.form)
        make = partial(new_labels, name=PREVIEW)
        self._overlay = Overlay(self.frames, MARK, make, docks=("mask",))
        clear_sky = workspace.clear_sky
        self.preview = MaskPreview(self.session, self._overlay, self.form, clear_sky)
        self.summary = MaskSummaryView(self.preview, clear_sky)
        self.job = MaskJob(self.session, self.form)
        self.apply = FrameJobBox(
            self.job, "Make masks", "Runs in the background; human masks are kept"
        )
        self.show_preview = OverlayCheck(
            self._overlay, "Show mask of the current frame", "Mask made with these settings, live"
        )
        self._lay_out()
        self.work_in(workspace, "mask")
        connect(self.preview.changed, self.summary.refresh)
        connect(self.form.changed, self._follow_form)
        self.session.sequence_changed.connect(self.job.follow_sequence)
        self.job.follow_sequence()
        self.preview.refresh()

    def _lay_out(self) -> None:
        self.welcome = Welcome(self.frames)
        self.fill(
            self.welcome,
            titled("Settings", self.form_view),
            titled("Current frame", self.summary, self.show_preview),
            titled("Make masks", self.apply),
            None,
            width=WIDTH,
        )

    def _follow_form(self) -> None:
        self.job.refresh()
        self.preview.refresh()

    def leave(self) -> None:
        """Remove the preview when the dock is removed from the window."""
        self.preview.close()
        self._overlay.remove()
