"""The list of models: what is shown, selected, and can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from napari_iris.app.training.run_list import RunList
from napari_iris.app.training.run_table import COLUMNS, cell_text, cell_tip, sort_key
from napari_iris.app.training.runs import read_run
from napari_iris.inference.folders import TRASH
from tests.app.training.conftest import write_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.app.conftest import ManualTimers

ACTIONS = ("continue", "evaluate", "rename", "delete", "copy")


@pytest.fixture
def runs(timers: ManualTimers) -> Iterator[RunList]:
    runs = RunList(timers)
    yield runs
    runs.close()


@pytest.fixture
def update(timers: ManualTimers, runs: RunList) -> Callable[[], None]:
    """Wait until the models are listed."""
    return lambda: timers.wait_until(lambda: runs.list.is_current)


@pytest.fixture
def listed(runs: RunList, models: Path, update: Callable[[], None]) -> RunList:
    runs.set_folder(models)
    update()
    return runs


def names(runs: RunList) -> list[str]:
    return [run.name for run in runs.runs]


def select(runs: RunList, *wanted: str) -> None:
    runs.select([run.folder for run in runs.runs if run.name in wanted])


def column(runs: RunList, name: str) -> list[str]:
    return [cell_text(run, name, runs.running) for run in runs.runs]


def test_without_a_folder_there_are_the_shipped_models_alone(
    runs: RunList, update: Callable[[], None]
) -> None:
    runs.set_folder(None)
    update()
    assert runs.runs == ()
    assert {run.name for run in runs.shipped} == {"unet-lwir", "vgg8-lwir"}
    assert runs.hint == "Trained models are listed here."


def test_an_empty_folder_has_no_models_yet(
    runs: RunList, tmp_path: Path, update: Callable[[], None]
) -> None:
    runs.set_folder(tmp_path)
    update()
    assert runs.hint == "No models yet."


def test_models_are_listed_with_their_results(listed: RunList, models: Path) -> None:
    assert names(listed) == ["bad", "good", "half"]
    assert column(listed, "State") == ["damaged", "trained", "stopped"]
    assert column(listed, "Val. loss") == ["", "0.2000", "0.3000"]
    assert column(listed, "Clear IoU") == ["", "0.800", "0.700"]
    assert column(listed, "Epochs") == ["", "2/2", "1/9"]
    assert column(listed, "Network") == ["", "unet 4-8", "unet 4-8"]
    bad, good, half = listed.runs
    assert "config" in cell_tip(bad, "Name") or "JSON" in cell_tip(bad, "Name")
    assert cell_tip(good, "Name") == str(models / "good")
    assert cell_tip(good, "MCC") == ""
    assert sort_key(bad, "MCC", None) is None
    assert sort_key(half, "Epochs", None) == 1
    listed.set_running(models / "half")
    assert column(listed, "State") == ["damaged", "trained", "running"]
    assert set(COLUMNS) >= {"Name", "State"}


def test_an_evaluated_model_says_so(
    listed: RunList, models: Path, update: Callable[[], None]
) -> None:
    report = models / "good" / "run" / "test" / "report.json"
    report.parent.mkdir()
    report.write_text("{}")
    listed.refresh()
    update()
    assert column(listed, "State") == ["damaged", "evaluated", "stopped"]


@pytest.mark.parametrize(
    ("selected", "possible"),
    [
        ((), ()),
        (("good",), ("continue", "evaluate", "rename", "delete", "copy")),
        (("half",), ("continue", "rename", "delete", "copy")),
        (("bad",), ("rename", "delete")),
        (("good", "half"), ("delete",)),
    ],
    ids=str,
)
def test_what_can_be_done(
    listed: RunList, selected: tuple[str, ...], possible: tuple[str, ...]
) -> None:
    select(listed, *selected)
    assert tuple(action for action in ACTIONS if listed.can(action)) == possible


def test_a_running_model_is_left_alone(listed: RunList, models: Path) -> None:
    listed.set_running(models / "half")
    select(listed, "half")
    assert [action for action in ACTIONS if listed.can(action)] == ["copy"]
    select(listed, "good")
    assert [action for action in ACTIONS if listed.can(action)] == ["rename", "delete", "copy"]


def test_a_renamed_model_stays_selected(
    listed: RunList, models: Path, update: Callable[[], None]
) -> None:
    select(listed, "half")
    listed.rename(listed.selected[0], "better")
    update()
    assert names(listed) == ["bad", "better", "good"]
    assert [run.name for run in listed.selected] == ["better"]
    assert read_run(models / "better").score("val_loss") == 0.3
    assert not (models / "half").exists()


@pytest.mark.parametrize("name", ["good", "a/b", ""])
def test_a_name_that_is_not_possible_is_refused(
    listed: RunList, models: Path, update: Callable[[], None], name: str
) -> None:
    noted = Mock()
    listed.noted.connect(noted)
    select(listed, "half")
    listed.rename(listed.selected[0], name)
    update()
    noted.assert_called_once_with()
    assert listed.message
    assert (models / "half").is_dir()
    assert [run.name for run in listed.selected] == ["half"]


def test_deleted_models_go_to_the_trash(
    listed: RunList, models: Path, update: Callable[[], None]
) -> None:
    select(listed, "good", "bad")
    question, explanation = listed.delete_question()
    assert question == "Delete bad, good?"
    assert explanation == (
        f"They are moved to the folder {TRASH} beside the models and can be restored."
    )
    listed.delete()
    update()
    assert names(listed) == ["half"]
    assert listed.message == f"Moved to {TRASH}: bad, good."
    assert (models / TRASH / "good" / "model.json").is_file()


def test_a_selection_outlasts_other_models(
    listed: RunList, models: Path, update: Callable[[], None]
) -> None:
    changed = Mock()
    select(listed, "half")
    listed.selection_changed.connect(changed)
    write_run(models / "another", 0.9)
    listed.select([models / "half", models / "later"])
    listed.refresh()
    update()
    assert [run.name for run in listed.selected] == ["half"]
    write_run(models / "later", 0.9)
    listed.refresh()
    update()
    assert [run.name for run in listed.selected] == ["half", "later"], "selected once it is there"
    assert changed.called


def test_the_list_is_held_while_a_name_is_edited(
    listed: RunList, models: Path, update: Callable[[], None]
) -> None:
    write_run(models / "another", 0.9)
    listed.is_held = True
    listed.refresh()
    update()
    assert "another" not in names(listed)
    listed.is_held = False
    listed.refresh()
    update()
    assert "another" in names(listed)
