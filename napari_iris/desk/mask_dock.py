"""The Mask dock: the recipe's parameters, a live preview, and the masks of a night."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QCheckBox, QGroupBox, QScrollArea, QVBoxLayout, QWidget

from napari_iris.desk.apply_box import ApplyBox
from napari_iris.desk.form import config_form, read_form
from napari_iris.desk.preview import Preview
from napari_iris.desk.reader import labels_layer
from napari_iris.desk.session import session_of
from napari_iris.desk.verdict_view import VerdictView
from napari_iris.errors import IrisError
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import CloudMask, make_mask

if TYPE_CHECKING:
    import napari
    from napari.layers import Labels

PREVIEW = "cloud mask"
"""Name of the layer that shows the mask of the frame in view."""


class MaskDock(QScrollArea):
    """Set up the cloud mask on the frame in view, then make the masks of the night.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self._session = session_of(napari_viewer)
        self.made: CloudMask | None = None
        self.form = config_form(MaskConfig)
        self.show_preview = QCheckBox("show the mask of the frame in view")
        self.show_preview.setChecked(True)
        self.verdict = VerdictView()
        self.apply = ApplyBox(self._session, self.config)
        self._preview = Preview(self)
        self._lay_out()
        self._preview.done.connect(self._show)
        self.form.changed.connect(self.refresh)
        self.show_preview.toggled.connect(self._toggle)
        self._session.night_changed.connect(self._set_night)
        self._session.frame_changed.connect(self.refresh)
        self.destroyed.connect(partial(_close, self._preview, self.apply))
        self._set_night()

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        recipe = _group("recipe", self.form.native)
        view = _group("this frame", self.verdict, self.show_preview)
        for box in (recipe, view, _group("masks of the night", self.apply)):
            layout.addWidget(box)
        layout.addStretch()
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    def config(self) -> MaskConfig | None:
        """Give the config that the form shows, or None where a value is out of its range."""
        config: MaskConfig | None = read_form(self.form, MaskConfig)
        return config

    def refresh(self, *_: Any) -> None:
        """Make the mask of the frame in view again, beside the window."""
        config = self.config()
        if self._session.sequence is None or config is None:
            self.made = None
            self.verdict.clear("no frame")
            return
        self._preview.ask(partial(self._make, self._session.number, config))

    def _make(self, number: int, config: MaskConfig) -> tuple[int, CloudMask]:
        sequence = self._session.sequence
        if sequence is None:
            raise IrisError("no night is open")
        return number, make_mask(sequence.frame(number).data, config)

    def _set_night(self) -> None:
        self.apply.set_night()
        self.refresh()

    def _show(self, result: tuple[int, CloudMask] | IrisError) -> None:
        if isinstance(result, IrisError):
            self.made = None
            self.verdict.show_error(result)
            self._toggle()
            return
        number, self.made = result
        if number != self._session.number:
            return
        self.verdict.show_mask(self.made)
        self._draw()

    def _toggle(self, *_: Any) -> None:
        layer = self._layer()
        if layer is not None:
            layer.visible = self.show_preview.isChecked() and self.made is not None
        if layer is None and self.made is not None:
            self._draw()

    def _draw(self) -> None:
        """Put the mask on the frame, scaled to its size."""
        if self.made is None or not self.show_preview.isChecked():
            return
        layer = self._layer() or self._add_layer()
        if layer.data.shape != self.made.mask.shape:
            layer.data = self.made.mask
        else:
            layer.data[:] = self.made.mask
            layer.refresh()
        self._fit(layer)
        layer.visible = True
        layer.metadata["iris_frame"] = str(self._session.path)

    def _layer(self) -> Labels | None:
        named = (layer for layer in self._session.viewer.layers if layer.name == PREVIEW)
        return next(named, None)

    def _add_layer(self) -> Labels:
        """Add the preview's layer above the night, and leave the night selected."""
        assert self.made is not None  # noqa: S101 (callers have looked)
        viewer, night = self._session.viewer, self._session.layer
        data, settings, _ = labels_layer(self.made.mask.copy(), PREVIEW, self._session.path)
        layer = viewer.add_labels(data, **settings)
        layer.editable = False
        viewer.layers.selection.active = night
        return layer

    def _fit(self, layer: Labels) -> None:
        """Scale the mask so that its pixels cover the frame's."""
        sequence = self._session.sequence
        if sequence is None:
            return
        sides = zip(sequence.shape[1:], layer.data.shape, strict=True)
        scale = [frame / mask for frame, mask in sides]
        layer.scale = scale
        layer.translate = [(factor - 1) / 2 for factor in scale]


def _group(title: str, *widgets: QWidget) -> QGroupBox:
    box = QGroupBox(title)
    layout = QVBoxLayout(box)
    for widget in widgets:
        layout.addWidget(widget)
    return box


def _close(preview: Preview, apply: ApplyBox, *_: Any) -> None:
    """Stop what runs for a dock that is gone."""
    preview.close()
    if apply.job is not None:
        apply.job.cancel()
