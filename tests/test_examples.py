"""The cluster script: its options, its command, and requeueing after an interruption."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from napari_iris.cli import train
from tests.processes import wait_until

SCRIPT = Path(__file__).parents[1] / "examples" / "train_slurm.sh"
STUB = """#!{python}
import signal, sys, time

signal.signal(signal.SIGINT, signal.default_int_handler)
print(*sys.argv[1:], sep="\\n", flush=True)
try:
    time.sleep({seconds})
except KeyboardInterrupt:
    sys.exit(130)
"""

pytestmark = [
    pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="is for clusters, which run Linux"),
]


@pytest.fixture
def cluster(tmp_path: Path) -> dict[str, str]:
    """Environment with commands that only print their arguments."""
    commands = {"napari-iris": STUB.format(python=sys.executable, seconds=0)}
    commands["scontrol"] = "#!/bin/sh\necho scontrol $*\n"
    for name, text in commands.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "SLURM_JOB_ID": "7"}


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (mask,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def lasts(cluster: dict[str, str], seconds: int) -> None:
    stub = Path(cluster["PATH"].split(os.pathsep)[0]) / "napari-iris"
    stub.write_text(STUB.format(python=sys.executable, seconds=seconds))


def test_it_is_a_shell_script_with_its_own_options() -> None:
    subprocess.run(["bash", "-n", SCRIPT], check=True)
    lines = SCRIPT.read_text().splitlines()
    options = {line for line in lines if line.startswith("#SBATCH")}
    assert {"#SBATCH --nodes=1", "#SBATCH --requeue", "#SBATCH --signal=B:INT@120"} <= options
    assert os.access(SCRIPT, os.X_OK)


@pytest.mark.parametrize(
    ("words", "kind", "epochs"),
    [([], "unet", None), (["vgg8", "--epochs", "3", "--batch-size", "64"], "vgg8", 3)],
)
@pytest.mark.parametrize("begun", [False, True])
def test_its_command_is_valid(
    cluster: dict[str, str], tmp_path: Path, words: list[str], kind: str, epochs: int, begun: bool
) -> None:
    model = tmp_path / "my model"
    if begun:
        (model / "run").mkdir(parents=True)
        (model / "run" / "config.json").write_text("{}")
    ran = subprocess.run(
        ["bash", SCRIPT, tmp_path, model, *words],
        env=cluster,
        capture_output=True,
        text=True,
        check=True,
    )
    command, *arguments = ran.stdout.splitlines()
    assert command == "train"
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    options = parser.parse_args(arguments)
    assert (options.kind, options.epochs, options.resume) == (kind, epochs, begun)
    assert (options.data, options.out) == (tmp_path, model)


def test_without_arguments_it_prints_its_usage(cluster: dict[str, str]) -> None:
    ran = subprocess.run(["bash", SCRIPT], env=cluster, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("usage: sbatch")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_job_is_requeued(
    cluster: dict[str, str], tmp_path: Path, how: signal.Signals
) -> None:
    lasts(cluster, 60)
    job = subprocess.Popen(
        ["bash", SCRIPT, tmp_path, tmp_path / "m"], env=cluster, stdout=subprocess.PIPE, text=True
    )
    assert job.stdout.readline() == "train\n"
    wait_until(lambda: catches(job.pid, signal.SIGTERM))
    job.send_signal(how)
    out, _ = job.communicate(timeout=30)
    assert job.returncode == 130
    assert out.splitlines()[-1] == "scontrol requeue 7"


@pytest.mark.slow
def test_a_finished_job_is_not_requeued(cluster: dict[str, str], tmp_path: Path) -> None:
    stub = tmp_path / "napari-iris"
    stub.write_text("#!/bin/sh\nexit 2\n")
    ran = subprocess.run(
        ["bash", SCRIPT, tmp_path, tmp_path / "m"],
        env=cluster,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "scontrol" not in ran.stdout
