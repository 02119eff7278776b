"""What a person is told of a run: how far it is, and how it ended."""

from __future__ import annotations

import signal
from math import isnan
from typing import Any

import pytest

from napari_iris.desk.train.progress import MOST_STEPS, Watch, in_words
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
    """A time that only the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock) -> Watch:
    watch = Watch(clock=clock)
    watch.plan(4)
    return watch


def test_the_way_of_a_run(watch: Watch, clock: Clock) -> None:
    assert watch.text() == "starting: the learning library is being loaded ..."
    watch.take({"event": "device", "kind": "cpu", "name": "2 CPU cores", "precision": "float32"})
    assert watch.text() == "starting: the frames are being read ..."
    assert watch.device == "on 2 CPU cores, float32"
    watch.take({"event": "failed", "file": "a.fits", "message": "a.fits: is empty"})
    watch.take(DATA)
    assert watch.data == (
        "1,200 frames to learn from, 40 simulated beside them, 300 to validate, "
        "150 kept for a test, 7 look alike in two parts, all validation frames are cloudy"
    )
    assert watch.unusable == ["a.fits: is empty"]
    watch.take(step_event(1, 1, 10))
    assert watch.text() == "epoch 1 of 4, step 1 of 10"
    clock.now = 8.0
    watch.take(step_event(1, 5, 10))
    assert watch.share == pytest.approx(0.5 / 4)
    assert watch.text() == "epoch 1 of 4, step 5 of 10, at most 70 s left"
    watch.take(epoch_event(1, 0.6, 4, eta_s=120))
    assert watch.text() == "epoch 1 of 4 done, at most 2 min left"
    clock.now = 38.0
    watch.take(step_event(2, 5, 10))
    assert watch.eta_s == pytest.approx(90)
    clock.now = 1000.0
    assert watch.eta_s == 0
    for number in (2, 3):
        watch.take(epoch_event(number, 0.5, 4))
    assert not watch.is_done
    watch.take(epoch_event(4, 0.5, 4))
    assert watch.text() == "all 4 epochs done; the model is being measured ..."


def test_a_run_that_gets_no_better_is_done_early(watch: Watch) -> None:
    watch.plan(100, patience=2)
    for number, loss in enumerate((0.5, 0.6, 0.7), start=1):
        assert not watch.is_done
        watch.take(epoch_event(number, loss, 100))
    assert watch.is_done
    said = in_words(Ending(130, cancelled=True, message=""), watch, "m1")
    assert "Continue" not in said, "there is nothing to go on with"


ROW = {"accuracy": 0.91, "iou_clear": 0.6, "mcc": None}


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (
            {"model": ROW, "all_cloud": {"accuracy": 0.86}, "otsu": {"accuracy": 0.59}},
            "On 1,500 test frames: accuracy 0.910, clear IoU 0.600; without a network 0.860 "
            "(all cloud).",
        ),
        ({"model": ROW}, "On 1,500 test frames: accuracy 0.910, clear IoU 0.600."),
        ({"model": {}}, ""),
        ({}, ""),
    ],
    ids=["beside others", "alone", "not defined", "none"],
)
def test_what_the_model_is_worth_is_told_at_the_end(
    watch: Watch, scores: dict[str, Any], said: str
) -> None:
    watch.take(epoch_event(1, 0.5, 1))
    watch.take({"event": "judged", "part": "validation", "frames": 9, "scores": {"model": ROW}})
    watch.take({"event": "judged", "part": "test", "frames": 1500, "scores": scores})
    ended = in_words(Ending(0, cancelled=False, message=""), watch, "m1")
    assert (
        ended.removeprefix("Done after 1 epoch. ")
        .removeprefix("m1 keeps its best epoch, 1: validation loss 0.5000.")
        .strip()
        == said
    )


def test_a_run_that_goes_on_keeps_its_epochs_so_far(clock: Clock) -> None:
    watch = Watch([epoch(1, 0.6), epoch(2, 0.5), epoch(3, 0.55)], clock)
    assert watch.place == 3
    watch.take(step_event(3, 1, 2))  # the last epoch had not been kept whole
    watch.take(epoch_event(3, 0.4, 5))
    assert [one.val_loss for one in watch.epochs] == [0.6, 0.5, 0.4]
    assert watch.best == epoch(3, 0.4)


def test_steps_without_end_take_no_memory_without_end(watch: Watch) -> None:
    count = 20 * MOST_STEPS
    for step in range(1, count + 1):
        watch.take(step_event(1, step, count, loss=step / count))
    assert MOST_STEPS / 4 < len(watch.steps) <= MOST_STEPS
    places = [place for place, _ in watch.steps]
    assert places == sorted(places)
    assert places[-1] > 0.99
    for place, loss in watch.steps:
        assert loss == pytest.approx(place, abs=0.02)


def test_a_score_that_is_not_defined_is_none(watch: Watch) -> None:
    watch.take({**epoch_event(1, 0.5, 4), "iou_clear": None})
    assert isnan(watch.epochs[0].iou_clear)


KILLED = "The system ended the training, most likely for want of memory"
BEST = "m1 keeps its best epoch, 2: validation loss 0.5000."
GOES_ON = "Continue goes on from the last one."


@pytest.mark.parametrize(
    ("code", "cancelled", "message", "said"),
    [
        (0, False, "", f"Done after 3 of 10 epochs: it got no better. {BEST}"),
        (130, True, "stopped", f"Stopped after 3 epochs. {BEST} {GOES_ON}"),
        (-signal.SIGKILL, True, "", f"Stopped after 3 epochs. {BEST} {GOES_ON}"),
        (-signal.SIGKILL, False, "", f"{KILLED}: take smaller batches or fewer channels."),
        (-signal.SIGSEGV, False, "", "The training crashed (SIGSEGV): a fault"),
        (-signal.SIGABRT, False, "", "The learning library gave up (SIGABRT)"),
        (-signal.SIGABRT, False, "terminate: std::bad_alloc", "The memory ran out: take smaller"),
        (-signal.SIGHUP, False, "", "The training was killed (SIGHUP)."),
        (1, False, "...\nResourceExhaustedError: OOM when", "The memory ran out: take smaller"),
        (1, False, "...\nValueError: no", "The training failed: ValueError: no"),
        (2, False, "napari-iris train: x: is bad; mend it\n", "The training failed: x: is bad;"),
        (7, False, "", "The training failed: exit code 7"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_how_a_run_ended_is_said_in_plain_words(
    code: int, cancelled: bool, message: str, said: str
) -> None:
    watch = Watch([epoch(1, 0.6), epoch(2, 0.5), epoch(3, 0.55)])
    watch.plan(10)
    text = in_words(Ending(code, cancelled, message), watch, "m1")
    assert text.startswith(said)
    assert BEST in text
    assert (GOES_ON in text) == (code != 0)


def test_a_run_that_is_done_as_planned(watch: Watch) -> None:
    watch.take(epoch_event(1, 0.5, 1))
    said = in_words(Ending(0, cancelled=False, message=""), watch, "m1")
    assert said == "Done after 1 epoch. m1 keeps its best epoch, 1: validation loss 0.5000."


def test_a_run_that_could_not_use_some_files_is_done_all_the_same(watch: Watch) -> None:
    end = {"event": "end", "best_epoch": 1, "cancelled": False}
    watch.take(epoch_event(1, 0.5, 1))
    watch.take({"event": "failed", "file": "a.fits", "message": "a.fits: is empty"})
    watch.take(end)
    said = in_words(Ending(1, cancelled=False, message="a.fits: is empty"), watch, "m1")
    assert said == "Done after 1 epoch. m1 keeps its best epoch, 1: validation loss 0.5000."


def test_a_run_that_never_came_to_a_model(watch: Watch) -> None:
    said = in_words(Ending(130, cancelled=True, message=""), watch, "m1")
    assert said == "Stopped before the first epoch's end."
