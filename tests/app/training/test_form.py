"""The form of a training run: every option, the published values, models to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from napari_iris.app.form_fields import sentence
from napari_iris.app.training.form import BASIC, TrainingForm
from napari_iris.app.training.runs import Run
from napari_iris.commands.configs import NETWORK, TRAIN
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def form() -> TrainingForm:
    return TrainingForm()


def test_it_starts_with_the_published_values(form: TrainingForm) -> None:
    assert form.config == TrainConfig.of(NetworkSpec(kind="unet"))
    assert form.summary == "3,652,481 parameters"


def test_every_option_of_the_command_is_a_field(form: TrainingForm) -> None:
    assert set(form.fields) == {"kind", *NETWORK.names, *TRAIN.names}
    assert {*BASIC, *form.advanced, "masks"} == set(form.fields)
    known = {**NetworkSpec.model_fields, **TrainConfig.model_fields}
    for name, field in form.fields.items():
        assert field.tooltip == sentence(known[name].description or "")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("batch_size", "Batch size"),
        ("aug_batch_size", "Augmented copies per batch"),
        ("val_batch_size", "Validation batch size"),
        ("epochs", "Maximum epochs"),
        ("engine", "Framework"),
        ("normalisation", "Input normalization"),
    ],
)
def test_labels_are_the_words_of_the_field(form: TrainingForm, name: str, label: str) -> None:
    assert form.fields[name].label == label


def test_another_network_brings_its_published_values(form: TrainingForm) -> None:
    form.set("kind", "vgg8")
    assert form.config == TrainConfig.of(NetworkSpec(kind="vgg8"))
    assert form.summary == "3,432,417 parameters"
    form.set("kind", "unet")
    assert form.config == TrainConfig.of(NetworkSpec(kind="unet"))


def test_what_the_user_chose_outlasts_another_network(form: TrainingForm) -> None:
    form.set("batch_size", 7)
    form.set("channels", "4 8")
    form.set("kind", "vgg8")
    config = form.config
    assert config is not None
    assert (config.batch_size, config.network.channels) == (7, (4, 8))
    assert config.learning_rate == 1e-4


@pytest.mark.parametrize("typed", ["4 8 16", "4, 8, 16", "4,8,16", "4-8-16", "  4  8 16 "])
def test_channels_have_any_separator(form: TrainingForm, typed: str) -> None:
    form.set("channels", typed)
    assert form.config is not None
    assert form.config.network.channels == (4, 8, 16)


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("channels", "", "Channels: enter one number per level"),
        ("channels", "64 many", "Channels: input should be a valid integer"),
        ("channels", "64 0", "Channels must be 1"),
        ("channels", "4 4 4 4 4 4 4 4 4", "is too small; at least 512 per side"),
        ("learning_rate", "fast", "Learning rate: input should be a valid number"),
        ("learning_rate", "0", "Learning rate: input should be greater than 0"),
        ("learning_rate", "", "Learning rate: "),
        ("shape", "128", "Rows and columns: "),
        ("percent", "70 20", "Split [%]: "),
        ("gap_s", "-1", "Gap between parts [s]: input should be greater than or equal to 0"),
    ],
)
def test_what_is_not_valid_is_named(
    form: TrainingForm, name: str, typed: str, problem: str
) -> None:
    form.set(name, typed)
    assert form.config is None
    assert problem in form.problem
    assert form.summary == form.problem


def test_numbers_have_the_limits_of_the_config(form: TrainingForm) -> None:
    least = {name: field.low for name, field in form.fields.items() if field.kind == "integer"}
    assert least["epochs"] == least["batch_size"] == 1
    assert least["aug_batch_size"] == least["seed"] == 0
    assert form.fields["convolutions"].high == 2


def test_a_model_to_start_from_brings_its_network(tmp_path: Path, form: TrainingForm) -> None:
    spec = NetworkSpec(kind="vgg8", channels=(4, 8), shape=(64, 80), convolutions=1)
    scores, how = (("val_loss", 0.1),), "asinh"
    model = Run(tmp_path / "vgg1", "finished", spec, scores=scores, normalisation=how)
    none = Run(tmp_path / "unet1", "stopped", NetworkSpec(kind="unet"))
    changed = Mock()
    form.start_models_changed.connect(changed)
    form.offer_start_models([model, none])
    assert list(form.start_models) == [str(model.folder)], "only models with weights"
    assert form.start_from == ""
    form.start_with(str(model.folder))
    assert form.config is not None
    assert form.config.normalisation == "asinh"
    assert form.config.network == spec
    form.offer_start_models([none, model])
    assert form.start_from == str(model.folder), "the choice is kept"
    assert changed.call_count == 2, "the same models are not another list"
    form.offer_start_models([none])
    assert form.start_from == "", "unless the model is gone"


def test_a_model_that_turns_out_no_better_than_a_baseline_is_listed_as_such(
    tmp_path: Path, form: TrainingForm
) -> None:
    """Once its evaluation has ended, which may be after it was listed."""
    scores = (("val_loss", 0.1),)
    model = Run(tmp_path / "unet1", "finished", NetworkSpec(kind="unet"), scores=scores)
    form.offer_start_models([model])
    changed = Mock()
    form.start_models_changed.connect(changed)
    form.offer_start_models([replace(model, caution="no better than Otsu")])
    (listed,) = form.start_models.values()
    assert listed.title == "unet1 (no better than Otsu)"
    assert changed.call_count == 1


def test_adapting_brings_its_usual_values_and_takes_them_back(form: TrainingForm) -> None:
    form.set("epochs", 9)
    form.set("adapt", "/sky/night")
    assert form.is_adapting
    assert form.config == TrainConfig.of(NetworkSpec(kind="unet"), adapt="/sky/night", epochs=9)
    form.set("adapt", "")
    assert form.config == TrainConfig.of(NetworkSpec(kind="unet"), epochs=9)
