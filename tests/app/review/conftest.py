"""Tables of predictions and a report, as the commands write them."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PREDICTED = (*("frame", "date_obs", "p_cloud", "sky", "cloud_fraction", "uncertainty", "model"),)
SCORED = ("frame", "accuracy", "iou_clear", "true_cloud_fraction", "bce")


@pytest.fixture
def write_table() -> Callable[..., None]:
    """Write a table: ``write_table(path, head, rows)``."""

    def write(path: Path, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(head)
            table.writerows(rows)

    return write


@pytest.fixture
def predictions(tmp_path: Path, write_table: Callable[..., None]) -> Path:
    """Four predictions, their lines out of order; one has no time."""
    folder = tmp_path / "predictions" / "unet1"
    rows = [
        (f"/night/sky_{name}.fits", when, p, "cloudy", cloud, uncertainty, "unet1@aa")
        for name, when, p, cloud, uncertainty in (
            ("c", "2024-01-15T18:02:00", "", 0.3, 0.5),
            ("a", "2024-01-15T18:00:00", 0.9, 0.1, 0.2),
            ("d", "", 0.8, 0.4, 0.9),
            ("b", "2024-01-15T18:01:00", 0.1, 0.2, 0.7),
        )
    ]
    write_table(folder / "predictions.csv", PREDICTED, rows)
    return folder


@pytest.fixture
def report(tmp_path: Path, write_table: Callable[..., None]) -> Path:
    """The report of an evaluation of three of them, and of a frame that is not among them."""
    folder = tmp_path / "report"
    rows = [
        ("sky_b", 0.6, 0.5, 0.25, 0.9),
        ("sky_c", 0.6, "", 0.35, 1.2),
        ("sky_a", 0.9, 0.8, 0.15, 0.1),
        ("sky_z", 0.1, 0.1, 0.1, 0.1),
    ]
    write_table(folder / "frames.csv", SCORED, rows)
    matrix = {"true_clear": {"clear": 5, "cloud": 1}, "true_cloud": {"clear": 2, "cloud": 4}}
    content = {
        "model": {"auc": 0.75},
        "baselines": {},
        "confusion": {"model": matrix},
        "threshold": 0.5,
    }
    (folder / "report.json").write_text(json.dumps(content))
    lines = [("pixels", "model", 0.9, 2, 0), ("pixels", "model", 0.5, 4, 1)]
    lines += [("pixels", "model", 0.0, 6, 6)]
    write_table(folder / "curves.csv", ("of", "answer", "threshold", "hit", "false"), lines)
    return folder
