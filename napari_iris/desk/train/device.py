"""The device that a training will use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QWidget

from napari_iris.desk.forms.controls import TextLine, button
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.training.device import Devices


class DeviceLine(QWidget):
    """Shows `Devices`.

    Parameters
    ----------
    devices : Devices
        The device of the chosen framework.
    """

    def __init__(self, devices: Devices) -> None:
        super().__init__()
        self.devices = devices
        self.line = TextLine()
        self.line.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        tip = "Scan for GPUs and libraries again, as after installing one"
        self.rescan = button("Rescan devices", tip, devices.rescan)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, stretch=1)
        layout.addWidget(self.rescan, alignment=Qt.AlignmentFlag.AlignTop)
        connect(devices.changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the device."""
        self.rescan.setEnabled(not self.devices.is_scanning)
        self.line.setText(self.devices.outlook.text)
