"""The hardware that networks can run on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from napari_iris.networks import devices
from napari_iris.networks.devices import Gpu, find_gpus, framework_with_gpu
from napari_iris.networks.hardware import gpu_memory_gb, query_nvidia

if TYPE_CHECKING:
    from pathlib import Path


def test_gpus_of_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    details = {"a": {"device_name": "H200", "compute_capability": (9, 0)}, "b": {}}
    config = SimpleNamespace(
        list_physical_devices=lambda kind: list(details) if kind == "GPU" else ["cpu"],
        experimental=SimpleNamespace(get_device_details=details.get),
    )
    monkeypatch.setattr(devices, "tensorflow", lambda: SimpleNamespace(config=config))
    assert find_gpus("keras") == [Gpu("H200", (9, 0)), Gpu("GPU", (0, 0))]


def test_gpus_of_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        SimpleNamespace(platform="cpu", device_kind="cpu"),
        SimpleNamespace(platform="gpu", device_kind="A100", compute_capability="8.0"),
        SimpleNamespace(platform="gpu", device_kind="old"),
    ]
    monkeypatch.setattr(devices, "jax", lambda: SimpleNamespace(devices=lambda: found))
    assert find_gpus("flax") == [Gpu("A100", (8, 0)), Gpu("old", (0, 0))]


@pytest.mark.parametrize(
    ("installed", "with_gpu", "chosen"),
    [
        (("tensorflow", "jax"), ("keras", "flax"), "keras"),
        (("tensorflow", "jax"), ("flax",), "flax"),
        (("jax",), ("flax",), "flax"),
        (("tensorflow",), (), None),
        ((), (), None),
    ],
)
def test_the_framework_that_can_use_a_gpu(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    installed: tuple[str, ...],
    with_gpu: tuple[str, ...],
    chosen: str | None,
) -> None:
    def gpus(framework: str) -> list[int]:
        assert devices.LIBRARIES[framework] in installed
        return [0] * (framework in with_gpu)

    monkeypatch.setattr(devices, "NVIDIA_DRIVER", tmp_path)
    monkeypatch.setattr(devices, "find_spec", lambda name: name in installed)
    monkeypatch.setattr(devices, "find_gpus", gpus)
    assert framework_with_gpu() == chosen


def test_no_library_is_imported_without_a_driver(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices, "NVIDIA_DRIVER", tmp_path / "none")
    monkeypatch.setattr(devices, "find_gpus", lambda framework: pytest.fail("imported"))
    assert framework_with_gpu() is None


@pytest.mark.parametrize(
    ("answer", "memory"),
    [("143771 MiB\n143771 MiB", 140.4), ("", None), ("no devices", None)],
)
def test_gpu_memory_is_what_the_driver_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str, memory: float | None
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\necho '{answer}'\n")
    tool.chmod(0o755)
    monkeypatch.setattr(devices.shutil, "which", lambda name: str(tool))
    assert gpu_memory_gb() == memory


def test_a_driver_tool_that_cannot_run_is_an_error_not_a_crash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices.shutil, "which", lambda name: str(tmp_path / "gone"))
    answer = query_nvidia("name")
    assert answer is not None
    assert answer.returncode
    assert "gone" in answer.stderr
    assert gpu_memory_gb() is None
