"""A part of the drill, and that its verdict sees what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from napari_iris.cli.main import COMMANDS
from tests.drill.commands import leaves
from tests.drill.process import Plan, Ran
from tests.drill.verdict import faults, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="Linux")

GOOD = Ran(1, "", "napari-iris mask: zz_bad: is empty; leave it out\n", 1.0)
NOTHING: Callable[[Path], object] = lambda folder: None  # noqa: E731
WRONG: dict[str, tuple[Ran, Callable[[Path], object], str]] = {
    "hangs": (Ran(None, "", GOOD.err, 60), NOTHING, "does not end"),
    "crashes": (Ran(-11, "", GOOD.err, 1), NOTHING, "exit code -11"),
    "traceback": (Ran(1, "", f"{GOOD.err}Traceback (most recent call last):", 1), NOTHING, "says"),
    "silent": (Ran(1, "", "", 1), NOTHING, "fails in silence"),
    "not named": (Ran(1, "", "something is wrong\n", 1), NOTHING, "named 0 times"),
    "named twice": (Ran(1, "", GOOD.err * 2, 1), NOTHING, "named 2 times"),
    "a long line": (Ran(1, "", f"zz_bad{'x' * 300}\n", 1), NOTHING, "line of 306"),
    "an escape": (Ran(1, "", "zz_bad \x1b[31m\n", 1), NOTHING, "unprintable"),
    "written outside": (GOOD, lambda folder: (folder / "new").touch(), "changed 'new'"),
    "changed": (GOOD, lambda folder: (folder / "sky").write_text("b"), "changed 'sky'"),
    "removed": (GOOD, lambda folder: (folder / "out" / "a_kept").unlink(), "lost or changed"),
    "part": (GOOD, lambda folder: (folder / "out" / ".a.1.1.part").touch(), ".part stays"),
    "half": (GOOD, lambda folder: (folder / "out" / "a.json").write_text("{"), "is not whole"),
}


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a_kept").touch()
    (tmp_path / "sky").touch()
    return tmp_path


def judged(ran: Ran, act: Callable[[Path], object], ground: Path) -> list[str]:
    before = snapshot(ground)
    act(ground)
    return faults(Plan(["mask"], bad=("zz_bad",)), ran, ground, before, ["out"], last=True)


@pytest.mark.parametrize("wrong", WRONG)
def test_the_verdict_sees_it(ground: Path, wrong: str) -> None:
    ran, act, said = WRONG[wrong]
    assert any(said in fault for fault in judged(ran, act, ground))


def test_a_good_run_is_good(ground: Path) -> None:
    assert judged(GOOD, lambda folder: (folder / "out" / "b.json").write_text("{}"), ground) == []


def test_every_command_is_in_it() -> None:
    assert {leaf.words()[0] for leaf in leaves()} == {*COMMANDS}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_part_of_the_drill() -> None:
    """The whole is `make drill`."""
    words = [sys.executable, "-m", "tests.drill", "--quick", "--runs", "90", "--jobs", "1"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
