"""The Mask dock: the recipe's parameters, a live preview, and the masks of a night."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_iris.app.background import Background
from napari_iris.app.form import config_form
from napari_iris.app.mask_job import MaskJob
from napari_iris.desk.forms.dock import Dock
from napari_iris.desk.forms.form import FormView, titled
from napari_iris.desk.forms.overlay_check import OverlayCheck
from napari_iris.desk.frames.beginning import Beginning
from napari_iris.desk.frames.job_box import FrameJobBox
from napari_iris.desk.layers.overlay import Overlay
from napari_iris.desk.layers.reader import labels_layer
from napari_iris.desk.mask.verdict import VerdictView
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.desk.workspace import workspace_of
from napari_iris.errors import IrisError
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import CloudMask, make_mask

if TYPE_CHECKING:
    import napari
    import numpy as np
    from napari.layers import Labels
    from numpy.typing import NDArray

    from napari_iris.frames.sequence import FrameSequence

PREVIEW = "cloud mask"
"""Name of the layer that shows the mask of the frame in view."""

MAKE_TIP = "Runs in the background; human masks are kept"

MARK = "iris_preview"
"""Key that marks that layer in its metadata."""


class MaskDock(Dock):
    """Set up the cloud mask on the frame in view, then make the masks of the night.

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
        self.made: CloudMask | None = None
        self.form = config_form(MaskConfig)
        self.form_view = FormView(self.form)
        self.verdict = VerdictView()
        self.job = MaskJob(self.session, self.config)
        self.apply = FrameJobBox(self.job, "Make masks", MAKE_TIP)
        self._maker = Background(QtTimers())
        self._preview = Overlay(self.frames, MARK, _layer)
        self.show_preview = OverlayCheck(
            self._preview, "Show mask of the current frame", "Mask made with these settings, live"
        )
        self._lay_out()
        connect(self._maker.done, self._show)
        connect(self.form.changed, self._follow_form)
        self._follows: tuple[tuple[Any, Any], ...] = (
            (self.session.sequence_changed, self._set_night),
            (self.session.frame_changed, self.refresh),
            (self.frames.overlay_added, self._step_back),
        )
        for signal, slot in self._follows:
            signal.connect(slot)
        self.show_preview.setChecked(not self._is_covered())
        self._set_night()

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        recipe = titled("recipe", self.form_view)
        view = titled("this frame", self.verdict, self.show_preview)
        self.beginning = Beginning(self.frames)
        for box in (self.beginning, recipe, view, titled("masks of the night", self.apply)):
            layout.addWidget(box)
        layout.addStretch()
        self.fill(inner)

    @property
    def settled(self) -> bool:
        """Whether the dock shows what was found for the frame in view and the form as it is."""
        return self._maker.is_idle

    def config(self) -> MaskConfig | None:
        """Give the config that the form shows, or None where a value is out of its range."""
        return self.form.config

    def refresh(self, *_: Any) -> None:
        """Make the mask of the frame in view again, beside the window."""
        config = self.config()
        if self.session.sequence is None or config is None:
            self._maker.discard()
            self.made = None
            self.verdict.clear("no frame" if config else "a value is out of range")
            self._draw()
            return
        if self.made is None:
            self.verdict.clear("working ...")
        self._maker.submit(partial(_make, self.session.sequence, self.session.number, config))

    def _follow_form(self) -> None:
        self.job.refresh()
        self.refresh()

    def _set_night(self) -> None:
        self.job.follow_sequence()
        self.refresh()

    def _show(self, result: CloudMask | IrisError) -> None:
        if isinstance(result, IrisError):
            self.made = None
            self.verdict.show_error(result)
        else:
            self.made = result
            self.verdict.show_mask(result)
        self._draw()

    def _draw(self) -> None:
        """Put the mask on the frame; hide it where there is none."""
        if self.made is None:
            self._preview.clear()
        else:
            self._preview.show(self.made.mask, PREVIEW)

    # --- beside other docks

    def _is_covered(self) -> bool:
        """Whether another mask or a prediction of the frame lies over the night."""
        return any(
            layer.visible and "iris_frame" in layer.metadata and MARK not in layer.metadata
            for layer in self.viewer.layers
        )

    def _step_back(self, overlay: Overlay) -> None:
        """Hide the preview when another dock lays its own over the night: colours would mix."""
        if overlay is not self._preview:
            self.show_preview.setChecked(False)

    def leave(self) -> None:
        """Take the preview along when the dock is taken out of the window."""
        for signal, slot in self._follows:
            signal.disconnect(slot)
        self._follows = ()
        self._maker.discard()
        self._preview.clear()
        self._preview.remove()


def _layer(mask: NDArray[np.uint8]) -> Labels:
    """Make the preview's layer."""
    from napari.layers import Labels

    data, settings, _ = labels_layer(mask, PREVIEW, None)
    return Labels(data, **settings)


def _make(sequence: FrameSequence, number: int, config: MaskConfig) -> CloudMask:
    return make_mask(sequence.frame(number).data, config)
