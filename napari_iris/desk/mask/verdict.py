"""What the gate and the recipe found for the frame in view, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFormLayout, QLabel, QProgressBar, QWidget

if TYPE_CHECKING:
    from napari_iris.errors import IrisError
    from napari_iris.masks.make import CloudMask

SKY_COLORS = {"clear": "#2a9d8f", "cloudy": "#f4a261", "overcast": "#8d99ae", "": "#6c757d"}

METHODS = {
    "recipe": "recipe as published",
    "clear": "gate: nothing but clear sky",
    "overcast": "gate: no clear sky in view",
    "floor": "gate: cut above the clear sky",
}

NOTHING = "–"
"""What stands where there is nothing to tell."""


class VerdictView(QWidget):
    """Sky, cloud fraction, threshold and trust of one mask."""

    def __init__(self) -> None:
        super().__init__()
        self.sky = QLabel()
        self.cloud = QLabel()
        self.threshold = QLabel()
        self.method = QLabel()
        self.method.setWordWrap(True)
        self.trust = QProgressBar()
        self.trust.setRange(0, 100)
        self.trust.setToolTip("How sure the gate is of this mask; sort masks.csv by it")
        self.sky.setToolTip("The sky gate's decision, from the frame itself")
        self.threshold.setToolTip("Otsu's threshold of the recipe, in the frame's own unit")
        self._rows = rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addRow("sky", self.sky)
        rows.addRow("cloud", self.cloud)
        rows.addRow("threshold", self.threshold)
        rows.addRow("made by", self.method)
        rows.addRow("trust", self.trust)
        self.clear("no frame")

    def show_mask(self, made: CloudMask) -> None:
        """Show what was found."""
        sky = made.gate.sky if made.gate else ""
        self._chip(sky.upper() or "GATE OFF", SKY_COLORS[sky])
        fraction = made.cloud_fraction
        self.cloud.setText(f"{fraction:.1%}  ({8 * fraction:.1f} okta)")
        used = "" if made.method == "recipe" else "  (not used)"
        self.threshold.setText(f"{_number(made.threshold)}{used}")
        self._tell("made by", METHODS[made.method])
        if made.gate is None:
            self._no_trust()
        else:
            self.trust.setValue(round(100 * made.gate.trust))
            self.trust.setFormat("%p%")

    def show_error(self, error: IrisError) -> None:
        """Show why there is no mask."""
        self.clear("NO MASK")
        self._tell("reason", str(getattr(error, "reason", error)))

    def clear(self, why: str) -> None:
        """Show that there is no mask."""
        self._chip(why, SKY_COLORS[""])
        for label in (self.cloud, self.threshold):
            label.setText(NOTHING)
        self._tell("made by", NOTHING)
        self._no_trust()

    def _tell(self, what: str, text: str) -> None:
        self._rows.labelForField(self.method).setText(what)
        self.method.setText(text)

    def _no_trust(self) -> None:
        self.trust.setValue(0)
        self.trust.setFormat(NOTHING)

    def _chip(self, text: str, color: str) -> None:
        self.sky.setText(text)
        style = f"background: {color}; color: #10141a; font-weight: bold; padding: 2px 8px;"
        self.sky.setStyleSheet(f"QLabel {{ {style} border-radius: 4px; }}")


def _number(value: float) -> str:
    return f"{value:.1f} ADU" if abs(value) > 2 else f"{value:.5f}"
