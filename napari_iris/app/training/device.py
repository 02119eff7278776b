"""The device that a training will use, known before it starts, and what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_iris.app.timers import Timers

LIBRARIES = {"keras": ("tensorflow", "keras"), "flax": ("jax", "flax")}
"""Packages that each framework needs."""

GPU_FOR = {"keras": "GPU for training", "flax": "GPU for training with Flax"}
"""Entry of ``info`` where a framework cannot use the GPU."""

SCANNING = "Scanning for GPUs and libraries..."

TIMEOUT_S = 60.0


@dataclass(frozen=True)
class DeviceOutlook:
    """The device that a framework will use.

    Attributes
    ----------
    text : str
        The device, and what is missing with its fix.
    problem : str
        Why the framework cannot be used; empty if it can.
    """

    text: str
    problem: str = ""


def device_outlook(facts: Mapping[str, Any], framework: str) -> DeviceOutlook:
    """Find the device that a framework will use.

    Parameters
    ----------
    facts : mapping
        What ``napari-iris info --json`` prints.
    framework : str
        'keras' or 'flax'.

    Returns
    -------
    DeviceOutlook
        The device, or what is missing.
    """
    fixes = {one["what"]: one["fix"] for one in facts["missing"]}
    for library in LIBRARIES[framework]:
        if not facts["packages"].get(library):
            problem = f"{library} is missing"
            return DeviceOutlook(f"{problem}; {fixes[library]}", problem)
    cpu, gpu = f"CPU, {facts['cpu']}.", str(facts["gpu"])
    if gpu.startswith("none"):
        reason = gpu.removeprefix("none (").removesuffix(")")
        driver = fixes.get("GPU for training") or "for an NVIDIA GPU, install its driver"
        return DeviceOutlook(f"{cpu} No GPU: {reason}; {driver}.")
    name = "; ".join(_gpu(line) for line in gpu.split("; "))
    if GPU_FOR[framework] in fixes:
        return DeviceOutlook(f"{cpu} GPU not used: {name}. To use it: {fixes[GPU_FOR[framework]]}")
    return DeviceOutlook(f"GPU, {name}.")


def query_devices() -> dict[str, Any]:
    """Query libraries and devices in a child process, as they must not be loaded in this one.

    Returns
    -------
    dict
        What ``napari-iris info --json`` prints.

    Raises
    ------
    IrisError
        If that fails.
    """
    command = [sys.executable, "-m", "napari_iris", "info", "--json"]
    try:
        done = subprocess.run(  # noqa: S603 (our own command)
            command, capture_output=True, text=True, check=True, timeout=TIMEOUT_S
        )
        return dict(json.loads(done.stdout))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise IrisError(f"devices cannot be scanned: {error}") from error


class Devices:
    """The device that the chosen framework will use; scanned in the background.

    Parameters
    ----------
    timers : Timers
        Make timers of the window's thread.

    Attributes
    ----------
    changed : Signal
        The outlook may have changed.
    """

    changed = Signal()

    def __init__(self, timers: Timers) -> None:
        self._found: dict[str, Any] | IrisError | None = None
        self._framework = "keras"
        self._background = Background(timers)
        self._background.done.connect(self._take)
        self.close = self._background.close

    @property
    def is_scanning(self) -> bool:
        """Whether a scan is under way."""
        return self._found is None

    @property
    def outlook(self) -> DeviceOutlook:
        """The device, or why there is none."""
        if isinstance(self._found, dict):
            return device_outlook(self._found, self._framework)
        text = SCANNING if self._found is None else str(self._found)
        return DeviceOutlook(text, text)

    def rescan(self) -> None:
        """Scan for GPUs and libraries again."""
        self._found = None
        self._background.submit(query_devices)
        self.changed.emit()

    def set_framework(self, framework: str) -> None:
        """Use another framework.

        Parameters
        ----------
        framework : str
            'keras' or 'flax'.
        """
        if framework != self._framework:
            self._framework = framework
            self.changed.emit()

    def _take(self, found: dict[str, Any] | IrisError) -> None:
        self._found = found
        self.changed.emit()


def _gpu(text: str) -> str:
    """Describe a GPU by its name, memory and driver."""
    name, *rest = text.split(", ")
    parts = [name]
    for part in rest:
        memory = part.removesuffix(" MiB")
        if memory != part and memory.isdecimal():
            parts.append(f"{int(memory) / 1024:.0f} GB")
        else:
            parts.append(f"driver {part}")
    return ", ".join(parts)
