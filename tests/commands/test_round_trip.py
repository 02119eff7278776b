"""A config is the same again after it was written as a command and parsed by the command line."""

from __future__ import annotations

import re
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from napari_iris.cli.main import main, module_of
from napari_iris.commands.configs import (
    EVALUATE,
    EXPORT,
    MASK,
    PREDICT,
    REBIN,
    SIMULATE,
    SPLIT,
    WATCH,
)
from napari_iris.commands.options import Options, option_words
from napari_iris.commands.write import (
    backup_command,
    evaluate_command,
    export_command,
    index_command,
    mask_command,
    predict_command,
    remake_command,
    take_command,
)
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.exporters.export import ExportConfig
from napari_iris.inference.config import EngineName, Precision, PredictConfig
from napari_iris.labels import STATUSES
from napari_iris.masks.config import MaskConfig
from napari_iris.observatory.config import WatchConfig
from napari_iris.project.split_config import SplitConfig
from napari_iris.sky.config import SeriesConfig

if TYPE_CHECKING:
    from argparse import Namespace

SIDES = st.tuples(st.integers(8, 4096), st.integers(8, 4096))
PART = st.floats(0, 1) | st.none()
SEED = st.integers(0, 2**40)
MASKS = st.sampled_from(["approved", "best", "auto", "model"])

masks = st.builds(
    MaskConfig,
    shape=SIDES,
    a_log=st.floats(0, 1e12, exclude_min=True),
    contrast=st.floats(0, 10, exclude_min=True),
    gate=st.booleans(),
)
predictions: dict[str, st.SearchStrategy[Any]] = {
    "batch_size": st.integers(1, 1024),
    "threshold": PART,
    "engine": st.sampled_from(get_args(EngineName)),
    "precision": st.sampled_from(get_args(Precision)),
    "turned": st.booleans(),
}
skies: dict[str, st.SearchStrategy[Any]] = {
    "count": st.integers(1, 10**6),
    "sky": st.sampled_from(["clear", "cloudy", "overcast", "mixed"]),
    "seed": SEED,
}
CONFIGS: dict[tuple[str, ...], st.SearchStrategy[Any]] = {
    ("mask",): masks,
    ("rebin",): st.builds(MaskConfig, shape=SIDES),
    ("simulate",): st.builds(
        SeriesConfig, **skies, nights=st.integers(0, 100), cameras=st.just("tau2")
    )
    | st.builds(SeriesConfig, **skies, nights=st.just(0), cameras=st.just("any")),
    ("predict",): st.builds(PredictConfig, **predictions),
    ("watch",): st.builds(
        WatchConfig,
        **predictions,
        settle_s=st.floats(0, 3600),
        reuse=st.booleans(),
        unsafe_above=st.floats(50, 100),
        safe_below=st.floats(0, 50),
        hold=st.floats(0, 86400),
        max_age=st.floats(0, 86400, exclude_min=True),
        min_trust=st.floats(0, 1),
        max_novelty=st.floats(0, 1000),
    ),
    ("evaluate",): st.builds(
        EvaluateConfig,
        threshold=PART,
        masks=MASKS,
        reference=st.sampled_from(["auto", "none", "a b.fits"]),
        site_mask=st.sampled_from(["auto", "none", "a b.fits"]),
        accepted=st.booleans(),
        resamples=st.integers(100, 10**6),
        seed=SEED,
        jobs=st.integers(0, 64),
    ),
    ("project", "index"): masks,
    ("project", "split"): st.builds(
        SplitConfig,
        percent=st.sampled_from([(60.0, 25.5, 14.5), (70.0, 20.0, 10.0), (100.0, 0.0, 0.0)]),
        by=st.sampled_from(["auto", "night", "block"]),
        gap_s=st.floats(0, 1e9),
        seed=SEED,
    ),
    ("project", "export"): st.builds(
        ExportConfig,
        format=st.sampled_from(["fits", "png", "coco", "csv"]),
        status=st.lists(st.sampled_from(STATUSES), min_size=1, unique=True).map(tuple),
        tag=st.sampled_from(["best", "auto", "model", "human"]),
        part=st.sampled_from([None, "train", "validation", "test"]),
    ),
}
OF_COMMAND: dict[tuple[str, ...], Options[Any]] = {
    ("mask",): MASK,
    ("rebin",): REBIN,
    ("simulate",): SIMULATE,
    ("predict",): PREDICT,
    ("watch",): WATCH,
    ("evaluate",): EVALUATE,
    ("project", "index"): MASK,
    ("project", "split"): SPLIT,
    ("project", "export"): EXPORT,
}
PATHS: dict[tuple[str, ...], list[str]] = {
    ("mask",): ["mask", "a b.fits", "night/", "--out", "o"],
    ("rebin",): ["rebin", "night/", "--out", "o"],
    ("simulate",): ["simulate", "o"],
    ("predict",): ["predict", "unet-lwir", "night/", "--out", "o"],
    ("watch",): ["watch", "night/", "--out", "o"],
    ("evaluate",): ["evaluate", "p", "t", "--out", "o"],
    ("project", "index"): ["project", "p", "index", "night/"],
    ("project", "split"): ["project", "p", "split"],
    ("project", "export"): ["project", "p", "export", "--out", "o"],
}
"""Each command without the options of its config."""


def parsed(words: list[str]) -> Namespace:
    """Options that the command line gives to a command."""
    found: list[Namespace] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module(module_of(words[0])), "run", lambda one: found.append(one) or 0)
        assert main(words) == 0
    return found[0]


def default_of(options: Options[Any]) -> BaseModel:
    required = {"count": 1} if options.config is SeriesConfig else {}
    return options.config(**required)


@pytest.mark.parametrize("name", OF_COMMAND, ids=" ".join)
@given(data=st.data())
def test_the_command_line_parses_the_config_that_was_written(
    name: tuple[str, ...], data: st.DataObject
) -> None:
    config, options = data.draw(CONFIGS[name]), OF_COMMAND[name]
    assert set(options.names) <= config.model_fields_set, "vary new fields above, too"
    for default in (None, default_of(options)):
        words = [*PATHS[name], *options.words(config, default)]
        if name == ("simulate",) and "--count" not in words:
            words += ["--count", "1"]
        assert options.read(parsed(words)) == config


@pytest.mark.parametrize("name", OF_COMMAND, ids=" ".join)
def test_defaults_are_left_out(name: tuple[str, ...]) -> None:
    options = OF_COMMAND[name]
    assert options.words(default_of(options), default_of(options)) == []


FRAMES = ["/sky/it's 1", "/sky/2/*.fits"]


def test_masks() -> None:
    words = mask_command(FRAMES, "out dir", MaskConfig(contrast=0.5, gate=False))
    assert words == [
        *("mask", *FRAMES, "--out", "out dir", "--contrast", "0.5", "--no-gate"),
    ]
    options = parsed(words)
    assert (options.frames, str(options.out)) == (FRAMES, "out dir")


@pytest.mark.parametrize("classifier", [None, "none", "/models/vgg 1"])
def test_predictions(classifier: str | None) -> None:
    words = predict_command("unet-lwir", FRAMES, "o", PredictConfig(threshold=0.25), classifier)
    options = parsed(words)
    assert (options.model, options.frames, str(options.out)) == ("unet-lwir", FRAMES, "o")
    assert options.classifier == classifier
    assert options.threshold == 0.25


@pytest.mark.parametrize("figures", [True, False])
def test_an_evaluation(figures: bool) -> None:
    words = evaluate_command("p", "t", "o", EvaluateConfig(masks="best"), figures=figures)
    options = parsed(words)
    assert [str(one) for one in (options.predictions, options.truth, options.out)] == list("pto")
    assert options.figures == figures
    assert options.masks == "best"


def test_project_actions() -> None:
    index = parsed(index_command("night 1", FRAMES, MaskConfig(gate=False)))
    assert (str(index.project), index.action, index.frames) == ("night 1", "index", FRAMES)
    assert not index.gate
    assert index_command("p", ["a"]) == ["project", "p", "index", "a"]
    take = parsed(take_command("night 1", "pred 1"))
    assert (str(take.project), take.action, str(take.predictions)) == ("night 1", "take", "pred 1")
    remake = parsed(remake_command("night 1", MaskConfig(contrast=0.5)))
    assert (str(remake.project), remake.action) == ("night 1", "remake-masks")
    assert remake.contrast == 0.5
    export = parsed(export_command("night 1", "out", ExportConfig(format="png", part="test")))
    assert (str(export.out), export.action) == ("out", "export")
    assert (export.format, export.part, export.status) == ("png", "test", ("approved",))
    backup = parsed(backup_command("night 1", "out"))
    assert (str(backup.project), backup.action, str(backup.out)) == ("night 1", "backup", "out")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mask", "a", "--contrast", "x"], "--contrast: invalid float value: 'x'"),
        (["mask", "a", "--contrast", "11"], "--contrast: .*less than or equal to 10 .got 11.0."),
        (["mask", "a", "--shape", "9"], "--shape: expected 2 arguments"),
        (["train", "unet", "d", "--engine", "torch"], "--engine: invalid choice"),
        (["train", "unet", "d", "--channels", "0"], "channels must be"),
    ],
)
def test_an_invalid_option_is_named(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(SystemExit):  # argparse ends the process itself
        main([*words, "--out", "o"])
    assert re.search(message, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("value", "word"),
    [(1e5, "100000"), (0.1 + 0.2, "0.30000000000000004"), (1e-8, "1e-08"), (1e300, "1e+300")],
)
def test_numbers_are_short_and_exact(value: float, word: str) -> None:
    assert list(option_words("x", value)) == ["--x", word]
