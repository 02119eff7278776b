"""What all tests share: real data where it is at hand, frames in one line, a private cache."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from math import isnan, log, nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import settings

from napari_iris.frames.batch import THREADED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

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


def scores_by_hand(p: NDArray, truth: NDArray, threshold: float = 0.5) -> dict[str, float]:
    """Every score from its definition, in plain loops; NaN where one is not defined."""
    pairs = [(float(a), bool(b)) for a, b in zip(np.ravel(p), np.ravel(truth), strict=True)]
    at = float(np.float32(threshold))
    hit = sum(a >= at and b for a, b in pairs)
    false = sum(a >= at and not b for a, b in pairs)
    missed = sum(a < at and b for a, b in pairs)
    clear = sum(a < at and not b for a, b in pairs)
    recall, fall_out = _part(hit, hit + missed), _part(false, false + clear)
    rates = [rate for rate in (recall, 1 - fall_out) if not isnan(rate)]
    precision = _part(hit, hit + false)
    spread = sqrt((hit + false) * (hit + missed) * (clear + false) * (clear + missed))
    mcc = (hit * clear - false * missed) / spread if spread else (0.0 if pairs else nan)
    return {
        "accuracy": _part(hit + clear, len(pairs)),
        "balanced_accuracy": sum(rates) / len(rates) if rates else nan,
        "precision": precision,
        "recall": recall,
        "f1": _part(2 * hit, 2 * hit + false + missed),
        "error_rate": _part(false + missed, len(pairs)),
        "iou_cloud": _part(hit, hit + false + missed),
        "iou_clear": _part(clear, clear + false + missed),
        "mcc": mcc,
        "bce": _cross_entropy(pairs),
        "auc": _area(pairs),
        "ece": _calibration_error(pairs),
    }


def _part(some: float, of_all: float) -> float:
    return some / of_all if of_all else nan


def _cross_entropy(pairs: list[tuple[float, bool]]) -> float:
    total = 0.0
    for p, cloud in pairs:
        held = min(max(p, 1e-7), 1 - 1e-7)
        total -= log(held) if cloud else log(1 - held)
    return _part(total, len(pairs))


def _area(pairs: list[tuple[float, bool]]) -> float:
    """Every match of a cloud and a clear pixel: won, lost, or drawn."""
    clouds = [p for p, cloud in pairs if cloud]
    skies = [p for p, cloud in pairs if not cloud]
    won = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in clouds for b in skies)
    return _part(won, len(clouds) * len(skies))


def _calibration_error(pairs: list[tuple[float, bool]]) -> float:
    error = 0.0
    for number in range(15):
        low, high = number / 15, (number + 1) / 15
        inside = [(p, c) for p, c in pairs if low <= p < high or (number == 14 and p == 1)]
        if inside:
            said = sum(p for p, _ in inside) / len(inside)
            found = sum(c for _, c in inside) / len(inside)
            error += len(inside) / len(pairs) * abs(said - found)
    return error if pairs else nan


@pytest.fixture(scope="session")
def by_hand() -> Callable[..., dict[str, float]]:
    """Scores worked out one pixel at a time: ``by_hand(probability, truth, threshold)``."""
    return scores_by_hand
