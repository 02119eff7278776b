"""The hardware that networks can run on: NVIDIA GPUs, and CPUs with bfloat16."""

from __future__ import annotations

import os
import shutil
import subprocess
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

BF16_FLAGS = ("amx_bf16", "avx512_bf16")
"""Flags of a CPU that computes in bfloat16 faster than in float32."""

TIMEOUT_S = 20.0


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
        return "there is no NVIDIA GPU, or no driver for it"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides the GPU; unset it"
    if framework == "flax":
        return f"this JAX is for CPUs; {GPU_FIX[framework]}"
    if tensorflow().test.is_built_with_cuda():
        return "TensorFlow finds no CUDA libraries; pip install 'napari-iris[gpu]'"
    return f"this TensorFlow is for CPUs; {GPU_FIX[framework]}"


def query_nvidia(*fields: str) -> subprocess.CompletedProcess[str] | None:
    """Run ``nvidia-smi --query-gpu``.

    Parameters
    ----------
    *fields : str
        Fields of the query, as ``name`` or ``memory.total``.

    Returns
    -------
    CompletedProcess or None
        One line of comma-separated values for each GPU, or a non-zero exit code and the error text;
        None where the tool is not installed.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    command = [tool, f"--query-gpu={','.join(fields)}", "--format=csv,noheader"]
    try:
        return subprocess.run(  # noqa: S603 (the tool's own path)
            command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def gpu_memory_gb() -> float | None:
    """Memory of the first NVIDIA GPU [GiB]; None where not known."""
    answer = query_nvidia("memory.total")
    try:
        return None if answer is None else round(float(answer.stdout.split()[0]) / 1024, 1)
    except (ValueError, IndexError):  # the driver does not say
        return None


def memory_gb() -> float | None:
    """Memory of the computer [GiB]; None where not known."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None


def cpu_has_bf16() -> bool:
    """Whether the CPU computes in bfloat16; False where the system does not say."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(flag in flags for flag in BF16_FLAGS)


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)
