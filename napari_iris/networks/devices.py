"""The GPUs that a framework can use, and why it can use none."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from napari_iris.networks.libraries import jax, tensorflow

Framework = Literal["keras", "flax"]

NVIDIA_DRIVER = Path("/proc/driver/nvidia")
"""Exists where Linux has loaded a driver for NVIDIA GPUs."""

LIBRARIES: dict[Framework, str] = {"keras": "tensorflow", "flax": "jax"}
"""Library that finds the GPUs for each framework."""

GPU_FIX: dict[Framework, str] = {
    "keras": "pip uninstall tensorflow-cpu; pip install 'napari-iris[gpu]'",
    "flax": "pip install 'jax[cuda12]'",
}
"""How to install each framework with GPU support."""


class Gpu(NamedTuple):
    """A GPU that a framework can use.

    Attributes
    ----------
    name : str
        Name of its model.
    capability : (int, int)
        Compute capability: (8, 0) and later have bfloat16.
    """

    name: str
    capability: tuple[int, int]


def find_gpus(framework: Framework) -> list[Gpu]:
    """List the GPUs that a framework can use; its library is imported.

    Parameters
    ----------
    framework : {'keras', 'flax'}
        Keras on TensorFlow, or Flax on JAX.

    Returns
    -------
    list of Gpu
        Empty for none.

    Raises
    ------
    IrisError
        If the library is not installed.
    """
    if framework == "flax":
        devices = [device for device in jax().devices() if device.platform == "gpu"]
        return [
            Gpu(device.device_kind, _version(getattr(device, "compute_capability", "0.0")))
            for device in devices
        ]
    config = tensorflow().config
    details = map(config.experimental.get_device_details, config.list_physical_devices("GPU"))
    return [
        Gpu(str(one.get("device_name", "GPU")), tuple(one.get("compute_capability", (0, 0))))
        for one in details
    ]


def framework_with_gpu() -> Framework | None:
    """Give the first installed framework that can use a GPU, Keras before Flax.

    Nothing is imported where there is no NVIDIA driver.
    """
    if not NVIDIA_DRIVER.exists():
        return None
    installed = (name for name, library in LIBRARIES.items() if find_spec(library))
    return next((name for name in installed if find_gpus(name)), None)


def why_no_gpu(framework: Framework) -> str:
    """Explain why a framework has found no GPU, with the fix where there is one.

    Parameters
    ----------
    framework : {'keras', 'flax'}
        The framework, for which `find_gpus` found none.
    """
    if not NVIDIA_DRIVER.exists() and shutil.which("nvidia-smi") is None:
        return "no NVIDIA GPU or driver was found"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides the GPU; unset it"
    if framework == "flax":
        return f"this JAX is for CPUs; {GPU_FIX[framework]}"
    if tensorflow().test.is_built_with_cuda():
        return "TensorFlow finds no CUDA libraries; pip install 'napari-iris[gpu]'"
    return f"this TensorFlow is for CPUs; {GPU_FIX[framework]}"


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)
