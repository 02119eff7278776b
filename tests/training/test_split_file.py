"""``run/split.csv``: every frame with its part, and back."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from napari_iris.dataset.split import Split
from napari_iris.errors import ModelError
from napari_iris.training.config import TrainConfig
from napari_iris.training.run_folder import RunFolder
from napari_iris.training.split_file import read_split, write_split

MANY = 30_000


class Night:
    """Real frames, followed by simulated ones."""

    def __init__(self, real: int, simulated: int = 0) -> None:
        self.real, self.simulated = real, simulated
        moments = np.datetime64("2024-01-15T18:00:00", "us") + np.arange(real + simulated)
        moments[real:] = np.datetime64("NaT")
        hashes = [b"%d" % row for row in range(real)]
        self.table = SimpleNamespace(frame_hash=hashes, time=moments)

    def __len__(self) -> int:
        return self.real + self.simulated

    def path(self, row: int) -> Path:
        return Path(f"/night/a,b/sky_{row}.fits" if row < self.real else f"sim_{row}")


def parts(count: int) -> Split:
    """A split in thirds, with every tenth frame left out."""
    rows = np.arange(count)
    used = rows[rows % 10 > 0]
    thirds = [used[used % 3 == part] for part in range(3)]
    return Split(*thirds, count - len(used), {"same": 0, "alike": 0}, False)


def test_every_frame_is_written_with_its_part(tmp_path: Path) -> None:
    write_split(tmp_path / "split.csv", Night(20, simulated=2), parts(20))
    lines = (tmp_path / "split.csv").read_text().splitlines()
    assert lines[:3] == [
        "frame,part,time,path,hash",
        'sky_0,left_out,2024-01-15T18:00:00.000000,"/night/a,b/sky_0.fits",30',
        'sky_1,validation,2024-01-15T18:00:00.000001,"/night/a,b/sky_1.fits",31',
    ]
    assert lines[-2:] == ["sim_20,train,,,", "sim_21,train,,,"]
    assert len(lines) == 23
    found = read_split(tmp_path / "split.csv")
    counts = {part: len(paths) for part, paths in found.items()}
    assert counts == {"train": 6, "validation": 6, "test": 6, "left_out": 2}
    assert list(found["test"])[:2] == [Path(f"/night/a,b/sky_{row}.fits") for row in (2, 5)]


def test_odd_names_round_trip(tmp_path: Path) -> None:
    class Odd(Night):
        def path(self, row: int) -> Path:
            return Path("/night/\udcff\n'\"\xe4.fits")

    write_split(tmp_path / "split.csv", Odd(2), parts(2))
    assert list(read_split(tmp_path / "split.csv")["validation"]) == [Odd(2).path(1)]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_frames(tmp_path: Path) -> None:
    night, split = Night(MANY), parts(MANY)
    peaks = []
    for _ in range(4):  # Python's own table of interned names grows now and then: 8 MB at once
        tracemalloc.start()
        write_split(tmp_path / "split.csv", night, split)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert min(peaks) < 4e6
    assert len(read_split(tmp_path / "split.csv")["train"]) == len(split.train)


def test_the_run_folder_reads_it_back(tmp_path: Path, network: object) -> None:
    folder = RunFolder(tmp_path)
    with pytest.raises(ModelError, match="split.csv: is missing"):
        folder.split()
    folder.create(TrainConfig(network=network), {})
    folder.write_split(Night(20), parts(20))
    assert len(folder.split()["validation"]) == 6
    (folder.path / "split.csv").write_text("frame,part,time,path\nsky,lunch,,/sky.fits\n")
    with pytest.raises(ModelError, match="is damaged"):
        folder.split()
