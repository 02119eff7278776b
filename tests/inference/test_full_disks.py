"""A full disk, no permission: one error line, and the same command resumes later."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.inference.prediction_file import read_prediction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="makes trouble the POSIX way"),
    pytest.mark.slow,
]


@pytest.fixture
def predict(
    save_model: Callable[..., Path], night: list[Path]
) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Run the command over the night into a folder."""
    model = save_model()

    def run(out: Path) -> subprocess.CompletedProcess[str]:
        words = ["-m", "napari_iris", "predict", model, night[0].parent, "--out", out]
        return subprocess.run(
            [sys.executable, *map(str, words)], capture_output=True, text=True, check=False
        )

    return run


def leave(disk: Path, spare: int) -> None:
    """Leave some bytes of a disk."""
    (disk / "filler").unlink(missing_ok=True)
    stat = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(max(0, stat.f_bavail * stat.f_frsize - spare)))


def test_a_full_disk_is_reported_and_the_same_command_resumes(
    small_disk: Path,
    night: list[Path],
    predict: Callable[[Path], subprocess.CompletedProcess[str]],
    check_whole: Callable[[Path, list[Path]], None],
) -> None:
    """However much room is left: for nothing, for the table, for some of the predictions."""
    out = small_disk / "out"
    done: list[int] = []
    for spare in (0, 4096, 8192, 16384, 40960):
        leave(small_disk, spare)
        ran = predict(out)
        assert ran.returncode == 2
        (line,) = ran.stderr.splitlines()
        assert line.startswith(f"napari-iris predict: {small_disk}")
        assert "No space left on device" in line
        assert line.endswith("make room there or choose another folder")
        for path in out.glob("*_pred.fits"):
            read_prediction(path)
        assert not list(out.glob(".*.part"))
        done.append(len(list(out.glob("*_pred.fits"))))
    assert 0 < done[-1] < len(night)
    (small_disk / "filler").unlink()
    ran = predict(out)
    assert ran.returncode == 0, ran.stderr
    check_whole(out, night)


@pytest.fixture
def public(save_model: Callable[..., Path], night: list[Path]) -> Iterator[tuple[Path, Path, Path]]:
    """A model, a night and a place that every user may look at, and only we may write to."""
    place = Path(tempfile.mkdtemp())
    model, frames = place / "model", place / "night"
    shutil.copytree(save_model(), model)
    shutil.copytree(night[0].parent, frames)
    (place / "out").mkdir()
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    yield model, frames, place / "out"
    shutil.rmtree(place)


AS_A_GUEST = """
import os, sys
from napari_iris.cli.main import main
model, frames, allowed, forbidden = sys.argv[1:]
assert main(["predict", model, frames, "--out", allowed]) == 0  # what a guest may not import is
if os.geteuid() == 0:
    os.setgid({nobody})
    os.setuid({nobody})
sys.exit(main(["predict", model, frames, "--out", forbidden]))
"""


@pytest.mark.parametrize("place", ["out", "out/deeper"])
def test_a_folder_that_may_not_be_written_is_named(
    public: tuple[Path, Path, Path], tmp_path: Path, place: str
) -> None:
    model, frames, out = public
    if os.geteuid():
        out.chmod(0o555)
    target = out.parent / place
    words = ["-c", AS_A_GUEST.format(nobody=NOBODY), model, frames, tmp_path / "mine", target]
    ran = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    _, line = ran.stderr.splitlines()
    assert line.startswith(f"napari-iris predict: {target}: ")
    assert "Permission denied" in line
    assert line.endswith("choose another folder")
    assert not list(out.iterdir())


def test_frames_and_a_model_that_may_only_be_read_are_enough(
    public: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    model, frames, _ = public
    before = {path: path.stat().st_mtime_ns for path in frames.parent.rglob("*")}
    words = ["-m", "napari_iris", "predict", model, frames, "--out", tmp_path / "mine"]
    subprocess.run([sys.executable, *map(str, words)], capture_output=True, check=True)
    assert before == {path: path.stat().st_mtime_ns for path in frames.parent.rglob("*")}
