"""Tasks on the open project: masks made again, split, export, backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_iris.app.curation.project_opener import ProjectOpener
from napari_iris.app.form import Form, config_form
from napari_iris.exporters.export import ExportConfig
from napari_iris.masks.config import MaskConfig
from napari_iris.project.auto_mask import MASK_CONFIG
from napari_iris.project.project import Project
from napari_iris.project.settings import read_setting
from napari_iris.project.split_config import SplitConfig
from tests.app.conftest import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from tests.app.conftest import ManualTimers

OTHER = MaskConfig(gate=False, contrast=0.3)


@pytest.fixture
def settings() -> Form[MaskConfig]:
    """What the Mask dock shows."""
    return config_form(MaskConfig)


@pytest.fixture
def opener(curation: Curation, settings: Form[MaskConfig]) -> Iterator[ProjectOpener]:
    opener = ProjectOpener(curation, settings)
    yield opener
    opener.job.close()


def config_of(folder: Path) -> MaskConfig:
    with Project(folder, read_only=True) as project:
        return read_setting(project.repository, MASK_CONFIG, MaskConfig, MaskConfig())


def test_masks_are_made_again_where_the_settings_are_others(
    opener: ProjectOpener, folder: Path, settings: Form[MaskConfig]
) -> None:
    tasks = opener.tasks
    assert "read-only or busy" in tasks.remake_problem
    fill(settings, config_of(folder))
    opener.open(folder)
    assert "already" in tasks.remake_problem
    settings.set("shape", "64")
    assert tasks.remake_problem == "Mask dock: Rows and columns: needs 2 values."
    fill(settings, OTHER)
    assert not tasks.remake_problem


@pytest.mark.slow
def test_a_project_starts_and_goes_on_with_its_settings(
    opener: ProjectOpener,
    curation: Curation,
    tmp_path: Path,
    write_night: Callable[..., Path],
    show_frames: Callable[[Path], None],
    timers: ManualTimers,
    settings: Form[MaskConfig],
) -> None:
    new = tmp_path / "new"
    fill(settings, OTHER)
    show_frames(write_night(2, "tuesday"))
    opener.open(new)
    timers.wait_until(lambda: not opener.job.is_running and curation.row is not None)
    assert config_of(new) == OTHER
    fill(settings, MaskConfig())
    write_night(1, "tuesday", first=2)
    opener.add_frames()
    timers.wait_until(lambda: len(curation.project.table) == 3)
    assert config_of(new) == OTHER, "further frames are as the others"
    opener.tasks.remake_masks()
    timers.wait_until(lambda: not opener.job.is_running)
    assert config_of(new) == MaskConfig()
    assert "masks made again" in opener.job.text


@pytest.mark.slow
def test_a_backup_and_an_export_are_written(
    opener: ProjectOpener, curation: Curation, folder: Path, timers: ManualTimers
) -> None:
    opener.open(folder)
    labels, copy = (opener.tasks.suggested_folder(name) for name in ("labels", "backup"))
    assert labels is not None
    assert copy is not None
    opener.tasks.export(labels, ExportConfig(format="csv"))
    assert not opener.tasks.can_read
    timers.wait_until(lambda: opener.tasks.can_read)
    assert (labels / "labels.csv").exists()
    assert opener.job.text == "1 files exported."
    opener.tasks.back_up(copy)
    timers.wait_until(lambda: opener.tasks.can_read)
    with Project(copy, read_only=True) as project:
        assert len(project.table) == len(curation.project.table)


def test_the_frames_are_split(
    opener: ProjectOpener, curation: Curation, folder: Path, timers: ManualTimers
) -> None:
    opener.open(folder)
    opener.tasks.split(SplitConfig(percent=(100, 0, 0)))
    timers.wait_until(lambda: "Split:" in curation.message)
    assert "0 validation, 0 test" in curation.message


def test_a_read_only_project_is_exported_and_not_changed(
    opener: ProjectOpener, folder: Path
) -> None:
    opener.open_read_only(folder)
    assert (opener.tasks.can_read, opener.tasks.can_change) == (True, False)
    assert opener.tasks.remake_problem
