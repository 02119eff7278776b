"""What a run is computed on, and in which precision: told before the first step."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.networks.libraries import jax, tensorflow

if TYPE_CHECKING:
    from napari_iris.training.config import Engine, TrainConfig

PACKAGES = ("napari-iris", "numpy", "tensorflow", "tensorflow-cpu", "keras", "jax", "flax", "optax")
"""Packages whose versions a run keeps."""

NVIDIA = Path("/proc/driver/nvidia")
"""There where the system has a driver for NVIDIA's GPUs."""

BF16_FLAGS = ("amx_bf16", "avx512_bf16")
"""Flags of a CPU that computes in bfloat16 faster than in float32."""

BF16_CAPABILITY = (8, 0)
"""Compute capability from which an NVIDIA GPU has bfloat16."""


@dataclass(frozen=True)
class Device:
    """Where a run is computed.

    Attributes
    ----------
    kind : {'gpu', 'cpu'}
        What it is.
    name : str
        Its name, for a person.
    count : int
        How many GPUs share the work; 1 for the CPU.
    precision : str
        'bfloat16' where it has it, 'float16' on older GPUs, else 'float32'.
    memory_gb : float or None
        Memory of one GPU, or of the computer [GiB]; None where not known.
    why : str
        Why it is no GPU, with the fix where there is one; empty for a GPU.
    """

    kind: str
    name: str
    count: int
    precision: str
    memory_gb: float | None = None
    why: str = ""


def find_device(config: TrainConfig) -> Device:
    """Find the device that the config's engine will use."""
    gpus = _keras_gpus() if config.engine == "keras" else _jax_gpus()
    if gpus:
        name, capability = gpus[0]
        precision = "bfloat16" if capability >= BF16_CAPABILITY else "float16"
        memory = _gpu_memory_gb()
        return Device("gpu", name, len(gpus), _chosen(config, precision), memory)
    # Flax computes bfloat16 on a CPU no faster than float32
    quick = config.engine == "keras" and _cpu_has_bf16()
    precision = _chosen(config, "bfloat16" if quick else "float32")
    name = f"{os.cpu_count()} CPU cores"
    return Device("cpu", name, 1, precision, _memory_gb(), _why_no_gpu(config.engine))


def environment(device: Device) -> dict[str, Any]:
    """Give what a run keeps of its surroundings, to be repeated by."""
    return {
        "device": {"kind": device.kind, "name": device.name, "count": device.count},
        "precision": device.precision,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _chosen(config: TrainConfig, best: str) -> str:
    return best if config.precision == "auto" else config.precision


def _keras_gpus() -> list[tuple[str, tuple[int, int]]]:
    tf = tensorflow()
    found = []
    for gpu in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(gpu)
        name = details.get("device_name", "GPU")
        found.append((str(name), tuple(details.get("compute_capability", (0, 0)))))
    return found


def _jax_gpus() -> list[tuple[str, tuple[int, int]]]:
    gpus = [device for device in jax().devices() if device.platform == "gpu"]
    return [
        (gpu.device_kind, _capability(getattr(gpu, "compute_capability", "0.0"))) for gpu in gpus
    ]


def _capability(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)


def _gpu_memory_gb() -> float | None:
    """Memory of the first GPU, as its driver's tool tells."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    query = [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
        return round(float(answer.stdout.split()[0]) / 1024, 1)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None  # the driver does not say; the run does not depend on it


def _memory_gb() -> float | None:
    """Memory of the computer."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None


def _why_no_gpu(engine: Engine) -> str:
    """Say why an engine has found no GPU, and what mends it."""
    if not NVIDIA.exists() and shutil.which("nvidia-smi") is None:
        return "there is no NVIDIA GPU, or no driver for it"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides the GPU; unset it"
    if engine == "flax":
        return "this JAX is for CPUs; pip install 'jax[cuda12]'"
    if tensorflow().test.is_built_with_cuda():
        return "TensorFlow finds no CUDA libraries; pip install 'napari-iris[gpu]'"
    fix = "pip uninstall tensorflow-cpu; pip install 'napari-iris[gpu]'"
    return f"this TensorFlow is for CPUs; {fix}"


def _cpu_has_bf16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(flag in flags for flag in BF16_FLAGS)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
