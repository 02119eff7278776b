"""The commands of the page on campaigns and of the scripts for clusters are valid."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from napari_iris.cli.main import main, module_of

if TYPE_CHECKING:
    from collections.abc import Callable

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "campaigns.md").read_text()
SCRIPT = TOP / "examples" / "campaign_slurm.sh"
STUB = """#!/bin/sh
for word in "$(basename "$0")" "$@"; do printf '%s\\n' "$word" >> {log}; done
printf '\\n' >> {log}
[ "$(basename "$0")" != sbatch ] || echo 77
"""


@pytest.fixture
def is_valid(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], bool]:
    """Whether the words of a command are parsed; it is not run."""

    def check(words: list[str]) -> bool:
        asked = []
        monkeypatch.setattr(
            import_module(module_of(words[0])), "run", lambda options: asked.append(options) or 0
        )
        return main(words) == 0 and len(asked) == 1

    return check


def test_the_commands_of_the_page_are_valid(is_valid: Callable[[list[str]], bool]) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for line in "".join(blocks).splitlines() if line.startswith("napari-iris")]
    assert len(lines) >= 5
    for line in lines:
        assert is_valid(shlex.split(line, comments=True)[1:]), line


@pytest.mark.skipif(shutil.which("sh") is None, reason="sh is not installed")
@pytest.mark.parametrize("task", [None, "3"])
def test_the_script_for_slurm_learns_submits_and_merges(
    is_valid: Callable[[list[str]], bool], tmp_path: Path, task: str | None
) -> None:
    log = tmp_path / "log"
    for name in ("napari-iris", "sbatch"):
        (tmp_path / name).write_text(STUB.format(log=shlex.quote(str(log))))
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    if task:
        environment["SLURM_ARRAY_TASK_ID"] = task
    subprocess.run(["sh", SCRIPT, "a b/**/*.fits", tmp_path / "o"], env=environment, check=True)
    called = [words.split("\n") for words in log.read_text().removesuffix("\n\n").split("\n\n")]
    own = [words[1:] for words in called if words[0] == "napari-iris"]
    assert all(map(is_valid, own))
    if task:
        assert [words[0] for words in own] == ["predict"]
        assert own[0][-1] == "--shard"
    else:
        submitted = [words[1:] for words in called if words[0] == "sbatch"]
        assert [words[0] for words in own] == ["reference"]
        assert submitted[0][1:] == [str(SCRIPT), "a b/**/*.fits", str(tmp_path / "o")]
        dependency, _, command = submitted[1]
        assert dependency == "--dependency=afterany:77"
        assert is_valid(shlex.split(command)[1:])


def test_the_scripts_for_dask_hand_their_words_to_the_cluster(
    is_valid: Callable[[list[str]], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cluster:
        scheduler_address = "tcp://127.0.0.1:9"

        def __init__(self, **_: object) -> None: ...
        def __enter__(self) -> Cluster:
            return self

        def __exit__(self, *_: object) -> None: ...
        def scale(self, **_: object) -> None: ...

    ran: list[list[str]] = []
    monkeypatch.setattr("napari_iris.cli.main.main", lambda words: ran.append(words) or 0)
    for script, room, name in (
        ("campaign_local.py", "distributed", "LocalCluster"),
        ("campaign_jobqueue.py", "dask_jobqueue", "SLURMCluster"),
    ):
        monkeypatch.setitem(sys.modules, room, SimpleNamespace(**{name: Cluster}))
        monkeypatch.setattr(sys, "argv", [script, "mask", "a/**/*.fits", "--out", "o"])
        with pytest.raises(SystemExit, match="0"):
            runpy.run_path(str(TOP / "examples" / script), run_name="__main__")
    monkeypatch.undo()
    assert ran == [["mask", "a/**/*.fits", "--out", "o", "--scheduler", "tcp://127.0.0.1:9"]] * 2
