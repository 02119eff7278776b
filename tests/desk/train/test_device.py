"""What a training will run on, told before it starts, with the fix of what is missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.desk.train import device
from napari_iris.desk.train.device import DeviceLine, ask_devices, outlook
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from napari_iris.desk.train.dock import TrainDock

pytestmark = pytest.mark.gui

ALL = {"tensorflow": "2.21", "keras": "3.15", "jax": "0.10", "flax": "0.12"}
CARD = "NVIDIA H200, 143771 MiB, 570.1"
UNUSED = {"what": "GPU for training", "fix": "pip install 'napari-iris[gpu]'"}
UNUSED_BY_FLAX = {"what": "GPU for training with Flax", "fix": "pip install 'jax[cuda12]'"}


def facts(
    gpu: str = CARD, missing: tuple[dict[str, str], ...] = (), **lacking: None
) -> dict[str, Any]:
    return {
        "packages": {**ALL, **lacking},
        "cpu": "8 cores",
        "gpu": gpu,
        "missing": list(missing),
    }


@pytest.mark.parametrize(
    ("found", "engine", "text"),
    [
        (facts(), "keras", "GPU, NVIDIA H200, 140 GB, driver 570.1."),
        (
            facts(f"{CARD}; NVIDIA A100, 40960 MiB, 570.1"),
            "flax",
            "GPU, NVIDIA H200, 140 GB, driver 570.1; NVIDIA A100, 40 GB, driver 570.1.",
        ),
        (
            facts(missing=(UNUSED,)),
            "keras",
            "CPU, 8 cores. The GPU, NVIDIA H200, 140 GB, driver 570.1, is left idle; to use it: "
            "pip install 'napari-iris[gpu]'",
        ),
        (facts(missing=(UNUSED,)), "flax", "GPU, NVIDIA H200, 140 GB, driver 570.1."),
        (facts(missing=(UNUSED_BY_FLAX,)), "keras", "GPU, NVIDIA H200, 140 GB, driver 570.1."),
        (
            facts("none (no NVIDIA driver found)"),
            "keras",
            "CPU, 8 cores. No GPU: no NVIDIA driver found; if there is an NVIDIA GPU, install its "
            "driver.",
        ),
        (
            facts("none (driver and library differ)", ({**UNUSED, "fix": "mend the driver"},)),
            "keras",
            "CPU, 8 cores. No GPU: driver and library differ; mend the driver.",
        ),
    ],
    ids=["GPU", "two", "unused", "Flax uses it", "Keras uses it", "no driver", "broken driver"],
)
def test_the_device_is_told(found: dict[str, Any], engine: str, text: str) -> None:
    assert outlook(found, engine).text == text
    assert not outlook(found, engine).lacks


@pytest.mark.parametrize(
    ("engine", "library"), [("keras", "tensorflow"), ("keras", "keras"), ("flax", "flax")]
)
def test_a_library_that_is_missing_is_named_with_its_fix(engine: str, library: str) -> None:
    fix = {"what": library, "fix": "to train: pip install it"}
    found = outlook(facts("none (x)", (fix,), **{library: None}), engine)
    assert found.lacks == f"{library} is missing"
    assert found.text == f"{library} is missing; to train: pip install it"
    other = {"keras": "flax", "flax": "keras"}[engine]
    assert not outlook(facts("none (x)", (fix,), **{library: None}), other).lacks


def test_a_child_process_is_asked_and_nothing_is_loaded_here(qtbot: QtBot) -> None:
    line = DeviceLine()
    qtbot.addWidget(line)
    assert line.outlook.lacks == "looking for GPUs and libraries ..."
    assert not line.again.isEnabled()
    qtbot.waitUntil(lambda: line.known, timeout=60_000)
    assert line.line.text() == outlook(ask_devices(), "keras").text
    assert " cores" in line.line.text() or "GPU, " in line.line.text()
    assert line.again.isEnabled()
    assert not {"tensorflow", "keras", "jax", "flax"} & set(sys.modules)


def test_what_cannot_be_asked_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device.sys, "executable", "/no/python")
    with pytest.raises(IrisError, match="cannot be found out"):
        ask_devices()
    line = DeviceLine()
    qtbot.addWidget(line)
    qtbot.waitUntil(line.again.isEnabled, timeout=60_000)
    assert "cannot be found out" in line.outlook.lacks


def test_without_the_library_there_is_no_start_until_it_is_there(
    train_dock: TrainDock, masks: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = train_dock
    dock.data.folder.value = masks
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    fix = {"what": "tensorflow", "fix": "pip install 'napari-iris[cpu]'"}
    bare = facts("none (x)", (fix,), tensorflow=None)
    monkeypatch.setattr(device, "ask_devices", lambda: bare)
    dock.device.again.click()
    assert not dock.train.panel.start.isEnabled()
    qtbot.waitUntil(lambda: dock.device.known)
    assert dock.device.line.text() == "tensorflow is missing; pip install 'napari-iris[cpu]'"
    assert not dock.train.panel.start.isEnabled()
    assert dock.train.why.text() == "tensorflow is missing"
    dock.form.set("engine", "flax")
    assert dock.train.panel.start.isEnabled(), "Flax can train"
    assert dock.device.line.text().startswith("CPU, 8 cores")
    dock.form.set("engine", "keras")
    assert not dock.train.panel.start.isEnabled()
    monkeypatch.setattr(device, "ask_devices", facts)
    dock.device.again.click()
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    assert dock.device.line.text().startswith("GPU, NVIDIA H200")
