"""What a terminal shows within an epoch."""

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
