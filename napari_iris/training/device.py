"""What a run is computed on, and in which precision: told before the first step."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.networks.libraries import jax, tensorflow

if TYPE_CHECKING:
    from napari_iris.training.config import TrainConfig

PACKAGES = ("napari-iris", "numpy", "tensorflow", "tensorflow-cpu", "keras", "jax", "flax", "optax")
"""Packages whose versions a run keeps."""

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
    """

    kind: str
    name: str
    count: int
    precision: str


def find_device(config: TrainConfig) -> Device:
    """Find the device that the config's engine will use."""
    gpus = _keras_gpus() if config.engine == "keras" else _jax_gpus()
    if not gpus:
        precision = "bfloat16" if _cpu_has_bf16() else "float32"
        return Device("cpu", f"{os.cpu_count()} CPU cores", 1, _chosen(config, precision))
    name, capability = gpus[0]
    precision = "bfloat16" if capability >= BF16_CAPABILITY else "float16"
    return Device("gpu", name, len(gpus), _chosen(config, precision))


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
