"""The device that a training will use, known before it starts, with the fix of what is missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.app.training import device
from napari_iris.app.training.device import Devices, device_outlook
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.conftest import ManualTimers

QUERY = device.query_devices
ALL = {"tensorflow": "2.21", "keras": "3.15", "jax": "0.10", "flax": "0.12"}
CARD = "NVIDIA H200, 143771 MiB, 570.1"
UNUSED = {"what": "GPU for training", "fix": "pip install 'napari-iris[gpu]'"}
UNUSED_BY_FLAX = {"what": "GPU for training with Flax", "fix": "pip install 'jax[cuda12]'"}


def facts(
    gpu: str = CARD, missing: tuple[dict[str, str], ...] = (), **lacking: None
) -> dict[str, Any]:
    packages = {**ALL, **lacking}
    return {"packages": packages, "cpu": "8 cores", "gpu": gpu, "missing": list(missing)}


@pytest.fixture
def scan(timers: ManualTimers) -> Iterator[Devices]:
    scan = Devices(timers)
    yield scan
    scan.close()


@pytest.mark.parametrize(
    ("found", "framework", "text"),
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
            "CPU, 8 cores. GPU not used: NVIDIA H200, 140 GB, driver 570.1. To use it: "
            "pip install 'napari-iris[gpu]'",
        ),
        (facts(missing=(UNUSED,)), "flax", "GPU, NVIDIA H200, 140 GB, driver 570.1."),
        (facts(missing=(UNUSED_BY_FLAX,)), "keras", "GPU, NVIDIA H200, 140 GB, driver 570.1."),
        (
            facts("none (no NVIDIA driver found)"),
            "keras",
            "CPU, 8 cores. No GPU: no NVIDIA driver found; for an NVIDIA GPU, install its driver.",
        ),
        (
            facts("none (driver and library differ)", ({**UNUSED, "fix": "fix the driver"},)),
            "keras",
            "CPU, 8 cores. No GPU: driver and library differ; fix the driver.",
        ),
    ],
    ids=["GPU", "two", "unused", "Flax uses it", "Keras uses it", "no driver", "broken driver"],
)
def test_the_device_is_known(found: dict[str, Any], framework: str, text: str) -> None:
    outlook = device_outlook(found, framework)
    assert outlook.text == text
    assert not outlook.problem


@pytest.mark.parametrize(
    ("framework", "library"), [("keras", "tensorflow"), ("keras", "keras"), ("flax", "flax")]
)
def test_a_missing_library_is_named_with_its_fix(framework: str, library: str) -> None:
    fix = {"what": library, "fix": "to train: pip install it"}
    found = facts("none (x)", (fix,), **{library: None})
    outlook = device_outlook(found, framework)
    assert outlook.problem == f"{library} is missing"
    assert outlook.text == f"{library} is missing; to train: pip install it"
    other = {"keras": "flax", "flax": "keras"}[framework]
    assert not device_outlook(found, other).problem


@pytest.mark.slow
def test_a_child_process_is_queried_and_no_library_is_loaded(
    scan: Devices, timers: ManualTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "query_devices", QUERY)
    assert scan.outlook.problem == "Scanning for GPUs and libraries..."
    scan.rescan()
    assert scan.is_scanning
    timers.wait_until(lambda: not scan.is_scanning)
    assert scan.outlook == device_outlook(QUERY(), "keras")
    assert " cores" in scan.outlook.text or "GPU, " in scan.outlook.text
    assert not {"tensorflow", "keras", "jax", "flax"} & set(sys.modules)


def test_a_scan_that_fails_says_so(
    scan: Devices, timers: ManualTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "query_devices", QUERY)
    monkeypatch.setattr(device.sys, "executable", "/no/python")
    with pytest.raises(IrisError, match="cannot be scanned"):
        QUERY()
    scan.rescan()
    timers.wait_until(lambda: not scan.is_scanning)
    assert "cannot be scanned" in scan.outlook.problem


def test_another_framework_has_another_outlook(scan: Devices, timers: ManualTimers) -> None:
    scan.rescan()
    timers.wait_until(lambda: not scan.is_scanning)
    assert not scan.outlook.problem
    scan.set_framework("flax")
    assert scan.outlook.problem == "jax is missing"
