"""predictions.csv: continued after any stop, never doubled, begun anew for another model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FileError
from napari_iris.frames.names import frame_stem
from napari_iris.inference.prediction_file import Prediction
from napari_iris.inference.rows import TABLE, PredictionRow, stated_frames
from napari_iris.inference.run_settings import RUNS
from napari_iris.inference.table import lock_name, open_table
from napari_iris.matching.names import prediction_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SETTINGS = {"model": "unet@0", "threshold": 0.5}
RUN = "3211de01"
"""Stands for `SETTINGS`."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def frames(tmp_path: Path) -> list[Path]:
    """Three frames that are older than any prediction."""
    paths = [tmp_path / f"sky_{number}.fits" for number in range(3)]
    for path in paths:
        path.touch()
        os.utime(path, (1e9, 1e9))
    return paths


def row(
    frame: Path,
    cloud: float = 0.25,
    threshold: float = 0.5,
    file: str | None = None,
    run: str = RUN,
) -> PredictionRow:
    file = file or f"{frame_stem(frame)}_pred.fits"
    said = ("2024-01-15T18:00:00", None, "cloudy", cloud, 0.125, "unet@0", threshold, file, run)
    return PredictionRow(str(frame), *said)


def line(frame: Path, cloud: float = 0.25, threshold: float = 0.5, run: str = RUN) -> str:
    said = f"2024-01-15T18:00:00,,cloudy,{cloud},0.125,unet@0,{threshold}"
    return f"{frame},{said},{frame_stem(frame)}_pred.fits,{run},,none,,,,,,,"


def put(
    out: Path, *frames: Path, settings: Mapping[str, object] = SETTINGS, cloud: float = 0.25
) -> list[bool]:
    """Predict the frames without a row, as the pipeline does; give those that had one."""
    with open_table(out, settings) as table:
        had = [table.has(frame) for frame in frames]
        for frame, known in zip(frames, had, strict=True):
            if not known:
                file = table.place(frame)
                (out / file).parent.mkdir(exist_ok=True)
                (out / file).touch()
                table.add(row(frame, cloud, table.threshold, file, table.run))
    return had


def lines(out: Path) -> list[str]:
    return (out / TABLE).read_text(errors="surrogateescape").splitlines()


def test_a_table_is_continued(out: Path, frames: list[Path]) -> None:
    assert put(out, *frames[:2]) == [False, False]
    assert put(out, *frames) == [True, True, False]
    assert lines(out) == [
        "frame,date_obs,p_cloud,sky,cloud_fraction,uncertainty,model,threshold,prediction,run,"
        "trust,reference,level,median_excess,clear_part,cloud_part,undecided_part,"
        "novelty,unlike",
        *map(line, frames),
    ]
    assert json.loads((out / RUNS).read_text()) == {RUN: {"model": "unet@0"}}


def test_a_row_is_written_at_once(out: Path, frames: list[Path]) -> None:
    with open_table(out, SETTINGS) as table:
        table.add(row(frames[0]))
        assert len(lines(out)) == 2


def test_a_table_without_references_is_continued(out: Path, frames: list[Path]) -> None:
    put(out, *frames[:2])
    old = [",".join(one.split(",")[:10]) for one in lines(out)]
    (out / TABLE).write_text("\n".join(old) + "\n")
    assert put(out, *frames) == [True, True, False]
    assert lines(out)[1:] == [*(f"{one},,,,,,,,," for one in old[1:]), line(frames[2])]


@pytest.mark.parametrize(
    "settings",
    [{"model": "unet@1", "threshold": 0.5}, {**SETTINGS, "threshold": 0.4}, {**SETTINGS, "hdu": 1}],
)
def test_other_settings_keep_the_rows_of_other_frames(
    out: Path, frames: list[Path], settings: dict[str, object]
) -> None:
    put(out, *frames)
    before = lines(out)
    assert put(out, frames[1], settings=settings, cloud=0.5) == [False]
    assert len(lines(out)) == 4
    assert {before[1], before[3]} < set(lines(out))
    assert [f",cloudy,0.5,0.125,unet@0,{settings['threshold']}," in one for one in lines(out)] == [
        *(False, False, False, True)
    ]
    assert put(out, *frames) == [True, False, True]
    assert put(out, frames[1], settings=settings) == [False], "it was predicted anew since"
    assert len(json.loads((out / RUNS).read_text())) == (
        1 if "hdu" not in settings and settings["model"] == "unet@0" else 2
    )


def test_another_threshold_is_the_same_run(out: Path, frames: list[Path]) -> None:
    put(out, *frames[:2])
    with open_table(out, {**SETTINGS, "threshold": 0.4}) as table:
        assert [table.has(frame) for frame in frames] == [False] * 3
        assert [table.has_other_threshold(frame) for frame in frames] == [True, True, False]
        assert table.is_mixed
    with open_table(out, {**SETTINGS, "hdu": 1}) as table:
        assert not table.has_other_threshold(frames[0])
    with open_table(out, SETTINGS) as table:
        assert not table.is_mixed


def test_a_kill_before_the_duplicate_row_is_removed_does_no_harm(
    out: Path, frames: list[Path]
) -> None:
    put(out, *frames)
    with (out / TABLE).open("a") as file:
        file.write(line(frames[0], 0.5, 0.4) + "\n")
    assert put(out, *frames, settings={**SETTINGS, "threshold": 0.4}) == [True, False, False]
    assert len(lines(out)) == 4


def test_the_table_of_an_older_version_keeps_its_rows(out: Path, frames: list[Path]) -> None:
    """It has no settings: its frames are predicted again when given."""
    put(out, *frames)
    old = [",".join(one.split(",")[:7]) for one in lines(out)]
    (out / TABLE).write_text("\n".join(old) + "\n")
    (out / RUNS).write_text(json.dumps(SETTINGS))
    assert list(stated_frames(out).values()) == list(map(str, frames))
    assert put(out, frames[1]) == [False]
    assert lines(out)[1:] == [
        f"{old[1]},,sky_0_pred.fits,,,,,,,,,,",
        f"{old[3]},,sky_2_pred.fits,,,,,,,,,,",
        line(frames[1]),
    ]
    assert json.loads((out / RUNS).read_text()) == {RUN: {"model": "unet@0"}}


@pytest.mark.parametrize(
    "harm",
    [
        lambda out: (out / TABLE).unlink(),
        lambda out: (out / TABLE).write_text(""),
    ],
)
def test_a_missing_table_is_made_anew(
    out: Path, frames: list[Path], harm: Callable[[Path], object]
) -> None:
    put(out, *frames)
    harm(out)
    assert put(out, *frames) == [False] * 3
    assert len(lines(out)) == 4


@pytest.mark.parametrize(
    "content",
    [b"frame,cloud\na.fits,1\n", b"\x92\n\xffabc" * 400, b"frame," + b"x" * 200_000],
)
def test_another_table_is_replaced_only_on_request(
    out: Path, frames: list[Path], content: bytes
) -> None:
    (out / TABLE).write_bytes(content)
    with pytest.raises(FileError, match="cannot be read.*; choose another --out, or give --over"):
        put(out, *frames)
    assert (out / TABLE).read_bytes() == content
    with open_table(out, SETTINGS, overwrite=True) as table:
        table.add(row(frames[0]))
    assert lines(out)[1:] == [line(frames[0])]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("place", [0, 3, 19])
def test_a_column_of_ones_own_and_all_rows_are_kept(
    out: Path, frames: list[Path], place: int, end: str, mark: str
) -> None:
    put(out, *frames[:2])
    cells = [one.split(",") for one in lines(out)]
    for one, own in zip(cells, ["note", "fog", "dew"], strict=True):
        one.insert(place, own)
    text = mark + end.join(map(",".join, cells)) + end
    (out / TABLE).write_text(text, encoding="utf-8", newline="")
    assert put(out, *frames) == [True, True, False]
    header, *rows = lines(out)
    assert header.endswith(",unlike,note")
    own = [f"{line(frames[0])},fog", f"{line(frames[1])},dew", f"{line(frames[2])},"]
    assert rows == own
    put(out, frames[0], settings={**SETTINGS, "hdu": 1})
    assert lines(out)[-1].endswith(",fog"), "it is the note of the frame"
    assert len(lines(out)) == 4


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_loses_no_row(out: Path, frames: list[Path], mark: str) -> None:
    put(out, *frames)
    before = lines(out)
    (out / TABLE).write_text(mark + "\n".join(before) + "\n", encoding="utf-8")
    assert put(out, *frames) == [True] * 3
    assert lines(out) == before


@pytest.mark.parametrize(
    "harm",
    [
        lambda runs: runs.unlink(),
        lambda runs: runs.write_bytes(b"\xff{"),
        lambda runs: runs.write_text("[" * 99_999),
        lambda runs: runs.write_text("[1]"),
    ],
)
def test_damaged_run_settings_are_written_again(
    out: Path, frames: list[Path], harm: Callable[[Path], object]
) -> None:
    put(out, *frames)
    harm(out / RUNS)
    assert put(out, *frames) == [True] * 3
    assert json.loads((out / RUNS).read_text()) == {RUN: {"model": "unet@0"}}


@pytest.mark.parametrize("cut", range(1, 80, 7))
def test_a_truncated_row_is_predicted_again(out: Path, frames: list[Path], cut: int) -> None:
    put(out, *frames)
    (out / TABLE).write_bytes((out / TABLE).read_bytes()[:-cut])
    assert put(out, *frames) == [True, True, False]
    assert len(lines(out)) == len(set(lines(out))) == 4
    assert lines(out)[3].startswith(str(frames[2]))


@pytest.mark.parametrize(
    "line",
    [
        *("/a/b.fits,2024", "a,b,c,d,e,f,g,h,i,j,k", '"/a/b.fits\n', "\0" * 300),
        "/a/\0b.fits,,,clear,0,0,m,0.5,\0,0",
    ],
)
def test_a_damaged_row_is_removed(out: Path, frames: list[Path], line: str) -> None:
    put(out, *frames)
    before = lines(out)
    with (out / TABLE).open("a") as file:
        file.write(line + "\n")
    assert put(out, *frames) == [True] * 3
    assert lines(out) == before


def test_a_missing_prediction_is_predicted_again(out: Path, frames: list[Path]) -> None:
    put(out, *frames)
    prediction_path(frames[1], out).unlink()
    assert put(out, *frames, cloud=0.5) == [True, False, True]
    assert sorted(lines(out)[1:]) == sorted(map(line, frames, (0.25, 0.5, 0.25)))


def test_a_rewritten_frame_is_predicted_again(out: Path, frames: list[Path]) -> None:
    put(out, *frames)
    later = prediction_path(frames[1], out).stat().st_mtime + 10
    os.utime(frames[1], (later, later))
    assert put(out, *frames) == [True, False, True]
    assert len(lines(out)) == 4


def test_a_removed_frame_keeps_its_row(out: Path, frames: list[Path]) -> None:
    put(out, *frames)
    frames[0].unlink()
    assert put(out, *frames[1:]) == [True, True]
    assert len(lines(out)) == 4


def test_a_frame_of_the_same_name_from_another_night_gets_a_subfolder(
    out: Path, frames: list[Path], tmp_path: Path
) -> None:
    put(out, *frames)
    others = [tmp_path / night / "lwir" / frames[0].name for night in ("tue", "wed")]
    for other in others:
        other.parent.mkdir(parents=True)
        other.touch()
        os.utime(other, (1e9, 1e9))
    assert put(out, others[0], cloud=0.5) == [False]
    (out / "wed" / "lwir").mkdir(parents=True)
    assert put(out, others[1], cloud=0.75) == [False]
    for _ in range(2):
        assert put(out, *frames, *others) == [True] * 5
        assert len(lines(out)) == 6
    assert [frame for frame, _ in stated_frames(out).items()][3:] == [
        out / "lwir" / "sky_0_pred.fits",
        out / "wed" / "lwir" / "sky_0_pred.fits",
    ]
    (out / "sky_0_pred.fits").unlink()
    assert put(out, others[0], others[1], frames[0]) == [True, True, False]
    assert (out / "sky_0_pred.fits").exists(), "each keeps its place"


def test_two_files_of_one_name_in_one_folder_are_kept_apart(out: Path, frames: list[Path]) -> None:
    with open_table(out, SETTINGS) as table:
        assert table.place(frames[0]) == table.place(frames[0]) == "sky_0_pred.fits"
        other = frames[0].with_suffix(".fit")
        assert table.place(other) == f"{other.parent.name}/sky_0_pred.fits"


def test_a_frame_given_twice_has_one_row(out: Path, frames: list[Path]) -> None:
    put(out, frames[0], frames[0])
    assert len(lines(out)) == 2


def test_two_rows_of_one_frame_become_one(out: Path, frames: list[Path]) -> None:
    put(out, *frames)
    with (out / TABLE).open("a") as file:
        file.write(line(frames[0], 0.0).replace("cloudy", "clear") + "\n")
    assert put(out, *frames) == [True] * 3
    assert len(lines(out)) == 4
    assert lines(out)[3].split(",")[3] == "clear", "the last one holds"


@pytest.mark.parametrize(
    "name", ["a,b.fits", 'a"b.fits', "a\nb.fits", "wölkchen ☁.fits", "\udcff.fits"]
)
def test_frames_may_have_any_name(out: Path, tmp_path: Path, name: str) -> None:
    frame = tmp_path / name
    frame.touch()
    os.utime(frame, (1e9, 1e9))
    assert put(out, frame) == [False]
    assert put(out, frame) == [True]


def test_the_row_of_a_frame() -> None:
    blank = np.zeros((2, 2), np.float32)
    header = fits.Header([("DATE-OBS", "2024-01-15"), ("TIME-OBS", "18:00:00.5")])
    prediction = Prediction(
        *(blank, blank, header, "unet@0+vgg8@1", 0.5, 0.123456789, 1 / 3, 2 / 3, None),
        frame_path="/n/a.fits",
        run="12345678",
    )
    assert PredictionRow.of(prediction, "clear", "n/a_pred.fits") == PredictionRow(
        "/n/a.fits",
        "2024-01-15T18:00:00.500000",
        0.123457,
        "clear",
        0.333333,
        0.666667,
        "unet@0+vgg8@1",
        0.5,
        "n/a_pred.fits",
        "12345678",
    )
    undated = Prediction(blank, blank, fits.Header(), "unet@0", 0.5)
    found = PredictionRow.of(undated, "clear", "a_pred.fits")
    assert (found.date_obs, found.p_cloud) == ("", None)


HOLD = """
import sys
from pathlib import Path
from napari_iris.inference.table import open_table
with open_table(Path(sys.argv[1]), {"threshold": 0.5}):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_processes_do_not_write_one_table(out: Path, frames: list[Path]) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline() == "held\n"
    with pytest.raises(FileError, match="is being written to by another .*; wait for it, or"):
        put(out, *frames)
    other.kill()
    other.communicate()
    assert (out / lock_name()).exists(), "a kill leaves the file, but not the lock"
    put(out, *frames)
    assert not (out / lock_name()).exists()


def test_a_folder_that_is_none_is_named(tmp_path: Path, frames: list[Path]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="file: cannot be written"):
        put(tmp_path / "file", *frames)


def test_a_table_that_cannot_be_read_is_named(out: Path, frames: list[Path]) -> None:
    put(out, *frames)
    (out / TABLE).unlink()
    (out / TABLE).mkdir()
    with pytest.raises(FileError, match="predictions.csv: is a folder, not a file"):
        put(out, *frames)


@pytest.mark.slow
def test_a_million_lines_take_little_memory(out: Path, frames: list[Path]) -> None:
    """Three keys of eight bytes a frame."""
    put(out, *frames)
    with open_table(out, SETTINGS) as table:
        assert sum(keys.nbytes for keys in vars(table._index).values()) == 24 * 3
