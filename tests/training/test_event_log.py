"""TensorBoard files: complete records, each step once, and no hang on a full disk."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from napari_iris.errors import FileError
from napari_iris.training.event_log import EventLog

from .conftest import read_events

pytestmark = pytest.mark.skipif(
    find_spec("tensorboardX") is None, reason="tensorboardX is not installed"
)

FULL = Path("/dev/full")


def steps(path: Path) -> list[tuple[int, float]]:
    return [(e.step, e.summary.value[0].simple_value) for e in read_events(path)[2:]]


def test_an_epoch_is_a_file_with_the_header_of_tensorboard(tmp_path: Path) -> None:
    with EventLog(tmp_path / "tb", 2, 4) as log:
        log.write({"step/loss": 0.5}, 4)
        log.write({"epoch/loss": 0.25, "epoch/mcc": -0.5}, 2)
    (path,) = (tmp_path / "tb").iterdir()
    assert "tfevents" in path.name
    first, start, step, epoch = read_events(path)
    assert first.file_version == "brain.Event:2"
    assert (start.session_log.status, start.step) == (1, 4)
    assert (step.step, step.summary.value[0].tag) == (4, "step/loss")
    assert {one.tag: one.simple_value for one in epoch.summary.value} == {
        "epoch/loss": 0.25,
        "epoch/mcc": -0.5,
    }
    assert first.wall_time <= epoch.wall_time


def test_a_killed_epoch_is_overwritten(tmp_path: Path) -> None:
    killed = EventLog(tmp_path, 1, 1)
    killed.write({"step/loss": 9.0}, 1)
    killed.__exit__()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-3])  # in the middle of a record
    with EventLog(tmp_path, 1, 1) as log:
        for step in (1, 2):
            log.write({"step/loss": step / 4}, step)
    assert list(tmp_path.iterdir()) == [path]
    assert steps(path) == [(1, 0.25), (2, 0.5)]


def test_file_names_are_in_order_of_epochs(tmp_path: Path) -> None:
    for epoch in (2, 10, 9):
        with EventLog(tmp_path, epoch, epoch) as log:
            log.write({"step/loss": 0.0}, epoch)
    found = [steps(path)[0][0] for path in sorted(tmp_path.iterdir())]
    assert found == [2, 9, 10]


@pytest.mark.skipif(not FULL.exists(), reason="has no full device to write to")
def test_a_full_disk_raises_at_once(tmp_path: Path) -> None:
    name = "events.out.tfevents.0000000001.iris"
    (tmp_path / name).symlink_to(FULL)

    def write() -> None:
        with EventLog(tmp_path, 1, 1) as log:
            for step in range(10_000):
                log.write({"step/loss": 0.0}, step)

    with pytest.raises(FileError, match="No space left"):
        write()


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from napari_iris.errors import IrisError

    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(IrisError, match=r"tensorboardX is not installed; pip install"):
        EventLog(tmp_path, 1, 1)
