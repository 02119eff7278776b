"""What a terminal shows within an epoch, and of the scores at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.cli import train_reporter
from napari_iris.cli.train_reporter import TrainReporter

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_time_left_for_an_epoch_leaves_out_the_step_that_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    now = iter([0.0, 2.0, 4.0, 100.0, 103.0])
    monkeypatch.setattr(train_reporter, "replace_line", lines.append)
    monkeypatch.setattr(train_reporter.time, "monotonic", lambda: next(now))
    monkeypatch.setattr(train_reporter.sys.stderr, "isatty", lambda: True, raising=False)
    report = TrainReporter(tmp_path, as_json=False)
    for epoch, step in ((1, 1), (1, 2), (1, 3), (2, 1), (2, 2)):
        report({"event": "step", "epoch": epoch, "step": step, "steps": 5, "loss": 0.5})
    left = [line.partition("0.5000")[2].strip() for line in lines]
    epoch = "s left for the epoch"
    assert left == ["", f"6 {epoch}", f"4 {epoch}", "", f"9 {epoch}"]


def test_the_baselines_are_named_as_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"accuracy": 0.5, "iou_clear": 0.25, "balanced_accuracy": 0.5, "mcc": 0.0}
    scores = dict.fromkeys(("model", "otsu", "recipe_gate", "reference"), row)
    report = TrainReporter(tmp_path, as_json=False)
    report({"event": "judged", "part": "test", "frames": 3, "scores": scores, "warnings": []})
    lines = capsys.readouterr().err.splitlines()
    named = [line.split("  ")[1] for line in lines[1:]]
    assert named == ["model", "Otsu", "recipe + gate", "gate + reference"]
