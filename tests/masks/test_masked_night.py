"""Masks of a whole night and their table: merged, kept, and whole after any stop."""

from __future__ import annotations

import csv
import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.frames.read import read_frame
from napari_iris.masks import night as room
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import read_mask, write_mask
from napari_iris.masks.mask_table import MaskRow
from napari_iris.masks.night import write_masks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIG = MaskConfig(shape=(16, 20))
SHAPE = (32, 40)


def sky(number: int) -> np.ndarray:
    """A clear sky, with a cloud in every second frame."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    noise = np.random.default_rng(number).normal(0, 2, SHAPE)
    cloud = 400 * np.exp(-((y - 10) ** 2 + (x - 10) ** 2) / 80) * (number % 2)
    return (600 + x + noise + cloud).astype(np.float32)


@pytest.fixture
def frames(write_frame: Callable[..., Path]) -> list[Path]:
    return [
        write_frame(f"night/sky_{number}.fits", sky(number), DATE_OBS=f"2024-01-15T18:00:0{number}")
        for number in range(6)
    ]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "masks"


def run(paths: list[Path], out: Path, config: MaskConfig = CONFIG, **options: Any) -> list[Any]:
    return list(write_masks(paths, out, config, **options))


def table(out: Path) -> dict[str, dict[str, str]]:
    """Lines of masks.csv by the name of their mask."""
    with (out / "masks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {row["mask"]: row for row in rows}
    assert len(found) == len(rows), "one line a mask"
    return found


def assert_whole(out: Path) -> None:
    """No part files; every mask reads; every line of the table is of a mask that is there."""
    masks = {path.name for path in out.glob("*_mask.fits")}
    assert {path.name for path in out.iterdir()} == masks | {"masks.csv"}
    for name in masks:
        read_mask(out / name)
    assert set(table(out)) <= masks


@pytest.mark.parametrize("gate", [True, False])
def test_a_night_gives_masks_and_a_table(frames: list[Path], out: Path, *, gate: bool) -> None:
    config = CONFIG.model_copy(update={"gate": gate})
    rows = run(frames, out, config)
    assert_whole(out)
    lines = table(out)
    for number, (path, row) in enumerate(zip(frames, rows, strict=True)):
        frame = read_frame(path)
        made = make_mask(frame.data, config)
        file = read_mask(out / row.mask)
        np.testing.assert_array_equal(file.mask, made.mask)
        np.testing.assert_array_equal(file.frame, made.frame)
        assert file.header["DATE-OBS"] == frame.header["DATE-OBS"]
        assert file.mask_header["METHOD"] == made.method.upper()
        assert row == MaskRow(
            frame=str(path),
            mask=f"sky_{number}_mask.fits",
            date_obs=f"2024-01-15T18:00:0{number}.000000",
            sky=made.gate.sky if made.gate else "",
            cloud_fraction=made.cloud_fraction,
            trust=made.gate.trust if made.gate else None,
            threshold=made.threshold,
            method=made.method,
        )
        line = lines[row.mask]
        assert list(line) == list(MaskRow.__annotations__)
        assert float(line["cloud_fraction"]) == row.cloud_fraction
        assert line["trust"] == ("" if row.trust is None else str(row.trust))
    assert [row.frame for row in rows] == [str(path) for path in frames]


def test_the_rest_goes_on_past_bad_frames(frames: list[Path], out: Path) -> None:
    frames[1].write_bytes(b"no FITS")
    frames[3].unlink()
    fits.PrimaryHDU(np.full(SHAPE, 7.0)).writeto(frames[4], overwrite=True)
    rows = run(frames, out)
    assert [type(row) for row in rows] == [
        *(MaskRow, FrameError, MaskRow, FrameError, FrameError, MaskRow)
    ]
    assert "not FITS" in str(rows[1])
    assert "does not exist" in str(rows[3])
    assert str(rows[4]).startswith(f"{frames[4]}: has the same value everywhere")
    assert_whole(out)
    assert sorted(table(out)) == ["sky_0_mask.fits", "sky_2_mask.fits", "sky_5_mask.fits"]


def test_a_second_run_over_other_frames_adds_to_the_table(frames: list[Path], out: Path) -> None:
    run(frames[:4], out)
    first = table(out)
    run(frames[2:], out, CONFIG.model_copy(update={"gate": False}))
    assert_whole(out)
    second = table(out)
    assert len(second) == 6
    for number in range(6):
        name = f"sky_{number}_mask.fits"
        if number < 2:
            assert second[name] == first[name]
        else:
            assert second[name]["method"] == "recipe"
            assert second[name]["sky"] == ""


def test_a_frame_that_fails_later_keeps_its_mask_and_its_line(
    frames: list[Path], out: Path
) -> None:
    run(frames[:2], out)
    before = table(out)
    frames[0].write_bytes(b"no FITS")
    rows = run(frames[:2], out)
    assert isinstance(rows[0], FrameError)
    assert table(out) == before
    assert_whole(out)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_not_unicode_keep_their_bytes(frames: list[Path], out: Path) -> None:
    odd = frames[0].rename(frames[0].with_name(os.fsdecode(b"b\xff.fits")))
    run([odd], out)
    run(frames[1:2], out)
    text = (out / "masks.csv").read_bytes()
    assert os.fsencode(odd) + b"," + b"b\xff_mask.fits," in text
    assert len(text.splitlines()) == 3


def test_a_damaged_row_of_an_older_table_is_dropped(frames: list[Path], out: Path) -> None:
    run(frames[:2], out)
    with (out / "masks.csv").open("a") as file:
        file.write("c.fits,c_mask.fits\nd.fits" + "," * 20 + "\n")
    run(frames[:1], out)
    assert set(table(out)) == {"sky_0_mask.fits", "sky_1_mask.fits"}


@pytest.mark.parametrize("text", ["frame,cloud\na,1\n", "no table", "mask;frame\na;b\n"])
def test_a_table_of_another_kind_is_refused_before_any_mask(
    frames: list[Path], out: Path, text: str
) -> None:
    out.mkdir()
    (out / "masks.csv").write_text(text)
    with pytest.raises(FileError, match="it is another table.*or give --overwrite"):
        run(frames[:2], out)
    assert {path.name: path.read_text() for path in out.iterdir()} == {"masks.csv": text}
    run(frames[:2], out, overwrite=True)
    assert len(table(out)) == 2
    assert_whole(out)


def test_an_empty_table_is_replaced(frames: list[Path], out: Path) -> None:
    out.mkdir()
    (out / "masks.csv").touch()
    run(frames[:2], out)
    assert len(table(out)) == 2


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("own", ["first", "last", "none"])
def test_a_column_of_ones_own_and_all_lines_are_kept(
    frames: list[Path], out: Path, own: str, mark: bytes
) -> None:
    run(frames, out)
    before = table(out)
    notes = {name: {"note": f"a b, {name}"} if own != "none" else {} for name in before}
    rows = [note | row if own == "first" else row | note for row, note in _both(before, notes)]
    with (out / "masks.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(mark.decode())
        writer = csv.DictWriter(file, rows[0], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    run(frames[:2], out)
    assert table(out) == {name: before[name] | notes[name] for name in before}


def _both(one: dict[str, Any], other: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(one[name], other[name]) for name in one]


@pytest.fixture
def persons_mask(frames: list[Path], out: Path) -> Path:
    """The mask of frame 1, corrected by a person."""
    run(frames, out)
    path = out / "sky_1_mask.fits"
    made = read_mask(path)
    mask = np.full_like(made.mask, 2)
    mask[:, :5], mask[:4, :5] = 0, 1
    write_mask(path, made.frame, mask, made.header, {"METHOD": ("HUMAN", "")}, durable=True)
    return path


@pytest.mark.parametrize("gate", [True, False])
def test_a_human_mask_is_never_replaced(
    frames: list[Path], out: Path, persons_mask: Path, *, gate: bool
) -> None:
    before = persons_mask.read_bytes()
    for _ in range(2):
        rows = run(frames, out, CONFIG.model_copy(update={"gate": gate}))
        assert persons_mask.read_bytes() == before
        assert rows[1].method == "human"
        assert rows[1].cloud_fraction == 0.25
        assert (rows[1].sky, rows[1].trust, rows[1].threshold) == ("", None, None)
        assert {row.method for row in rows} > {"human"}
    assert table(out)[persons_mask.name]["method"] == "human"


@pytest.mark.parametrize(
    "cards",
    [{"METHOD": ("human", "")}, {"LABELER": ("Ada", "")}, {"LABELDAT": ("2024-01-15T18:00", "")}],
)
def test_any_card_of_a_person_makes_a_human_mask(
    frames: list[Path], out: Path, persons_mask: Path, cards: dict[str, tuple[str, str]]
) -> None:
    made = read_mask(persons_mask)
    write_mask(persons_mask, made.frame, made.mask, made.header, cards)
    before = persons_mask.read_bytes()
    for overwrite in (False, True):
        assert run(frames, out, overwrite=overwrite)[1].method == "human"
        assert persons_mask.read_bytes() == before


def test_a_human_mask_of_a_frame_of_another_time_is_refused(
    frames: list[Path], out: Path, persons_mask: Path, write_frame: Callable[..., Path]
) -> None:
    before = persons_mask.read_bytes()
    other = write_frame("other/sky_1.fits", sky(8), DATE_OBS="2024-02-15T18:00:00")
    (refused,) = run([other], out, overwrite=True)
    assert str(refused).startswith(f"{persons_mask}: is a human mask of another frame")
    assert persons_mask.read_bytes() == before
    assert table(out)[persons_mask.name]["frame"] == str(frames[1])


def test_a_mask_that_was_edited_without_a_card_is_kept(frames: list[Path], out: Path) -> None:
    run(frames, out)
    path = out / "sky_1_mask.fits"
    with fits.open(path, mode="update") as units:
        units["MASK"].data[:] = 1
    before = path.read_bytes()
    rows = run(frames, out)
    assert isinstance(rows[1], FileError)
    assert "has been changed since it was made" in str(rows[1])
    assert sum(isinstance(row, MaskRow) for row in rows) == 5
    assert path.read_bytes() == before


def test_a_damaged_human_mask_is_named_and_left(
    frames: list[Path], out: Path, persons_mask: Path
) -> None:
    persons_mask.write_bytes(persons_mask.read_bytes()[:-2700])
    before = persons_mask.read_bytes()
    rows = run(frames, out)
    assert isinstance(rows[1], FileError)
    assert rows[1].path == persons_mask
    assert persons_mask.read_bytes() == before


def test_a_human_mask_of_only_ignored_pixels_is_kept(
    frames: list[Path], out: Path, persons_mask: Path
) -> None:
    made = read_mask(persons_mask)
    nothing = np.full_like(made.mask, 2)
    write_mask(persons_mask, made.frame, nothing, made.header, {"METHOD": ("HUMAN", "")})
    assert np.isnan(run(frames, out)[1].cloud_fraction)
    assert (read_mask(persons_mask).mask == 2).all()


def test_namesakes_are_refused_and_the_first_is_masked(
    frames: list[Path], out: Path, write_frame: Callable[..., Path]
) -> None:
    other = write_frame("other/sky_1.fit", sky(0))
    packed = frames[1].with_suffix(".fits.gz")
    packed.write_bytes(frames[1].read_bytes())
    rows = run([*frames[:2], other, packed, frames[2]], out)
    assert [type(row) for row in rows] == [MaskRow, MaskRow, MaskRow, FrameError, FrameError]
    assert [row.path for row in rows[3:]] == [other, packed]
    assert all("another frame is already called sky_1" in str(row) for row in rows[3:])
    assert table(out)["sky_1_mask.fits"]["frame"] == str(frames[1])
    assert_whole(out)


@pytest.mark.parametrize("stop_after", [0, 1, 4])
def test_a_run_that_is_left_keeps_what_it_made(
    frames: list[Path], out: Path, stop_after: int
) -> None:
    run(frames[4:], out)
    kept = table(out)
    progress = write_masks([*frames[:4], *frames[4:]], out, CONFIG.model_copy(update={"a_log": 9}))
    made = [next(progress) for _ in range(stop_after)]
    progress.close()
    assert_whole(out)
    assert set(table(out)) == {row.mask for row in made} | set(kept)
    assert {name: table(out)[name] for name in kept} == kept


def test_a_stopped_run_can_be_taken_up(frames: list[Path], out: Path) -> None:
    progress = write_masks(frames, out, CONFIG)
    next(progress)
    progress.close()
    run(frames, out)
    assert len(table(out)) == 6
    assert_whole(out)


@pytest.mark.parametrize("error", [IrisError, KeyboardInterrupt, RuntimeError])
def test_a_run_that_breaks_leaves_a_whole_table(
    frames: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    run(frames[:3], out)
    before = table(out)

    def break_half_way(paths: Any, work: Callable[[Path], MaskRow], jobs: int) -> Any:
        for path in frames[3:5]:
            yield work(path)
        raise error("no more")

    monkeypatch.setattr(room, "each_frame", break_half_way)
    with pytest.raises(error):
        run(frames, out)
    assert_whole(out)
    assert {name: table(out)[name] for name in before} == before


@pytest.mark.slow
def test_workers_write_the_same_masks(
    frames: list[Path], out: Path, tmp_path: Path, write_frame: Callable[..., Path]
) -> None:
    many = [write_frame(f"many/{number}.fits", sky(number % 6)) for number in range(34)]
    rows = run(many, out, jobs=2)
    alone = run(many, tmp_path / "alone", jobs=1)
    assert rows == alone
    for row in rows:
        assert (out / row.mask).read_bytes() == (tmp_path / "alone" / row.mask).read_bytes()
    assert (out / "masks.csv").read_bytes() == (tmp_path / "alone" / "masks.csv").read_bytes()
    assert_whole(out)


def test_no_frames_give_an_empty_table(out: Path) -> None:
    assert run([], out) == []
    assert table(out) == {}


@pytest.mark.parametrize("name", ["file", "file/deeper"])
def test_a_folder_that_cannot_be_made_is_named(
    frames: list[Path], tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be created"):
        run(frames, tmp_path / name)


def test_a_plane_of_a_cube_is_masked(write_frame: Callable[..., Path], out: Path) -> None:
    cube = write_frame("cube.fits", np.stack([sky(0), sky(1)]))
    (refused,) = run([cube], out)
    assert "choose one with --plane 0 to 1" in str(refused)
    (row,) = run([cube], out, plane=1)
    np.testing.assert_array_equal(read_mask(out / row.mask).mask, make_mask(sky(1), CONFIG).mask)


def test_a_real_frames_mask_keeps_its_header(shared_data: Path, out: Path) -> None:
    raw = shared_data / "lwir" / "raw" / "cloud_sky_sample.fits"
    (row,) = run([raw], out, MaskConfig(gate=False))
    file = read_mask(out / row.mask)
    for keyword in ("CAMERA", "DATE-OBS", "FPA-TEMP", "AMB-TEMP", "GAIN"):
        assert file.header[keyword] == fits.getheader(raw)[keyword]
    assert row.date_obs == "2023-01-23T22:26:21.341990"
    assert file.mask_header["THRESH"] == pytest.approx(777.971597)
    assert 690 < row.threshold < 1430, "in ADU"
