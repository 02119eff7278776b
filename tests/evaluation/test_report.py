"""The files of a report: valid JSON with its keys, tables, and readable text."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.evaluation.markdown import report_as_markdown
from napari_iris.evaluation.matches import LeftOut
from napari_iris.evaluation.report_files import write_report
from napari_iris.metrics.counts import SCORES
from napari_iris.metrics.unit_sums import PROBABILITY_SCORES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK = EvaluateConfig(resamples=200, jobs=1)


def written(night: Any, out: Path, **more: Any) -> dict[str, Any]:
    """Measure a night, write its report, and read that as strict JSON."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    write_report(evaluate_frames(night.predictions, night.truth, QUICK, **more), out)
    return json.loads((out / "report.json").read_text(), parse_constant=refuse)


def test_the_report_has_what_is_promised(cloudy_night: Any, tmp_path: Path) -> None:
    found = written(cloudy_night, tmp_path / "out")
    for block in (found, found["classifier"]):
        assert set(block["model"]) == {*SCORES, *PROBABILITY_SCORES}
        assert set(block["baselines"]) == set(BASELINES)
        for name in BASELINES:
            assert set(block["baselines"][name]) == set(SCORES)
        assert set(block["intervals"]["model"]) == set(block["model"])
        assert set(block["comparisons"]) == set(BASELINES)
        low, high = block["intervals"]["model"]["bce"]
        assert low < block["model"]["bce"] < high
        total = sum(sum(row.values()) for row in block["confusion"]["model"].values())
        assert total == block["count"] == sum(one["count"] for one in block["calibration"]["bins"])
    assert found["n_frames"] == 6
    assert found["classifier"]["n_frames"] == 5
    assert found["threshold"] == 0.5
    assert found["models"] == ["pred@1234"]
    assert found["baselines"]["all_cloud"]["iou_clear"] == 0
    assert found["bootstrap"] == {
        "units": "frame", "count": 6, "nights": 1, "resamples": 200, "seed": 0,
    }  # fmt: skip


def test_undefined_scores_are_null(night: Any, make_frame: Callable, tmp_path: Path) -> None:
    frame, mask, probability = make_frame(0)
    night.write(frame, np.full(mask.shape, 2), probability)
    found = written(night, tmp_path / "out")
    assert set(found["model"].values()) == {None}
    assert set(found["baselines"]["otsu"].values()) == {None}
    assert found["classifier"] is None
    assert found["n_frames"] == 1
    assert found["count"] == 0
    assert "Not defined" in (tmp_path / "out" / "report.md").read_text()


def test_frames_csv_has_the_worst_frame_first(cloudy_night: Any, tmp_path: Path) -> None:
    written(cloudy_night, tmp_path / "out")
    with (tmp_path / "out" / "frames.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert {"frame", "date_obs", "p_cloud", "true_cloud_fraction", "cloud_fraction"} <= set(rows[0])
    assert not any(name.endswith("against") for name in rows[0])
    accuracy = [float(row["accuracy"]) for row in rows[:-1]]
    assert accuracy == sorted(accuracy)
    ignored = rows[-1]
    assert (ignored["frame"], ignored["accuracy"], ignored["true_sky"]) == ("sky_003", "", "")
    clear = next(row for row in rows if row["frame"] == "sky_004")
    assert clear["date_obs"] == "2024-01-15T18:04:00.000000"
    assert (clear["true_cloud_fraction"], clear["true_sky"], clear["p_cloud"]) == (
        "0",
        "clear",
        "0.2",
    )
    assert clear["accuracy_all_cloud"] == "0"
    expected = cloudy_night.probabilities["pred"][4] >= 0.5
    assert float(clear["cloud_fraction"]) == pytest.approx(expected.mean())


def test_files_left_out_are_listed(cloudy_night: Any, make_frame: Callable, tmp_path: Path) -> None:
    cloudy_night.write(make_frame(9)[0], None, make_frame(9)[2], name="alone")
    bad = cloudy_night.predictions / "sky_000_pred.fits"
    bad.write_bytes(b"")
    found = written(cloudy_night, tmp_path / "out")
    assert found["left_out"] == {"failed": 1, "without_counterpart": 1}
    with (tmp_path / "out" / "left_out.csv").open(newline="") as file:
        rows = {row["frame"]: row for row in csv.DictReader(file)}
    assert rows["alone"]["reason"] == "no labelled frame"
    assert rows["alone"]["failed"] == "no"
    assert rows["sky_000"]["file"] == str(bad)
    assert rows["sky_000"]["failed"] == "yes"
    text = (tmp_path / "out" / "report.md").read_text()
    assert "1 file could not be used, 1 without counterpart: `left_out.csv`" in text
    assert f"- `{bad}`: holds no prediction" in text


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sky_1", "`sky_1`"),
        ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
        ("a`b``|c", "``` a`b``|c ```"),
        ("a\n# b\x1b[2J\udcff", r"`a\n# b\u001b[2J\udcff`"),
    ],
)
def test_names_in_the_text_are_what_they_are(cloudy_night: Any, name: str, code: str) -> None:
    found = evaluate_frames(cloudy_night.predictions, cloudy_night.truth, QUICK)
    left_out = (LeftOut(name, name, f"is damaged ({name})", failed=True),)
    text = report_as_markdown(
        replace(found, models=(name,), remarks=(f"Of {name}.",), left_out=left_out), ()
    )
    assert f", by {code}\n" in text
    lines = [line for line in text.splitlines() if line.startswith(f"- {code}: is damaged (")]
    assert len(lines) == 1
    for sentence in (lines[0].removeprefix(f"- {code}"), text.split("\n> **Of ")[1].split("\n")[0]):
        assert not re.search(r"<|(?<!\\)`|(?<!\\)\|", sentence)
        assert sentence.isprintable()


def test_an_outdated_left_out_csv_is_removed(cloudy_night: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "left_out.csv").write_text("of another evaluation")
    written(cloudy_night, out)
    assert not (out / "left_out.csv").exists()


def test_the_text_says_what_the_tables_mean(
    night: Any, make_frame: Callable, tmp_path: Path
) -> None:
    for number in range(30):
        frame, mask, probability = make_frame(number, noise=0.5)
        night.write(frame, mask, probability, p_cloud=0.3 + 0.02 * number)
        night.write(frame, None, make_frame(number, noise=2)[2], to="other", p_cloud=0.6)
    found = written(night, tmp_path / "out", against=night.folder / "other")
    text = (tmp_path / "out" / "report.md").read_text()
    assert (
        "|  | model | other model | all cloud | Otsu | recipe | recipe + gate | gate + reference |"
        in text
    )
    line = next(line for line in text.splitlines() if line.startswith("| MCC |"))
    low, high = found["intervals"]["model"]["mcc"]
    assert f"{found['model']['mcc']:.4f} ({low:.4f}–{high:.4f})" in line
    assert "The model is better than the other model; the difference is significant (MCC +" in text
    assert "the best baseline, " in text
    assert "30 frames, taken 2024-01-15 18:00:00 to " in text
    assert "- **MCC**: Matthews correlation of prediction and truth" in text
    assert "## Clear or cloudy" in text
    assert "![" not in text, "no figures were drawn"
    assert found["comparisons"]["against"]["verdict"] == "better"
    assert found["comparisons"]["against"]["differences"]["mcc"]["real"] is True


def test_the_mcc_of_a_clear_frame_predicted_clear_is_not_defined(
    night: Any, make_frame: Callable, tmp_path: Path
) -> None:
    """Its MCC is not defined, and counts in no mean; over all pixels it stays a number."""
    frame, mask, probability = make_frame(0)
    night.write(frame, mask, probability)
    for called in (0.1, 0.9):
        night.write(frame, np.zeros_like(mask), np.full(mask.shape, called))
    found = written(night, tmp_path / "out")
    own = found["frame_mean"]["mcc"]
    assert (own["frames"], found["frame_mean"]["accuracy"]["frames"]) == (1, 3)
    assert 0 < own["mean"] == own["median"]
    assert isinstance(found["model"]["mcc"], float)
    with (tmp_path / "out" / "frames.csv").open(newline="") as file:
        scores = {row["frame"]: row["mcc"] for row in csv.DictReader(file)}
    assert (scores["sky_001"], scores["sky_002"]) == ("", "")
    assert float(scores["sky_000"]) == pytest.approx(own["mean"])
