"""How a mask was made, in words that tell of which model it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.project.indexing import index
from napari_iris.project.label_origin import accepted_from, accepted_model, label_origins
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.labels import Tag


@pytest.mark.parametrize("model", ["unet1@3f2a", "a, threshold of a@0", "unet 1"])
def test_the_model_of_an_accepted_mask_is_read_back(model: str) -> None:
    assert accepted_model(accepted_from(model, 0.9)) == model


@pytest.mark.parametrize("how", ["", "drawn", "approved as model", "restored mask 3"])
def test_other_masks_are_of_no_model(how: str) -> None:
    assert accepted_model(how) == ""


SHAPE = (24, 32)


def own_mask(number: int = 0) -> np.ndarray:
    """A mask that is not an automatic one."""
    return np.random.default_rng(number).integers(0, 2, SHAPE).astype(np.uint8)


def add(project: Project, mask: np.ndarray, tag: Tag = "model") -> None:
    """Add a mask of a program to the first frame."""
    made = NewMask(project.store.save(mask, durable=False), 0.5, method="threshold 0.5")
    with project.repository.transaction() as transaction:
        transaction.add_mask(1, tag, made, "unet1@0")


def draw(project: Project, number: int) -> None:
    project.save_mask(1, own_mask(number))
    project.approve(1)


def restore_first(project: Project) -> None:
    numbers = [one.mask for one in project.history(1) if one.value.startswith("human: ")]
    draw(project, 1)
    project.restore(1, numbers[0])
    project.approve(1)


def accept(project: Project, model: str = "unet1@0") -> None:
    project.approve(1, own_mask(), accepted_from(model, 0.5))


CASES: dict[str, tuple[Callable[[Project], object], str]] = {
    "accepted": (accept, "unet1@0"),
    "accepted, then approved again": (lambda one: [accept(one), one.approve(1)], "unet1@0"),
    "accepted and restored": (lambda one: [accept(one), restore_first(one)], "unet1@0"),
    "a starting mask approved": (lambda one: [add(one, own_mask()), one.approve(1)], "unet1@0"),
    "a starting mask corrected": (lambda one: [add(one, own_mask()), draw(one, 1)], ""),
    "accepted from another model": (
        lambda one: [add(one, own_mask()), accept(one, "unet2@0")],
        "unet2@0",
    ),
    "accepted, then corrected": (lambda one: [accept(one), draw(one, 1)], ""),
    "drawn, and a model agrees": (lambda one: [add(one, own_mask()), draw(one, 0)], ""),
    "the automatic one approved": (lambda one: one.approve(1), "auto"),
}
"""What is done with a frame; of which model its label then is."""


def test_frames_inside_the_project_are_known_by_their_files(
    tmp_path: Path, write_frame: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_frame("project/frames/sky.fits", np.arange(768, dtype=np.int16).reshape(SHAPE))
    with Project(tmp_path / "project") as project:
        assert list(index(project, [path], None, jobs=1)) == [path]
        accept(project)
    monkeypatch.chdir(tmp_path / "project")
    assert label_origins(Path("../project"), ("human",)).models == {path: {"unet1@0"}}


@pytest.mark.parametrize("case", CASES)
def test_the_origin_of_a_label_is_known(project: Project, case: str) -> None:
    decide, expected = CASES[case]
    add(project, np.ones(SHAPE, np.uint8), "auto")
    decide(project)
    found = label_origins(project.folder, ("human",))
    path = project.table.paths[project.table.row_of(1)]
    assert found.models.get(path, set()) == ({expected} - {"", "auto"})
    assert found.automatic == ({path} if expected == "auto" else set())
