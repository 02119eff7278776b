"""The labelled frames of a folder, counted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.app.training.supply import read_supply
from napari_iris.masks.mask_file import write_mask
from napari_iris.project.project import Project
from napari_iris.sky import SimulationConfig, write_simulation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAME, MASK = np.ones((24, 32), np.float32), np.zeros((24, 32), np.uint8)


def alike(count: int) -> dict[str, int]:
    return dict.fromkeys(("approved", "best", "auto", "model"), count)


def test_a_project_is_counted_by_its_masks(project: Path) -> None:
    with Project(project) as open_project:
        first, second, third = (int(frame) for frame in open_project.table.id[:3])
        open_project.approve(first)
        open_project.set_class(second, "clear")
        open_project.reject(third, "a bird")
    supply = read_supply(project)
    assert supply.kind == "project"
    assert supply.text == "6 frames: 1 approved, 5 with automatic masks, 0 with model masks"
    assert supply.masks == {"approved": 1, "best": 5, "auto": 5, "model": 0}
    assert supply.classes == 2


def test_mask_files_are_counted(tmp_path: Path) -> None:
    for name in ("a_mask.fits", "b_mask.fits", "b_pred.fits", ".c_mask.fits", "notes.txt"):
        write_mask(tmp_path / name, FRAME, MASK, fits.Header(), {})
    supply = read_supply(tmp_path)
    assert (supply.kind, supply.text) == ("masks", "2 frames with masks")
    assert supply.masks == alike(2)


def test_masks_may_be_called_anything(tmp_path: Path) -> None:
    write_mask(tmp_path / "night_1.fits", FRAME, MASK, fits.Header(), {})
    assert read_supply(tmp_path).masks == alike(1)


def test_a_simulation_is_counted_by_its_truth(tmp_path: Path) -> None:
    assert len(list(write_simulation(SimulationConfig(count=2, seed=1), tmp_path))) == 2
    supply = read_supply(tmp_path)
    assert (supply.kind, supply.text) == ("simulation", "2 simulated frames with truth")


def frames_alone(folder: Path, write_frame: Callable[..., Path]) -> Path:
    return write_frame("night/sky_1.fits").parent


def broken_project(folder: Path, write_frame: Callable[..., Path]) -> Path:
    (folder / "iris.db").write_bytes(b"not a database, but long enough to look like one" * 40)
    return folder


def locked(folder: Path, write_frame: Callable[..., Path]) -> Path:
    (folder / "locked").mkdir(mode=0)
    return folder / "locked"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder, _: folder / "gone", "This folder does not exist."),
        (lambda folder, _: folder, "This folder contains no masks."),
        (frames_alone, "mask"),
        (broken_project, "iris.db"),
        pytest.param(
            locked,
            "Permission denied",
            marks=pytest.mark.skipif(os.geteuid() == 0, reason="root may read all"),
        ),
    ],
    ids=["gone", "empty", "frames without masks", "damaged project", "locked"],
)
def test_a_folder_without_labelled_frames_has_a_reason(
    tmp_path: Path,
    write_frame: Callable[..., Path],
    make: Callable[..., Path],
    reason: str,
) -> None:
    supply = read_supply(make(tmp_path, write_frame))
    assert supply.kind == "none"
    assert reason in supply.text
    assert "\n" not in supply.text


def test_what_has_not_changed_is_not_counted_again(project: Path) -> None:
    first = read_supply(project)
    assert read_supply(project, first) is first
    with Project(project) as open_project:
        open_project.approve(int(open_project.table.id[0]))
    second = read_supply(project, first)
    assert second.masks["approved"] == 1
    assert read_supply(project.parent, second).folder == project.parent


def test_a_decision_shows_while_the_project_is_open(project: Path) -> None:
    with Project(project) as open_project:
        known = read_supply(project)
        open_project.approve(int(open_project.table.id[0]))
        assert read_supply(project, known).masks["approved"] == 1
