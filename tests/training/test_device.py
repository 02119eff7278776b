"""The device of a run, and why no GPU is used."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from napari_iris.networks import devices, hardware
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training import device as module
from napari_iris.training.config import TrainConfig
from napari_iris.training.device import find_device

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No library is loaded; creating the folder `driver` pretends a driver."""
    monkeypatch.setattr(module, "find_gpus", lambda framework: [])
    monkeypatch.setattr(devices, "NVIDIA_DRIVER", tmp_path / "driver")
    monkeypatch.setattr(devices.shutil, "which", lambda name: None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


def config(engine: str = "keras", precision: str = "auto") -> TrainConfig:
    return TrainConfig(network=NetworkSpec(kind="unet"), engine=engine, precision=precision)


def built_with_cuda(patch: pytest.MonkeyPatch, yes: bool) -> None:
    tensorflow = SimpleNamespace(test=SimpleNamespace(is_built_with_cuda=lambda: yes))
    patch.setattr(devices, "tensorflow", lambda: tensorflow)


def test_a_computer_without_a_gpu(no_gpu: pytest.MonkeyPatch) -> None:
    found = find_device(config())
    assert (found.kind, found.count) == ("cpu", 1)
    assert found.memory_gb is None or found.memory_gb > 0.1
    assert found.why == "no NVIDIA GPU or driver was found"


@pytest.mark.parametrize(
    ("engine", "cuda", "hidden", "why"),
    [
        ("keras", False, None, "this TensorFlow is for CPUs; pip uninstall tensorflow-cpu; "),
        ("keras", True, None, "TensorFlow finds no CUDA libraries; pip install "),
        ("flax", False, None, "this JAX is for CPUs; pip install 'jax[cuda12]'"),
        ("keras", True, "", "CUDA_VISIBLE_DEVICES hides the GPU"),
        ("flax", True, "-1", "CUDA_VISIBLE_DEVICES hides the GPU"),
    ],
)
def test_the_reason_why_no_gpu_is_used(
    no_gpu: pytest.MonkeyPatch, tmp_path: Path, engine: str, cuda: bool, hidden: str, why: str
) -> None:
    (tmp_path / "driver").mkdir()
    built_with_cuda(no_gpu, cuda)
    if hidden is not None:
        no_gpu.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert find_device(config(engine)).why.startswith(why)


@pytest.mark.parametrize(
    ("capability", "precision"), [((9, 0), "bfloat16"), ((8, 0), "bfloat16"), ((7, 5), "float16")]
)
def test_gpus_are_counted_and_their_precision_found(
    no_gpu: pytest.MonkeyPatch, capability: tuple[int, int], precision: str
) -> None:
    no_gpu.setattr(module, "find_gpus", lambda framework: [devices.Gpu("H200", capability)] * 2)
    no_gpu.setattr(module, "gpu_memory_gb", lambda: 139.8)
    found = find_device(config())
    rest = {"memory_gb": 139.8, "why": ""}
    assert vars(found) == {
        "kind": "gpu",
        "name": "H200",
        "count": 2,
        "precision": precision,
        **rest,
    }
    assert find_device(config(precision="float32")).precision == "float32"


def test_flax_computes_float32_on_a_cpu(no_gpu: pytest.MonkeyPatch) -> None:
    """Measured: its bfloat16 is no faster there."""
    no_gpu.setattr(module, "cpu_is_faster_in_bf16", lambda: True)
    assert find_device(config("flax")).precision == "float32"
    assert find_device(config("keras")).precision == "bfloat16"


@pytest.mark.parametrize(
    ("info", "has", "faster"),
    [
        ("vendor_id : GenuineIntel\nflags : avx512f avx512_bf16 amx_tile amx_bf16", True, True),
        ("vendor_id : GenuineIntel\nflags : avx512f avx512_bf16", True, False),
        ("vendor_id : AuthenticAMD\nflags : avx512f avx512_bf16", True, True),
        ("vendor_id : AuthenticAMD\nflags : avx2", False, False),
        ("", False, False),
    ],
)
def test_bfloat16_is_used_where_the_cpu_gains_by_it(
    monkeypatch: pytest.MonkeyPatch, info: str, has: bool, faster: bool
) -> None:
    monkeypatch.setattr(hardware, "_cpu_info", lambda: info)
    assert hardware.cpu_has_bf16() == has
    assert hardware.cpu_is_faster_in_bf16() == faster
