"""A model that is no better than a baseline says so."""

from __future__ import annotations

import json
from math import nan
from pathlib import Path
from typing import Any

import pytest

from napari_iris.evaluation.baselines import BASELINES
from napari_iris.inference.baseline_check import BASELINE_NAMES, baseline_caution


def block(model: float | None, accuracy: float = 0.9, **others: float | None) -> dict[str, Any]:
    """A report by the MCC of the model and of baselines; the others have 0."""
    mcc = dict.fromkeys(BASELINES, 0.0) | others
    baselines = {name: {"mcc": one, "accuracy": 0.9} for name, one in mcc.items()}
    return {"n_frames": 9, "model": {"mcc": model, "accuracy": accuracy}, "baselines": baselines}


def caution(folder: Path, report: object, kind: Any = "unet", part: str = "test") -> str:
    path = folder / "run" / part / "report.json"
    path.parent.mkdir(parents=True)
    path.write_text(report if isinstance(report, str) else json.dumps(report))
    return baseline_caution(folder, kind, {"mcc": 0.9})


DIFFERENCES = {"mcc": {"difference": -0.1}, "accuracy": {"difference": 0.0}}

CASES: dict[str, tuple[object, str]] = {
    "better than all": (block(0.6, otsu=0.5), ""),
    "worse than two": (block(0.4, otsu=0.5, reference=0.7), "no better than Gate + reference"),
    "equal": (block(0.5, otsu=0.5), "no better than Otsu"),
    "equal MCC, more accurate": (block(0.5, accuracy=0.95, otsu=0.5), ""),
    "one class in the truth": (block(0.0, accuracy=0.8), "no better than Always cloud"),
    "the truth is the recipe": (
        {**block(0.6, recipe=1.0), "truth_equals_recipe": 0.9},
        "",
    ),
    "as good as the recipe on the frames that are not its own": (
        {
            **block(0.9, recipe_gate=0.2),
            "own_labels": {"not_for": ["recipe_gate"]},
            "comparisons": {"recipe_gate": {"differences": DIFFERENCES}},
        },
        "no better than Recipe + gate",
    ),
    "no frame that is not its own": (
        {
            **block(0.6, otsu=0.5, recipe_gate=0.7),
            "own_labels": {"not_for": ["recipe_gate"]},
            "comparisons": {},
        },
        "",
    ),
    "not defined": (block(None, otsu=0.1), "no better than Otsu"),
    "no pixels": ({**block(None), "n_frames": 0}, ""),
    "damaged": ("{", ""),
    "nested deep": ("[" * 100_000, ""),
    "another file": (["report"], ""),
    "scores of another kind": ({"n_frames": 1, "model": 3, "baselines": {"otsu": {}}}, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_the_report_of_the_training_decides(tmp_path: Path, case: str) -> None:
    report, expected = CASES[case]
    assert caution(tmp_path, report) == expected


def test_a_classifier_is_compared_by_frames(tmp_path: Path) -> None:
    report = {**block(0.9), "classifier": block(0.1, recipe_gate=0.2)}
    assert caution(tmp_path, report, "vgg8", "validation") == "no better than Recipe + gate"


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({}, ""),
        ({"mcc": nan}, ""),
        ({"mcc": 0.2}, ""),
        ({"mcc": 0.0}, "no better than Always cloud"),
        ({"mcc": -0.1}, "no better than Always cloud"),
    ],
)
def test_without_a_report_the_card_decides(
    tmp_path: Path, metrics: dict[str, float], expected: str
) -> None:
    assert baseline_caution(tmp_path, "unet", metrics) == expected


def test_every_baseline_has_a_name() -> None:
    assert tuple(BASELINE_NAMES) == BASELINES
