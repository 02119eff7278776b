"""Labelled frames are found and read in projects, mask folders and simulations."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.dataset.find import find_samples
from napari_iris.dataset.sample_table import CLEAR, CLOUDY
from napari_iris.dataset.usable import drop_unusable
from napari_iris.errors import FileError, IrisError, MaskError
from napari_iris.frames.names import frame_stem
from napari_iris.frames.rebin import rebin
from napari_iris.masks.mask_file import write_mask
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask
from napari_iris.sky import SimulationConfig, rebin_truth, simulate_frame, write_simulation

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (24, 32)


def add_mask(project: Project, frame: int, tag: str, mask: np.ndarray) -> None:
    """Add an automatic or model mask of a frame."""
    name = project.store.save(mask, durable=False)
    with project.repository.transaction() as transaction:
        transaction.add_mask(frame, tag, NewMask(name, 0.5), "test")


@pytest.fixture
def labelled(project: Path, mask_of: Callable) -> Path:
    """Frames: 1 approved, 2 edited, 3 auto, 4 model and auto, 5 rejected, 6 a class, 7 unsure."""
    with Project(project, by="ada") as made:
        for frame in (3, 4, 5):
            add_mask(made, frame, "auto", mask_of(10 + frame))
        add_mask(made, 4, "model", mask_of(24))
        made.reload()
        made.approve(1, mask_of(1))
        made.save_mask(2, mask_of(2))
        made.reject(5, "a bird")
        made.set_class(6, "clear")
        made.set_class(7, "unsure")
    return project


@pytest.mark.parametrize(
    ("which", "masks"),
    [
        ("approved", {0: 1, 5: None}),
        ("best", {0: 1, 1: 2, 2: 13, 3: 24, 5: None}),
        ("auto", {0: None, 2: 13, 3: 14, 5: None}),
        ("model", {0: None, 3: 24, 5: None}),
    ],
)
def test_the_chosen_masks_of_a_project_are_used(
    labelled: Path, mask_of: Callable, which: str, masks: dict[int, int | None]
) -> None:
    samples = find_samples(labelled, which)
    assert {int(frame_stem(samples.path(row))[-1]) for row in range(len(samples))} == set(masks)
    for row in range(len(samples)):
        _, mask, _ = samples.read(row, SHAPE)
        frame = int(frame_stem(samples.path(row))[-1])
        number = masks[frame]
        if number is None:
            assert (mask, samples.keys[row]) == (None, b"")
            assert samples.table.frame_class[row] == {0: CLOUDY, 5: CLEAR}[frame]
        else:
            np.testing.assert_array_equal(mask, mask_of(number))
    assert samples.table.has_mask.tolist() == [number is not None for number in masks.values()]
    assert np.all(np.diff(samples.table.time) > np.timedelta64(0))


def test_a_project_is_opened_read_only_and_no_frame_is_read(
    labelled: Path, frames: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.stat().st_mtime_ns for path in labelled.rglob("*") if path.is_file()}
    monkeypatch.setattr("napari_iris.dataset.find.read_frame", None)
    frames[2].unlink()
    samples = find_samples(labelled, "best")
    assert [problem.path for problem in samples.problems] == [frames[2]]
    assert "is missing" in str(samples.problems[0])
    assert len(samples) == 4
    after = {path: path.stat().st_mtime_ns for path in labelled.rglob("*") if path.is_file()}
    assert {key: after.get(key) for key in before} == before


def test_a_damaged_frame_and_mask_are_named_when_read(labelled: Path, frames: list[Path]) -> None:
    samples = find_samples(labelled)
    frames[0].write_bytes(frames[0].read_bytes()[:1000])
    with pytest.raises(FileError, match="sky_0.fits: is damaged"):
        samples.read(0, SHAPE)
    mask = samples.store.path(os.fsdecode(samples.keys[0]))
    mask.write_bytes(b"no mask")
    with pytest.raises(MaskError, match=f"{mask.name}: is damaged"):
        samples.read(0, SHAPE)


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("approved", "0 of 8 frames are approved; approve some, or give --masks auto"),
        ("best", r"0 of 8 frames have a mask; make them: napari-iris project PROJECT index"),
        ("model", "0 of 8 frames have a mask with the tag model; make them"),
    ],
)
def test_a_project_without_labels_says_what_to_do(project: Path, which: str, message: str) -> None:
    with pytest.raises(IrisError, match=message) as raised:
        find_samples(project, which)
    assert str(raised.value).isprintable()


def test_mask_files_are_read_whole_in_order_of_time(
    write_masks: Callable, mask_of: Callable
) -> None:
    folder = write_masks(11, CLASS="cloudy")
    (folder / "sky_3.fits").write_bytes(b"not the mask")
    samples = find_samples(folder, jobs=1)
    names = [frame_stem(samples.path(row)) for row in range(11)]
    assert names == [f"sky_{number}_mask" for number in range(11)]
    assert set(samples.table.frame_class) == {CLOUDY}
    assert not samples.independent
    frame, mask, _ = samples.read(10, SHAPE)
    np.testing.assert_array_equal(
        frame, np.random.default_rng(10).random(SHAPE, float).astype("f4")
    )
    np.testing.assert_array_equal(mask, mask_of(10))
    assert [one.shape for one in samples.read(0, (8, 16))[:2]] == [(8, 16)] * 2


def test_damaged_mask_files_are_collected_and_the_rest_is_used(write_masks: Callable) -> None:
    folder = write_masks(6)
    whole = (folder / "sky_0_mask.fits").read_bytes()
    (folder / "sky_1_mask.fits").write_bytes(whole[:3000])
    (folder / "sky_2_mask.fits").write_bytes(b"")
    nan, ones = np.full(SHAPE, np.nan, "f4"), np.ones(SHAPE, "u1")
    for name, frame, mask in (("3", nan, ones), ("4", nan[:20], ones), ("5", nan, ones * 7)):
        units = [fits.PrimaryHDU(np.nan_to_num(frame) if name == "4" else frame)]
        units.append(fits.ImageHDU(mask, name="MASK"))
        fits.HDUList(units).writeto(folder / f"sky_{name}_mask.fits", overwrite=True)
    samples = find_samples(folder)
    assert [frame_stem(samples.path(row)) for row in range(len(samples))] == ["sky_0_mask"]
    reported = [str(problem) for problem in samples.problems]
    assert len(reported) == 5
    assert all(re.fullmatch(r"[^\n]+_mask.fits: [^\n]+; [^\n]+", line) for line in reported)
    for number, words in ((2, "is blank"), (3, "differ in shape"), (4, "values from 7 to 7")):
        assert words in reported[number]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no mask file; give a project"),
        ({"a.fits": b""}, r"none of 1 files in .* can be used: .*a.fits: "),
        ({"a.txt": b"", "b_pred.fits": b""}, "holds no mask file"),
    ],
)
def test_a_folder_without_masks_says_what_is_there(
    tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with pytest.raises(IrisError, match=message) as raised:
        find_samples(folder)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(("name", "message"), [("gone", "does not exist"), ("file", "is a file")])
def test_a_path_that_is_no_folder_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=message):
        find_samples(tmp_path / name)


FLAT = "has the same value everywhere (blank, saturated or shuttered); reject or remove it"


def test_a_constant_frame_is_dropped(write_masks: Callable, mask_of: Callable) -> None:
    folder = write_masks(3)
    flat = np.full(SHAPE, 600, np.float32)
    write_mask(folder / "sky_1_mask.fits", flat, mask_of(1), fits.Header(), {})
    samples = find_samples(folder, jobs=1)
    assert [frame_stem(samples.path(row)) for row in range(len(samples))] == [
        "sky_0_mask",
        "sky_2_mask",
    ]
    assert [str(one) for one in samples.problems] == [f"{folder / 'sky_1_mask.fits'}: {FLAT}"]


def test_blank_frames_of_a_project_are_dropped_too(
    project: Path, frames: list[Path], mask_of: Callable
) -> None:
    with Project(project, by="ada") as open_one:
        for number, frame in enumerate(open_one.table.id.tolist()):
            open_one.approve(frame, mask_of(number))
    with fits.open(frames[5], mode="update") as units:
        units[0].data[:] = 600
    frames[2].write_bytes(b"cut off")
    samples = find_samples(project)
    assert len(samples) == 8
    usable = drop_unusable(samples, jobs=1)
    assert [usable.paths[row] for row in range(6)] == [
        path for number, path in enumerate(frames) if number not in (2, 5)
    ]
    assert len(usable.table) == len(usable.keys) == 6
    assert [one.path for one in usable.problems] == [frames[2], frames[5]]
    assert FLAT in str(usable.problems[1])


def test_a_simulation_has_exact_truth(tmp_path: Path) -> None:
    config = SimulationConfig(count=4, shape=(64, 80), truth_shape=(64, 80))
    list(write_simulation(config, tmp_path / "sim"))
    (tmp_path / "sim" / "truth" / "sim_000003_mask.fits").unlink()
    samples = find_samples(tmp_path / "sim")
    assert len(samples) == 3
    assert "sim_000003_mask.fits: is missing" in str(samples.problems[0])
    assert not np.isnat(samples.table.time).any()
    assert samples.independent
    for row in range(3):
        made = simulate_frame(config, row)
        frame, mask, _ = samples.read(row, (16, 20))
        np.testing.assert_array_equal(frame, rebin(made.data, (16, 20)))
        np.testing.assert_array_equal(mask, rebin_truth(made.truth, (16, 20)))
        assert samples.table.cloud_fraction[row] == pytest.approx(made.truth.mean(), abs=1e-6)


@pytest.mark.slow
def test_published_frames_are_read_with_their_masks(shared_data: Path) -> None:
    samples = find_samples(shared_data / "lwir" / "frames")
    assert len(samples) == 200
    assert not samples.problems
    assert [frame_stem(samples.path(row)) for row in (0, 9)] == [
        "DS12_Train_0001",
        "DS12_Train_0010",
    ]
    for row in (0, 99, 199):
        frame, mask, _ = samples.read(row, (128, 160))
        assert 0 < frame.min() < frame.max() < 0.2
        assert set(np.unique(mask)) <= {0, 1}
        assert mask.mean() == pytest.approx(samples.table.cloud_fraction[row])


def test_the_hash_does_not_depend_on_names_or_order(write_masks: Callable) -> None:
    one, other = (find_samples(write_masks(4, name)) for name in ("one", "two"))
    rows = np.arange(4)
    same = one.table.data_hash(rows)
    assert re.fullmatch("[0-9a-f]{32}", same)
    assert other.table.data_hash(rows[::-1]) == same
    said = find_samples(write_masks(4, "three", CLASS="clear"))
    assert len({same, one.table.data_hash(rows[:3]), said.table.data_hash(rows)}) == 3
