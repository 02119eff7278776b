"""The command: its files, its output, its exit codes."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.dataset.find import find_samples
from napari_iris.dataset.split import Split
from napari_iris.inference.prediction_file import Prediction, write_prediction
from napari_iris.masks.mask_file import mask_path, write_mask
from napari_iris.matching.names import prediction_path
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
from napari_iris.training.epochs import Epoch
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK = ("--resamples", "100", "--jobs", "1")
OF_TEST = ("--part", "test", "--no-figures")


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """Eight masks in ``truth/``, and the predictions of two models."""
    header = fits.Header([("DATE-OBS", "2024-01-15T18:00:00")])
    for name in ("truth", "good", "poor"):
        (tmp_path / name).mkdir()
    for number in range(8):
        rng = np.random.default_rng(number)
        mask = (np.arange(16) < 4 + number).astype(np.uint8) * np.ones((12, 1), np.uint8)
        frame = (600.0 + 50.0 * mask + rng.normal(0, 5, mask.shape)).astype(np.float32)
        path = tmp_path / f"sky_{number}.fits"
        write_mask(mask_path(path, tmp_path / "truth"), frame, mask, header, {})
        for name, noise in (("good", 1.0), ("poor", 6.0)):
            logits = 4.0 * mask - 2 + rng.normal(0, noise, mask.shape)
            p = (1 / (1 + np.exp(-logits))).astype(np.float32)
            made = Prediction(frame, p, header, f"{name}@1", 0.5, p_cloud=0.8)
            write_prediction(prediction_path(path, tmp_path / name), made)
    return tmp_path


def test_without_matplotlib_it_writes_the_tables_and_names_the_extra(
    cli: Callable[..., tuple], night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    out = night / "report"
    ran = cli("evaluate", night / "good", night / "truth", "--out", out, *QUICK)
    assert ran.code == 0
    assert "figures need matplotlib: pip install 'napari-iris[report]'" in ran.err
    assert {path.name for path in out.iterdir()} >= {"report.json", "report.md", "frames.csv"}
    assert not (out / "figures").exists()
    assert "](figures/" not in (out / "report.md").read_text()


def evaluate(cli: Callable[..., tuple], night: Path, name: str, *options: str) -> tuple:
    words = ("--out", night / "out", "--no-figures", *QUICK, *options)
    return cli("evaluate", night / name, night / "truth", *words)


def test_a_report_replaces_one_on_the_same_input_only(
    cli: Callable[..., tuple], night: Path
) -> None:
    assert evaluate(cli, night, "good").code == 0
    assert evaluate(cli, night, "good", "--threshold", "0.4").code == 0
    before = (night / "out" / "report.json").read_bytes()
    ran = evaluate(cli, night, "poor")
    assert ran.code == 2
    assert ran.err.startswith(f"napari-iris evaluate: {night / 'out' / 'report.json'}: is not what")
    assert ran.err.endswith("choose another --out, or give --overwrite\n")
    assert ran.err.count("\n") == 1, "one line"
    assert (night / "out" / "report.json").read_bytes() == before
    assert evaluate(cli, night, "poor", "--overwrite").code == 0
    assert (night / "out" / "report.json").read_bytes() != before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.md", "My report\n"),
        ("report.md", None),
        ("report.json", "{}"),
        ("report.json", "[" * 99_999),
        ("frames.csv", "frame,note\nsky_1,fog\n"),
        ("frames.csv", None),
        ("curves.csv", "frame,note\n"),
        ("left_out.csv", "frame,note\n"),
        ("figures/roc.png", "my picture"),
    ],
)
def test_files_of_ones_own_are_not_replaced(
    cli: Callable[..., tuple], night: Path, name: str, content: str | None
) -> None:
    """Nor is a report that was edited, or a table with a column of one's own."""
    path = night / "out" / name
    path.parent.mkdir(parents=True)
    if content is None:
        assert evaluate(cli, night, "good").code == 0
        lines = path.read_text().splitlines()
        content = "\n".join([f"{lines[0]},note", *lines[1:]])
    path.write_text(content)
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    ran = evaluate(cli, night, "good")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith(f"napari-iris evaluate: {path}: is not what napari-iris evaluate")
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before


@pytest.fixture
def model(night: Path) -> Path:
    """Folder of a model with the epochs of its training, and without weights."""
    folder = night / "model"
    (folder / "run").mkdir(parents=True)
    write_card(folder, ModelCard.of(NetworkSpec(kind="unet", channels=(2,), shape=(12, 16))))
    epochs = [Epoch(n, 0.5, 0.6 / n, 0.9, 0.9, 0.8, 0.8, 0.7, 1e-3, 1.0) for n in (1, 2)]
    RunFolder(folder).write_epochs(epochs)
    return folder


@pytest.mark.slow
def test_it_writes_tables_and_figures(cli: Callable[..., tuple], night: Path, model: Path) -> None:
    """The training curves are those of the model's run."""
    out = night / "out"
    words = ("--out", out, "--model", model, *QUICK)
    ran = cli("evaluate", night / "good", night / "truth", *words)
    assert ran.code == 0
    assert ran.out == ""
    assert f"8 frames evaluated, report in {out} (accuracy 0.9" in ran.err
    assert "best baseline, " in ran.err
    assert {path.name for path in out.iterdir()} == {
        "report.json", "report.md", "frames.csv", "curves.csv", "figures",
    }  # fmt: skip
    report = json.loads((out / "report.json").read_text())
    assert report["n_frames"] == 8
    assert report["model"]["accuracy"] > 0.9 > report["baselines"]["all_cloud"]["accuracy"]
    text = (out / "report.md").read_text()
    for name in ("curves", "triples", "roc", "reliability", "confusion", "classifier"):
        assert (out / "figures" / f"{name}.pdf").stat().st_size > 1000
        assert f"](figures/{name}.png)" in text


@pytest.mark.slow
def test_the_end_event_has_the_scores(cli: Callable[..., tuple], night: Path) -> None:
    out = night / "out"
    words = ("--out", out, "--no-figures", "--json", *QUICK)
    ran = cli("evaluate", night / "good", night / "truth", *words)
    assert (ran.code, ran.err) == (0, "")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert events[0] == {"event": "start", "total": 8}
    end = events[-1]
    assert (end["event"], end["done"], end["failed"], end["n_frames"]) == ("end", 8, 0, 8)
    assert end["report"] == str(out / "report.json")
    report = json.loads((out / "report.json").read_text())
    assert end["model"] == report["model"]
    assert end["baselines"] == report["baselines"]
    assert not (out / "figures").exists()


@pytest.mark.slow
def test_two_models_are_compared(cli: Callable[..., tuple], night: Path) -> None:
    words = ("--out", night / "out", "--no-figures", *QUICK, "--against", night / "poor")
    assert cli("evaluate", night / "good", night / "truth", *words).code == 0
    text = (night / "out" / "report.md").read_text()
    assert "The model is better than the other model; the difference is significant" in text
    with (night / "out" / "frames.csv").open(newline="") as file:
        assert "accuracy_against" in next(csv.reader(file))


def test_another_threshold_can_be_used(cli: Callable[..., tuple], night: Path) -> None:
    recalls = []
    for threshold in ("0.1", "0.9"):
        words = ("--out", night / "out", "--no-figures", *QUICK, "--threshold", threshold)
        assert cli("evaluate", night / "good", night / "truth", *words).code == 0
        report = json.loads((night / "out" / "report.json").read_text())
        assert report["threshold"] == float(threshold)
        recalls.append(report["model"]["recall"])
    assert recalls[0] > recalls[1]


def test_damaged_files_are_named_and_the_others_evaluated(
    cli: Callable[..., tuple], night: Path
) -> None:
    bad = night / "good" / "sky_3_pred.fits"
    bad.write_bytes(bad.read_bytes()[:2000])
    (night / "truth" / "sky_5_mask.fits").unlink()
    words = ("--out", night / "out", "--no-figures", *QUICK)
    ran = cli("evaluate", night / "good", night / "truth", *words)
    assert ran.code == 1
    first, last = ran.err.splitlines()
    assert first.startswith(f"{bad}: holds no prediction (")
    assert "6 frames evaluated" in last
    assert "1 without counterpart; 1 failed" in last
    assert json.loads((night / "out" / "report.json").read_text())["n_frames"] == 6
    with (night / "out" / "left_out.csv").open(newline="") as file:
        assert {row["frame"] for row in csv.DictReader(file)} == {"sky_3", "sky_5"}


@pytest.fixture
def trained(night: Path) -> Path:
    """A model of the night: three frames to train on, three to validate, one kept for a test."""
    samples = find_samples(night / "truth", jobs=1)
    rows = np.arange(8)
    parts = Split(rows[:3], rows[3:6], rows[6:7], 1, {"same": 0, "alike": 0}, saved=False)
    run = RunFolder(night / "model")
    network = NetworkSpec(kind="unet")
    run.create(TrainConfig(network=network), {})
    run.write_split(samples, parts)
    write_card(run.folder, ModelCard.of(network))
    return run.folder


def test_frames_that_the_model_was_trained_on_are_reported(
    cli: Callable[..., tuple], night: Path, trained: Path
) -> None:
    words = ["evaluate", night / "good", night / "truth", "--out", night / "out", "--no-figures"]
    ran = cli(*words, *QUICK, "--model", trained)
    warning = "model was trained on 3 of 8 frames: these scores are optimistic. Give --part test."
    assert ran.code == 0
    assert ran.err.splitlines()[0] == f"napari-iris evaluate: {warning}"
    assert warning in (night / "out" / "report.md").read_text()
    assert warning in json.loads((night / "out" / "report.json").read_text())["warnings"]


@pytest.mark.parametrize(
    ("part", "frames"), [("train", 3), ("validation", 3), ("test", 1), ("all", 8)]
)
def test_one_part_of_the_split_can_be_evaluated(
    cli: Callable[..., tuple], night: Path, trained: Path, part: str, frames: int
) -> None:
    shutil.move(night / "truth", night / "elsewhere")  # frames are known by their pixels too
    words = ["evaluate", night / "good", night / "elsewhere", "--out", night / "out"]
    words += ["--no-figures", *QUICK, "--model", trained, "--part", part]
    ran = cli(*words)
    assert ran.code == 0, ran.err
    assert json.loads((night / "out" / "report.json").read_text())["n_frames"] == frames
    assert ("was trained on" in ran.err) == (part in ("train", "all"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere", "truth"], "nowhere: holds no prediction; give the --out folder of"),
        (["truth", "truth"], "truth: holds no prediction"),
        (["good", "nowhere"], "nowhere: does not exist; give a project"),
        (
            ["good", "truth", "--threshold", "1.5"],
            "--threshold: Input should be less than or equal",
        ),
        (["good", "truth", "--resamples", "3"], "--resamples: Input should be greater than"),
        (["good", "truth", "--model", "nowhere"], "nowhere: is not a model"),
        (["good", "truth", "--part", "test"], "--part: needs the split of a model; give --model"),
        (
            ["good", "truth", *OF_TEST, "--model", "unet-lwir"],
            "has no run/split.csv",
        ),
        (["good", "truth", "--against", "nowhere"], "nowhere: holds no prediction"),
        (["strange", "truth"], "(first: moon) is of one of 8 frames (first: sky_0)"),
    ],
)
def test_bad_input_is_reported_in_one_line_with_code_2(
    cli: Callable[..., tuple],
    night: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    message: str,
) -> None:
    (night / "strange").mkdir()
    (night / "strange" / "moon_pred.fits").write_bytes(
        (night / "good" / "sky_0_pred.fits").read_bytes()
    )
    monkeypatch.chdir(night)
    ran = cli("evaluate", *QUICK, *words, "--out", "out")
    assert ran.code == 2
    assert message in ran.err
    assert ran.err.count("\n") == 1
    assert not (night / "out" / "report.json").exists()


def test_a_model_without_a_run_has_no_training_curves(
    cli: Callable[..., tuple], night: Path, model: Path
) -> None:
    (model / "run" / "epochs.csv").unlink()
    words = ("evaluate", night / "good", night / "truth", "--out", night / "out", *QUICK)
    ran = cli(*words, "--model", model)
    assert ran.code == 2
    assert "has no run/epochs.csv to draw" in ran.err


@pytest.mark.slow
def test_no_learning_library_is_imported(night: Path) -> None:
    code = """
import sys
from napari_iris.cli.main import main
code = main(sys.argv[1:])
print(sorted({"tensorflow", "jax", "openvino", "napari", "qtpy"} & set(sys.modules)))
sys.exit(code)
"""
    words = ["evaluate", str(night / "good"), str(night / "truth"), "--out", str(night / "out")]
    ran = subprocess.run(
        [sys.executable, "-c", code, *words, *QUICK], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "[]\n"
    assert (night / "out" / "figures" / "spectrum.pdf").exists()
