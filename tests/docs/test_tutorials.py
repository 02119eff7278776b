"""The tutorials, as a reader follows them: commands and examples run, and print what is shown.

They share one folder: a command that an earlier page has run is not run again. Numbers and folders
in what is shown are not compared.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("quick_start", "tutorials/night", "tutorials/archive", "tutorials/model", "tutorials/dome")
BLOCK = re.compile(r"(?:<!-- (.*?) -->\n)?```(sh|python|text)\n(.*?)```", re.DOTALL)
SHORTER = (
    ("--epochs 4", "--epochs 1"),
    ("--out report", "--out report --no-figures --resamples 100"),
)
"""What a test does less of."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of a POSIX shell"),
]


class Reader:
    """Someone who types the commands of a page into a shell.

    Parameters
    ----------
    folder : Path
        Where they work.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: dict[str, str] = {}  # and what each said
        self.said = ""
        self.watching: subprocess.Popen[str] | None = None
        command = folder / "bin" / "napari-iris"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m napari_iris "$@"\n')
        command.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def type(self, text: str) -> None:
        """Run commands that were not run before."""
        for line in re.sub(r"\\\n\s*", "", text).splitlines():
            if line not in self.done:
                command = reduce(lambda one, words: one.replace(*words), SHORTER, line)
                self.done[line] = self.run("sh", "-c", command)
            self.said += self.done[line]

    def run(self, *words: str) -> str:
        """Run a command, and give what it said."""
        ran = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = ran.stdout + ran.stderr
        assert ran.returncode == 0, f"{words[-1]}\n{said}"
        return said

    def watch(self, text: str) -> None:
        """Start what goes on until Ctrl+C."""
        self.watching = subprocess.Popen(
            f"exec {text}",
            shell=True,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def interrupt(self) -> None:
        """Press Ctrl+C once all frames have a row."""
        assert self.watching is not None
        process, table = self.watching, self.folder / "live" / "predictions.csv"
        frames = len(list((self.folder / "incoming").iterdir()))

        def has_all() -> bool:
            assert process.poll() is None, process.stdout.read()
            return table.exists() and len(table.read_text().splitlines()) == frames + 1

        wait_until(has_all, 120)
        process.send_signal(signal.SIGINT)
        self.said += process.communicate(timeout=60)[0]
        self.watching = None


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(tmp_path_factory.mktemp("tutorials"))
    yield reader
    if reader.watching:
        reader.watching.kill()
        reader.watching.communicate()


def shape(text: str) -> str:
    """Text with all numbers alike, and names of files without their folders."""
    numbers = re.sub(r"\d+(?:[.,:T-]?\d+)*", "0", re.sub(r"\S*/(?=\S)", "", text))
    return re.sub(r"[ \t]+", " ", numbers)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_works_as_written(reader: Reader, page: str) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    reader.said = ""
    for remark, kind, block in BLOCK.findall(text):
        if remark.startswith("not run"):
            continue
        if remark.startswith("in another terminal"):
            reader.watch(block.strip())
        elif kind == "sh":
            reader.type(block)
            if reader.watching:
                reader.interrupt()
        elif kind == "python":
            reader.said += reader.run(sys.executable, "-c", block)
        else:
            for line in block.splitlines():
                assert shape(line) in shape(reader.said), line


def test_numbers_and_folders_alone_are_not_compared() -> None:
    assert shape("3 of  30, 9.9 s: 2024-01-16T05:36:00.5 1,200%") == "0 of 0, 0 s: 0 0%"
    assert shape("cloudy /data/night/sky_12.fits") == "cloudy sky_0.fits"
