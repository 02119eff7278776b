"""A project made by version 0.1 opens, exports and goes on: nothing of it is lost.

``tests/data/project_v1`` holds three simulated frames, each with an automatic mask: one approved
with a human mask, one rejected, one with a model's mask, a class and a note.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.exporters.export import ExportConfig, export
from napari_iris.labels import STATUSES
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import read_mask
from napari_iris.project.backup import backup
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.split import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD = Path(__file__).parent.parent / "data" / "project_v1"
HUMAN = (np.arange(12 * 16).reshape(12, 16) // 5 % 3).astype(np.uint8)
MODEL = np.roll(HUMAN, 3, axis=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "project"))


@pytest.fixture(params=["read-only", "to label"])
def project(folder: Path, request: pytest.FixtureRequest) -> Iterator[Project]:
    with Project(folder, read_only=request.param == "read-only", by="ben") as project:
        yield project


def test_its_frames_and_labels_are_read(project: Project) -> None:
    names = [f"sim_{number:06d}.fits.gz" for number in range(3)]
    assert list(project.table.paths) == [project.folder / "frames" / name for name in names]
    assert project.status() == {
        "frames": 3,
        "status": {"unlabelled": 0, "auto": 1, "edited": 0, "approved": 1, "rejected": 1},
        "class": {"clear": 0, "cloudy": 1, "unsure": 1},
        "masks": {"auto": 3, "model": 1, "human": 1},
        "duplicates": {"same": 0, "alike": 0},
    }
    assert project.sources == ["frames"]
    labels = [project.decision(frame) for frame in (1, 2, 3)]
    assert [(one.status, one.frame_class, one.by, one.how) for one in labels] == [
        ("approved", "cloudy", "ada", "approved"),
        ("rejected", None, "ada", "by hand"),
        ("auto", "unsure", "ada", "by hand"),
    ]
    assert [one.reason for one in labels] == ["", "bird", ""]
    assert labels[2].note == "thin cirrus at the horizon"
    assert overlap(project) == {"same": 0, "alike": 0}
    assert sorted(project.table.part.tolist()) == [-1, 0, 1]


def test_its_masks_are_read(project: Project) -> None:
    assert [project.tags(frame) for frame in (1, 2, 3)] == [
        ("auto", "human"),
        ("auto",),
        ("auto", "model"),
    ]
    np.testing.assert_array_equal(project.mask(1), HUMAN)
    np.testing.assert_array_equal(project.mask(3), MODEL)
    facts = project.mask_facts(3)
    assert facts is not None
    assert (facts.by, facts.method, facts.uncertainty) == ("unet-lwir", "threshold 0.5", 0.125)
    for frame in (1, 2, 3):
        auto = project.mask_facts(frame, "auto")
        assert auto is not None
        assert 0 <= auto.trust <= 1
        assert project.mask(frame, "auto").shape == (12, 16)


def test_its_history_is_read(project: Project) -> None:
    histories = [project.history(frame) for frame in (1, 2, 3)]
    human = [[(e.what, e.value) for e in history if e.by == "ada"] for history in histories]
    assert human == [
        [("mask", "human: drawn"), ("status", "approved")],
        [("reason", "bird"), ("status", "rejected")],
        [("note", "thin cirrus at the horizon"), ("class", "unsure")],
    ]
    assert {entry.at.tzname() for history in histories for entry in history} == {"UTC"}


@pytest.mark.parametrize("form", ["fits", "png", "coco", "csv"])
def test_it_is_exported(project: Project, tmp_path: Path, form: str) -> None:
    config = ExportConfig.model_validate({"format": form, "status": STATUSES})
    outcomes = list(export(project, tmp_path / "out", config))
    assert all(isinstance(path, Path) for path in outcomes)
    assert len(outcomes) == {"fits": 4, "png": 7, "coco": 5, "csv": 1}[form]
    if form == "fits":
        masks = [read_mask(path).mask for path in outcomes[:3]]
        np.testing.assert_array_equal(masks[0], HUMAN)
        np.testing.assert_array_equal(masks[2], MODEL)


def test_it_can_be_labelled_further(folder: Path, tmp_path: Path) -> None:
    with Project(folder, by="ben") as project:
        paths = list(project.table.paths)
        before = [row.hash for row in project.repository.frame_hashes()]
        assert list(index(project, paths, MaskConfig(shape=(12, 16)), jobs=1)) == paths
        assert [row.hash for row in project.repository.frame_hashes()] == before
        project.approve(3)
        (drawn,) = (entry.mask for entry in project.history(1) if entry.value == "human: drawn")
        project.restore(1, drawn)
        assert all(isinstance(path, Path) for path in backup(project, tmp_path / "copy"))
    with Project(tmp_path / "copy", read_only=True) as copy:
        assert [copy.decision(frame).status for frame in (1, 2, 3)] == [
            "edited",
            "rejected",
            "approved",
        ]
        np.testing.assert_array_equal(copy.mask(1), HUMAN)
        assert copy.decision(3).by == "ben"
