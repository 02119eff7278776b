"""A lock is held by one process at a time, and free again however that one ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from napari_iris.errors import ModelError
from napari_iris.io.locks import Lock

HOLD = """
import sys
from pathlib import Path
from napari_iris.errors import FileError
from napari_iris.io.locks import Lock
lock = Lock(Path(sys.argv[1]), FileError(sys.argv[1], "is in use", "wait"), "choose another")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".lock"


def hold(path: Path, *, remove: bool = False) -> Lock:
    busy = ModelError(path.parent, "is in use", "wait")
    return Lock(path, busy, "choose another folder", remove=remove)


def test_a_lock_is_held_until_released(path: Path) -> None:
    first = hold(path)
    with pytest.raises(ModelError, match="is in use; wait"):
        hold(path)
    first.release()
    first.release()
    with hold(path), pytest.raises(ModelError, match="is in use; wait"):
        hold(path)
    hold(path).release()


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_a_lock_is_released_when_its_process_is_killed(path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(ModelError, match="is in use"):
            hold(path)
        child.send_signal(signal.SIGKILL)
        child.wait()
    hold(path).release()


@pytest.mark.parametrize("remove", [True, False])
def test_the_lock_file_is_removed_if_asked_for(path: Path, remove: bool) -> None:
    with hold(path, remove=remove):
        assert path.exists()
    if sys.platform != "win32":
        assert path.exists() != remove


def test_a_released_lock_does_not_remove_the_file_of_another(path: Path) -> None:
    first = hold(path, remove=True)
    first.release()
    with hold(path):
        first.release()
        assert path.exists()


def test_a_lock_file_that_cannot_be_written(path: Path) -> None:
    path.write_bytes(b"")
    busy = ModelError(path.parent, "is in use", "wait")
    with pytest.raises(ModelError, match="cannot be written .*; choose another folder") as raised:
        Lock(path / ".lock", busy, "choose another folder")
    assert raised.value.path == path.parent


def test_a_file_system_without_locks_is_accepted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    def none(_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(FileLock, "_acquire", none)
    with hold(path), hold(path):
        pass
