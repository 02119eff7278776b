"""The benchmark of the shipped models: what it measures, and how it judges."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from napari_iris.labels import CLOUD, IGNORE, SKY

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    import models

    return models


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Rows of the quick table, computed in a separate process."""
    out = tmp_path_factory.mktemp("benchmark") / "rows.json"
    command = [sys.executable, str(FOLDER / "models.py"), "--quick", "--json", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    rows: list[dict[str, Any]] = json.loads(out.read_text())
    return rows


def series(truth: np.ndarray, cloudy: list[float]) -> Any:
    return SimpleNamespace(truth=truth, cloudy=np.array(cloudy))


def test_scores_count_decided_pixels_and_known_classes(models: ModuleType) -> None:
    truth = np.array([[[SKY, CLOUD], [IGNORE, IGNORE]], [[SKY, SKY], [SKY, SKY]]], np.uint8)
    cloud = np.array([[[True, True], [True, False]], [[False] * 2] * 2])
    score = models.Score()
    found = models.Found(cloud, np.array([True, False]))
    score.add(series(truth, [1.0, np.nan]), found, block=1)
    values = score.values()
    assert values["accuracy"] == pytest.approx(5 / 6)
    assert values["clear_called_cloud"] == pytest.approx(1 / 5)
    assert values["cloud_called_clear"] == 0
    assert values["okta_error"] == pytest.approx(8 * (0.5 + 0) / 2)
    assert values["class_right"] == 1  # of the frame whose class is known


def test_without_decided_pixels_classes_are_scored(models: ModuleType) -> None:
    score = models.Score()
    found = models.Found(np.zeros((4, 2, 2), bool), np.array([True, True, True, False]))
    score.add(series(np.full((4, 2, 2), IGNORE), [1.0, 1.0, 0.0, 0.0]), found, block=1)
    values = score.values()
    assert (values["accuracy"], values["clear_called_cloud"]) == (0.75, 0.5)
    assert np.isnan(values["okta_error"])


@pytest.mark.parametrize(("wrong", "outcome"), [(0, "better"), (8, "may be chance"), (60, "worse")])
def test_a_model_is_compared_with_the_gate(models: ModuleType, wrong: int, outcome: str) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, (20, 16, 16)).astype(np.uint8)
    scores = {}
    for method, count in (("model", wrong), ("gate", 8)):
        cloud = truth == CLOUD
        for frame in cloud:  # other pixels in each frame
            frame.flat[rng.choice(frame.size, count, replace=False)] ^= True
        scores[method] = models.Score()
        scores[method].add(series(truth, [1.0] * 20), models.Found(cloud, np.ones(20, bool)), 1)
    rows = {row["method"]: row["against_gate"] for row in models.rows("set", scores)}
    assert rows == {"model": outcome, "gate": ""}


def test_what_is_worse_by_accuracy_alone_is_worse(models: ModuleType) -> None:
    # decks called clear: among 20 frames, one has clear sky and decides the MCC of both
    truth = np.ones((20, 16, 16), np.uint8)
    truth[0] = 0
    clear = truth == 2
    gate = truth == CLOUD
    gate[0, :8] = True
    scores = {}
    for method, cloud in (("model", clear), ("gate", gate)):
        scores[method] = models.Score()
        scores[method].add(series(truth, [1.0] * 20), models.Found(cloud, np.ones(20, bool)), 1)
    rows = {row["method"]: row["against_gate"] for row in models.rows("set", scores)}
    assert rows["model"] == "worse"


def test_frames_of_a_block_are_one_unit(models: ModuleType) -> None:
    truth = np.zeros((7, 2, 2), np.uint8)
    score = models.Score()
    score.add(series(truth, [0.0] * 7), models.Found(truth > 0, np.zeros(7, bool)), block=3)
    assert [one.total for one in score.pixels] == [12, 12, 4]


def test_each_alteration_changes_the_frame(models: ModuleType) -> None:
    import alterations

    ramp = np.linspace(600, 900, 160, dtype=np.float32)
    frame = ramp + np.random.default_rng(1).normal(0, 1.5, (128, 160)).astype(np.float32)
    for name, alter in alterations.ALTERATIONS.items():
        first, again = (alter(frame, np.random.default_rng(5)) for _ in range(2))
        assert first.shape == frame.shape, name
        assert first.dtype == np.float32, name
        assert not np.allclose(first, frame, equal_nan=True), name
        assert np.array_equal(first, again, equal_nan=True), name


def test_altered_traits_lie_beyond_the_range_of_the_simulator(models: ModuleType) -> None:
    import alterations

    from napari_iris.sky.traits import Traits

    usual = dict(Traits())
    for name, altered in alterations.altered_traits().items():
        changed = {trait: value for trait, value in altered if value != usual[trait]}
        assert len(changed) == 1, name
        ((trait, value),) = changed.items()
        if trait != "processed":
            assert value[0] > usual[trait][1] or value[1] < usual[trait][0], name


@pytest.mark.slow
@pytest.mark.learning
def test_the_table_has_every_method_on_every_set(quick: list[dict[str, Any]]) -> None:
    methods: dict[str, set[str]] = {}
    for row in quick:
        methods.setdefault(row["set"], set()).add(row["method"])
    alone = {"model", "U-Net alone", "gate", "recipe", "Otsu", "all cloud"}
    both = alone | {f"{name}, reference" for name in ("model", "U-Net alone", "gate")}
    assert set(map(frozenset, methods.values())) == {frozenset(alone), frozenset(both)}
    assert methods["frames of any cameras"] == methods["altered frames, all"] == alone
    assert methods["simulated nights"] == methods["altered nights, all"] == both
    known = {row["set"]: row for row in quick if row["method"] == "gate, reference"}
    assert known["simulated nights"]["accuracy"] > 0.98
    assert known["altered nights, all"]["accuracy"] > 0.98


@pytest.mark.slow
@pytest.mark.learning
def test_no_shipped_model_is_worse_than_the_gate(quick: list[dict[str, Any]]) -> None:
    """A model that loses to the gate, which learns nothing, must not be shipped."""
    worse = [(row["set"], row["method"]) for row in quick if row["against_gate"] == "worse"]
    assert worse == []
