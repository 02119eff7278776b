"""Campaigns with --pack: one file per shard, and everything as without."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

import napari_iris as iris
from napari_iris.io.packs import find_packed, name_in_pack, packed_names, read_packed
from napari_iris.masks.mask_file import read_mask, write_mask
from napari_iris.masks.mask_sequence import MaskSequence
from tests.campaign.test_predict_shards import KILLED
from tests.campaign.test_shards import SMALL, contents, night, sky

__all__ = ["night"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def unpacked(out: Path) -> dict[str, bytes]:
    """All files of a folder, those in packs as single ones, and tables without packs' names."""
    found = contents(out)
    for name in find_packed(out, list(found), ""):
        found[name_in_pack(name)] = read_packed(out / name).getvalue()
    packs = [name for name in found if name.endswith("_pack.fits")]
    for name in packs:
        del found[name]
        for table in ("masks.csv", "predictions.csv"):
            if table in found:
                found[table] = found[table].replace(f"{name}/".encode(), b"")
    return found


def test_packs_hold_what_single_files_hold(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    single = cli("mask", night, "--out", one, *SMALL)
    for number in (2, 1, 3):
        cli("mask", night, "--out", many, *SMALL, "--shard", f"{number}/3", "--pack")
    merged = cli("merge", many)
    assert (merged.code, single.code) == (1, 1), "one frame is damaged"
    packs = [f"mask.{number}-of-3_pack.fits" for number in (1, 2, 3)]
    assert sorted(contents(many)) == [*packs, "masks.csv"]
    assert unpacked(many) == contents(one)


def test_without_shards_all_frames_are_one_that_is_joined(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    one, packed = tmp_path / "one", tmp_path / "packed"
    cli("mask", night, "--out", one, *SMALL)
    ran = cli("mask", night, "--out", packed, *SMALL, "--pack")
    assert (ran.code, "19 masks in" in ran.err) == (1, True)
    assert sorted(contents(packed)) == ["mask.1-of-1_pack.fits", "masks.csv"]
    assert unpacked(packed) == contents(one)


def test_the_same_command_makes_what_is_new_or_newer(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, write_frame: Callable[..., Path]
) -> None:
    out, command = tmp_path / "out", ("mask", night, "--out", tmp_path / "out", *SMALL, "--pack")
    cli(*command)
    before = unpacked(out)
    assert "19 made earlier" in cli(*command).err
    assert unpacked(out) == before
    new = write_frame("night/sky_3.fits", sky(50), DATE_OBS="2024-01-15T18:30:00", CAMERA="T")
    os.utime(new, ns=(time := new.stat().st_mtime_ns + 10**9, time))
    write_frame("night/sky_7.fits", sky(7), DATE_OBS="2024-01-15T19:10:00", CAMERA="T")
    again = cli(*command, "--retry-failed")
    assert (again.code, "18 made earlier" in again.err) == (0, True)
    after = unpacked(out)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed >= {"sky_3_mask.fits", "sky_7_mask.fits", "masks.csv"}
    pack = out / "mask.1-of-1_pack.fits"
    assert list(packed_names(pack)) == [f"sky_{number}_mask.fits" for number in range(20)]


def test_other_options_begin_anew(cli: Callable[..., tuple], night: Path, tmp_path: Path) -> None:
    one, out = tmp_path / "one", tmp_path / "out"
    cli("mask", night, "--out", out, *SMALL, "--pack")
    cli("mask", night, "--out", out, *SMALL, "--pack", "--contrast", "0.5")
    cli("mask", night, "--out", one, *SMALL, "--contrast", "0.5")
    assert unpacked(out) == contents(one)


@pytest.mark.slow
def test_a_shard_that_was_killed_goes_on_to_the_same_pack(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    cli("mask", night, "--out", whole, *SMALL, "--pack")
    words = list(map(str, ["mask", night, "--out", killed, *SMALL, "--pack"]))
    ran = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True, check=False)
    assert ran.returncode == -9
    assert (killed / "shards" / "mask.1-of-1.journal").exists()
    assert not (killed / "mask.1-of-1_pack.fits").exists()
    again = cli(*words)
    assert "made earlier" in again.err, "what was made before is kept"
    assert contents(killed) == contents(whole)
    assert not (killed / "shards" / "mask.1-of-1.journal").exists()


def test_a_folder_has_single_files_or_packs(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    single, packed = tmp_path / "single", tmp_path / "packed"
    cli("mask", night, "--out", single, *SMALL)
    before = contents(single)
    ran = cli("mask", night, "--out", single, *SMALL, "--pack")
    assert ran.code == 1
    assert "sky_3_mask.fits: is a single file already, which --pack neither" in ran.err
    assert contents(single) == before
    cli("mask", night, "--out", packed, *SMALL, "--pack")
    for options in ([], ["--shard", "1/2"], ["--shard", "1/2", "--pack"]):
        ran = cli("mask", night, "--out", packed, *SMALL, *options)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "already has results of mask; go on with --pack and 1 shards" in ran.err


def test_a_persons_mask_stays_a_single_file(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    cli("mask", night, "--out", out, *SMALL, "--pack")
    made = read_mask(out / "mask.1-of-1_pack.fits" / "sky_3_mask.fits")
    cards = {"METHOD": ("HUMAN", "")}
    write_mask(out / "sky_3_mask.fits", made.frame, made.mask * 0, made.header, cards)
    drawn = (out / "sky_3_mask.fits").read_bytes()
    cli("mask", night, "--out", out, *SMALL, "--pack", "--contrast", "0.5")
    assert (out / "sky_3_mask.fits").read_bytes() == drawn
    assert "sky_3_mask.fits" not in packed_names(out / "mask.1-of-1_pack.fits")
    (row,) = (line for line in (out / "masks.csv").read_text().splitlines() if "sky_3.fits" in line)
    assert row.split(",")[1] == "sky_3_mask.fits"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not FITS", "is damaged, or not a pack of napari-iris; delete it"),
        (b"", "is damaged, or not a pack of napari-iris; delete it"),
        (None, "is not a pack of napari-iris; move it away"),
    ],
)
def test_a_damaged_or_foreign_pack_is_one_line(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, content: bytes | None, said: str
) -> None:
    out = tmp_path / "out"
    cli("mask", night, "--out", out, *SMALL, "--pack")
    pack = out / "mask.1-of-1_pack.fits"
    pack.write_bytes((night / "sky_1.fits").read_bytes() if content is None else content)
    for command in (
        ("mask", night, "--out", out, *SMALL, "--pack"),
        ("evaluate", out, out, "--out", tmp_path / "report"),
    ):
        ran = cli(*command)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert f"{pack.name}: {said}" in ran.err


def test_a_pack_is_read_as_frames_and_masks(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    cli("mask", night, "--out", tmp_path / "one", *SMALL)
    cli("mask", night, "--out", tmp_path / "packed", *SMALL, "--pack")
    pack = tmp_path / "packed" / "mask.1-of-1_pack.fits"
    names = list(packed_names(pack))
    with iris.open_night(pack) as opened:
        assert opened.shape == (19, 12, 16)
        assert str(opened[3].header["DATE-OBS"]) == "2024-01-15T18:30:00"
        for number, name in enumerate(names):
            expected = read_mask(tmp_path / "one" / name).frame
            np.testing.assert_array_equal(opened[number].data, expected)
        masks = MaskSequence(opened._frames.paths)
    assert masks.dtype == np.uint8
    expected = np.stack([read_mask(tmp_path / "one" / name).mask for name in names])
    np.testing.assert_array_equal(masks[...], expected)
    masks.close()


@pytest.mark.slow
@pytest.mark.learning
def test_evaluate_and_take_read_packs_like_single_files(
    cli: Callable[..., tuple],
    save_model: Callable[..., Path],
    night: Path,
    tmp_path: Path,
) -> None:
    from napari_iris.app.prediction.source import FileSource
    from napari_iris.app.review.review import read_review
    from napari_iris.frames.paths import find_frames
    from napari_iris.frames.sequence import FrameSequence

    (night / "sky_7.fits").unlink()
    model = save_model()
    found = {}
    for kind in ("one", "many"):
        base = tmp_path / kind
        packs = [["--pack", "--shard", f"{number}/2"] for number in (1, 2)]
        for options in packs if kind == "many" else [[]]:
            cli("mask", night, "--out", base / "masks", *options)
            assert cli("predict", model, night, "--out", base / "made", *options).code == 0
        if kind == "many":
            cli("merge", base / "masks")
            cli("merge", base / "made")
            assert len(contents(base / "made")) == 4, "two packs, table and settings"
        words = (base / "made", base / "masks", "--out", base / "report", "--no-figures")
        assert cli("evaluate", *words).code == 0
        cli("project", base / "project", "index", night)
        taken = cli("project", base / "project", "take", base / "made")
        paths, _ = find_frames([night])
        review = read_review(base / "made", paths)
        sequence = FrameSequence(paths)
        shown = [FileSource(base / "made").get(sequence, place).prediction for place in range(19)]
        found[kind] = (
            unpacked(base / "made"),
            unpacked(base / "masks"),
            (base / "report" / "report.json").read_text().replace(str(base), ""),
            sorted(path.read_bytes() for path in (base / "project" / "masks").rglob("*.png")),
            taken.err.partition(" (")[0].replace(str(base), ""),
            (review.names, review.places.tolist(), review.columns["cloud_fraction"].tolist()),
            [(one.frame_path, one.probability.tobytes()) for one in shown],
        )
        sequence.close()
    for one, many in zip(found["one"], found["many"], strict=True):
        assert one == many
