"""Review without a window: what is suggested, read, compared, evaluated, and out of date."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.app.prediction.current import CurrentPrediction
from napari_iris.app.prediction.source import FileSource
from napari_iris.app.prediction.truth import CurrentTruth
from napari_iris.app.prediction.truth_source import TruthSource
from napari_iris.app.review.choice import NO_MASKS, NO_PREDICTIONS, NO_TRUTH, ReviewChoice
from napari_iris.app.review.evaluation_job import LABELS_CHANGED, EvaluationJob
from napari_iris.app.review.reviewer import Reviewer
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.inference.prediction_file import write_prediction
from napari_iris.jobs.job import Ending
from napari_iris.masks.mask_file import mask_path, write_mask
from napari_iris.matching.names import prediction_path
from napari_iris.matching.pixels import frame_id
from tests.app.prediction.conftest import FakeSource, MemoryCanvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.session import Session


@pytest.fixture
def night(session: Session, make_night: Callable[..., Path]) -> Path:
    """Folder of five open frames; the second one is shown."""
    folder = make_night(5)
    show(session, folder, 1)
    return folder


def show(session: Session, folder: Path, number: int = 0) -> None:
    sequence = FrameSequence(FrameIndex([str(folder)]).paths)
    session.show(sequence, [str(folder)], number=number)


@pytest.fixture
def store() -> Callable[..., Path]:
    """Store predictions of a folder of frames: ``store(night, "unet1")`` gives their folder."""

    def write(night: Path, name: str) -> Path:
        out = night.with_name(f"{night.name}_predictions") / name
        out.mkdir(parents=True)
        sequence, source = FrameSequence(FrameIndex([str(night)]).paths), FakeSource(f"{name}@0")
        with (out / "predictions.csv").open("w", newline="") as file:
            table = csv.writer(file)
            head = ("frame", "date_obs", "p_cloud", "sky", "cloud_fraction", "uncertainty", "model")
            table.writerow((*head, "prediction"))
            for number, path in enumerate(sequence.paths):
                frame, found = sequence.frame(number), source.get(sequence, number).prediction
                known = {"frame_path": str(path), "frame_id": frame_id(frame.data)}
                prediction = found.__class__(**{**vars(found), **known})
                file_path = prediction_path(path, out)
                write_prediction(file_path, prediction)
                row = (path, frame.header["DATE-OBS"], "", "cloudy", 0.1, number / 10, f"{name}@0")
                table.writerow((*row, file_path.name))
        sequence.close()
        return out

    return write


@pytest.fixture
def masks(night: Path) -> Path:
    """Reference masks beside the open frames: cloud in the first 16 columns of each."""
    folder = night.with_name("night_masks")
    folder.mkdir()
    for path in night.iterdir():
        mask = (np.arange(160) < 16).astype(np.uint8) * np.ones((128, 1), np.uint8)
        frame = fits.getdata(path).astype(np.float32)
        write_mask(mask_path(path, folder), frame, mask, fits.Header(), {})
    return folder


@pytest.fixture
def current(session: Session) -> CurrentPrediction:
    return CurrentPrediction(session, MemoryCanvas())


@pytest.fixture
def truth(current: CurrentPrediction) -> CurrentTruth:
    return CurrentTruth(current)


@pytest.fixture
def choice(session: Session) -> ReviewChoice:
    return ReviewChoice(session)


@pytest.fixture
def job(current: CurrentPrediction, choice: ReviewChoice) -> EvaluationJob:
    return EvaluationJob(current, choice)


@pytest.fixture
def reviewer(
    current: CurrentPrediction,
    truth: CurrentTruth,
    choice: ReviewChoice,
    job: EvaluationJob,
    timers: Any,
) -> Reviewer:
    reviewer = Reviewer(current, truth, choice, job)
    timers.wait_until(lambda: reviewer.is_current)
    return reviewer


@pytest.fixture
def wait(timers: Any) -> Callable[[Reviewer], None]:
    """Wait until all that is shown is current."""
    return lambda reviewer: timers.wait_until(lambda: reviewer.is_current)


# --- what is chosen


def test_without_frames_the_hint_says_how_to_begin(choice: ReviewChoice) -> None:
    assert choice.hint == NO_PREDICTIONS
    assert choice.source is None


def test_predictions_and_masks_beside_the_frames_are_suggested(
    night: Path, masks: Path, store: Callable[..., Path], choice: ReviewChoice, session: Session
) -> None:
    assert (choice.predictions.value, choice.truth.value) == (None, masks)
    out = store(night, "unet1")
    choice.suggest()
    assert choice.predictions.value == out
    assert choice.source == TruthSource(masks)
    assert choice.hint == ""
    assert not choice.is_project


def test_an_open_project_is_the_truth(
    night: Path, masks: Path, choice: ReviewChoice, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "iris.db").touch()
    changed = Mock()
    session.set_project(tmp_path / "project")
    assert choice.is_project
    choice.truth_changed.connect(changed)
    choice.set_masks("Automatic masks")
    choice.set_masks("Automatic masks")
    assert choice.source == TruthSource(tmp_path / "project", "auto")
    changed.assert_called_once()


def test_what_the_user_chose_is_kept_until_other_frames_are_open(
    night: Path, choice: ReviewChoice, session: Session, make_night: Any, tmp_path: Path
) -> None:
    choice.truth.choose(tmp_path)
    choice.suggest()
    assert choice.truth.value == tmp_path
    show(session, make_night(2, "tuesday"))
    assert choice.truth.value is None


def test_hints_say_what_is_missing(
    night: Path, store: Callable[..., Path], choice: ReviewChoice, tmp_path: Path
) -> None:
    assert choice.hint == NO_PREDICTIONS
    choice.predictions.choose(store(night, "unet1"))
    assert choice.hint == NO_TRUTH
    (tmp_path / "empty").mkdir()
    choice.truth.choose(tmp_path / "empty")
    assert choice.hint == NO_MASKS


def test_predictions_that_were_just_written_are_reviewed(
    night: Path, choice: ReviewChoice, tmp_path: Path
) -> None:
    changed = Mock()
    choice.predictions_changed.connect(changed)
    choice.predictions.choose(tmp_path / "mine")
    choice.use_written(tmp_path / "new")
    choice.use_written(tmp_path / "new")
    assert choice.predictions.value == tmp_path / "new"
    assert changed.call_count == 3


@pytest.mark.parametrize("is_open", [False, True], ids=["nothing open", "a night open"])
def test_a_path_may_be_typed_letter_by_letter(
    choice: ReviewChoice,
    job: EvaluationJob,
    session: Session,
    make_night: Callable[..., Path],
    is_open: bool,
) -> None:
    """Every beginning of an absolute path is a folder that is chosen for a moment."""
    if is_open:
        show(session, make_night(5))
    typed = "/data/night_predictions/unet1"
    for end in range(1, len(typed) + 1):
        choice.predictions.choose(Path(typed[:end]))
        choice.truth.choose(Path(typed[:end]))
        assert choice.hint
        assert job.folder.value is not None
        assert job.folder.value.name == Path(typed[:end]).name or typed[:end] == "/"


# --- what is read and shown


@pytest.fixture
def stored(night: Path, masks: Path, store: Callable[..., Path]) -> Path:
    """Folder of predictions of the open frames."""
    return store(night, "unet1")


def test_stored_predictions_are_shown_and_compared(
    stored: Path, reviewer: Reviewer, current: CurrentPrediction, truth: CurrentTruth
) -> None:
    assert reviewer.review is not None
    assert reviewer.review.models == ("unet1@0",)
    assert current.source == FileSource(stored)
    assert current.result is not None
    assert current.result.file == stored / "sky_2_pred.fits"
    assert reviewer.row == 1
    assert truth.scores()["accuracy"] == 1


def test_the_row_follows_the_frame(
    stored: Path, reviewer: Reviewer, session: Session, wait: Callable[[Reviewer], None]
) -> None:
    rows = []
    reviewer.row_changed.connect(lambda: rows.append(reviewer.row))
    session.go_to(4)
    reviewer.go_to(0)
    assert session.number == 0
    assert rows[0] == 4
    assert rows[-1] == 0
    wait(reviewer)
    assert reviewer.message == ""


def test_the_next_frame_is_that_of_the_review(
    stored: Path, reviewer: Reviewer, session: Session
) -> None:
    rows = np.array([3, 1, 4, 0, 2])
    assert (reviewer.row, session.number) == (1, 1)
    reviewer.next(rows)
    assert session.number == 4
    reviewer.next(rows)
    reviewer.next(rows)
    assert (session.number, reviewer.message) == (2, "")
    reviewer.next(rows)
    assert (session.number, reviewer.message) == (2, "That was the last frame of the review.")


def test_a_folder_without_predictions_shows_none(
    stored: Path,
    reviewer: Reviewer,
    choice: ReviewChoice,
    current: CurrentPrediction,
    wait: Callable[[Reviewer], None],
    tmp_path: Path,
) -> None:
    (tmp_path / "empty").mkdir()
    choice.predictions.choose(tmp_path / "empty")
    wait(reviewer)
    assert "holds no predictions" in reviewer.message
    assert reviewer.review is reviewer.row is current.source is None
    choice.predictions.choose(stored)
    wait(reviewer)
    assert (reviewer.message, reviewer.row) == ("", 1)
    choice.predictions.choose(None)
    assert reviewer.review is current.source is None


def test_a_damaged_table_is_reported(
    stored: Path, reviewer: Reviewer, choice: ReviewChoice, wait: Callable[[Reviewer], None]
) -> None:
    (stored / "predictions.csv").write_text("x\n")
    choice.predictions_changed.emit()
    wait(reviewer)
    assert "is damaged" in reviewer.message
    assert reviewer.review is None


def test_a_frame_that_is_not_open_cannot_be_shown(
    stored: Path,
    reviewer: Reviewer,
    choice: ReviewChoice,
    session: Session,
    make_night: Callable[..., Path],
    wait: Callable[[Reviewer], None],
) -> None:
    show(session, make_night(3, "tuesday", first=7))
    wait(reviewer)
    assert choice.predictions.value is None
    choice.predictions.choose(stored)
    wait(reviewer)
    reviewer.go_to(0)
    assert reviewer.message.endswith("sky_1.fits is not among the open frames.")
    assert reviewer.row is None


def test_it_gives_way_to_a_model_and_comes_back(
    stored: Path, reviewer: Reviewer, current: CurrentPrediction, wait: Callable[[Reviewer], None]
) -> None:
    current.set_source(FakeSource("unet2@0"))
    wait(reviewer)
    assert current.result is not None
    assert current.result.prediction.model == "unet2@0"
    current.set_source(None)
    assert current.source == FileSource(stored)


def test_a_missing_prediction_or_mask_is_reported(
    stored: Path,
    reviewer: Reviewer,
    current: CurrentPrediction,
    truth: CurrentTruth,
    masks: Path,
    wait: Callable[[Reviewer], None],
) -> None:
    (masks / "sky_2_mask.fits").unlink()
    truth.refresh()
    wait(reviewer)
    assert truth.scores() == {}
    (stored / "sky_2_pred.fits").unlink()
    current.refresh()
    wait(reviewer)
    assert "there is no prediction of this frame" in current.problem


def test_closed_it_shows_nothing_and_follows_nothing(
    stored: Path,
    reviewer: Reviewer,
    current: CurrentPrediction,
    truth: CurrentTruth,
    session: Session,
    choice: ReviewChoice,
) -> None:
    reviewer.close()
    assert reviewer.review is current.source is truth.source is None
    choice.predictions_changed.emit()
    session.go_to(3)
    assert reviewer.is_current
    assert current.source is None


# --- the evaluation


@pytest.fixture
def evaluated(
    stored: Path,
    reviewer: Reviewer,
    job: EvaluationJob,
    report: Path,
    wait: Callable[[Reviewer], None],
) -> Reviewer:
    """A review with the report of an evaluation at threshold 0.5."""
    job.evaluated.emit(report)
    wait(reviewer)
    return reviewer


def test_results_of_an_evaluation_are_added(evaluated: Reviewer) -> None:
    assert evaluated.review is not None
    assert evaluated.review.report is not None
    assert "accuracy" in evaluated.review.columns


def test_another_threshold_makes_it_out_of_date(
    evaluated: Reviewer, current: CurrentPrediction
) -> None:
    assert (evaluated.threshold, evaluated.outdated) == (0.5, "")
    current.set_threshold(0.9)
    assert evaluated.outdated == "Evaluated at threshold 0.500, now 0.900. Evaluate again."
    current.set_threshold(None)
    assert evaluated.outdated == ""
    current.set_source(FakeSource())
    assert evaluated.review is not None


def test_another_truth_or_other_predictions_drop_the_results(
    evaluated: Reviewer,
    choice: ReviewChoice,
    night: Path,
    store: Callable[..., Path],
    wait: Callable[[Reviewer], None],
    tmp_path: Path,
) -> None:
    (tmp_path / "other").mkdir()
    choice.truth.choose(tmp_path / "other")
    wait(evaluated)
    assert evaluated.review is not None
    assert evaluated.review.report is None
    choice.predictions.choose(store(night, "unet2"))
    wait(evaluated)
    assert evaluated.review.models == ("unet2@0",)


def test_changed_labels_are_noted(
    evaluated: Reviewer, job: EvaluationJob, choice: ReviewChoice, session: Session
) -> None:
    session.labels_changed.emit()
    assert job.control.text == "", "the truth is not a project"
    session.project = choice.truth.value
    session.labels_changed.emit()
    assert job.control.text == LABELS_CHANGED


def test_the_command_evaluates_what_is_chosen(
    stored: Path, masks: Path, job: EvaluationJob, current: CurrentPrediction
) -> None:
    assert job.problem == ""
    assert job.can_export
    report = stored.parent.with_name("night_reports") / "unet1"
    assert job.folder.value == report
    current.set_threshold(0.7)
    (words,) = job.export_commands()
    assert list(words[:3]) == ["evaluate", str(stored), str(masks)]
    assert words[words.index("--out") + 1] == str(report)
    assert words[words.index("--threshold") + 1] == "0.7"
    assert "--accepted" not in words
    job.accepted = True
    (words,) = job.export_commands()
    assert "--accepted" in words


def test_without_predictions_or_truth_it_cannot_start(
    night: Path, job: EvaluationJob, choice: ReviewChoice
) -> None:
    assert job.problem == "Choose predictions and reference masks."
    assert not job.can_export
    job.start()
    assert not job.control.is_running


def test_the_report_of_a_project_goes_into_it(
    stored: Path, job: EvaluationJob, session: Session, choice: ReviewChoice, tmp_path: Path
) -> None:
    session.project = tmp_path / "project"
    choice.predictions_changed.emit()
    assert job.folder.value == tmp_path / "project" / "reports" / "unet1"


@pytest.mark.parametrize(
    ("report", "code", "cancelled", "text"),
    [
        (None, 0, False, ""),
        ("out", 0, False, "Report in out."),
        ("out", 1, False, "Report in out.\nSome files could not be used: see left_out.csv."),
        (None, 0, True, "Stopped; nothing was evaluated."),
    ],
)
def test_the_end_of_an_evaluation(
    job: EvaluationJob, report: Any, code: int, cancelled: bool, text: str
) -> None:
    evaluated, exported = Mock(), Mock()
    job.evaluated.connect(evaluated)
    job.exported.connect(exported)
    progress = job.control.progress
    progress.start()
    progress.report = report
    progress.end(Ending(code, cancelled, ""))
    job.control.ended.emit()
    assert progress.text.replace(". Some", ".\nSome") == text
    assert evaluated.called != cancelled
    assert exported.called == (report is not None)


def test_the_progress_says_when_figures_are_drawn(job: EvaluationJob, tmp_path: Path) -> None:
    progress = job.control.progress
    progress.start()
    assert progress.text == "Starting..."
    event = SimpleNamespace(done=3, total=3, eta_s=0.0)
    progress.done, progress.total = event.done, event.total
    assert progress.text == "3 of 3 evaluated"
    progress.report = tmp_path
    assert progress.text == "3 of 3 evaluated, drawing..."
