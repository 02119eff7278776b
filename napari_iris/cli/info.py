"""Show versions and devices, and what is missing with the command that installs it."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import json
import os
import platform
import sys
from typing import TYPE_CHECKING, Any

from napari_iris import __version__
from napari_iris.cli.main import OK
from napari_iris.cli.options import add_json
from napari_iris.networks.devices import GPU_FIX
from napari_iris.networks.hardware import cpu_has_bf16, query_nvidia

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris info
  napari-iris info --json
"""

NEEDED = ("numpy", "scipy", "astropy", "scikit-image", "pydantic", "openvino")
BINDINGS = ("PyQt6", "PySide6", "PyQt5")
WINDOW = "for the window: pip install 'napari-iris[napari]'"
KERAS = "to train with Keras: pip install 'napari-iris[cpu]' or 'napari-iris[gpu]'"
FLAX = "to train with Flax: pip install 'napari-iris[flax]'"
OBSERVATORY = "for watch --publish: pip install 'napari-iris[observatory]'"
REMOTE = "for frames by URL: pip install 'napari-iris[remote]'"
OPTIONAL = {
    "napari": WINDOW,
    "magicgui": WINDOW,
    "pyqtgraph": WINDOW,
    "qtpy": WINDOW,
    "matplotlib": "for figures: pip install 'napari-iris[report]'",
    "tensorflow": KERAS,
    "keras": KERAS,
    "jax": FLAX,
    "flax": FLAX,
    "pyarrow": "for tables as Parquet: pip install 'napari-iris[parquet]'",
    "distributed": "for --scheduler: pip install 'napari-iris[cluster]'",
    "fsspec": REMOTE,
    "s3fs": REMOTE,
    "aiohttp": OBSERVATORY,
    "paho-mqtt": OBSERVATORY,
    "prometheus-client": OBSERVATORY,
}
"""Packages of the extras, and how to install them."""

DISTRIBUTIONS = {"tensorflow": ("tensorflow", "tensorflow-cpu")}
"""Distributions of a package with another name."""

JAX_GPU = ("jax-cuda12-plugin", "jax-cuda13-plugin")
"""Distributions with which JAX can use an NVIDIA GPU; one is enough."""

QT_LIBRARIES = {
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-shape": "libxcb-shape0",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "EGL": "libegl1",
    "GL": "libgl1",
    "dbus-1": "libdbus-1-3",
    "fontconfig": "libfontconfig1",
}
"""Libraries that Qt loads on Linux, and their Debian packages."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_json(parser, "print everything as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the facts."""
    facts = find_facts()
    print(json.dumps(facts, indent=2) if options.json else _as_text(facts))
    return OK


def find_facts() -> dict[str, Any]:
    """Find versions, devices and missing packages, without importing them.

    Returns
    -------
    dict
        ``napari-iris``, ``python``, ``system``: str; ``packages``: version or None by name;
        ``cpu``, ``gpu``, ``display``: str; ``missing``: list of ``{"what": ..., "fix": ...}``.
    """
    packages = {name: _version(name) for name in (*NEEDED, *BINDINGS, *OPTIONAL)}
    gpu, gpu_fix = _gpu(packages["tensorflow"])
    missing = [
        {"what": name, "fix": f"pip install {name}"} for name in NEEDED if not packages[name]
    ]
    if not any(packages[name] for name in BINDINGS):
        fix = "for the window: pip install 'napari-iris[pyqt6]'"
        missing.append({"what": "a Qt binding", "fix": fix})
    missing += [{"what": name, "fix": fix} for name, fix in OPTIONAL.items() if not packages[name]]
    missing += _missing_libraries()
    missing += [{"what": "GPU for training", "fix": gpu_fix}] if gpu_fix else []
    if packages["jax"] and not gpu.startswith("none") and not any(map(_version, JAX_GPU)):
        missing.append({"what": "GPU for training with Flax", "fix": GPU_FIX["flax"]})
    return {
        "napari-iris": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": packages,
        "cpu": f"{os.cpu_count()} cores{', bf16' if cpu_has_bf16() else ''}",
        "gpu": gpu,
        "display": _display(),
        "missing": missing,
    }


def has_display() -> bool:
    """Whether windows can be shown."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _version(name: str) -> str | None:
    for distribution in DISTRIBUTIONS.get(name, (name,)):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def _gpu(tensorflow: str | None) -> tuple[str, str]:
    """Name of the GPU, or why there is none; and how to fix it."""
    found = query_nvidia("name", "memory.total", "driver_version")
    if found is None:
        return "none (no NVIDIA driver found)", ""
    if found.returncode:
        reason = found.stdout.strip() or found.stderr.strip()
        return f"none ({reason})", "repair the NVIDIA driver"
    name = "; ".join(found.stdout.strip().splitlines())
    if tensorflow and _version("nvidia-cudnn-cu12") is None:
        return name, GPU_FIX["keras"]
    return name, ""


def _display() -> str:
    if has_display():
        return os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or "native"
    return "none (xvfb-run provides a virtual one)"


def _missing_libraries() -> list[dict[str, str]]:
    """Libraries of Qt that are not installed."""
    if sys.platform != "linux":
        return []
    lacking = [(n, p) for n, p in QT_LIBRARIES.items() if ctypes.util.find_library(n) is None]
    return [{"what": f"lib{n}", "fix": f"sudo apt-get install {p}"} for n, p in lacking]


def _as_text(facts: dict[str, Any]) -> str:
    rows = [
        (key, facts[key]) for key in ("napari-iris", "python", "system", "cpu", "gpu", "display")
    ]
    rows += [(name, version or "-") for name, version in facts["packages"].items()]
    lines = _aligned(rows)
    if facts["missing"]:
        missing = _aligned([(one["what"], one["fix"]) for one in facts["missing"]])
        lines += ["", "missing:", *(f"  {line}" for line in missing)]
    return "\n".join(lines)


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]
