"""The job that predicts many frames: its folder, its commands, its result in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from napari_iris.app.prediction.job import PredictJob, PredictProgress
from napari_iris.app.prediction.model_choice import ModelChoice
from napari_iris.jobs.job import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.session import Session


@pytest.fixture
def models(session: Session) -> ModelChoice:
    return ModelChoice(session)


@pytest.fixture
def job(current: CurrentPrediction, models: ModelChoice, curation: Any) -> PredictJob:
    return PredictJob(current, models, curation)


@pytest.fixture
def listed(
    job: PredictJob,
    models: ModelChoice,
    night: Path,
    make_model: Callable[..., Path],
    timers: Any,
) -> Callable[..., None]:
    """Write models, and wait until they are listed: ``listed("unet1", "unet2")``."""

    def write(*names: str, **known: Any) -> None:
        for name in names:
            make_model(name, kind="vgg8" if name.startswith("vgg") else "unet", **known)
        models.refresh()
        timers.wait_until(lambda: models.list.is_current)

    return write


def option(words: list[str], name: str) -> str | None:
    return words[words.index(name) + 1] if name in words else None


def test_without_frames_or_a_model_it_cannot_start(
    job: PredictJob, session: Session, listed: Callable[..., None]
) -> None:
    listed()
    assert job.problem == "Choose a folder for the predictions."
    listed("unet1")
    assert job.problem == ""
    session.show(None)
    assert job.problem == "No frames are open."


def test_a_model_that_is_being_read_cannot_start(
    job: PredictJob,
    models: ModelChoice,
    listed: Callable[..., None],
    make_model: Callable[..., Path],
    timers: Any,
) -> None:
    """Until it is read, nothing starts with the one before."""
    listed("unet1")
    assert job.control.can_start
    models.choose(make_model("elsewhere/unet2"))
    assert job.problem == "Reading the model..."
    assert not job.control.can_start
    timers.wait_until(lambda: job.control.can_start)
    assert job.folder.value is not None
    assert job.folder.value.name == "unet2"


def test_the_folder_follows_the_model_until_the_user_chooses_one(
    job: PredictJob, models: ModelChoice, listed: Callable[..., None], tmp_path: Path
) -> None:
    listed("unet1", "unet2")
    assert job.folder.value == tmp_path / "night_predictions" / "unet1"
    models.set_model(models.models[1].folder)
    assert job.folder.value == tmp_path / "night_predictions" / "unet2"
    job.folder.choose(tmp_path / "mine")
    models.set_model(models.models[0].folder)
    assert job.folder.value == tmp_path / "mine"


def test_predictions_of_a_project_are_stored_in_it(
    job: PredictJob, session: Session, listed: Callable[..., None], tmp_path: Path
) -> None:
    listed("unet1")
    session.set_project(tmp_path / "project")
    assert job.folder.value == tmp_path / "project" / "predictions" / "unet1"
    assert len(job.commands()) == 1, "they replace no mask unasked"
    job.add_to_project = True
    assert len(job.commands()) == 2
    assert job.commands()[1][:2] == ["project", str(tmp_path / "project")]


def test_the_command_has_models_and_threshold(
    job: PredictJob,
    current: CurrentPrediction,
    models: ModelChoice,
    listed: Callable[..., None],
    night: Path,
) -> None:
    listed("unet1", "vgg1")
    (words,) = job.commands()
    assert words[:3] == ["predict", str(night.parent / "night_models" / "unet1"), str(night)]
    assert option(words, "--threshold") is option(words, "--classifier") is None
    assert "--turned" not in words
    models.set_classifier(models.classifiers[0].folder)
    current.set_threshold(0.7)
    job.test_time_augmentation = True
    (words,) = job.commands()
    assert option(words, "--threshold") == "0.7"
    assert option(words, "--classifier") == str(models.classifiers[0].folder)
    assert "--turned" in words


def test_a_classifier_that_the_user_does_without_is_excluded(
    job: PredictJob, models: ModelChoice, listed: Callable[..., None]
) -> None:
    listed("vgg1")
    listed("unet1", classifier="vgg1")
    models.set_classifier(None)
    assert option(list(job.commands()[0]), "--classifier") == "none"


@pytest.mark.parametrize(
    ("succeeds", "commands_done", "reloads", "shares"),
    [
        (True, 1, True, True),
        (True, 0, False, True),
        (False, 1, False, True),
        (False, 0, False, False),
    ],
)
def test_results_are_shared(
    job: PredictJob,
    current: CurrentPrediction,
    curation: Any,
    succeeds: bool,
    commands_done: int,
    reloads: bool,
    shares: bool,
) -> None:
    curation.reload, written = Mock(), Mock()
    current.predictions_written.connect(written)
    progress = job.control.progress
    progress.start()
    progress.commands_done = commands_done
    progress.end(Ending(0 if succeeds else 2, False, ""))
    job.control.ended.emit()
    assert (curation.reload.called, written.called) == (reloads, shares)


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ([{"predictions": {"cloudy": 200}}], "200 frames predicted (0 clear, 200 cloudy)."),
        (
            [{"predictions": {"clear": 1, "cloudy": 2}, "done_before": 1}],
            "3 frames predicted (1 clear, 2 cloudy), 1 frame predicted before.",
        ),
        ([{"predictions": {}, "done_before": 5}], "5 frames predicted before."),
        ([{"predictions": {}}], "0 frames predicted."),
        (
            [{"predictions": {"clear": 0, "cloudy": 200}}, {"new": 200, "known": 0, "other": 0}],
            "200 frames predicted (0 clear, 200 cloudy); added to the project.",
        ),
        (
            [{"predictions": {"clear": 3}}, {"new": 1, "known": 1, "other": 1}],
            "3 frames predicted (3 clear, 0 cloudy); 1 added, 1 in the project before, "
            "1 of frames not in the project.",
        ),
    ],
)
def test_the_result_is_written(results: list[Any], text: str) -> None:
    progress = PredictProgress()
    progress.start()
    progress.results = results
    progress.commands_done = len(results) - 1
    progress.end(Ending(0, False, ""))
    assert progress.text == text


def test_a_job_that_was_cancelled_while_adding_says_what_it_left() -> None:
    progress = PredictProgress()
    progress.start()
    progress.results = [{"predictions": {"clear": 3}}]  # type: ignore[typeddict-item,list-item]
    progress.commands_done = 1
    progress.end(Ending(0, True, ""))
    assert progress.text == (
        "3 frames predicted (3 clear, 0 cloudy); stopped before all were added to the project."
    )
