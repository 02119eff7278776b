"""Progress of a training run in numbers and words, and how it ended."""

from __future__ import annotations

import signal
from math import isnan
from typing import Any

import pytest

from napari_iris.app.training.progress import MAX_STEPS, TrainingProgress
from napari_iris.jobs.job import Ending
from napari_iris.training.epochs import Epoch


def epoch(number: int, val_loss: float) -> Epoch:
    scores = {"accuracy": 0.9, "balanced_accuracy": 0.8, "iou_cloud": 0.7, "iou_clear": 0.6}
    return Epoch(number, 0.5, val_loss, **scores, mcc=0.5, learning_rate=1e-3, seconds=10.0)


def epoch_event(number: int, val_loss: float, planned: int, eta_s: float = 0.0) -> dict[str, Any]:
    return {"event": "epoch", **vars(epoch(number, val_loss)), "epochs": planned, "eta_s": eta_s}


def step_event(number: int, step: int, steps: int, loss: float = 0.7) -> dict[str, Any]:
    return {"event": "step", "epoch": number, "step": step, "steps": steps, "loss": loss}


DATA = {
    "event": "data",
    "train": 1200,
    "validation": 300,
    "test": 150,
    "simulated": 40,
    "overlap": {"same": 0, "alike": 7},
    "one_class": {"validation": "cloudy"},
}


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(clock: Clock) -> TrainingProgress:
    run = TrainingProgress(clock)
    run.start()
    run.plan("m1", 4)
    return run


def ended(
    run: TrainingProgress, code: int = 0, message: str = "", *, cancelled: bool = False
) -> str:
    run.end(Ending(code, cancelled=cancelled, message=message))
    return run.text


def test_the_stages_of_a_run(run: TrainingProgress, clock: Clock) -> None:
    assert run.text == "m1: loading the libraries..."
    assert run.bar == (0, 0)
    run.take({"event": "device", "kind": "cpu", "name": "2 CPU cores", "precision": "float32"})
    assert run.text == "m1: reading the frames...\nOn 2 CPU cores, float32"
    run.take({"event": "failed", "file": "a.fits", "message": "a.fits: is empty"})
    run.take(DATA)
    assert run.data == (
        "1,200 training frames, 40 simulated, 300 validation, 150 test, "
        "7 near-duplicates across the split, all validation frames are cloudy"
    )
    assert run.failures == ["a.fits: is empty"]
    run.take(step_event(1, 1, 10))
    assert run.text.startswith("m1: epoch 1 of 4, step 1 of 10\nOn 2 CPU cores, float32; 1,200 ")
    clock.now = 8.0
    run.take(step_event(1, 5, 10))
    assert run.fraction == pytest.approx(0.5 / 4)
    assert run.bar == (125, 1000)
    assert "epoch 1 of 4, step 5 of 10, at most 70 s left" in run.text
    run.take(epoch_event(1, 0.6, 4, eta_s=120))
    assert "epoch 1 of 4 done, at most 2 min left" in run.text
    clock.now = 38.0
    run.take(step_event(2, 5, 10))
    assert run.max_eta_s == pytest.approx(90)
    clock.now = 1000.0
    assert run.max_eta_s == 0
    for number in (2, 3):
        run.take(epoch_event(number, 0.5, 4))
    assert not run.is_trained
    run.take(epoch_event(4, 0.5, 4))
    assert "all 4 epochs done; evaluating the model..." in run.text
    run.stop()
    assert run.text == "Stopping..."


def test_a_run_without_improvement_is_trained_early(run: TrainingProgress) -> None:
    run.plan("m1", 100, patience=2)
    for number, loss in enumerate((0.5, 0.6, 0.7), start=1):
        assert not run.is_trained
        run.take(epoch_event(number, loss, 100))
    assert run.is_trained
    assert "Continue" not in ended(run, 130, cancelled=True), "there is nothing to resume"


ROW = {"accuracy": 0.91, "iou_clear": 0.6, "mcc": None}


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (
            {"model": ROW, "all_cloud": {"accuracy": 0.86}, "otsu": {"accuracy": 0.59}},
            "Test set (1,500 frames): accuracy 0.910, clear IoU 0.600; best baseline 0.860 "
            "(all cloud).",
        ),
        (
            {"model": ROW, "otsu": {"accuracy": 0.59}, "recipe_gate": {"accuracy": 0.86}},
            "Test set (1,500 frames): accuracy 0.910, clear IoU 0.600; best baseline 0.860 "
            "(recipe + gate).",
        ),
        ({"model": ROW}, "Test set (1,500 frames): accuracy 0.910, clear IoU 0.600."),
        (
            {"model": {"accuracy": 0.0, "mcc": -0.1}},
            "Test set (1,500 frames): accuracy 0.000, MCC -0.100.",
        ),
        ({"model": {}}, ""),
        ({}, ""),
    ],
    ids=["with baselines", "of two words", "alone", "zero", "not defined", "none"],
)
def test_the_scores_are_shown_at_the_end(
    run: TrainingProgress, scores: dict[str, Any], expected: str
) -> None:
    run.take(epoch_event(1, 0.5, 1))
    run.take({"event": "judged", "part": "validation", "frames": 9, "scores": {"model": ROW}})
    run.take({"event": "judged", "part": "test", "frames": 1500, "scores": scores})
    best = "Finished after 1 epoch. Best epoch of m1: 1 (validation loss 0.5000)."
    assert ended(run) == f"{best} {expected}".strip()


def test_a_resumed_run_keeps_its_epochs_so_far(run: TrainingProgress) -> None:
    run.plan("m1", 5, done=[epoch(1, 0.6), epoch(2, 0.5), epoch(3, 0.55)])
    assert run.position == 3
    run.take(step_event(3, 1, 2))  # the last epoch had not been stored completely
    run.take(epoch_event(3, 0.4, 5))
    assert [one.val_loss for one in run.epochs] == [0.6, 0.5, 0.4]
    assert run.best == epoch(3, 0.4)


def test_the_memory_for_steps_is_bounded(run: TrainingProgress) -> None:
    count = 20 * MAX_STEPS
    for step in range(1, count + 1):
        run.take(step_event(1, step, count, loss=step / count))
    assert MAX_STEPS / 4 < len(run.steps) <= MAX_STEPS
    positions = [position for position, _ in run.steps]
    assert positions == sorted(positions)
    assert positions[-1] > 0.99
    for position, loss in run.steps:
        assert loss == pytest.approx(position, abs=0.02)


def test_a_score_that_is_not_defined_is_nan(run: TrainingProgress) -> None:
    run.take({**epoch_event(1, 0.5, 4), "iou_clear": None})
    assert isnan(run.epochs[0].iou_clear)


KILLED = "The system killed the training, most likely for lack of memory"
BEST = "Best epoch of m1: 2 (validation loss 0.5000)."
RESUMABLE = "Continue resumes after the last complete epoch."


@pytest.mark.parametrize(
    ("code", "cancelled", "message", "expected"),
    [
        (0, False, "", f"Finished after 3 of 10 epochs (early stopping). {BEST}"),
        (130, True, "stopped", f"Stopped after 3 epochs. {BEST} {RESUMABLE}"),
        (-signal.SIGKILL, True, "", f"Stopped after 3 epochs. {BEST} {RESUMABLE}"),
        (-signal.SIGKILL, False, "", f"{KILLED}: use smaller batches or fewer channels."),
        (-signal.SIGSEGV, False, "", "The training crashed (SIGSEGV): a fault"),
        (-signal.SIGABRT, False, "", "The library aborted (SIGABRT)"),
        (-signal.SIGABRT, False, "terminate: std::bad_alloc", "Out of memory: use smaller"),
        (-signal.SIGHUP, False, "", "The training was killed (SIGHUP)."),
        (1, False, "...\nResourceExhaustedError: OOM when", "Out of memory: use smaller"),
        (1, False, "...\nValueError: no", "Training failed: ValueError: no"),
        (2, False, "napari-iris train: x: is bad; fix it\n", "Training failed: x: is bad;"),
        (7, False, "", "Training failed: exit code 7"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_how_a_run_ended(
    run: TrainingProgress, code: int, cancelled: bool, message: str, expected: str
) -> None:
    run.plan("m1", 10, done=[epoch(1, 0.6), epoch(2, 0.5), epoch(3, 0.55)])
    text = ended(run, code, message, cancelled=cancelled)
    assert text.startswith(expected)
    assert BEST in text
    assert (RESUMABLE in text) == (code != 0)


def test_a_run_that_could_not_use_some_files_has_succeeded(run: TrainingProgress) -> None:
    run.take(epoch_event(1, 0.5, 1))
    run.take({"event": "failed", "file": "a.fits", "message": "a.fits: is empty"})
    run.take({"event": "end", "failed": 1, "best_epoch": 1, "cancelled": False})
    assert ended(run, 1, "a.fits: is empty") == (
        "Finished after 1 epoch. Best epoch of m1: 1 (validation loss 0.5000).\n"
        "1 file could not be used."
    )
    assert run.succeeded
    assert run.details.endswith("\na.fits: is empty")


def test_a_run_that_ends_before_its_first_epoch(run: TrainingProgress) -> None:
    assert ended(run, 130, cancelled=True) == "Stopped in epoch 1."
