"""Novelty from the model's card to the prediction, its file and its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.prediction_file import Prediction, read_prediction, write_prediction
from napari_iris.inference.predictor import Predictor
from napari_iris.inference.rows import PredictionRow, read_rows
from napari_iris.networks.novelty import FEWEST, Novelty, fit_novelty

SHAPE = (64, 80)


def sky(seed: int) -> np.ndarray:
    """A frame within 0..1: a gradient, a warm part, and noise."""
    rng = np.random.default_rng(seed)
    frame = 0.2 + 0.1 * rng.random() * np.linspace(0, 1, SHAPE[1]) + rng.normal(0, 0.01, SHAPE)
    frame[: rng.integers(5, 50)] += 0.4
    return frame.astype(np.float32)


@pytest.fixture(scope="module")
def learned() -> Novelty:
    found = fit_novelty([sky(seed) for seed in range(2 * FEWEST)])
    assert found is not None
    return found


@pytest.fixture
def predictor(bright: Callable[..., Predictor], learned: Novelty) -> Predictor:
    made = bright(shape=SHAPE)
    made.main.card = made.main.card.model_copy(update={"novelty": learned})
    return made


def predicted(predictor: Predictor, frame: np.ndarray) -> Prediction:
    (found,) = predictor.predict([predictor.prepare(frame, fits.Header())])
    return found


NOISE = np.random.default_rng(5).random(SHAPE).astype(np.float32)


@pytest.mark.parametrize(("frame", "unlike"), [(sky(1000), False), (NOISE, True)])
def test_a_prediction_says_whether_its_frame_is_unlike_the_training_frames(
    predictor: Predictor, frame: np.ndarray, unlike: bool, tmp_path: Path
) -> None:
    found = predicted(predictor, frame)
    assert found.unlike is unlike
    assert (found.novelty > 1) is unlike
    assert found.novelty == predictor.main.novelty(predictor.main.input(frame))
    row = PredictionRow.of(found, "cloudy", "a_pred.fits")
    assert row.novelty == pytest.approx(found.novelty, abs=1e-3)
    assert row.unlike == ("yes" if unlike else "no")
    write_prediction(tmp_path / "a_pred.fits", found)
    assert fits.getheader(tmp_path / "a_pred.fits", "PROB")["NOVELTY"] == found.novelty
    assert read_prediction(tmp_path / "a_pred.fits").unlike is unlike


def test_an_older_model_says_nothing(bright: Callable[..., Predictor], tmp_path: Path) -> None:
    found = predicted(bright(shape=SHAPE), NOISE)
    assert np.isnan(found.novelty)
    assert found.unlike is None
    row = PredictionRow.of(found, "cloudy", "a_pred.fits")
    assert (row.novelty, row.unlike) == (None, "")
    write_prediction(tmp_path / "a_pred.fits", found)
    assert "NOVELTY" not in fits.getheader(tmp_path / "a_pred.fits", "PROB")
    assert read_prediction(tmp_path / "a_pred.fits").unlike is None


def test_a_classifier_alone_says_it_too(bright: Callable[..., Predictor], learned: Novelty) -> None:
    both = bright(classifier=True, shape=SHAPE)
    classifier = both.classifier
    assert classifier is not None
    classifier.card = classifier.card.model_copy(update={"novelty": learned})
    assert predicted(Predictor(None, classifier), NOISE).unlike is True
    assert predicted(both, NOISE).unlike is None  # the U-Net's card decides


def test_a_new_threshold_keeps_it(
    predictor: Predictor, write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    frames = [write_frame("night/a.fits", sky(1001)), write_frame("night/b.fits", NOISE)]
    first: list[Any] = list(predict_frames(frames, tmp_path / "out", predictor))
    predictor.threshold = 0.7
    predictor.settings["threshold"] = 0.7
    again: list[Any] = list(predict_frames(frames, tmp_path / "out", predictor))
    assert [row.unlike for row in again] == [row.unlike for row in first] == ["no", "yes"]
    assert [row["unlike"] for row in read_rows(tmp_path / "out")] == ["no", "yes"]


def test_a_table_of_an_older_version_is_completed(
    predictor: Predictor, write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    list(predict_frames([write_frame("night/a.fits", sky(1001))], out, predictor))
    table = out / "predictions.csv"
    head, line = table.read_text().splitlines()
    assert head.endswith(",undecided_part,novelty,unlike")
    table.write_text(f"{head.removesuffix(',novelty,unlike')}\n{line.rsplit(',', 2)[0]}\n")
    list(predict_frames([write_frame("night/b.fits", NOISE)], out, predictor))
    assert [row["unlike"] for row in read_rows(out)] == ["", "yes"]


def test_the_fingerprint_does_not_depend_on_it(predictor: Predictor) -> None:
    before = predicted(predictor, NOISE)
    predictor.main.card = predictor.main.card.model_copy(update={"novelty": None})
    after = predicted(predictor, NOISE)
    assert replace(before, novelty=0).model == after.model
    np.testing.assert_array_equal(before.probability, after.probability)
