"""A run of frames is previewed, labelled by one decision in the background, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.curation import frame_run
from napari_iris.app.curation.actions import curation_actions
from napari_iris.app.curation.decisions import Decisions
from napari_iris.app.curation.other_masks import OtherMasks
from napari_iris.app.curation.run_labels import HIDDEN, RunLabels
from napari_iris.app.curation.teaching import Teaching
from napari_iris.app.curation.undo import Undo
from napari_iris.app.current_excess import excess_of
from napari_iris.frames.read import read_frame
from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask
from napari_iris.project.relearning import learn_nights
from napari_iris.resources import sample_night
from tests.app.curation.conftest import CLOUD_ADU, COLUMNS, ROWS, SKY_ADU, add_frames

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from tests.app.conftest import ManualTimers

LIKE, COUNT = 6, 9
"""Frames of the first run, and of the project."""

CLOUD = 16
"""Columns of cloud in the frames of the first run; the one least like the first has two more."""

LEAST = 4


@pytest.fixture
def folder(write_frame: Callable[..., Path], snapshot: Callable[..., Path], tmp_path: Path) -> Path:
    """Folder of a closed project: six frames alike, and three with more cloud."""
    return snapshot("run of frames", lambda: make_run(write_frame, tmp_path), "night")


def make_run(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    masks = []
    for number in range(COUNT):
        mask = np.zeros((ROWS, COLUMNS), np.uint8)
        mask[:, : CLOUD + 2 * (number == LEAST) if number < LIKE else 48] = 1
        mask[number, -1] = 1  # no two alike
        frame = SKY_ADU + np.random.default_rng(number).integers(-2, 3, mask.shape)
        frame[mask == 1] += CLOUD_ADU - SKY_ADU
        time = np.datetime64("2024-01-15T21:00:00") + np.timedelta64(number, "m")
        path = write_frame(f"night/{number}.fits", frame.astype(np.int16), DATE_OBS=str(time))
        masks.append(mask)
    folder = add_frames(tmp_path / "project", path.parent)
    with Project(folder) as project, project.repository.transaction() as transaction:
        for number, mask in enumerate(masks):
            name = project.store.save(mask, durable=False)
            made = NewMask(name, float(mask.mean()), method="recipe")
            transaction.add_mask(int(project.table.id[number]), "auto", made, "napari-iris")
    return folder


class Hand:
    """A person at the keys, and the disk."""

    def __init__(self, curation: Curation, timers: ManualTimers) -> None:
        self.curation, self.timers = curation, timers
        self.decisions = Decisions(curation)
        clear_sky = ClearSky(curation.session)
        self.runs = RunLabels(self.decisions, clear_sky)
        self.teaching = Teaching(self.decisions, clear_sky)
        self.undo, others = Undo(self.decisions, self.runs.jobs), OtherMasks(curation)
        self.actions = curation_actions(
            self.decisions, others, self.teaching, self.runs, self.undo, lambda: "bird"
        )
        timers.wait_until(lambda: clear_sky.is_known)

    def do(self, *actions: str) -> None:
        """Do actions, then wait for what they began."""
        for action in actions:
            self.actions[action]()
        self.timers.wait_until(lambda: not (self.runs.jobs.is_busy or self.teaching.is_busy))

    def label(self, row: int) -> Any:
        """All that a second program reads of the label of a frame."""
        assert self.curation.project is not None
        with Project(self.curation.project.folder, read_only=True) as project:
            frame = int(project.table.id[row])
            mask = project.mask(frame)
            return project.decision(frame), project.tags(frame), mask is not None and mask.tobytes()

    def labels(self) -> list[Any]:
        return [self.label(row) for row in range(COUNT)]

    def mask(self, row: int) -> Any:
        assert self.curation.project is not None
        return self.curation.project.mask(int(self.curation.project.table.id[row]))

    def statuses(self) -> list[str]:
        """Statuses in the window's table, which agrees with the disk."""
        assert self.curation.project is not None
        statuses = [self.curation.project.table.status_of(row) for row in range(COUNT)]
        assert statuses == [label[0].status for label in self.labels()]
        return statuses


@pytest.fixture
def hand(opened: Curation, timers: ManualTimers) -> Hand:
    hand = Hand(opened, timers)
    opened.session.go_to(0)
    return hand


def test_the_preview_shows_the_least_agreeing_frame_and_changes_nothing(hand: Hand) -> None:
    before = hand.labels()
    hand.do("run")
    assert hand.curation.row == LEAST
    assert hand.runs.text.splitlines() == [
        "6 frames (1 to 6), 01-15 21:00:00 to 21:05:00",
        "Ends at frame 7: cloud cover +3.2 oktas",
        "Least like frame 1: frame 5 (cloud cover +0.2 oktas)",
        "Decision: approve each mask",
    ]
    shown = []
    for _ in range(4):
        hand.do("run")
        shown.append(hand.curation.row)
    assert shown == [0, 3, 5, LEAST]
    hand.do("cancel")
    assert hand.curation.row == 0
    assert hand.runs.text == ""
    assert hand.labels() == before


def test_a_run_keeps_the_own_mask_of_each_frame(hand: Hand) -> None:
    masks = [hand.mask(row).copy() for row in range(COUNT)]
    hand.do("run", "confirm")
    assert hand.statuses() == ["approved"] * LIKE + ["auto"] * (COUNT - LIKE)
    assert hand.runs.text.splitlines()[0].startswith("3 frames (7 to 9)")  # the next run
    hand.do("cancel")
    assert hand.curation.row == LIKE
    assert hand.runs.text == "6 frames labelled: approve each mask"
    assert all(np.array_equal(hand.mask(row), masks[row]) for row in range(COUNT))
    decision, tags, _ = hand.label(2)
    assert (decision.how, decision.by) == ("approved as auto, from a run", "ada")
    assert "human" in tags


DECISIONS = [
    ("approve", "approved", "cloudy"),
    ("clear", "approved", "clear"),
    ("overcast", "approved", "cloudy"),
    ("reject", "rejected", None),
]


@pytest.mark.parametrize(("action", "status", "frame_class"), DECISIONS)
def test_one_undo_takes_every_decision_on_a_run_back(
    hand: Hand, action: str, status: str, frame_class: str | None
) -> None:
    before = hand.labels()
    hand.do("run", action, "confirm", "cancel")
    for row in range(LIKE):
        decision = hand.label(row)[0]
        assert (decision.status, decision.frame_class) == (status, frame_class)
        assert decision.how.endswith(", from a run")
        assert decision.reason == ("bird" if action == "reject" else "")
        if action in ("clear", "overcast"):
            assert (hand.mask(row) == (action == "overcast")).all()
    others = hand.labels()[LIKE:]
    assert others == before[LIKE:] or action == "clear"  # which updates the night
    hand.do("unrun")
    assert hand.runs.text == "6 frames restored"
    assert hand.labels() == [*before[:LIKE], *others]
    assert hand.statuses() == ["auto"] * COUNT


def test_a_run_called_clear_teaches_its_night(hand: Hand) -> None:
    nights: list[str] = []
    hand.decisions.called_clear.connect(nights.append)
    hand.do("run", "clear", "confirm")
    assert nights == ["2024-01-15"]
    assert "renewed" in hand.teaching.result


def test_ignored_pixels_stay_in_a_run(hand: Hand) -> None:
    assert hand.curation.editor is not None
    mask = hand.mask(0)
    mask[:4] = 2
    hand.curation.editor.set_mask(mask)
    hand.do("run", "overcast", "confirm")
    assert (hand.mask(0)[:4] == 2).all()
    assert (hand.mask(0)[4:] == 1).all()
    hand.do("unrun")
    assert np.array_equal(hand.mask(0), mask)
    assert hand.statuses()[0] == "edited"


def test_a_drawn_mask_of_the_first_frame_stays(hand: Hand) -> None:
    assert hand.curation.editor is not None
    mask = hand.mask(0)
    mask[:, :30] = 1
    hand.curation.editor.set_mask(mask)
    hand.do("run", "approve", "confirm")
    assert hand.statuses()[:LIKE] == ["approved"] * LIKE  # compared by its automatic mask
    assert np.array_equal(hand.mask(0), mask)
    assert not np.array_equal(hand.mask(1), mask)
    hand.do("unrun")
    assert hand.statuses() == ["edited"] + ["auto"] * (COUNT - 1)
    assert np.array_equal(hand.mask(0), mask)


def test_a_drawn_mask_is_carried_on_where_no_cut_is_known(hand: Hand) -> None:
    """Each frame of the run gets cloud where it is as warm as the cloud that was drawn."""
    hand.runs._clear_sky.references = type(hand.runs._clear_sky.references)()
    assert hand.curation.editor is not None
    mask = hand.mask(0)
    mask[:, CLOUD:] = 0
    mask[:, -4:] = 2
    hand.curation.editor.set_mask(mask)
    hand.do("run")
    assert hand.runs.text.endswith("Decision: carry the mask on")
    shown = hand.curation.editor.canvas.other
    assert hand.curation.row == LEAST
    hand.do("confirm")
    assert np.array_equal(hand.mask(LEAST), shown)
    assert hand.label(LEAST)[0].how == "carry the mask on, from a run"
    for row in range(LIKE):
        carried = hand.mask(row)
        assert (carried[:, -4:] == 2).all()
        cloud = CLOUD + 2 * (row == LEAST)
        assert np.mean((carried[:, :-4] == 1) == (np.arange(COLUMNS - 4) < cloud)) > 0.99
    hand.do("cancel", "unrun")
    assert hand.statuses() == ["edited"] + ["auto"] * (COUNT - 1)


def test_a_run_is_not_approved_with_its_masks_hidden(hand: Hand) -> None:
    before = hand.labels()
    hand.do("run")
    canvas = hand.curation.editor.canvas
    canvas.override(visible=False)
    hand.do("confirm")
    assert canvas.visible
    assert (hand.curation.message, hand.labels()) == (HIDDEN, before)
    hand.do("confirm")
    assert hand.statuses()[:LIKE] == ["approved"] * LIKE
    assert hand.curation.message != HIDDEN


def test_a_proposed_mask_that_was_hidden_is_proposed_again(hand: Hand) -> None:
    mask = hand.curation.editor.mask
    mask[:, -4:] = 2  # no cut is known: the mask is carried on
    hand.curation.editor.set_mask(mask)
    hand.do("run")
    canvas = hand.curation.editor.canvas
    proposed = canvas.other
    canvas.hide_other()
    canvas.override(visible=False)
    hand.do("confirm")
    assert (hand.statuses()[1], hand.curation.message) == ("auto", HIDDEN)
    assert np.array_equal(canvas.other, proposed)
    hand.do("confirm")
    assert hand.statuses()[1] == "approved"


@pytest.mark.parametrize("decision", ["clear", "overcast", "reject"])
def test_what_approves_no_mask_needs_none_in_view(hand: Hand, decision: str) -> None:
    hand.do("run", decision)
    hand.curation.editor.canvas.override(visible=False)
    hand.do("confirm")
    assert hand.statuses()[1] == ("rejected" if decision == "reject" else "approved")


def test_selected_frames_are_labelled_by_one_decision(hand: Hand) -> None:
    before = hand.labels()
    hand.curation.session.go_to(5)
    hand.do("overcast")
    hand.curation.session.select([1, 3, 5, 7])
    hand.do("run")
    assert hand.curation.row == 7, "it agrees least with the first of them"
    lines = hand.runs.text.splitlines()
    assert lines[0].startswith("3 frames (2 to 8)")
    assert lines[1] == "Selection: 4 frames selected, 1 of them labelled"
    hand.do("reject", "confirm")
    expected = ["auto", "rejected", "auto", "rejected", "auto", "approved", "auto", "rejected"]
    assert hand.statuses() == [*expected, "auto"]
    assert not len(hand.curation.session.selected)
    assert hand.runs.preview is None
    hand.do("undo", "undo")
    assert hand.labels() == before


def test_a_selection_with_nothing_to_label_says_so(hand: Hand) -> None:
    hand.curation.session.go_to(2)
    hand.do("overcast", "overcast")
    hand.curation.session.select([2, 3])
    hand.do("run")
    assert hand.runs.text == "No frame to label: 2 frames selected, 2 of them labelled."
    before = hand.labels()
    hand.do("confirm")
    assert hand.labels() == before


def test_a_label_made_between_preview_and_decision_is_kept(hand: Hand) -> None:
    hand.do("run")
    hand.curation.session.go_to(2)
    assert hand.curation.perform(lambda project, frame: project.reject(frame, "rain"))
    before = hand.label(2)
    hand.do("overcast", "confirm", "cancel")
    assert hand.label(2) == before
    assert hand.runs.text == "5 frames labelled: overcast; 1 frame left as they are"
    hand.do("unrun")
    assert hand.label(2) == before


def test_a_label_made_after_a_run_is_not_taken_back(hand: Hand) -> None:
    hand.do("run", "confirm")
    hand.curation.session.go_to(3)
    hand.do("overcast")
    before = hand.label(3)
    hand.do("unrun")
    assert hand.label(3) == before
    assert hand.statuses()[:LIKE] == ["auto"] * 3 + ["approved"] + ["auto"] * 2


def test_a_stored_label_ends_the_run(hand: Hand) -> None:
    hand.curation.session.go_to(3)
    hand.do("approve")
    hand.curation.session.go_to(0)
    hand.do("run")
    assert "Ends at frame 4: a person has labelled it" in hand.runs.text
    hand.do("confirm")
    assert hand.statuses()[:LIKE] == ["approved"] * 4 + ["auto"] * 2


def test_runs_follow_one_another_and_are_taken_back_one_by_one(hand: Hand) -> None:
    for action in ("run", "confirm", "overcast", "confirm"):
        hand.actions[action]()  # the first is perhaps still being labelled
    hand.do()
    assert hand.runs.preview is None
    assert hand.statuses() == ["approved"] * COUNT
    assert (hand.mask(LIKE) == 1).all()
    hand.do("unrun")
    assert hand.statuses() == ["approved"] * LIKE + ["auto"] * (COUNT - LIKE)
    hand.do("unrun")
    assert hand.statuses() == ["auto"] * COUNT
    hand.do("unrun")
    assert hand.runs.text == "There is no run to undo"


def test_the_key_of_undo_takes_decisions_and_runs_back_in_turn(hand: Hand) -> None:
    before = hand.labels()
    hand.do("run", "confirm", "cancel")
    labelled = hand.labels()
    assert hand.curation.row == LIKE
    hand.do("overcast")
    hand.do("undo")
    assert (hand.curation.row, hand.labels()) == (LIKE, labelled)
    hand.do("undo")
    assert (hand.curation.row, hand.labels()) == (0, before)
    hand.do("undo")
    assert hand.curation.message == "Nothing to undo."


def test_undo_does_not_take_a_run_back_twice(hand: Hand) -> None:
    hand.do("overcast", "run", "confirm", "cancel", "unrun", "undo")
    assert hand.curation.row == 0
    assert hand.statuses() == ["auto"] * COUNT


def test_undo_stops_a_run_that_is_being_labelled(hand: Hand) -> None:
    before = hand.labels()
    for action in ("run", "confirm", "unrun"):
        hand.actions[action]()
    hand.do()
    assert hand.labels() == before


def test_the_last_run_is_taken_back_after_the_window_was_killed(
    hand: Hand, curation: Curation, folder: Path, timers: ManualTimers
) -> None:
    before = hand.labels()
    hand.do("run", "confirm")
    curation.open(Project(folder, by="ada"))
    again = Hand(curation, timers)
    again.do("unrun")
    assert again.labels() == before


def test_another_project_ends_preview_and_undo(
    hand: Hand, curation: Curation, tmp_path: Path, write_night: Callable[..., Path]
) -> None:
    hand.do("run")
    curation.open(Project(add_frames(tmp_path / "other", write_night(2, "other")), by="ada"))
    assert hand.runs.preview is None
    hand.do("confirm", "unrun")
    assert hand.runs.text == "There is no run to undo"


def test_a_frame_that_cannot_be_labelled_is_named(hand: Hand) -> None:
    project = hand.curation.project
    assert project is not None
    mask = project.mask_facts(int(project.table.id[3]), "auto")
    assert mask is not None
    project.store.path(mask.name).unlink()
    hand.do("run", "confirm", "cancel")
    statuses = [project.table.status_of(row) for row in range(LIKE)]
    assert statuses == ["approved"] * 3 + ["auto"] + ["approved"] * 2
    assert hand.runs.text.startswith("5 frames labelled: approve each mask; 1 frame failed: ")
    assert "is missing" in hand.runs.text


def test_without_a_reference_there_is_no_cut(hand: Hand) -> None:
    hand.runs._clear_sky.references = type(hand.runs._clear_sky.references)()
    hand.do("run", "raise")
    assert hand.runs.preview is not None
    assert hand.runs.preview.decision.kind == "approve"
    assert hand.curation.message.startswith("No cut: ")


def test_keys_of_decisions_decide_on_the_frame_without_a_preview(hand: Hand) -> None:
    hand.do("overcast")
    assert hand.statuses() == ["approved"] + ["auto"] * (COUNT - 1)
    hand.do("confirm", "cancel")
    assert hand.statuses() == ["approved"] + ["auto"] * (COUNT - 1)


@pytest.mark.slow
def test_a_cut_follows_the_clear_sky_from_frame_to_frame(
    curation: Curation, tmp_path: Path, timers: ManualTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the sample night, whose camera drifts: each frame is cut above its own clear sky."""
    wide_gap = np.timedelta64(9, "h")
    limits = {"LEVEL_ADU": 1e4, "FLOOR_ADU": 1e4, "OKTA": 1.0, "LONG_GAP": wide_gap}
    for name, wide in limits.items():
        monkeypatch.setattr(frame_run, name, wide)
    folder, paths = tmp_path / "sample", sorted(sample_night().glob("*.fits*"))[8:18]
    with Project(folder) as project:
        references = learn_nights(folder, sorted(sample_night().glob("*.fits*")))
        list(index(project, paths, MaskConfig(), jobs=1, references=references))
        covers = project.table.cloud_fraction
    first = int(np.argmin(np.abs(covers - 0.5)[:5]))
    rows = list(range(first, len(paths)))
    curation.open(Project(folder, exclusive=True, by="ada"))
    hand = Hand(curation, timers)
    curation.session.go_to(first)
    before = [hand.mask(row) for row in rows]
    hand.do("run", "raise")
    assert hand.runs.preview is not None
    cut = hand.runs.preview.best_cut
    assert hand.runs.preview.decision.cut == cut
    assert "ADU above the clear sky (fit " in hand.runs.text
    hand.do(*["raise"] * 5)
    assert hand.curation.editor is not None
    shown = hand.curation.editor.canvas.other  # the proposal on the least agreeing frame
    assert shown is not None
    least = hand.curation.row - first
    hand.do("confirm")
    after = [hand.mask(row) for row in rows]
    assert np.array_equal(after[least], shown)
    for row, mask, earlier in zip(rows, after, before, strict=True):
        assert hand.label(row)[0].how == f"cut {cut + 60:.0f} ADU above the clear sky, from a run"
        excess = excess_of(read_frame(paths[row]), hand.runs._clear_sky.references, mask.shape)
        assert excess is not None
        np.testing.assert_array_equal(mask == 1, (excess > cut + 60) & (earlier != 2))
    hand.do("unrun")
    assert all(map(np.array_equal, before, [hand.mask(row) for row in rows]))
    curation.session.go_to(first)
    for _ in range(2):  # also after the preview was left
        hand.do("run")
        assert hand.runs.preview.decision.cut == cut + 60, "the last cut of the night goes on"
        hand.do("cancel")


def test_after_a_run_was_cancelled_the_next_one_is_half_as_long(hand: Hand) -> None:
    hand.do("run", "cancel", "run")
    assert hand.runs.preview is not None
    assert hand.runs.preview.run.rows.tolist() == [0, 1]
    hand.do("confirm")
    assert hand.statuses() == ["approved"] * 2 + ["auto"] * (COUNT - 2)
    assert hand.runs.preview.run.rows.tolist() == [2]
    hand.do("confirm")
    assert hand.runs.preview.run.rows.tolist() == [3]
    hand.do("confirm")
    assert hand.runs.preview.run.rows.tolist() == [4, 5], "that frame is where a run begins"
