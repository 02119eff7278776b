"""Temporary files of killed processes are removed; those in use, and other files, are kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from napari_iris.io.atomic import ABANDONED_S, atomic_open, sweep

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="checks processes as POSIX does")

WRITE_AND_WAIT = """
import sys
from pathlib import Path
from napari_iris.io.atomic import atomic_open
with atomic_open(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""


def test_files_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    writing = subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_WAIT, str(tmp_path / "a.b.fits")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writing.stdout.readline() == "half\n"
    (part,) = tmp_path.iterdir()
    sweep(tmp_path)
    assert part.exists(), "it is being written to"
    writing.kill()
    writing.communicate()
    assert part.exists()
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_files_being_written_are_kept(tmp_path: Path) -> None:
    with atomic_open(tmp_path / "a.fits") as file:
        file.write(b"whole")
        sweep(tmp_path)
    assert (tmp_path / "a.fits").read_bytes() == b"whole"


@pytest.mark.parametrize(
    ("name", "age_s", "goes"),
    [
        (".a.fits.{own}.1.part", ABANDONED_S - 60, False),
        (".a.fits.{own}.1.part", ABANDONED_S + 60, True),
        (".a.fits.1.1.part", ABANDONED_S - 60, False),
        (".a.fits.1.1.part", ABANDONED_S + 60, True),
        (".a.fits.999999999.1.part", 0, True),
        (".a.fits.999999999.1-another.part", ABANDONED_S - 60, False),
        (".a.fits.999999999.1-another.part", ABANDONED_S + 60, True),
        (".a.fits.99999999999999999999.1.part", 0, True),
        (".a.fits.x.1.part", ABANDONED_S + 60, False),
        (".a.part", ABANDONED_S + 60, False),
        ("a.fits.999999999.1.part", 0, False),
        ("a.fits", ABANDONED_S + 60, False),
    ],
)
def test_only_abandoned_part_files_are_removed(
    tmp_path: Path, name: str, age_s: float, goes: bool
) -> None:
    """The own number is another's in a container, where each process has the same one."""
    path = tmp_path / name.format(own=os.getpid())
    path.touch()
    then = time.time() - age_s
    os.utime(path, (then, then))
    sweep(tmp_path)
    assert path.exists() != goes


def test_a_folder_with_such_a_name_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".a.fits.999999999.1.part").mkdir()
    sweep(tmp_path)
    sweep(tmp_path / "none")


def test_the_first_file_that_a_process_writes_into_a_folder_sweeps_it(tmp_path: Path) -> None:
    killed, living = tmp_path / ".a.fits.999999999.1.part", tmp_path / f".b.{os.getppid()}.1.part"
    for part in (killed, living):
        part.touch()
    with atomic_open(tmp_path / "c.fits") as file:
        file.write(b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [living.name, "c.fits"]
