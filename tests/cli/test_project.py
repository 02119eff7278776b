"""A project on the command line: index, status, split, export, backup, Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.frames.read import read_frame
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.project import indexing
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIONS = {"status": "", "index": "night", "split": "", "export": "--out x", "backup": "--out x"}
SMALL = ("--shape", "12", "16")
LOG = ("-wal", "-shm")
"""Endings of SQLite's own files, which come and go."""
START = np.datetime64("2024-01-15T18:00:00")


@pytest.fixture
def here(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_frame: Callable,
    snapshot: Callable[..., Path],
) -> Path:
    """Working folder with twelve frames, an hour apart, in ``night``."""

    def make() -> Path:
        for hour in range(12):
            data = np.random.default_rng(hour).normal(650, 20, (24, 32)).astype(np.float32)
            time = str(START + np.timedelta64(hour, "h"))
            path = write_frame(f"night/sky_{hour}.fits", data, DATE_OBS=time)
        return path.parent

    monkeypatch.chdir(tmp_path)
    snapshot("twelve frames", make)
    return tmp_path


@pytest.fixture
def project(cli: Callable[..., tuple], here: Path, snapshot: Callable[..., Path]) -> Path:
    """Project with the twelve frames and their automatic masks; the first three are approved."""

    def make() -> Path:
        assert cli("project", "p", "index", "night", *SMALL).code == 0
        with Project("p") as project:
            for frame in (1, 2, 3):
                project.approve(frame)
        return here / "p"

    return snapshot("project of twelve frames", make)


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_frames_are_added_with_the_masks_of_the_python_api(
    cli: Callable[..., tuple], here: Path
) -> None:
    settings = ("--a-log", "500", "--contrast", "0.5", "--no-gate")
    ran = cli("project", "p", "index", "night", *SMALL, *settings)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("12 frames in p (")
    config = MaskConfig(shape=(12, 16), a_log=500, contrast=0.5, gate=False)
    with Project("p", read_only=True) as project:
        assert project.sources == [str(here / "night")]
        for frame, path in zip(project.table.id.tolist(), project.table.paths, strict=True):
            made = make_mask(read_frame(path).data, config).mask
            np.testing.assert_array_equal(project.mask(frame, "auto"), made)


@pytest.mark.parametrize("masks", [[], ["--no-masks"]])
def test_known_frames_are_not_read_again(
    cli: Callable[..., tuple], here: Path, monkeypatch: pytest.MonkeyPatch, masks: list[str]
) -> None:
    words = ("project", "p", "index", "night", "night/*_1.fits", *SMALL, *masks)
    assert cli(*words).code == 0
    before = cli("project", "p", "status", "--json").out
    assert json.loads(before)["masks"]["auto"] == (0 if masks else 12)
    monkeypatch.setattr(indexing, "read_frame", lambda path: pytest.fail(f"read {path}"))
    assert cli(*words, "--jobs", "1").code == 0
    assert cli("project", "p", "status", "--json").out == before


def test_unreadable_frames_are_named_and_the_others_added(
    cli: Callable[..., tuple], here: Path
) -> None:
    (here / "night" / "sky_3.fits").write_bytes(b"no FITS")
    ran = cli("project", "p", "index", "gone", "night", "x*.fits", *SMALL)
    assert ran.code == 1
    *failures, summary = ran.err.splitlines()
    bad = f"{here}/night/sky_3.fits"
    assert [line.partition(":")[0] for line in failures] == ["gone", "x*.fits", bad]
    assert all("; " in line for line in failures)
    assert summary.startswith("11 frames in p (3 failed; ")
    with Project("p", read_only=True) as project:
        assert project.sources == [str(here / "night")], "not those that are wrong"
    ran = cli("project", "p", "index", "gone", "night", *SMALL, "--json")
    assert (ran.code, ran.err) == (1, "")
    start, *middle, end = events(ran.out)
    assert start == {"event": "start", "total": 13}
    assert [one["file"] for one in middle if one["event"] == "failed"] == ["gone", bad]
    assert end == {"event": "end", "done": 13, "failed": 2, "frames": 11}


def test_status_as_text_and_json(cli: Callable[..., tuple], project: Path) -> None:
    with Project(project) as opened:
        opened.reject(4, "a bird")
        opened.save_mask(5, np.ones((12, 16), np.uint8))
        opened.set_class(6, "unsure")
        skies = [opened.decision(frame).frame_class for frame in (1, 2, 3)]
    ran = cli("project", project, "status", "--json")
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    assert json.loads(ran.out) == {
        "frames": 12,
        "status": {"unlabelled": 0, "auto": 7, "edited": 1, "approved": 3, "rejected": 1},
        "class": {"clear": skies.count("clear"), "cloudy": skies.count("cloudy"), "unsure": 1},
        "masks": {"auto": 12, "model": 0, "human": 4},
        "duplicates": {"same": 0, "alike": 0},
    }
    ran = cli("project", project, "status")
    assert (ran.code, ran.err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in ran.out.splitlines())
    assert lines["frames"] == "12"
    assert lines["status"] == "7 auto, 1 edited, 3 approved, 1 rejected"
    assert lines["masks"] == "12 auto, 4 human"
    assert lines["duplicates"] == "none"


def test_model_masks_are_removed_and_labels_stay(cli: Callable[..., tuple], project: Path) -> None:
    mask = np.ones((12, 16), np.uint8)
    with Project(project) as opened:
        before = opened.status()["masks"]
        made = NewMask(opened.store.save(mask, durable=False), 1.0)
        with opened.repository.transaction() as transaction:
            transaction.add_mask(1, "model", made, "unet1@0")
            transaction.add_mask(9, "model", made, "unet1@0")
    ran = cli("project", project, "remove-model-masks", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert events(ran.out)[-1]["removed"] == 2
    with Project(project, read_only=True) as opened:
        assert opened.status()["masks"] == before
    assert cli("project", "gone", "remove-model-masks").code == 2


def test_a_split_is_printed_and_saved(cli: Callable[..., tuple], project: Path) -> None:
    words = ("project", project, "split", "--percent", "50", "25", "25", "--gap-s", "60")
    ran = cli(*words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "6 train, 3 validation, 3 test\n"
        "0 left out: rejected, duplicates, or too near another part in time\n"
        "overlap: 0 identical, 0 similar in two parts\n"
    )
    counts = {"train": 6, "validation": 3, "test": 3, "left_out": 0, "same": 0, "alike": 0}
    parts = []
    for seed in ("0", "0", "7"):
        ran = cli(*words, "--seed", seed, "--json")
        assert (ran.code, ran.err, json.loads(ran.out)) == (0, "", counts)
        with Project(project, read_only=True) as opened:
            parts.append(opened.table.part.tolist())
    assert parts[0] == parts[1] != parts[2]


WRONG = [
    ("split --percent 70 20 20", "--percent: the three percentages must be 0 or more and add up"),
    ("split --percent nan 50 50", "--percent: the three percentages must be 0 or more"),
    ("split --percent 70 30", "argument --percent: expected 3 arguments"),
    ("split --gap-s inf", "--gap-s: Input should be a finite number"),
    ("split --gap-s -1", "--gap-s: Input should be greater than or equal to 0"),
    ("split --gap-s 1e6", "with a gap of 1e+06 s no frame is left for "),
    ("split --by night", "there are fewer nights (1) than parts (3); use --by block"),
    ("split --by frame", "argument --by: invalid choice: 'frame'"),
    ("index night --jobs -1", "argument --jobs: expected an integer of 0 or more"),
    ("index night --shape 1 1", "--shape: each side needs at least 8 pixels"),
    ("index", "the following arguments are required: FRAMES"),
    ("export", "the following arguments are required: --out"),
    ("export --out x --format gif", "argument --format: invalid choice: 'gif'"),
    ("export --out night", "night: holds frames of the project, and nothing is written beside"),
    ("backup --out p/copy", "p/copy: is inside the project; choose another folder"),
    ("backup --out night", "night: is not empty; choose an empty folder"),
    ("backup --out night/sky_0.fits", "night/sky_0.fits: cannot be created (File exists)"),
    ("polish", "argument ACTION: invalid choice: 'polish'"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_bad_usage_is_one_line_with_code_2_and_writes_nothing(
    cli: Callable[..., tuple], project: Path, words: str, message: str
) -> None:
    def found() -> dict[Path, bytes]:
        files = (path for path in project.parent.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files if not path.name.endswith(LOG)}

    before = found()
    ran = cli("project", "p", *words.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("napari-iris project")
    assert message in ran.err
    assert ran.err.count("\n") == 1
    assert found() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_help_with_an_example(cli: Callable[..., tuple], action: str) -> None:
    ran = cli("project", "p", action, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"usage: napari-iris project PROJECT {action} ")
    examples = ran.out.partition("examples:\n")[2].splitlines()
    assert examples
    assert all(line.startswith(f"  napari-iris project night1 {action}") for line in examples)


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"index"}))
def test_a_missing_project_gives_code_2_and_is_not_created(
    cli: Callable[..., tuple], here: Path, action: str
) -> None:
    before = sorted(here.rglob("*"))
    ran = cli("project", "gone", action, *ACTIONS[action].split())
    assert (ran.code, ran.out) == (2, "")
    fix = f"create one with: napari-iris project {here}/gone index FRAMES"
    assert ran.err == f"napari-iris project: {here}/gone: is not a project; {fix}\n"
    assert sorted(here.rglob("*")) == before


A_FRAME = {"fits": 1, "png": 2, "coco": 1, "csv": 0}


@pytest.mark.parametrize(("kind", "files"), [("fits", 4), ("png", 7), ("coco", 5), ("csv", 1)])
def test_events_of_an_export(
    cli: Callable[..., tuple], project: Path, kind: str, files: int
) -> None:
    words = ("project", project, "export", "--out", "exported", "--format", kind)
    ran = cli(*words, "--json")
    assert (ran.code, ran.err) == (0, "")
    start, *middle, end = events(ran.out)
    assert start == {"event": "start", "total": files}
    assert all(one["done"] <= files and one["eta_s"] >= 0 for one in middle)
    assert end == {"event": "end", "done": files, "failed": 0, "files": files}
    assert sum(1 for path in Path("exported").rglob("*") if path.is_file()) == files
    assert cli(*words, "--part", "test").err.startswith(f"{files - 3 * A_FRAME[kind]} files in")


def test_a_backup_names_a_lost_mask(cli: Callable[..., tuple], project: Path) -> None:
    words = ("project", "p", "backup", "--out", "copy")
    with Project(project, read_only=True) as opened:
        lost = opened.store.path(opened.mask_facts(5).name)
        count = 1 + len(set(opened.store.names()))
    whole = lost.read_bytes()
    lost.unlink()
    ran = cli(*words)
    assert (ran.code, ran.out) == (1, "")
    failure, summary = ran.err.splitlines()
    assert failure == f"{lost}: is missing; restore it from a backup"
    assert summary.startswith(f"{count - 1} files copied to copy (1 failed; ")
    lost.write_bytes(whole)
    ran = cli(*words, "--json")
    assert (ran.code, ran.err) == (0, "")
    start, *_, end = events(ran.out)
    assert start == {"event": "start", "total": count}
    assert end == {"event": "end", "done": 2, "failed": 0, "copied": 2}
    outputs = [cli("project", name, "status", "--json").out for name in ("p", "copy")]
    assert outputs[0] == outputs[1]


@pytest.mark.slow
def test_frames_are_added_while_another_process_labels(here: Path) -> None:
    words = [sys.executable, "-m", "napari_iris", "project", "p", "index", "night", *SMALL]
    first = [*words[:6], *map(str, sorted(here.glob("night/*_0.fits"))), *SMALL]
    subprocess.run(first, check=True, capture_output=True)
    with Project("p", exclusive=True, by="ada") as project:
        run = subprocess.Popen([*words, "--jobs", "2"], stderr=subprocess.PIPE, text=True)
        number = 0
        while run.poll() is None or number < 5:
            project.save_mask(1, np.full((12, 16), number % 3, np.uint8), how=f"{number}")
            number += 1
        assert run.stderr.read().startswith("12 frames in p (")
        run.stderr.close()
        assert run.returncode == 0
        assert [entry.value for entry in project.history(1) if entry.by == "ada"] == [
            f"human: {n}" for n in range(number)
        ]
        project.reload()
        assert len(project.table) == 12
        np.testing.assert_array_equal(project.mask(1), (number - 1) % 3)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_index_leaves_a_consistent_project(here: Path, jobs: str) -> None:
    for number in range(5000):
        os.link("night/sky_0.fits", f"night/link_{number}.fits")
    words = ["project", "p", "index", "night", "--jobs", jobs, "--json", *SMALL]
    command = subprocess.Popen(
        [sys.executable, "-m", "napari_iris", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in command.stdout:
        if json.loads(line).get("done", 0) > 100:
            break
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130
    assert err.strip() == "napari-iris project: interrupted; files written so far are complete"
    done = max((event["done"] for event in events(out) if "done" in event), default=101)
    with Project("p") as project:
        assert project.repository.connection.execute("PRAGMA integrity_check").fetchall() == [
            ("ok",)
        ]
        assert 100 < done <= len(project.table) < 5012
        assert all(project.mask(frame).shape == (12, 16) for frame in project.table.id.tolist())
    assert not list(Path("p").rglob("*.part"))
