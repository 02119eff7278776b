"""The models to predict with: chosen, kept, paired with their classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from napari_iris.app.prediction.model_choice import NO_MODEL, ModelChoice
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session


@pytest.fixture
def choice(
    session: Session, make_frames: Callable[..., Path], make_model: Callable[..., Path]
) -> ModelChoice:
    """A choice whose models lie in ``night_models``, beside the frames."""
    choice = ModelChoice(session)
    frames = make_frames(1).rename(make_frames(1).with_name("night"))
    session.show(FrameSequence(FrameIndex([str(frames)]).paths), [str(frames)])
    return choice


@pytest.fixture
def listed(choice: ModelChoice, timers: Mock) -> Callable[[], None]:
    """List the models again, and wait for that."""

    def refresh() -> None:
        choice.refresh()
        timers.wait_until(lambda: choice.list.is_current)

    return refresh


def name_of(model: object) -> str | None:
    return getattr(model, "name", None)


def test_without_models_it_says_how_to_get_one(
    choice: ModelChoice, listed: Callable[[], None]
) -> None:
    listed()
    assert choice.model is choice.classifier is None
    assert not choice.is_usable
    assert choice.summary == NO_MODEL


def test_the_first_model_is_chosen_and_kept(
    choice: ModelChoice, listed: Callable[[], None], make_model: Callable[..., Path]
) -> None:
    changed = Mock()
    choice.changed.connect(changed)
    make_model("unet2")
    make_model("vgg1", 1, "vgg8")
    listed()
    assert name_of(choice.model) == "unet2"
    assert [name_of(one) for one in choice.classifiers] == ["vgg1"]
    assert choice.classifier is None
    make_model("unet1")
    listed()
    assert name_of(choice.model) == "unet2"
    assert [name_of(one) for one in choice.models] == ["unet1", "unet2"]
    assert changed.call_count == 1


def test_a_model_that_is_trained_again_is_a_change(
    choice: ModelChoice, listed: Callable[[], None], make_model: Callable[..., Path]
) -> None:
    make_model("unet1")
    listed()
    changed = Mock()
    choice.changed.connect(changed)
    make_model("unet1", 5, metrics={"mcc": 0.5})
    listed()
    changed.assert_called_once()


def test_a_browsed_folder_is_pending_until_it_is_read(
    choice: ModelChoice,
    listed: Callable[[], None],
    timers: Mock,
    make_model: Callable[..., Path],
) -> None:
    make_model("unet1")
    listed()
    pending = Mock()
    choice.pending_changed.connect(pending)
    folder = make_model("elsewhere/unet2")
    choice.choose(folder)
    assert choice.is_pending
    assert name_of(choice.model) == "unet1"
    timers.wait_until(lambda: not choice.is_pending)
    assert choice.model is not None
    assert choice.model.folder == folder
    assert pending.call_count == 2


def test_a_browsed_classifier_leaves_the_model(
    choice: ModelChoice,
    listed: Callable[[], None],
    timers: Mock,
    make_model: Callable[..., Path],
) -> None:
    make_model("unet1")
    listed()
    choice.choose(make_model("elsewhere/vgg5", 1, "vgg8"))
    timers.wait_until(lambda: not choice.is_pending)
    assert (name_of(choice.model), name_of(choice.classifier)) == ("unet1", "vgg5")


def test_a_damaged_model_can_be_chosen_but_not_used(
    choice: ModelChoice, listed: Callable[[], None], make_model: Callable[..., Path]
) -> None:
    folder = make_model("broken")
    (folder / "model.json").write_text("{")
    listed()
    assert name_of(choice.model) == "broken"
    assert not choice.is_usable
    assert "is damaged" in choice.summary


@pytest.mark.parametrize("place", ["night", "elsewhere"])
def test_the_classifier_that_the_card_names_is_chosen(
    choice: ModelChoice,
    listed: Callable[[], None],
    timers: Mock,
    make_model: Callable[..., Path],
    place: str,
) -> None:
    """By the same rule as the command line; it is listed even where nobody looked for models."""
    inside = "" if place == "night" else "elsewhere/"
    vgg = make_model(f"{inside}vgg1", 1, "vgg8")
    unet = make_model(f"{inside}unet1", classifier="vgg1")
    make_model("unet0")
    listed()
    assert choice.classifier is None
    choice.choose(unet)
    timers.wait_until(lambda: not choice.is_pending)
    assert choice.classifier is not None
    assert choice.classifier.folder == vgg
    choice.set_model(choice.models[0].folder)
    assert name_of(choice.model) == "unet0"
    assert choice.classifier is None


def test_a_classifier_that_the_user_chose_is_kept(
    choice: ModelChoice, listed: Callable[[], None], make_model: Callable[..., Path]
) -> None:
    make_model("vgg1", 1, "vgg8")
    make_model("unet1", classifier="vgg1")
    make_model("unet2", classifier="vgg1")
    listed()
    assert name_of(choice.classifier) == "vgg1"
    choice.set_classifier(None)
    choice.set_model(choice.models[1].folder)
    listed()
    assert choice.classifier is None


def test_what_is_gone_is_no_longer_chosen(
    choice: ModelChoice, listed: Callable[[], None], make_model: Callable[..., Path]
) -> None:
    vgg, unet = make_model("vgg1", 1, "vgg8"), make_model("unet1", classifier="vgg1")
    make_model("unet2")
    listed()
    for folder in (vgg, unet):
        folder.rename(folder.with_name(f".{folder.name}"))
    listed()
    assert (name_of(choice.model), name_of(choice.classifier)) == ("unet2", None)


def test_the_models_of_an_open_project_come_first(
    choice: ModelChoice,
    session: Session,
    timers: Mock,
    make_model: Callable[..., Path],
    tmp_path: Path,
) -> None:
    make_model("unet1")
    choice.refresh()
    timers.wait_until(lambda: choice.model is not None)
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    make_model("mine").rename(project / "models" / "mine")
    session.set_project(project)
    timers.wait_until(lambda: len(choice.models) == 2)
    assert [name_of(one) for one in choice.models] == ["mine", "unet1"]
    assert name_of(choice.model) == "unet1", "the chosen one is kept"
