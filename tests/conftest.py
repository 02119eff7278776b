"""What all tests share: real data where it is at hand, frames in one line, a private cache."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from math import isnan, log, nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import settings

from napari_iris.frames.batch import THREADED
from napari_iris.frames.paths import find_frames
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, initial_weights, save_weights
from tests.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

settings.register_profile("iris", deadline=None, max_examples=50)
settings.register_profile("quick", deadline=None, max_examples=10)
settings.register_profile("fuzz", deadline=None, max_examples=500)  # again and again: `make fuzz`
settings.load_profile("iris")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
OPEN_FILES = Path("/proc/self/fd")

MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 8 * 2**30
"""A folder in memory, and the least that is free where tests use it: they write 1.5 GB."""

FOLDERS = itertools.count()

ROWS, COLUMNS = 128, 160
SKY_ADU, CLOUD_ADU = 600, 900


def pytest_configure(config: pytest.Config) -> None:
    """Have Ctrl+C stop the processes that tests start, and JAX compile each network only once.

    The tests' files lie in memory where there is enough: saves wait for the disk, and a third of
    the time of tests of projects was that. They are removed at the end; ``--basetemp`` keeps them.

    A shell has its commands after ``&`` ignore Ctrl+C, and theirs too, unless they ask for it.
    Most of the time of a small training with Flax is compilation, which this process and those
    that it starts share through a folder for this session.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.option.basetemp is None and _free_bytes(MEMORY) > ENOUGH_BYTES:
        for old in MEMORY.glob("iris-*-*"):  # of a session that was killed
            if not Path("/proc", old.name.split("-")[1]).exists():
                shutil.rmtree(old, ignore_errors=True)
        prefix = f"iris-{os.getpid()}-"
        files = config.option.basetemp = tempfile.mkdtemp(prefix=prefix, dir=MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(files, ignore_errors=True))
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="iris-jax-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        os.environ["JAX_COMPILATION_CACHE_DIR"] = folder
        os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
        os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"


def _free_bytes(folder: Path) -> int:
    """Bytes that a folder in memory can take, 0 if there is none."""
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return 0
    memory = re.search(r"MemAvailable: *(\d+) kB", Path("/proc/meminfo").read_text("ascii"))
    return min(shutil.disk_usage(folder).free, 1024 * int(memory[1]) if memory else 0)


@pytest.fixture(autouse=True)
def forks_are_safe(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves libraries or threads behind which others must not fork beside."""
    loaded, threads = _loaded(), set(threading.enumerate())
    yield
    if any(request.node.get_closest_marker(mark) for mark in ("learning", "gui")):
        return
    assert _loaded() <= loaded, "mark it `learning`"
    for thread in set(threading.enumerate()) - threads:
        while thread.ident is None:  # another thread is just starting it
            threading.Event().wait(0.001)
        thread.join(5)
        assert not thread.is_alive(), f"leaves the thread {thread.name}"


def _loaded() -> set[str]:
    return {name for name in THREADED if name in sys.modules}


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the test: as pytest's own, which lists the folders of all tests before it."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    path = tmp_path_factory.getbasetemp() / f"{name}{next(FOLDERS)}"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(autouse=True)
def user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder that stands in for the user's cache, in this process and those it starts."""
    cache = tmp_path / ".cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    return cache


@pytest.fixture(scope="session")
def _snapshots(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    return Snapshots(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture
def snapshot(_snapshots: Snapshots, tmp_path: Path) -> Callable[..., Path]:
    """A project made once a session, see `Snapshots.give`: ``snapshot("six", make, "night")``."""
    return lambda name, make, *beside: _snapshots.give(name, tmp_path, make, *beside)


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
def make_night(write_frame: Callable[..., Path]) -> Callable[..., Path]:
    """Write a night: ``make_night(6)`` gives the folder of six frames, ten minutes apart.

    They are clear but for cloud in their first columns, none, 16, 32, 48, none, ...
    """

    def make(count: int = 6, name: str = "night", first: int = 0) -> Path:
        for number in range(first, first + count):
            noise = np.random.default_rng(number).integers(-2, 3, (ROWS, COLUMNS))
            frame = SKY_ADU + noise
            frame[:, : 16 * (number % 4)] += CLOUD_ADU - SKY_ADU
            time = np.datetime64("2024-01-15T21:00:00") + np.timedelta64(10 * number, "m")
            file = f"{name}/sky_{number + 1}.fits"
            path = write_frame(file, frame.astype(np.int16), DATE_OBS=str(time), CAMERA="TAU2")
        return path.parent

    return make


@pytest.fixture
def make_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a tiny model: ``make_model("unet1")``, or with other random weights by its seed.

    It lies beside ``night``, and is then the only one to choose: shipped models are hidden.
    Without a seed it is a U-Net that classifies bright pixels as cloud: its logit is 12 x - 6,
    where x is the frame between its zscale limits; of two planes, x is the second one.
    """
    monkeypatch.setattr("napari_iris.app.models.models_folder", lambda: tmp_path / "shipped")

    def make(
        name: str = "unet1", seed: int | None = None, kind: Any = "unet", **known: Any
    ) -> Path:
        folder = tmp_path / "night_models" / name
        folder.mkdir(parents=True, exist_ok=True)
        channels = known.pop("channels", (2, 2) if kind == "unet" else (2, 2, 2))
        planes = known.pop("planes", 1)
        spec = NetworkSpec(kind=kind, channels=channels, planes=planes)
        weights = initial_weights(spec, seed or 0)
        if seed is None and kind == "unet":
            for values in weights.values():
                values[:] = 0
            for step in ("down1_conv1", "down1_conv2", "up1_conv1", "up1_conv2"):
                first = planes - 1 if step == "down1_conv1" else 0
                weights[f"{step}/kernel"][1, 1, first, 0] = 1
            weights["logit/kernel"][1, 1, 0, 0] = 12
            weights["logit/bias"][:] = -6
        save_weights(folder / WEIGHTS, weights)
        write_card(folder, ModelCard.of(spec, **known))
        return folder

    return make


@pytest.fixture
def make_predictions(tmp_path: Path) -> Callable[..., Path]:
    """Predict frames as the command does: ``make_predictions(night, unet)`` gives the folder."""

    def make(night: Path, unet: Path, classifier: Path | None = None) -> Path:
        from napari_iris.inference.config import PredictConfig
        from napari_iris.inference.pipeline import predict_frames
        from napari_iris.inference.predictor import Predictor

        out = tmp_path / f"{night.name}_predictions" / unet.name
        predictor = Predictor.open(unet, classifier, PredictConfig(engine="openvino"))
        rows = list(predict_frames(find_frames([night])[0], out, predictor))
        assert len(rows) == len(find_frames([night])[0])
        return out

    return make


@pytest.fixture
def count_open_files(tmp_path: Path) -> Callable[..., int]:
    """Count the files of the test's folder (or those whose name begins otherwise) that are open.

    What else opens and closes in the process, as a thread of a library may, is not counted (Linux).
    """
    if not OPEN_FILES.is_dir():
        pytest.skip(f"counts open files in {OPEN_FILES}")

    def count(begin: str = str(tmp_path)) -> int:
        found = 0
        for descriptor in OPEN_FILES.iterdir():
            with contextlib.suppress(FileNotFoundError):  # the folder that is being listed
                found += str(descriptor.readlink()).startswith(begin)
        return found

    return count


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
