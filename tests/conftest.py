"""What all tests share: real data where it is at hand, frames in one line, a private cache."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import settings

from napari_iris.frames.batch import THREADED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

settings.register_profile("iris", deadline=None, max_examples=50)
settings.register_profile("quick", deadline=None, max_examples=10)
settings.load_profile("iris")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
OPEN_FILES = Path("/proc/self/fd")


def pytest_configure() -> None:
    """Have Ctrl+C stop the processes that tests start, as it does from a terminal.

    A shell has its commands after ``&`` ignore it, and theirs too, unless they ask for it again.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def forks_are_safe(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves libraries or threads behind which others must not fork beside."""
    loaded, threads = _loaded(), set(threading.enumerate())
    yield
    if any(request.node.get_closest_marker(mark) for mark in ("learning", "gui")):
        return
    assert _loaded() <= loaded, "mark it `learning`"
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
        assert not thread.is_alive(), f"leaves the thread {thread.name}"


def _loaded() -> set[str]:
    return {name for name in THREADED if name in sys.modules}


@pytest.fixture(autouse=True)
def user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder that stands in for the user's cache, in this process and those it starts."""
    cache = tmp_path / ".cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return cache


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real frames; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real frames of {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def write_frame(tmp_path: Path) -> Callable[..., Path]:
    """Write a frame: ``write_frame("night/a.fits", data, DATE_OBS="2024-01-15")`` gives its path.

    The name is relative to ``tmp_path``; without data, it is 24 x 32 pixels of int16 noise.
    Underscores in the cards' keywords stand for hyphens.
    """

    def write(name: str = "frame.fits", data: object = None, **cards: object) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            data = np.random.default_rng(0).integers(600, 700, (24, 32)).astype(np.int16)
        unit = fits.PrimaryHDU(np.asarray(data))
        for keyword, value in cards.items():
            unit.header[keyword.replace("_", "-")] = value
        unit.writeto(path, overwrite=True)
        return path

    return write


@pytest.fixture
def count_open_files() -> Callable[[], int]:
    """Count the files that this process holds open (Linux)."""
    if not OPEN_FILES.is_dir():
        pytest.skip(f"counts open files in {OPEN_FILES}")
    return lambda: sum(1 for _ in OPEN_FILES.iterdir())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.call(words, stderr=-3):
        pytest.skip("needs to mount a small disk (root on Linux)")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
