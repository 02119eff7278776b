"""The demo: the workflow on the sample night, its masks, models, report and screenshot."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from napari_iris.cli import demo
from napari_iris.cli.demo_masks import NightMasks
from napari_iris.cli.main import OK, SOME_FAILED, main
from napari_iris.labels import CLOUD
from napari_iris.masks.mask_file import read_mask
from napari_iris.networks.card import read_card
from napari_iris.sky import sample_frames

pytestmark = pytest.mark.slow

SHORT_DEMO = """
import sys
from napari_iris.cli import demo, main
demo.TRAINING_FRAMES = 20
sys.exit(main.main(["demo", "--no-gui", "--out", sys.argv[1]]))
"""
"""The demo, with a fifth of the frames to train on."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the demo once, as a person does; give its folder and what it printed."""
    out = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-c", SHORT_DEMO, str(out)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert run.returncode == OK, run.stderr
    return out, run.stdout


def test_every_frame_of_the_night_gets_a_mask(done: tuple[Path, str]) -> None:
    out, _ = done
    masks = sorted((out / "masks").glob("*_mask.fits"))
    assert len(masks) == 30
    assert all(read_mask(mask).mask.shape == (128, 160) for mask in masks)


def test_the_table_has_all_sky_conditions_of_the_night(done: tuple[Path, str]) -> None:
    out, _ = done
    with (out / "masks" / "masks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    skies = [row["sky"] for row in rows]
    assert skies[0] == skies[-1] == "clear"
    assert set(skies) == {"clear", "cloudy", "overcast"}
    assert [row["date_obs"] for row in rows] == sorted(row["date_obs"] for row in rows)


def test_the_table_is_printed(done: tuple[Path, str]) -> None:
    _, printed = done
    _, part, command, heading, *lines = printed.splitlines()
    assert part.startswith("[1/8, about ")
    assert command.startswith("$ napari-iris mask ")
    assert heading.split() == ["time", "(UTC)", "sky", "cloud", "trust", "method"]
    assert lines[0].split()[:3] == ["2024-01-15", "18:00:00", "clear"]
    assert all("/8" in line for line in lines[:30])
    assert "/8" not in lines[30]


def test_each_part_is_announced_with_the_time_left_and_the_last_lines_say_what_is_next(
    done: tuple[Path, str],
) -> None:
    _, printed = done
    parts = re.findall(r"^\[(\d)/8, about \d+ (?:s|minutes?) left\] [A-Z]", printed, re.MULTILINE)
    assert parts == list("12345678")
    *_, following, mask, window, tutorials = printed.splitlines()
    assert following == "Next, with frames of your own:"
    assert "napari-iris mask FOLDER --out masks " in mask
    assert "napari-iris open FOLDER " in window
    assert "docs/tutorials" in tutorials


def test_both_networks_are_trained_and_predict_the_night(done: tuple[Path, str]) -> None:
    out, printed = done
    models = {kind: read_card(out / "models" / kind) for kind in ("unet", "vgg8")}
    assert [models[kind].network.kind for kind in models] == ["unet", "vgg8"]
    with (out / "predictions" / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert {row["model"].split("@")[0] for row in rows} == {"unet"}
    assert rows[0]["sky"] == "clear"
    commands = [line.split()[2] for line in printed.splitlines() if line.startswith("$ ")]
    assert commands == ["mask", "mask", "simulate", "train", "train", "predict", "evaluate"]


def test_the_report_uses_the_exact_masks_and_the_model_beats_the_recipe(
    done: tuple[Path, str],
) -> None:
    out, printed = done
    report = json.loads((out / "report" / "report.json").read_bytes())
    assert report["n_frames"] == 30
    others = {name: scores["accuracy"] for name, scores in report["baselines"].items()}
    assert report["model"]["accuracy"] > max(others[one] for one in ("all_cloud", "otsu", "recipe"))
    assert others["reference"] > 0.98
    assert f"{report['model']['accuracy']:.3f}" in printed
    first = next(sample_frames())
    truth = read_mask(sorted((out / "truth").glob("*_mask.fits"))[0])
    assert truth.frame.mean() == pytest.approx(first.data.mean(), rel=1e-4)


def test_what_the_reference_is_worth_is_printed_and_drawn(done: tuple[Path, str]) -> None:
    out, printed = done
    (line,) = [one for one in printed.splitlines() if one.startswith("Each frame alone: ")]
    alone, better = (float(part) for part in re.findall(r"([\d.]+)% of the pixels", line))
    oktas, fewer = (float(part) for part in re.findall(r"off by ([\d.]+) oktas", line))
    assert alone + 3 < better <= 100
    assert fewer < oktas / 3
    assert f"Picture: {out / 'reference.png'}" in printed
    night = NightMasks(out / "masks_alone", out / "masks", out / "truth")
    clear, broken, deck = (float(np.mean(one.truth == CLOUD)) for one in night.shown())
    assert clear == 0 < broken < 1 == deck
    assert night.shown()[0].name == "18:00"


def test_without_matplotlib_the_picture_is_left_out(
    done: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, _ = done
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    night = NightMasks(out / "masks_alone", out / "masks", out / "truth")
    assert night.draw(tmp_path) is None
    assert "pip install 'napari-iris[report]'" in capsys.readouterr().err


def test_a_second_run_resumes(done: tuple[Path, str]) -> None:
    parts = demo._training(done[0], "keras")[-2:]
    trainings = [part.work.args[0] for part in parts if isinstance(part.work, partial)]
    assert [training[:2] for training in trainings] == [["train", "unet"], ["train", "vgg8"]]
    assert all(training[-1] == "--resume" for training in trainings)


def test_the_window_opens_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(demo, "has_display", lambda: True)
    monkeypatch.setattr(demo.subprocess, "run", run)
    assert demo._open_window(tmp_path) == OK
    assert started[0][1:3] == ["-m", "napari_iris.desk"]
    assert started[0][-3:] == ["--review", str(tmp_path / "predictions"), str(tmp_path / "truth")]
    assert "--next-steps" in started[0]
    assert "--screenshot" not in started[0]
    assert capsys.readouterr().out == "Opening the window...\n"


def test_without_a_display_a_screenshot_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[0] == "/usr/bin/xvfb-run"
        Path(command[command.index("--screenshot") + 1]).touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(demo, "has_display", lambda: False)
    monkeypatch.setattr(demo.shutil, "which", lambda _: "/usr/bin/xvfb-run")
    monkeypatch.setattr(demo.subprocess, "run", run)
    assert demo._open_window(tmp_path) == OK
    assert f"Screenshot of the window: {tmp_path / 'window.png'}" in capsys.readouterr().out


def test_a_missing_screenshot_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "has_display", lambda: False)
    monkeypatch.setattr(demo.shutil, "which", lambda _: "/usr/bin/xvfb-run")
    monkeypatch.setattr(
        demo.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0)
    )
    assert demo._open_window(tmp_path) == SOME_FAILED


def test_without_a_virtual_display_the_fix_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "has_display", lambda: False)
    monkeypatch.setattr(demo.shutil, "which", lambda _: None)
    assert demo._open_window(tmp_path) == SOME_FAILED
    assert "sudo apt-get install xvfb" in capsys.readouterr().err


def test_a_folder_that_cannot_be_created_is_named_before_the_first_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    assert main(["demo", "--out", str(loop), "--no-gui"]) == 2
    output, errors = capsys.readouterr()
    assert not output
    assert errors.count("\n") == 1
    assert f"{loop}: cannot be created" in errors
