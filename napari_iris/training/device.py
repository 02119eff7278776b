"""What a run is computed on, and in which precision: told before the first step."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from napari_iris.networks.devices import (
    cpu_has_bf16,
    find_gpus,
    gpu_memory_gb,
    memory_gb,
    why_no_gpu,
)

if TYPE_CHECKING:
    from napari_iris.training.config import TrainConfig

PACKAGES = ("napari-iris", "numpy", "tensorflow", "tensorflow-cpu", "keras", "jax", "flax", "optax")
"""Packages whose versions a run keeps."""

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
    gpus = find_gpus(config.engine)
    if gpus:
        name, capability = gpus[0]
        precision = "bfloat16" if capability >= BF16_CAPABILITY else "float16"
        return Device("gpu", name, len(gpus), _chosen(config, precision), gpu_memory_gb())
    # Flax computes bfloat16 on a CPU no faster than float32
    is_fast = config.engine == "keras" and cpu_has_bf16()
    precision = _chosen(config, "bfloat16" if is_fast else "float32")
    name = f"{os.cpu_count()} CPU cores"
    return Device("cpu", name, 1, precision, memory_gb(), why_no_gpu(config.engine))


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


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
