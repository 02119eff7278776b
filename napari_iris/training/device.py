"""The device and the precision that a training run uses."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from napari_iris.networks.devices import find_gpus, why_no_gpu
from napari_iris.networks.hardware import cpu_is_faster_in_bf16, gpu_memory_gb, memory_gb

if TYPE_CHECKING:
    from napari_iris.training.config import TrainConfig

PACKAGES = ("napari-iris", "numpy", "tensorflow", "tensorflow-cpu", "keras", "jax", "flax", "optax")
"""Packages whose versions a run records."""

BF16_CAPABILITY = (8, 0)
"""Lowest compute capability of NVIDIA GPUs with bfloat16."""


@dataclass(frozen=True)
class Device:
    """A device for training.

    Attributes
    ----------
    kind : {'gpu', 'cpu'}
        Kind of the device.
    name : str
        Its name.
    count : int
        Number of GPUs that share each batch; 1 for the CPU.
    precision : str
        Precision of the computation: 'float32', 'bfloat16' or 'float16'.
    memory_gb : float or None
        Memory of one GPU, or of the computer [GiB]; None if unknown.
    why : str
        Why no GPU is used, and the fix if there is one; empty for a GPU.
    """

    kind: str
    name: str
    count: int
    precision: str
    memory_gb: float | None = None
    why: str = ""


def find_device(config: TrainConfig) -> Device:
    """Find the device that the framework of a run will use.

    Parameters
    ----------
    config : TrainConfig
        The run: its framework, and its precision unless that is 'auto'.

    Returns
    -------
    Device
        The GPUs if the framework finds any, else the CPU. The precision 'auto' becomes bfloat16 if
        the device is faster in it, float16 on older GPUs, else float32.

    Raises
    ------
    IrisError
        If the framework is not installed.
    """
    gpus = find_gpus(config.engine)
    if gpus:
        name, capability = gpus[0]
        precision = "bfloat16" if capability >= BF16_CAPABILITY else "float16"
        return Device("gpu", name, len(gpus), _chosen(config, precision), gpu_memory_gb())
    # bfloat16 is no faster than float32 with JAX on a CPU (measured), so it gains nothing there
    is_fast = config.engine == "keras" and cpu_is_faster_in_bf16()
    precision = _chosen(config, "bfloat16" if is_fast else "float32")
    name = f"{os.cpu_count()} CPU cores"
    return Device("cpu", name, 1, precision, memory_gb(), why_no_gpu(config.engine))


def environment(device: Device) -> dict[str, Any]:
    """Describe device and software, as a run folder records them for reproducibility.

    Parameters
    ----------
    device : Device
        The device.

    Returns
    -------
    dict
        Device, precision, Python, system and package versions, as JSON values.
    """
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
