"""The Mask dock: the recipe's parameters, a live preview, and the masks of a night."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from napari_iris.desk.forms.dock import Dock
from napari_iris.desk.forms.form import config_form, read_form, titled
from napari_iris.desk.frames.reader import labels_layer
from napari_iris.desk.frames.session import session_of
from napari_iris.desk.jobs.worker import Worker
from napari_iris.desk.mask.apply_box import ApplyBox
from napari_iris.desk.mask.verdict import VerdictView
from napari_iris.errors import IrisError
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import CloudMask, make_mask

if TYPE_CHECKING:
    import napari
    from napari.layers import Labels

    from napari_iris.frames.sequence import FrameSequence

PREVIEW = "cloud mask"
"""Name of the layer that shows the mask of the frame in view."""

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
        self.session = session_of(napari_viewer)
        self.made: CloudMask | None = None
        self.form = config_form(MaskConfig)
        self.show_preview = QCheckBox("show the mask of the frame in view")
        self.show_preview.setChecked(True)
        self.verdict = VerdictView()
        self.apply = ApplyBox(self.session, self.config)
        self._preview = Worker(self)
        self._lay_out()
        self._preview.done.connect(self._show)
        self.form.changed.connect(self.refresh)
        self.form.changed.connect(self.apply.offer)
        self.show_preview.toggled.connect(self._draw)
        self.session.night_changed.connect(self._set_night)
        self.session.frame_changed.connect(self.refresh)
        self.viewer.layers.events.removed.connect(self._follow_list)
        self._set_night()

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        recipe = titled("recipe", self.form.native)
        view = titled("this frame", self.verdict, self.show_preview)
        for box in (recipe, view, titled("masks of the night", self.apply)):
            layout.addWidget(box)
        layout.addStretch()
        self.fill(inner)

    @property
    def settled(self) -> bool:
        """Whether the dock shows what was found for the frame in view and the form as it is."""
        return self._preview.settled

    def config(self) -> MaskConfig | None:
        """Give the config that the form shows, or None where a value is out of its range."""
        config: MaskConfig | None = read_form(self.form, MaskConfig)
        return config

    def refresh(self, *_: Any) -> None:
        """Make the mask of the frame in view again, beside the window."""
        config = self.config()
        if self.session.sequence is None or config is None:
            self._preview.forget()
            self.made = None
            self.verdict.clear("no frame" if config else "a value is out of range")
            self._draw()
            return
        self._preview.ask(partial(_make, self.session.sequence, self.session.number, config))

    def _set_night(self) -> None:
        if self.session.sequence is None:
            self.show_preview.setChecked(True)
        self.apply.set_night()
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
        """Put the mask on the frame, scaled to its size; hide it where there is none."""
        layer = self._layer()
        if self.made is None or not self.show_preview.isChecked():
            if layer is not None:
                self._set_visible(layer, visible=False)
            return
        layer = layer or self._add_layer(self.made)
        if layer.data.shape != self.made.mask.shape:
            layer.data = self.made.mask.copy()
        else:
            layer.data[:] = self.made.mask
            layer.refresh()
        layer.metadata["iris_frame"] = str(self.session.path)
        self._fit(layer)
        self._set_visible(layer, visible=True)

    def _layer(self) -> Labels | None:
        """Find the preview's layer by its mark: a mask file's layer may have the same name."""
        layers = self.viewer.layers
        return next((layer for layer in layers if layer.metadata.get(MARK)), None)

    def _add_layer(self, made: CloudMask) -> Labels:
        """Add the preview's layer, and leave selected what was."""
        viewer = self.viewer
        selected = viewer.layers.selection.active
        data, settings, _ = labels_layer(made.mask.copy(), PREVIEW, self.session.path)
        layer = viewer.add_labels(data, **settings)
        layer.metadata[MARK] = True
        layer.editable = False
        layer.events.visible.connect(self._follow_eye)
        viewer.layers.selection.active = selected
        return layer

    def _fit(self, layer: Labels) -> None:
        """Lay the mask over the night, scaled so that its pixels cover the frame's."""
        sequence, layers = self.session.sequence, self.viewer.layers
        if sequence is None:
            return
        sides = zip(sequence.shape[1:], layer.data.shape, strict=True)
        scale = [frame / mask for frame, mask in sides]
        layer.scale = scale
        layer.translate = [(factor - 1) / 2 for factor in scale]
        if layers.index(layer) < layers.index(self.session.layer):
            layers.move(layers.index(layer), layers.index(self.session.layer) + 1)

    def _set_visible(self, layer: Labels, *, visible: bool) -> None:
        if layer.visible != visible:
            with layer.events.visible.blocker(self._follow_eye):
                layer.visible = visible

    def _follow_eye(self, event: Any) -> None:
        """Take the eye of the layer list for the box in the dock."""
        if isalive(self):
            self.show_preview.setChecked(event.source.visible)

    def _follow_list(self, event: Any) -> None:
        """Take a preview that the person deletes for one that is not wanted."""
        wanted = not event.value.metadata.get(MARK) or self.session.sequence is None
        if isalive(self) and not wanted:
            self.show_preview.setChecked(False)


def _make(sequence: FrameSequence, number: int, config: MaskConfig) -> CloudMask:
    return make_mask(sequence.frame(number).data, config)
