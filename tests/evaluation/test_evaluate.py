"""A night evaluated from its files: the same numbers as loops over pixels."""

from __future__ import annotations

import tracemalloc
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import FileError, IrisError
from napari_iris.evaluation.baselines import BASELINES, baselines
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import Evaluation, evaluate_frames
from napari_iris.evaluation.frame_score import FrameScore, FrameTallies
from napari_iris.evaluation.report_files import write_report
from napari_iris.evaluation.report_json import report_as_dict
from napari_iris.masks.mask_file import read_mask, write_mask
from napari_iris.masks.recipe import recipe
from napari_iris.metrics.tally import tally
from napari_iris.metrics.unit_sums import UnitSums

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.evaluation.report import Report

    Frame = Callable[..., tuple[NDArray, NDArray, NDArray]]

pytestmark = pytest.mark.slow

QUICK = EvaluateConfig(resamples=200, jobs=1)


def test_the_numbers_are_those_of_loops_over_all_pixels(
    cloudy_night: object, by_hand: Callable[..., dict[str, float]]
) -> None:
    found = evaluate_frames(cloudy_night.predictions, cloudy_night.truth, QUICK)
    block = found.pixels
    expected = by_hand(*cloudy_night.counted())
    assert block.scores["model"] == pytest.approx(expected, abs=1e-9)
    for name in BASELINES:
        answers = np.concatenate(
            [
                baselines(frame)[name][mask != 2]
                for frame, mask in zip(cloudy_night.frames, cloudy_night.masks, strict=True)
            ]
        )
        by_loops = by_hand(answers.astype(float), cloudy_night.counted()[1])
        for score, value in block.scores[name].items():
            assert value == pytest.approx(by_loops[score], abs=1e-9, nan_ok=True), (name, score)
    assert block.frames == 6
    assert block.count == sum(np.count_nonzero(mask != 2) for mask in cloudy_night.masks)
    assert block.threshold == 0.5
    assert block.auc_error == 0
    matrix = block.counts["model"].matrix()
    assert matrix.sum() == block.count
    assert np.trace(matrix) / block.count == pytest.approx(expected["accuracy"])
    assert block.histogram.sum(axis=0).tolist() == matrix.sum(axis=1).tolist()


def test_the_classifier_is_evaluated_over_frames(
    cloudy_night: object, by_hand: Callable[..., dict[str, float]]
) -> None:
    found = evaluate_frames(cloudy_night.predictions, cloudy_night.truth, QUICK)
    p = np.array([0.9, 0.8, 0.4, 0.2, 0.95])  # the fourth frame is to be ignored: no class
    truth = np.array([True, True, True, False, True])
    assert found.classes.frames == 5
    assert found.classes.scores["model"] == pytest.approx(by_hand(p.astype("f4"), truth), abs=1e-9)
    assert found.classes.scores["all_cloud"]["accuracy"] == 0.8


def test_each_frame_has_a_row(
    cloudy_night: object, by_hand: Callable[..., dict[str, float]]
) -> None:
    table = evaluate_frames(cloudy_night.predictions, cloudy_night.truth, QUICK).table
    assert len(table) == 6
    for row, (p, mask) in enumerate(
        zip(cloudy_night.probabilities["pred"], cloudy_night.masks, strict=True)
    ):
        expected = by_hand(p[mask != 2], mask[mask != 2] == 1)
        for name in ("accuracy", "balanced_accuracy", "iou_cloud", "iou_clear", "mcc", "bce"):
            got = table.values[name][row]
            assert got == pytest.approx(expected[name], abs=1e-9, nan_ok=True), (row, name)
    order = table.order().tolist()
    assert order[-1] == 3, "the frame with nothing to count is last"
    accuracy = table.values["accuracy"][order[:-1]]
    assert (np.diff(accuracy) >= 0).all(), "the worst first"
    known = table.values["accuracy"][[0, 1, 2, 4, 5]]
    assert table.means()["accuracy"] == {
        "mean": pytest.approx(known.mean()),
        "median": pytest.approx(np.median(known)),
        "frames": 5,
    }


@pytest.mark.parametrize("only", [0, 1, 2])
def test_a_truth_of_one_class_is_evaluated_too(
    night: object, make_frame: Frame, by_hand: Callable[..., dict[str, float]], only: int
) -> None:
    for number in range(3):
        frame, mask, probability = make_frame(number)
        night.write(frame, np.full(mask.shape, only), probability)
    found = evaluate_frames(night.predictions, night.truth, QUICK)
    expected = by_hand(*night.counted())
    for name, value in found.pixels.scores["model"].items():
        assert value == pytest.approx(expected[name], abs=1e-9, nan_ok=True), name
    assert any("The truth of all pixels is" in text for text in found.warnings()) == (only != 2)


def test_damaged_files_are_named_and_the_rest_is_evaluated(
    cloudy_night: object, by_hand: Callable[..., dict[str, float]]
) -> None:
    bad = sorted(cloudy_night.predictions.iterdir())[1]
    bad.write_bytes(bad.read_bytes()[:3000])
    (cloudy_night.truth / "sky_002_mask.fits").write_bytes(b"")
    evaluation = Evaluation(cloudy_night.predictions, cloudy_night.truth, QUICK)
    outcomes = list(evaluation.run())
    errors = [one for one in outcomes if isinstance(one, FileError)]
    assert {error.path.name for error in errors} == {"sky_001_pred.fits", "sky_002_mask.fits"}
    assert len(outcomes) == len(evaluation) == 6
    report = evaluation.report()
    assert len(report.table) == 4
    left = {one.frame: one.failed for one in report.left_out}
    assert left == {"sky_001": True, "sky_002": True}
    for frames in (cloudy_night.masks, cloudy_night.probabilities["pred"]):
        del frames[1:3]
    expected = by_hand(*cloudy_night.counted())
    assert report.pixels.scores["model"] == pytest.approx(expected, abs=1e-9)
    assert any(text.startswith("2 files could not be used") for text in report.warnings())


def test_nothing_to_evaluate_is_an_error(cloudy_night: object) -> None:
    for path in cloudy_night.predictions.iterdir():
        path.write_bytes(b"no FITS")
    evaluation = Evaluation(cloudy_night.predictions, cloudy_night.truth, QUICK)
    assert all(isinstance(one, FileError) for one in evaluation.run())
    with pytest.raises(IrisError, match="none of 6 frames could be evaluated"):
        evaluation.report()


@pytest.mark.parametrize(("drawn", "warned"), [(0, True), (2, True), (5, False)])
def test_a_truth_that_is_the_recipe_is_reported_as_such(
    night: object, make_frame: Frame, drawn: int, warned: bool
) -> None:
    for number in range(8):
        frame, mask, probability = make_frame(number)
        mask[mask == 2] = 0
        by_recipe = recipe(frame).mask
        if number < drawn:
            by_recipe[0, 0] ^= 1
        night.write(frame, by_recipe, probability)
    found = evaluate_frames(night.predictions, night.truth, QUICK)
    assert found.table.share_equal_to_recipe() == (8 - drawn) / 8
    assert found.truth_is_recipe == warned
    assert any("the recipe itself" in text for text in found.warnings()) == warned
    assert found.rival(found.pixels) != "recipe" or not warned


def test_mixed_thresholds_and_models_are_warned_of(night: object, make_frame: Frame) -> None:
    for number in range(4):
        night.write(*make_frame(number), threshold=0.3 + number / 10, model=f"m{number % 2}")
    found = evaluate_frames(night.predictions, night.truth, QUICK)
    assert np.isnan(found.pixels.threshold)
    assert found.models == ["m0", "m1"]
    shown = " ".join(found.warnings())
    assert "different thresholds" in shown
    assert "2 models" in shown
    one = QUICK.model_copy(update={"threshold": 0.4})
    again = evaluate_frames(night.predictions, night.truth, one)
    assert again.pixels.threshold == 0.4
    assert "different thresholds" not in " ".join(again.warnings())


@pytest.mark.slow
def test_two_models_are_compared_on_the_same_frames(night: object, make_frame: Frame) -> None:
    for number in range(30):
        frame, mask, probability = make_frame(number, noise=0.7)
        night.write(frame, mask, probability)
        night.write(frame, None, make_frame(number, noise=2.0)[2], to="other")
    found = evaluate_frames(night.predictions, night.truth, QUICK, night.folder / "other")
    assert found.pixels.comparisons["against"].outcome == "better"
    turned = evaluate_frames(night.folder / "other", night.truth, QUICK, night.predictions)
    assert turned.pixels.comparisons["against"].outcome == "worse"
    assert turned.pixels.scores["against"] == pytest.approx(found.pixels.scores["model"])
    same = evaluate_frames(night.predictions, night.truth, QUICK, night.predictions)
    assert same.pixels.comparisons["against"].outcome == "may be chance"


@pytest.mark.slow
def test_workers_and_seeds_give_the_same_report(night: object, make_frame: Frame) -> None:
    for number in range(40):
        night.write(*make_frame(number))
    reports = [
        report_as_dict(
            evaluate_frames(night.predictions, night.truth, QUICK.model_copy(update=change))
        )
        for change in ({"jobs": 1}, {"jobs": 2}, {"jobs": 1, "seed": 9})
    ]
    for report in reports:
        del report["config"], report["bootstrap"]
    assert reports[0] == reports[1]
    assert reports[0]["intervals"] != reports[2]["intervals"]
    assert reports[0]["model"] == reports[2]["model"]


def test_frames_and_truth_as_the_simulator_writes_them(
    night: object, make_frame: Frame, write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "sim" / "truth").mkdir(parents=True)
    for number in range(3):
        frame, mask, probability = make_frame(number)
        night.write(frame, mask, probability, name=f"sim_{number}")
        write_frame(f"sim/frames/sim_{number}.fits", np.kron(frame, np.ones((4, 4), np.float32)))
        path = f"sim_{number}_mask.fits"
        exact = read_mask(night.truth / path)
        write_mask(tmp_path / "sim" / "truth" / path, frame, mask, exact.header, {})
    by_masks = evaluate_frames(night.predictions, night.truth, QUICK)
    by_frames = evaluate_frames(night.predictions, tmp_path / "sim", QUICK)
    assert by_frames.pixels.scores["model"] == by_masks.pixels.scores["model"]
    assert by_frames.table.names == ["sim_0", "sim_1", "sim_2"]


def test_a_projects_masks_are_chosen_by_their_tag(
    night: object, make_frame: Frame, write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    from napari_iris.masks.config import MaskConfig
    from napari_iris.project.indexing import index
    from napari_iris.project.project import Project

    drawn = {}
    with Project(tmp_path / "project", by="ada") as project:
        for number in range(4):
            frame, mask, probability = make_frame(number)
            night.write(frame, None, probability, name=f"sky_{number}")
            write_frame(f"frames/sky_{number}.fits", frame)
            drawn[f"sky_{number}"] = mask
        paths = sorted((tmp_path / "frames").iterdir())
        list(index(project, paths, MaskConfig(shape=(12, 16), gate=False), jobs=1))
        for row in (0, 2):
            frame_id = int(project.table.id[row])
            project.save_mask(frame_id, drawn[paths[row].stem])
            project.approve(frame_id)
    approved = evaluate_frames(night.predictions, tmp_path / "project", QUICK)
    assert approved.table.names == ["sky_0", "sky_2"]
    assert approved.pixels.count == sum(np.count_nonzero(drawn[f"sky_{n}"] != 2) for n in (0, 2))
    assert {one.frame for one in approved.left_out} == {"sky_1", "sky_3"}
    by_program = QUICK.model_copy(update={"masks": "auto"})
    auto = evaluate_frames(night.predictions, tmp_path / "project", by_program)
    assert len(auto.table) == 4
    assert auto.truth_is_recipe


@pytest.fixture
def accepted(
    night: object, make_frame: Frame, write_frame: Callable[..., Path], tmp_path: Path
) -> Path:
    """Labels: two of the evaluated model, with a classifier or not, one of another, one drawn."""
    from napari_iris.masks.config import MaskConfig
    from napari_iris.project.indexing import index
    from napari_iris.project.label_origin import accepted_from
    from napari_iris.project.project import Project

    for number in range(4):
        frame, _, probability = make_frame(number)
        night.write(frame, None, probability, name=f"sky_{number}")
        write_frame(f"frames/sky_{number}.fits", frame)
    with Project(tmp_path / "project", by="ada") as project:
        paths = sorted((tmp_path / "frames").iterdir())
        list(index(project, paths, MaskConfig(shape=(12, 16), gate=False), jobs=1))
        models = ("pred@1234", "pred@1234+vgg8@5678", "pred@older")
        for row, model in enumerate(models):
            mask = (night.probabilities["pred"][row] >= 0.5).astype(np.uint8)
            project.approve(int(project.table.id[row]), mask, accepted_from(model, 0.5))
        project.save_mask(int(project.table.id[3]), make_frame(3)[1])
        project.approve(int(project.table.id[3]))
    return tmp_path / "project"


def test_labels_accepted_from_the_evaluated_model_are_left_out_and_named(
    night: object, accepted: Path, tmp_path: Path
) -> None:
    report = evaluate_frames(night.predictions, accepted, QUICK)
    assert report.table.names == ["sky_2", "sky_3"], "another version is another model"
    assert report.own_labels.counts == {"pred@1234": 2}
    assert [one.frame for one in report.own_labels.left_out] == ["sky_0", "sky_1"]
    (remark,) = (one for one in report.warnings() if "pred@1234" in one)
    assert remark.startswith("2 of 4 labels accepted unchanged from pred@1234")
    write_report(report, tmp_path / "out")
    assert "accepted from pred@1234" in (tmp_path / "out" / "left_out.csv").read_text()
    found = report_as_dict(report)
    expected = {"accepted": {"pred@1234": 2}, "left_out": True, "automatic": 0, "not_for": []}
    assert found["own_labels"] == expected
    assert found["left_out"] == {"failed": 0, "without_counterpart": 0}


def test_labels_accepted_from_the_evaluated_model_may_be_included(
    night: object, accepted: Path
) -> None:
    config = QUICK.model_copy(update={"accepted": True})
    report = evaluate_frames(night.predictions, accepted, config)
    assert len(report.table) == 4
    assert any("these scores are optimistic" in one for one in report.warnings())


def test_with_no_other_label_the_evaluation_says_why(night: object, accepted: Path) -> None:
    from napari_iris.project.project import Project

    with Project(accepted) as project:
        for row in (2, 3):
            project.reject(int(project.table.id[row]), "bird")
    match = "2 of 2 labels accepted unchanged from pred@1234.*--accepted"
    with pytest.raises(IrisError, match=match):
        evaluate_frames(night.predictions, accepted, QUICK)


AUTOMATIC = {"recipe", "recipe_gate", "reference"}


@pytest.fixture
def approved(accepted: Path) -> Path:
    """The same labels, but that the last one is the automatic mask, approved unchanged."""
    from napari_iris.project.project import Project

    with Project(accepted) as project:
        project.revert(4)
        project.approve(4)
    return accepted


def test_labels_that_are_the_automatic_mask_are_left_out_of_what_made_it(
    night: object, approved: Path, tmp_path: Path
) -> None:
    """The other label counts for all: the recipe is compared with the model on that one alone."""
    report = evaluate_frames(night.predictions, approved, QUICK)
    assert report.table.names == ["sky_2", "sky_3"]
    assert report.own_labels.automatic == {1}
    (remark,) = (one for one in report.warnings() if "automatic mask" in one)
    assert remark.startswith("1 of 4 labels approved unchanged from the automatic mask: left out")
    assert "Recipe, Recipe + gate and Gate + reference" in remark
    pixels, alone = report.pixels, evaluate_only(night, approved, "sky_2").pixels
    assert (pixels.frames, pixels.fewer) == (2, 1)
    for name in pixels.scores:
        one = alone if name in AUTOMATIC else None
        counted = alone.counts[name].total * (1 if one else 2)
        assert pixels.counts[name].total == counted
        if one:
            assert pixels.scores[name] == pytest.approx(one.scores[name], nan_ok=True)
            found = pixels.comparisons[name].differences["accuracy"].value
            assert found == one.comparisons[name].differences["accuracy"].value
    write_report(report, tmp_path / "out")
    stored = report_as_dict(report)["own_labels"]
    assert (stored["automatic"], set(stored["not_for"])) == (1, AUTOMATIC)
    assert "automatic mask" in (tmp_path / "out" / "report.md").read_text()


def evaluate_only(night: object, truth: Path, name: str) -> Report:
    """Evaluate one frame."""
    frame = truth.parent / "frames" / f"{name}.fits"
    evaluation = Evaluation(night.predictions, truth, QUICK, only=[frame])
    list(evaluation.run())
    return evaluation.report()


def test_the_automatic_masks_may_be_included(night: object, approved: Path) -> None:
    report = evaluate_frames(
        night.predictions, approved, QUICK.model_copy(update={"accepted": True})
    )
    assert report.pixels.frames == report.pixels.fewer == 4
    assert report_as_dict(report)["own_labels"]["not_for"] == []
    assert any("such masks, are optimistic" in one for one in report.warnings())


def test_where_all_labels_are_automatic_masks_the_recipe_has_no_score(
    night: object, approved: Path, tmp_path: Path
) -> None:
    from napari_iris.project.project import Project

    with Project(approved) as project:
        for frame in (1, 2, 3):
            project.revert(frame)
            project.approve(frame)
    report = evaluate_frames(night.predictions, approved, QUICK)
    assert (report.pixels.frames, report.pixels.fewer) == (4, 0)
    assert all(isnan(report.pixels.scores[name]["accuracy"]) for name in AUTOMATIC)
    assert report.rival(report.pixels) in {"all_cloud", "otsu"}
    assert any("no other label" in one for one in report.warnings())
    write_report(report, tmp_path / "out")
    assert report_as_dict(report)["model"]["accuracy"] is not None


@pytest.mark.slow
def test_memory_does_not_grow_with_the_frames(cloudy_night: object) -> None:
    """What is kept of a frame is a row of the table, not its pixels."""
    evaluation = Evaluation(cloudy_night.predictions, cloudy_night.truth, QUICK)
    for pool in (evaluation._pixels, evaluation._classes):
        sums = pool.sums["model"] = UnitSums(len(pool.frames), is_probability=True)
        sums.ranking.distinct = 2_000
    rng = np.random.default_rng(0)

    def peak(frames: int) -> int:
        tracemalloc.start()
        for _ in range(frames):
            truth = rng.random(1_000) < 0.5
            one = FrameTallies({"model": tally(rng.random(1_000), truth, 0.5)}, {})
            facts = 0, one, one, "model", 0.5, 0.5, 0.5, 0.5, 0.1, 0.5
            evaluation._add(FrameScore(*facts))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(20)
    assert peak(400) < 1.5 * peak(40)


@pytest.mark.slow
def test_real_frames_give_the_published_numbers(shared_data: Path, tmp_path: Path) -> None:
    """The published U-Net's own probabilities, kept beside its frames."""
    from astropy.io import fits

    from napari_iris.inference.prediction_file import Prediction, write_prediction
    from napari_iris.matching.names import prediction_path

    paths = sorted((shared_data / "lwir" / "frames").glob("*.fits"))[:12]
    kept, made = tmp_path / "frames", tmp_path / "pred"
    kept.mkdir()
    made.mkdir()
    p, truth = [], []
    for path in paths:
        (kept / path.name).symlink_to(path)
        with fits.open(path) as units:
            frame, mask, found = (np.float32(unit.data).squeeze() for unit in units)
            one = Prediction(frame, found.clip(0, 1), units[0].header, "published", 0.5)
        write_prediction(prediction_path(path, made), one)
        p.append(found)
        truth.append(mask > 0.5)
    report = evaluate_frames(made, kept, QUICK)
    right = (np.array(p) >= 0.5) == np.array(truth)
    assert report.pixels.scores["model"]["accuracy"] == pytest.approx(right.mean(), abs=1e-12)
    assert report.pixels.scores["all_cloud"]["accuracy"] == pytest.approx(np.mean(truth), abs=1e-12)
    assert report.pixels.scores["otsu"]["accuracy"] < report.pixels.scores["all_cloud"]["accuracy"]
    assert report.truth_is_recipe
