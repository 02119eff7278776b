"""What a training will run on, known before it starts: GPU or CPU, and what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_iris.app.background import Background
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.errors import IrisError

LIBRARIES = {"keras": ("tensorflow", "keras"), "flax": ("jax", "flax")}
"""Packages that each engine needs."""

GPU_FOR = {"keras": "GPU for training", "flax": "GPU for training with Flax"}
"""What ``info`` says is missing where an engine cannot use the GPU there is."""

TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Outlook:
    """What an engine will run on.

    Attributes
    ----------
    text : str
        The device, and what is missing with its fix.
    lacks : str
        Why it cannot run at all; empty where it can.
    """

    text: str
    lacks: str = ""


def outlook(facts: dict[str, Any], engine: str) -> Outlook:
    """Tell what an engine will run on.

    Parameters
    ----------
    facts : dict
        What ``napari-iris info --json`` prints.
    engine : str
        'keras' or 'flax'.
    """
    fixes = {one["what"]: one["fix"] for one in facts["missing"]}
    for library in LIBRARIES[engine]:
        if not facts["packages"].get(library):
            return Outlook(f"{library} is missing; {fixes[library]}", f"{library} is missing")
    cpu, gpu = f"CPU, {facts['cpu']}.", str(facts["gpu"])
    if gpu.startswith("none"):
        reason = gpu.removeprefix("none (").removesuffix(")")
        driver = fixes.get("GPU for training") or "if there is an NVIDIA GPU, install its driver"
        return Outlook(f"{cpu} No GPU: {reason}; {driver}.")
    name = "; ".join(_card(line) for line in gpu.split("; "))
    if GPU_FOR[engine] in fixes:
        fix = fixes[GPU_FOR[engine]]
        return Outlook(f"{cpu} The GPU, {name}, is left idle; to use it: {fix}")
    return Outlook(f"GPU, {name}.")


def ask_devices() -> dict[str, Any]:
    """Ask a child process what there is: no learning library is loaded in this one.

    Raises
    ------
    IrisError
        If it cannot be asked.
    """
    command = [sys.executable, "-m", "napari_iris", "info", "--json"]
    try:
        done = subprocess.run(  # noqa: S603 (our own command)
            command, capture_output=True, text=True, check=True, timeout=TIMEOUT_S
        )
        return dict(json.loads(done.stdout))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise IrisError(f"what there is to train on cannot be found out: {error}") from error


class DeviceLine(QWidget):
    """What the engine chosen will run on.

    Attributes
    ----------
    changed : Signal
        More is known.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, Any] | IrisError | None = None
        self._engine = "keras"
        self._asker = Background(QtTimers())
        connect(self._asker.done, self._take)
        self.line = text_line()
        self.line.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.again = QPushButton("Look again")
        self.again.setToolTip("Look again for GPUs and libraries, as after installing one")
        self.again.clicked.connect(self.look)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, stretch=1)
        layout.addWidget(self.again, alignment=Qt.AlignmentFlag.AlignTop)
        self.look()

    @property
    def known(self) -> bool:
        """Whether it is known what there is."""
        return isinstance(self._found, dict)

    @property
    def outlook(self) -> Outlook:
        """What the engine will run on."""
        if isinstance(self._found, dict):
            return outlook(self._found, self._engine)
        text = "looking for GPUs and libraries ..." if self._found is None else str(self._found)
        return Outlook(text, text)

    def look(self) -> None:
        """Look for GPUs and libraries."""
        self._found = None
        self._asker.submit(ask_devices)
        self._show()

    def set_engine(self, engine: str) -> None:
        """Show what another engine will run on."""
        if engine != self._engine:
            self._engine = engine
            self._show()

    def _take(self, found: dict[str, Any] | IrisError) -> None:
        self._found = found
        self._show()

    def _show(self) -> None:
        self.again.setEnabled(self._found is not None)
        self.line.setText(self.outlook.text)
        self.changed.emit()


def _card(text: str) -> str:
    """Write a GPU's name, memory and driver as a person reads them."""
    name, *rest = text.split(", ")
    parts = [name]
    for part in rest:
        memory = part.removesuffix(" MiB")
        if memory != part and memory.isdecimal():
            parts.append(f"{int(memory) / 1024:.0f} GB")
        else:
            parts.append(f"driver {part}")
    return ", ".join(parts)
