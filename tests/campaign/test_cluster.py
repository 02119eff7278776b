"""A campaign on a Dask cluster: as one run, also where workers or the scheduler are lost."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pytest

from napari_iris.campaign import cluster as room
from napari_iris.campaign.cluster import _unfit
from tests.campaign.test_shards import SMALL, contents, night

__all__ = ["night"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(find_spec("distributed") is None, reason="needs distributed"),
    pytest.mark.slow,
    pytest.mark.learning,  # no test may fork beside its threads
]

START = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1",
        silence_logs=50,
    )
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""

KILL = """
import os, signal
from itertools import count
from napari_iris.io.table_cells import TableWriter

def writerow(self, row, written=count(1), write=TableWriter.writerow):
    write(self, row)
    if next(written) == 5:
        os.kill({process}, signal.SIGKILL)

TableWriter.writerow = writerow
"""
"""Has a worker kill a process while it writes a row."""


class Cluster(NamedTuple):
    """A scheduler with two workers, in processes of their own."""

    address: str

    def on_one_worker(self, code: str) -> None:
        """Run code in one of the workers."""
        import distributed

        with distributed.Client(self.address, set_as_default=False) as client:
            worker = min(client.scheduler_info(n_workers=-1)["workers"])
            client.run(exec, code, {}, workers=[worker])


@contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """A cluster that ends with the block."""
    script = folder / "cluster.py"
    script.write_text(START)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield Cluster(process.stdout.readline().strip())
        process.kill()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started(tmp_path_factory.mktemp("cluster")) as one:
        yield one


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FRAMES", 4)


@pytest.mark.parametrize("killed", [False, True])
def test_two_workers_are_as_one_process(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, cluster: Cluster, killed: bool
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    single = cli("mask", night, "--out", one, *SMALL)
    if killed:
        cluster.on_one_worker(KILL.format(process="os.getpid()"))
    ran = cli("mask", night, "--out", many, *SMALL, "--scheduler", cluster.address)
    assert ran.code == single.code == 1, "one frame is damaged"
    assert contents(many) == contents(one)
    assert ("is gone; other workers take over its shards" in ran.err) == killed
    assert [line for line in ran.err.splitlines() if "sky_7" in line] == [
        line for line in single.err.splitlines() if "sky_7" in line
    ]
    assert len(list((many / "shards").glob("mask.*-of-5.json"))) == 5
    again = cli("mask", night, "--out", many, *SMALL, "--scheduler", cluster.address)
    assert "19 made earlier" in again.err
    assert contents(many) == contents(one)


def test_two_workers_write_packs_as_shards_do(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, cluster: Cluster
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    for number in range(1, 6):
        cli("mask", night, "--out", one, *SMALL, "--shard", f"{number}/5", "--pack")
    cli("merge", one)
    cli("mask", night, "--out", many, *SMALL, "--scheduler", cluster.address, "--pack")
    assert len(list(many.glob("*_pack.fits"))) == 5
    assert contents(many) == contents(one)


def test_a_lost_scheduler_is_one_line_and_the_same_shards_do_the_rest(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    cli("mask", night, "--out", one, *SMALL)
    with started(tmp_path) as cluster:
        cluster.on_one_worker(KILL.format(process="os.getppid()"))
        ran = cli("mask", night, "--out", many, *SMALL, "--scheduler", cluster.address)
    assert ran.code == 2
    lost = f"the scheduler at {cluster.address} is lost; what is done is kept: run the same"
    assert lost in ran.err.splitlines()[-1]
    assert not (many / "masks.csv").exists()
    for number in range(1, 6):
        cli("mask", night, "--out", many, *SMALL, "--shard", f"{number}/5")
    cli("merge", many)
    assert contents(many) == contents(one)


def test_workers_that_die_again_and_again_at_a_shard_are_one_line(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    scope: dict[str, Callable[..., None]] = {}
    exec("def die(*_, **__):\n import os\n os._exit(1)", scope)
    monkeypatch.setattr(room, "_task", scope["die"])
    out = tmp_path / "out"
    with started(tmp_path) as cluster:
        ran = cli("mask", night, "--out", out, *SMALL, "--scheduler", cluster.address)
    assert ran.code == 2
    died = "workers died repeatedly on the same shard (out of memory?); what is done is kept: "
    assert f"{died}run the same command again, with fewer" in ran.err.splitlines()[-1]
    assert not (out / "masks.csv").exists()


def test_what_does_not_fit_is_one_line(
    cli: Callable[..., tuple],
    night: Path,
    tmp_path: Path,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = ("mask", night, "--out", tmp_path / "out", *SMALL, "--scheduler", cluster.address)
    monkeypatch.setattr(room, "__version__", "9.9")
    ran = cli(*command)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("napari-iris mask: the worker tcp://127.0.0.1:")
    assert "this machine 9.9; install the same version" in ran.err
    monkeypatch.setattr(room, "PACKAGES", ("distributed",))
    numbers = count()
    monkeypatch.setattr(room, "_short", lambda version: next(numbers))
    assert " has distributed 20" in cli(*command).err


def test_a_worker_without_the_folder_says_so(tmp_path: Path) -> None:
    assert _unfit(room.__version__, [str(tmp_path)]) == ""
    reason = _unfit(room.__version__, [str(tmp_path), str(tmp_path / "gone")])
    assert reason.startswith("lacks the folder ")
    assert reason.endswith("gone; mount it there under this name")


@pytest.mark.parametrize("address", ["127.0.0.1:9", "nonsense://x", "tcp://"])
def test_no_scheduler_at_the_address(
    cli: Callable[..., tuple],
    night: Path,
    tmp_path: Path,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "CONNECT_S", 0.5)
    ran = cli("mask", night, "--out", tmp_path / "out", *SMALL, "--scheduler", address)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"--scheduler {address}: no Dask scheduler can be reached there" in ran.err
