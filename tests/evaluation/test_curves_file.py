"""The curves as numbers: written with the report, read back the same."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.errors import FileError
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.curves_file import CURVES, read_curves
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.evaluation.report_files import write_report

if TYPE_CHECKING:
    from pathlib import Path

QUICK = EvaluateConfig(resamples=200, jobs=1)


def test_the_curves_are_those_of_the_report(cloudy_night: Any, tmp_path: Path) -> None:
    report = evaluate_frames(cloudy_night.predictions, cloudy_night.truth, QUICK)
    write_report(report, tmp_path)
    found = read_curves(tmp_path / CURVES)
    assert set(found) == {"pixels", "frames"}
    for of, block in (("pixels", report.pixels), ("frames", report.classes)):
        assert block is not None
        expected, curve = block.curves["model"], found[of]["model"]
        for name in ("threshold", "hit", "false", "recall", "false_positive_rate"):
            np.testing.assert_array_equal(getattr(curve, name), getattr(expected, name))
    with (tmp_path / CURVES).open(newline="") as file:
        last = [row for row in csv.DictReader(file) if row["of"] == "pixels"][-1]
    assert (last["recall"], last["fall_out"]) == ("1", "1")


@pytest.mark.parametrize(
    "text", ["of,answer\npixels,model\n", "of,answer,threshold,hit,false\na,b,x,1,2\n"]
)
def test_a_damaged_table_is_named_with_the_line(tmp_path: Path, text: str) -> None:
    (tmp_path / CURVES).write_text(text)
    with pytest.raises(FileError, match=f"{CURVES}: is damaged at line [12] "):
        read_curves(tmp_path / CURVES)
