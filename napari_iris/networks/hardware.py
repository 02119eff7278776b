"""The hardware that networks run on, asked without a framework: memory, driver, bfloat16."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

BF16_FLAGS = ("amx_bf16", "avx512_bf16")
"""Flags of a CPU that computes in bfloat16."""

TIMEOUT_S = 20.0


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
    return any(flag in _cpu_info() for flag in BF16_FLAGS)


def cpu_is_faster_in_bf16() -> bool:
    """Whether the CPU computes faster in bfloat16 than in float32; False where not known.

    AMX makes it several times faster, AVX-512 on AMD about twice. On Intel, AVX-512 has as many
    operations for bfloat16 as for float32: without AMX, as in many virtual machines, the
    conversions cost more than they gain.
    """
    info = _cpu_info()
    return "amx_bf16" in info or ("avx512_bf16" in info and "AuthenticAMD" in info)


def _cpu_info() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
