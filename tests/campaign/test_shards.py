"""Shards of a campaign: which frames each has, and that merged they are as one run."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.campaign.frames import CampaignFrames
from napari_iris.campaign.shard import Shard, shard_of_job
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = ("--shape", "12", "16", "--jobs", "1")


def sky(number: int) -> np.ndarray:
    """A frame of one camera, every third with cloud."""
    pattern = np.random.default_rng(99).normal(600, 8, (24, 32))
    frame = pattern + np.random.default_rng(number).normal(0, 2, pattern.shape)
    frame[:, :12] += 200 * (number % 3 == 0)
    return frame.astype(np.float32)


@pytest.fixture
def night(write_frame: Callable[..., Path]) -> Path:
    """Twenty frames of a night, one of them damaged."""
    for number in range(20):
        time = str(np.datetime64("2024-01-15T18:00:00") + 600 * number)
        path = write_frame(f"night/sky_{number}.fits", sky(number), DATE_OBS=time, CAMERA="T")
    path.with_name("sky_7.fits").write_bytes(b"SIMPLE  =")
    return path.parent


def contents(folder: Path) -> dict[str, bytes]:
    """All files directly in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    "text", ["0/4", "5/4", "1/0", "2", "2/", "a/4", "-1/4", "1/2/3", "1/9999999"]
)
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(IrisError, match="--shard: expected I/N"):
        Shard.parse(text)


@pytest.mark.parametrize(
    ("variables", "shard"),
    [
        ({"ID": "3", "COUNT": "4", "MIN": "0"}, "4/4"),
        ({"ID": "1", "COUNT": "4", "MIN": "1"}, "1/4"),
        ({"ID": "10", "COUNT": "3", "MIN": "0", "STEP": "5"}, "3/3"),
        ({"ID": "2", "COUNT": "4"}, "2/4"),
    ],
)
def test_a_job_array_gives_the_shard(variables: dict[str, str], shard: str) -> None:
    given = {f"SLURM_ARRAY_TASK_{name}": value for name, value in variables.items()}
    assert str(shard_of_job(given)) == shard


@pytest.mark.parametrize("variables", [{}, {"ID": "9", "COUNT": "2"}, {"ID": "x", "COUNT": "2"}])
def test_without_a_job_array_the_shard_must_be_given(variables: dict[str, str]) -> None:
    given = {f"SLURM_ARRAY_TASK_{name}": value for name, value in variables.items()}
    with pytest.raises(IrisError, match="give I/N"):
        shard_of_job(given)


def test_a_shard_holds_the_keys_of_its_own_number() -> None:
    """As in every release: a campaign may be continued by another one."""
    keys = np.arange(9, dtype=np.uint64)
    assert [keys[Shard(number, 3).holds(keys)].tolist() for number in (1, 2, 3)] == [
        [0, 3, 6],
        [1, 4, 7],
        [2, 5, 8],
    ]


def test_each_frame_is_in_one_shard_wherever_the_folder_is_mounted(
    night: Path, tmp_path: Path
) -> None:
    def shards(folder: Path) -> list[list[str]]:
        frames = CampaignFrames.find([folder])
        return [[path.name for path in frames.of(Shard(one, 3)).paths] for one in (1, 2, 3)]

    first = shards(night)
    assert sorted(chain(*first)) == sorted(path.name for path in night.iterdir())
    assert all(first)
    moved = night.rename(tmp_path / "another name")
    assert shards(moved) == first


def test_a_new_frame_moves_no_other_to_another_shard(
    night: Path, write_frame: Callable[..., Path]
) -> None:
    before = {path.name for path in CampaignFrames.find([night]).of(Shard(2, 3)).paths}
    write_frame("night/a.fits", sky(1))
    after = {path.name for path in CampaignFrames.find([night]).of(Shard(2, 3)).paths}
    assert after - {"a.fits"} == before


@pytest.mark.parametrize("command", ["mask", "rebin"])
def test_merged_shards_are_as_one_run(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, command: str
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    single = cli(command, night, "--out", one, *SMALL)
    codes = [
        cli(command, night, "--out", many, *SMALL, "--shard", f"{number}/4").code
        for number in (3, 1, 4, 2)
    ]
    assert sorted(codes) == [0, 0, 0, 1], "one frame is damaged"
    merged = cli("merge", many)
    assert (single.code, merged.code) == (1, 1)
    assert contents(many) == contents(one)
    assert merged.err.splitlines()[0] == single.err.splitlines()[0], "the failed frame is named"
    assert merged.err.splitlines()[1].startswith(
        f"19 {'masks' if command == 'mask' else 'frames'} of 4 shards in {many}"
    )


def test_the_events_of_a_merge_are_those_of_one_run(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    def end(*words: object) -> dict[str, object]:
        event = json.loads(cli(*words, "--json").out.splitlines()[-1])
        return {name: event[name] for name in ("event", "done", "failed", "masks")}

    single = end("mask", night, "--out", tmp_path / "one", *SMALL)
    for number in (1, 2):
        end("mask", night, "--out", tmp_path / "many", *SMALL, "--shard", f"{number}/2")
    assert end("merge", tmp_path / "many") == single


def test_a_missing_shard_is_named_and_nothing_is_joined(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for number in (1, 4):
        cli("mask", night, "--out", out, *SMALL, "--shard", f"{number}/4")
    ran = cli("merge", out)
    assert ran.code == 1
    assert "mask: shards 2, 3 of 4 are missing; run the same command" in ran.err
    assert not (out / "masks.csv").exists()
    assert cli("merge", out, "--incomplete").code == 1
    assert len((out / "masks.csv").read_text().splitlines()) == 1 + len(list(out.glob("*.fits")))


def test_a_shard_that_has_not_ended_is_not_called_missing(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for number in (1, 2):
        cli("mask", night, "--out", out, *SMALL, "--shard", f"{number}/3")
    manifest = out / "shards" / "mask.2-of-3.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"complete": False}))
    ran = cli("merge", out)
    assert ran.code == 1
    assert "mask: shard 3 of 3 is missing" in ran.err
    assert "mask: shard 2 of 3 is not finished" in ran.err


@pytest.mark.parametrize("change", ["a frame", "an option"])
def test_shards_of_other_frames_or_options_are_not_joined(
    cli: Callable[..., tuple],
    night: Path,
    tmp_path: Path,
    write_frame: Callable[..., Path],
    change: str,
) -> None:
    out = tmp_path / "out"
    for number in (1, 2, 3):
        if number == 3 and change == "a frame":
            write_frame("night/new.fits", sky(30))
        options = ["--contrast", "0.8"] if number == 3 and change == "an option" else []
        cli("mask", night, "--out", out, *SMALL, "--shard", f"{number}/3", *options)
    ran = cli("merge", out)
    assert ran.code == 1
    assert "mask: shard 3 of 3 is from other frames or settings than the rest" in ran.err
    assert not (out / "masks.csv").exists()


def test_the_same_command_again_does_the_rest_and_failed_frames_on_request(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, write_frame: Callable[..., Path]
) -> None:
    out = tmp_path / "out"
    command = ("mask", night, "--out", out, *SMALL, "--shard", "1/1")
    assert cli(*command).code == 1
    before = {path: path.stat().st_mtime_ns for path in out.glob("*_mask.fits")}
    (out / "sky_3_mask.fits").unlink()
    write_frame("night/sky_7.fits", sky(7), DATE_OBS="2024-01-15T19:10:00", CAMERA="T")
    again = cli(*command)
    assert again.code == 1, "it failed before"
    assert "sky_7.fits" in again.err
    assert "19 masks" in again.err
    assert "18 made earlier" in again.err
    retried = cli(*command, "--retry-failed")
    assert (retried.code, "20 masks" in retried.err) == (0, True)
    assert "19 made earlier" in retried.err
    after = {path: path.stat().st_mtime_ns for path in out.glob("*_mask.fits")}
    assert {path.name for path, time in after.items() if before.get(path) != time} == {
        "sky_3_mask.fits",
        "sky_7_mask.fits",
    }


def test_frames_of_one_name_are_as_in_one_run(
    cli: Callable[..., tuple], tmp_path: Path, write_frame: Callable[..., Path]
) -> None:
    for number in range(12):
        write_frame(f"archive/night{number % 3}/sky_{number // 3}.fits", sky(number))
    pattern = tmp_path / "archive" / "**" / "*.fits"
    single = cli("mask", pattern, "--out", tmp_path / "one", *SMALL)
    for number in (1, 2, 3):
        cli("mask", pattern, "--out", tmp_path / "many", *SMALL, "--shard", f"{number}/3")
    merged = cli("merge", tmp_path / "many")
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
    named = [
        sorted(line for line in ran.err.splitlines() if "another frame" in line)
        for ran in (single, merged)
    ]
    assert named[0] == named[1]
    assert len(named[0]) == 8


def test_a_folder_without_shards_is_refused(cli: Callable[..., tuple], tmp_path: Path) -> None:
    ran = cli("merge", tmp_path)
    assert ran.code == 2
    assert "holds no shards of a campaign; give the --out folder" in ran.err


def test_a_damaged_manifest_or_part_is_a_missing_shard(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for number in (1, 2):
        cli("mask", night, "--out", out, *SMALL, "--shard", f"{number}/2")
    part = out / "shards" / "masks.part-2-of-2.csv"
    kept = part.read_text().splitlines(keepends=True)
    part.write_text("".join(kept[:-1]))
    ran = cli("merge", out)
    assert (ran.code, "its parts have 18 of 19 rows; run" in ran.err) == (2, True)
    (out / "shards" / "mask.2-of-2.json").write_text("{}")
    assert "shard 2 of 2 is missing" in cli("merge", out).err
    assert not (out / "masks.csv").exists()


def test_a_joined_table_of_parquet_is_read_and_continued(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    one, many = tmp_path / "one", tmp_path / "many"
    cli("mask", night, "--out", one, *SMALL)
    cli("mask", night, "--out", many, *SMALL, "--shard", "1/1")
    assert cli("merge", many, "--table", "parquet").code == 1
    assert (many / "masks.parquet").exists()
    assert not (many / "masks.csv").exists()
    cli("merge", many)
    assert contents(many) == contents(one), "as CSV again: it is small"
    cli("mask", night, "--out", one, *SMALL, "--table", "parquet")
    assert not (one / "masks.csv").exists()
    cli("mask", night, "--out", one, *SMALL)
    assert contents(one) == contents(many)


def test_from_many_rows_on_the_joined_table_is_parquet(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr("napari_iris.campaign.merge.MANY", 19)
    cli("mask", night, "--out", tmp_path, *SMALL, "--shard", "1/1")
    cli("merge", tmp_path)
    assert (tmp_path / "masks.parquet").exists()


@pytest.mark.parametrize("most", [2, 3, 48])
def test_few_parts_are_open_at_a_time(
    cli: Callable[..., tuple],
    night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    cli("mask", night, "--out", one, *SMALL)
    for number in range(1, 8):
        cli("mask", night, "--out", many, *SMALL, "--shard", f"{number}/7")
    monkeypatch.setattr("napari_iris.campaign.part.OPEN", most)
    before = contents(many / "shards")
    cli("merge", many)
    assert contents(many) == contents(one)
    assert contents(many / "shards") == before
    assert not [path for path in (many / "shards").iterdir() if path.is_dir()]
