"""A prediction becomes the label; another human mask is only replaced when asked twice."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.prediction.acceptance import (
    HIDDEN,
    NO_PREDICTION,
    NO_PROJECT,
    OTHER_FRAME,
    Acceptance,
)
from napari_iris.app.prediction.source import FileSource
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.session import Session


@pytest.fixture
def project() -> Mock:
    """A project in which the frame has a human mask."""
    project = Mock(read_only=False)
    project.mask_facts.return_value = SimpleNamespace(by="Ada", method="drawn")
    project.mask.return_value = np.ones((128, 160), np.uint8)
    return project


@pytest.fixture
def decisions(curation: Any, project: Mock) -> Mock:
    curation.project, curation.row = project, 0
    return Mock(curation=curation)


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def acceptance(
    current: CurrentPrediction, source: Any, decisions: Mock, messages: list[str]
) -> Acceptance:
    acceptance = Acceptance(current, decisions)
    acceptance.message.connect(messages.append)
    return acceptance


def accepted(decisions: Mock) -> list[str]:
    return [call.args[1] for call in decisions.accept.call_args_list]


def test_the_mask_at_the_threshold_is_accepted(
    acceptance: Acceptance, current: CurrentPrediction, decisions: Mock, project: Mock
) -> None:
    project.mask_facts.return_value = None
    current.set_threshold(0.9)
    acceptance.accept()
    mask, how, _ = decisions.accept.call_args.args
    np.testing.assert_array_equal(mask, current.mask)
    assert how == "accepted from unet1@0, threshold 0.90"


def test_a_prediction_is_not_accepted_unseen(
    acceptance: Acceptance, canvas: Any, decisions: Mock, project: Mock, messages: list[str]
) -> None:
    project.mask_facts.return_value = None
    for hide in (canvas.mask.set_wanted, lambda on: canvas.mask.override(visible=on)):
        hide(False)
        acceptance.accept()
        assert accepted(decisions) == []
        assert messages[-1] == HIDDEN
        assert canvas.mask.visible
    acceptance.accept()
    assert len(accepted(decisions)) == 1


def test_after_a_stored_prediction_the_review_goes_on(
    acceptance: Acceptance, current: CurrentPrediction, decisions: Mock, project: Mock
) -> None:
    project.mask_facts.return_value = None
    acceptance.go_on = Mock()
    acceptance.accept()
    assert decisions.accept.call_args.args[2] is None, "a model's goes on with the queue"
    current.source = FileSource(Path("predictions"))
    acceptance.accept()
    assert decisions.accept.call_args.args[2] is acceptance.go_on


def test_another_human_mask_is_replaced_only_when_asked_twice(
    acceptance: Acceptance, decisions: Mock, messages: list[str]
) -> None:
    acceptance.accept()
    assert accepted(decisions) == []
    assert messages[-1].startswith("Ada has labelled this frame (drawn). Press Y again")
    acceptance.accept()
    assert len(accepted(decisions)) == 1


def test_on_another_frame_one_must_ask_twice_again(
    acceptance: Acceptance, decisions: Mock, messages: list[str], session: Session, settle: Any
) -> None:
    acceptance.accept()
    session.go_to(3)
    assert messages[-1] == ""
    session.go_to(2)
    settle()
    acceptance.accept()
    assert accepted(decisions) == []


def test_the_same_mask_is_accepted_at_once(
    acceptance: Acceptance, current: CurrentPrediction, decisions: Mock, project: Mock
) -> None:
    project.mask.return_value = current.mask
    acceptance.accept()
    assert len(accepted(decisions)) == 1


def test_a_damaged_human_mask_is_not_replaced_at_once(
    acceptance: Acceptance, decisions: Mock, project: Mock
) -> None:
    project.mask.side_effect = IrisError("it is damaged")
    acceptance.accept()
    assert accepted(decisions) == []


def test_a_read_only_project_refuses_for_itself(
    acceptance: Acceptance, decisions: Mock, project: Mock
) -> None:
    project.read_only = True
    acceptance.accept()
    assert len(accepted(decisions)) == 1, "the project raises its own error"


def test_an_edit_that_cannot_be_saved_is_not_replaced(
    acceptance: Acceptance, decisions: Mock, curation: Any, project: Mock
) -> None:
    project.mask_facts.return_value = None
    curation.save = lambda: False
    acceptance.accept()
    assert accepted(decisions) == []


@pytest.mark.parametrize(
    ("missing", "message"),
    [("prediction", NO_PREDICTION), ("project", NO_PROJECT), ("row", OTHER_FRAME)],
)
def test_what_is_missing_is_reported(
    acceptance: Acceptance,
    current: CurrentPrediction,
    curation: Any,
    decisions: Mock,
    messages: list[str],
    missing: str,
    message: str,
) -> None:
    if missing == "prediction":
        current.set_source(None)
    else:
        setattr(curation, missing, None)
    acceptance.accept()
    assert messages[-1] == message
    assert accepted(decisions) == []


def test_the_prediction_of_the_last_frame_is_not_accepted_for_this_one(
    acceptance: Acceptance, session: Session, messages: list[str], decisions: Mock
) -> None:
    session.go_to(3)
    acceptance.accept()
    assert messages[-1] == NO_PREDICTION
    assert accepted(decisions) == []
