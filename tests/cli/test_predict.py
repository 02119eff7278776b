"""``napari-iris predict``: frames in, probabilities and a table out; problems are named."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from scipy.special import expit

from napari_iris.frames.rebin import rebin
from napari_iris.networks.card import ModelCard, read_card, write_card
from napari_iris.networks.find import find_classifier, find_model
from napari_iris.networks.novelty import fit_novelty
from napari_iris.networks.plan import weight_shapes
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, save_weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHAPE = (16, 20)
COMPUTES = [pytest.mark.slow, pytest.mark.learning]
"""OpenVINO has threads of its own, beside which no other test may fork."""


def warm_is_cloud(spec: NetworkSpec) -> dict[str, np.ndarray]:
    """Weights of a network whose logit is 8 times what a pixel (a VGG8: the frame) is above 0.5."""
    weights = {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(spec).items()}
    for name, value in weights.items():
        if value.ndim == 4:
            value[1, 1, 0, 0] = 1
        elif name == "dense/kernel":  # of the first filter's pixels
            value[:: spec.channels[-1], 0] = spec.channels[-1] / len(value)
    if spec.kind == "unet":
        weights["logit/kernel"] *= 8
    else:
        weights["logit/kernel"][0] = 8
    weights["logit/bias"][:] = -4
    return weights


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Folder of a U-Net and a VGG8 that take what is warm for cloud."""
    for kind, shape in (("unet", SHAPE), ("vgg8", (12, 18))):
        spec = NetworkSpec.model_validate({"kind": kind, "channels": [2], "shape": shape})
        folder = tmp_path / "models" / kind
        folder.mkdir(parents=True)
        save_weights(folder / WEIGHTS, warm_is_cloud(spec))
        write_card(folder, ModelCard.of(spec, normalisation="full-scale"))
    return tmp_path / "models"


def sky(cloud: float, seed: int = 0, shape: tuple[int, int] = (32, 40)) -> np.ndarray:
    """A frame within 0..1: so much of it cloud at 0.9, the rest sky at 0.1."""
    data = np.full(shape, 0.1, np.float32)
    data[: round(shape[0] * cloud)] = 0.9
    return data + np.random.default_rng(seed).uniform(0, 0.02, shape).astype(np.float32)


@pytest.fixture
def night(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    """Four frames, the first two of them clear."""
    for number, cloud in enumerate((0, 0, 0.75, 1)):
        write_frame(f"night/sky_{number}.fits", sky(cloud, number), DATE_OBS="2024-01-15")
    return tmp_path / "night"


def table(out: Path) -> list[dict[str, str]]:
    with (out / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def events(ran: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


class TestPredicts:
    pytestmark = COMPUTES

    def test_each_frame_gives_a_probability_and_a_line(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        words = ("--precision", "float32", "--batch-size", "3")
        ran = cli("predict", models / "unet", night, "--out", out, *words)
        assert ran.code == 0
        assert ran.out == ""
        assert ran.err.startswith(f"4 predictions in {out} (2 clear, 2 cloudy; ")
        rows = table(out)
        assert [row["sky"] for row in rows] == ["clear", "clear", "cloudy", "cloudy"]
        assert [float(row["cloud_fraction"]) for row in rows] == [0, 0, 0.75, 1]
        assert list(rows[0]) == [
            *("frame", "date_obs", "p_cloud", "sky", "cloud_fraction", "uncertainty", "model"),
            *("threshold", "prediction", "run", "trust", "reference", "level", "median_excess"),
            *("clear_part", "cloud_part", "undecided_part", "novelty", "unlike"),
        ]
        for path, row in zip(sorted(night.iterdir()), rows, strict=True):
            assert row["frame"] == str(path)
            assert row["date_obs"] == "2024-01-15T00:00:00.000000"
            with fits.open(out / f"{path.stem}_pred.fits") as units:
                units.verify("exception")
                binned = rebin(fits.getdata(path), SHAPE)
                np.testing.assert_array_equal(units[0].data, binned)
                assert units[0].header["DATE-OBS"] == "2024-01-15"
                assert units[1].data.dtype == np.dtype(">f4")
                np.testing.assert_allclose(units[1].data, expit(8 * binned - 4), atol=1e-5)
                cards = units["PROB"].header
                assert cards["MODELID"] == row["model"]
                assert cards["MODELID"].startswith("unet@")
                assert cards["THRESH"] == 0.5
                assert cards["CLDFRAC"] == float(row["cloud_fraction"])
                assert "PCLOUD" not in cards

    def test_pixels_that_never_show_the_sky_have_no_probability(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        hidden = np.zeros(SHAPE, bool)
        hidden[:4] = True  # the upper quarter, cloud in the third frame
        fits.writeto(tmp_path / "site.fits", hidden.repeat(2, 0).repeat(2, 1).astype(np.uint8))
        out, words = tmp_path / "out", ("--precision", "float32")
        cli("predict", models / "unet", night, "--out", out, *words)
        before = fits.getheader(out / "sky_2_pred.fits", 1)
        ran = cli(
            "predict",
            models / "unet",
            night,
            "--out",
            out,
            *words,
            "--site-mask",
            tmp_path / "site.fits",
        )
        assert "4 predictions" in ran.err
        assert "predicted earlier" not in ran.err, "another site mask: predicted again"
        with fits.open(out / "sky_2_pred.fits") as units:
            assert np.array_equal(np.isnan(units[1].data), hidden)
            assert units[1].header["FRAMEID"] == before["FRAMEID"], "the frame is the same"
            assert "SITEMASK" in units[0].header
        assert [float(row["cloud_fraction"]) for row in table(out)][2] == pytest.approx(2 / 3)

    def test_it_says_how_many_frames_are_unlike_the_training_frames(
        self,
        cli: Callable[..., Any],
        models: Path,
        write_frame: Callable[..., Path],
        tmp_path: Path,
    ) -> None:
        shape = (64, 80)
        rng = np.random.default_rng(8)
        known = [sky(rng.uniform(0.2, 0.8), seed, shape) for seed in range(100)]
        spec = NetworkSpec(kind="unet", channels=(2,), shape=shape)
        (tmp_path / "large").mkdir()
        save_weights(tmp_path / "large" / WEIGHTS, warm_is_cloud(spec))
        card = ModelCard.of(spec, normalisation="full-scale", novelty=fit_novelty(known))
        write_card(tmp_path / "large", card)
        write_frame("night/a.fits", sky(0.5, 1000, shape))
        write_frame("night/b.fits", rng.random(shape).astype(np.float32))
        words = ("predict", tmp_path / "large", tmp_path / "night", "--out")
        ran = cli(*words, tmp_path / "out")
        assert "1 of 2 frames are unlike the training frames of large" in ran.err
        assert [row["unlike"] for row in table(tmp_path / "out")] == ["no", "yes"]
        assert events(cli(*words, tmp_path / "again", "--json"))[-1]["unlike"] == 1

    def test_frames_that_the_classifier_calls_clear_are_not_segmented(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        words = (night, "--out", out, "--classifier", models / "vgg8", "--precision", "float32")
        ran = cli("predict", models / "unet", *words, "--json")
        assert ran.code == 0
        assert [row["sky"] for row in table(out)] == ["clear", "clear", "cloudy", "cloudy"]
        for number, row in enumerate(table(out)):
            found = fits.getdata(out / f"sky_{number}_pred.fits", "PROB")
            cards = fits.getheader(out / f"sky_{number}_pred.fits", "PROB")
            assert found.any() == (number > 1)
            assert cards["PCLOUD"] == pytest.approx(float(row["p_cloud"]), abs=1e-6)
            assert (cards["PCLOUD"] >= 0.5) == (number > 1)
            assert "+vgg8@" in cards["MODELID"]
        end = events(ran)[-1]
        assert end["predictions"] == {"clear": 2, "cloudy": 2}
        assert end["model"] == table(out)[0]["model"]
        assert (end["engine"], end["precision"]) == ("openvino", "float32")

    def test_a_classifier_alone_tells_clear_frames_from_cloudy_ones(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        words = ("predict", models / "vgg8", night, "--out", out, "--precision", "float32")
        assert cli(*words).code == 0
        assert [row["sky"] for row in table(out)] == ["clear", "clear", "cloudy", "cloudy"]
        for number, row in enumerate(table(out)):
            found, cards = fits.getdata(out / f"sky_{number}_pred.fits", "PROB", header=True)
            assert cards["PCLOUD"] == pytest.approx(float(row["p_cloud"]), abs=1e-6)
            np.testing.assert_allclose(found, cards["PCLOUD"], rtol=1e-6)
            assert row["cloud_fraction"] == ""
            assert "CLDFRAC" not in cards
            assert row["model"].startswith("vgg8@")
        assert cli(*words, "--threshold", "0.001").code == 0
        assert {row["sky"] for row in table(out)} == {"cloudy"}

    def test_events_tell_of_every_frame(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        (night / "sky_1.fits").write_bytes(b"no FITS")
        words = ("predict", models / "unet", night, tmp_path / "gone.fits", "--out", tmp_path / "o")
        ran = cli(*words, "--json")
        assert ran.code == 1
        assert ran.err == ""
        found = events(ran)
        assert found[0] == {"event": "start", "total": 5}
        failed = [event for event in found if event["event"] == "failed"]
        assert [event["file"] for event in failed] == [
            str(tmp_path / "gone.fits"),
            str(night / "sky_1.fits"),
        ]
        progress = [event for event in found if event["event"] == "progress"]
        assert progress[-1]["done"] == progress[-1]["total"] == 5
        end = found[-1]
        assert (end["event"], end["done"], end["failed"], end["done_before"]) == ("end", 5, 2, 0)

    def test_the_same_command_does_what_is_left_and_another_threshold_all(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        words = ("predict", models / "unet", night, "--out", out, "--json")
        (night / "sky_3.fits").rename(tmp_path / "later.fits")
        assert cli(*words).code == 0
        (tmp_path / "later.fits").rename(night / "sky_3.fits")
        end = events(cli(*words))[-1]
        assert (end["done_before"], end["predictions"]) == (3, {"cloudy": 1})
        before = (out / "predictions.csv").read_bytes()
        assert events(cli(*words))[-1]["done_before"] == 4
        assert (out / "predictions.csv").read_bytes() == before
        for number, row in enumerate(table(out)):
            assert float(row["cloud_fraction"]) == (0, 0, 0.75, 1)[number]
        end = events(cli(*words, "--threshold", "0"))[-1]
        assert (end["done_before"], end["predictions"]) == (0, {"cloudy": 4})
        assert [float(row["cloud_fraction"]) for row in table(out)] == [1] * 4
        assert fits.getheader(out / "sky_0_pred.fits", "PROB")["THRESH"] == 0

    def test_a_plane_and_a_unit_can_be_chosen(
        self,
        cli: Callable[..., Any],
        models: Path,
        tmp_path: Path,
        write_frame: Callable[..., Path],
    ) -> None:
        cube = write_frame("cube.fits", np.stack([sky(0), sky(1)]))
        units = fits.HDUList([fits.PrimaryHDU(sky(0)), fits.ImageHDU(sky(0.5))])
        units.writeto(tmp_path / "units.fits")
        out = tmp_path / "out"
        for plane, fraction in ((1, 1), (0, 0)):
            ran = cli("predict", models / "unet", cube, "--out", out, "--plane", plane)
            assert ran.code == 0
            assert float(table(out)[0]["cloud_fraction"]) == fraction
        ran = cli("predict", models / "unet", tmp_path / "units.fits", "--out", out, "--hdu", 1)
        assert ran.code == 0
        assert [float(row["cloud_fraction"]) for row in table(out)] == [0, 0.5]

    @pytest.mark.parametrize("shape", [(8, 9), (16, 20), (37, 53), (512, 640), (1040, 1392)])
    @pytest.mark.parametrize("turned", [False, True])
    def test_frames_may_be_of_any_size_and_have_blanks(
        self,
        cli: Callable[..., Any],
        models: Path,
        tmp_path: Path,
        write_frame: Callable[..., Path],
        shape: tuple[int, int],
        *,
        turned: bool,
    ) -> None:
        data = sky(0.5, shape=shape)
        data[:, : shape[1] // 4] = np.nan
        words = ("--out", tmp_path / "out", *(["--turned"] if turned else []))
        ran = cli("predict", models / "unet", write_frame("a.fits", data), *words)
        assert ran.code == 0
        found = fits.getdata(tmp_path / "out" / "a_pred.fits", "PROB")
        frame = fits.getdata(tmp_path / "out" / "a_pred.fits", 0)
        assert found.shape == SHAPE
        np.testing.assert_array_equal(np.isnan(found), np.isnan(frame))
        assert 0 < np.isnan(found).mean() < 0.5
        assert np.nanmin(found) >= 0
        assert np.nanmax(found) <= 1
        assert float(table(tmp_path / "out")[0]["cloud_fraction"]) == pytest.approx(0.5, abs=0.1)

    def test_the_awkward_files_of_the_world_are_predicted_or_named(
        self, cli: Callable[..., Any], models: Path, tmp_path: Path, shared_data: Path
    ) -> None:
        sources = [shared_data / name / "**" / "*" for name in ("odd_fits", "allsky", "lwir/raw")]
        ran = cli("predict", models / "unet", *sources, "--out", tmp_path / "out")
        assert ran.code == 1
        *lines, summary = ran.err.splitlines()
        assert all(line.startswith(str(shared_data)) and "; " in line for line in lines)
        assert f"{len(lines)} failed" in summary
        rows = table(tmp_path / "out")
        frames = {row["frame"] for row in rows}
        assert len(rows) > 20
        assert not any(line.split(": ")[0] in frames for line in lines)
        assert str(shared_data / "lwir" / "raw" / "cloud_sky_sample.fits") in frames
        for path in (tmp_path / "out").glob("*_pred.fits"):
            found = fits.getdata(path, "PROB")
            seen = found[~np.isnan(found)]
            assert seen.size
            assert 0 <= seen.min() <= seen.max() <= 1

    @pytest.mark.skipif(
        not (find_spec("tensorflow") and find_spec("flax")),
        reason="TensorFlow or Flax is not installed",
    )
    def test_every_engine_writes_the_same(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        for engine in ("openvino", "keras", "flax"):
            words = ("--out", tmp_path / engine, "--classifier", models / "vgg8", "--json")
            chosen = ("--engine", engine, "--precision", "float32")
            ran = cli("predict", models / "unet", night, *words, *chosen)
            assert ran.code == 0
            assert events(ran)[-1]["engine"] == engine
            for row, first in zip(
                table(tmp_path / engine), table(tmp_path / "openvino"), strict=True
            ):
                assert (row["frame"], row["sky"]) == (first["frame"], first["sky"])
                assert row["cloud_fraction"] == first["cloud_fraction"]
                assert row["model"] == first["model"]
                assert float(row["p_cloud"]) == pytest.approx(float(first["p_cloud"]), abs=1e-5)
            for path in (tmp_path / "openvino").glob("*.fits"):
                one, other = (
                    fits.getdata(folder / path.name, "PROB")
                    for folder in (tmp_path / "openvino", tmp_path / engine)
                )
                np.testing.assert_allclose(one, other, atol=1e-5)

    def test_namesakes_of_two_nights_lie_side_by_side(
        self,
        cli: Callable[..., Any],
        models: Path,
        night: Path,
        tmp_path: Path,
        write_frame: Callable[..., Path],
    ) -> None:
        other = write_frame("other/sky_0.fits", sky(1))
        ran = cli("predict", models / "unet", night, other, "--out", tmp_path / "out")
        assert ran.code == 0
        first, *_, last = table(tmp_path / "out")
        assert (first["frame"], first["cloud_fraction"]) == (str(night / "sky_0.fits"), "0.0")
        assert (last["frame"], last["cloud_fraction"]) == (str(other), "1.0")
        assert last["prediction"] == "other/sky_0_pred.fits"
        assert fits.getheader(tmp_path / "out" / last["prediction"], 1)["FRAME"] == str(other)

    def test_one_frame_at_another_threshold_leaves_the_night_s_table(
        self, cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
    ) -> None:
        words = ("--out", tmp_path / "out")
        assert cli("predict", models / "unet", night, *words).code == 0
        before = {row["frame"]: row for row in table(tmp_path / "out")}
        words = (night / "sky_2.fits", *words, "--threshold", "0")
        assert cli("predict", models / "unet", *words).code == 0
        after = {row["frame"]: row for row in table(tmp_path / "out")}
        assert set(after) == set(before)
        for frame, row in after.items():
            if frame == str(night / "sky_2.fits"):
                assert (row["threshold"], row["cloud_fraction"]) == ("0.0", "1.0")
            else:
                assert row == before[frame]


@pytest.mark.slow
@pytest.mark.learning
def test_a_model_no_better_than_a_baseline_says_so(
    cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
) -> None:
    card = read_card(models / "unet").model_copy(update={"metrics": {"mcc": 0.0}})
    write_card(models / "unet", card)
    ran = cli("predict", models / "unet", night, "--out", tmp_path / "out")
    assert ran.code == 0
    assert "unet: no better than Always cloud on its own frames\n" in ran.err


@pytest.mark.slow
@pytest.mark.learning
def test_the_classifier_named_in_the_card_is_used(
    cli: Callable[..., Any], models: Path, night: Path, tmp_path: Path
) -> None:
    card = read_card(models / "unet").model_copy(update={"classifier": "vgg8"})
    write_card(models / "unet", card)
    words = ("predict", models / "unet", night, "--out")
    ran = cli(*words, tmp_path / "after")
    assert ran.code == 0
    first = ran.err.splitlines()[0]
    assert first == (
        f"{models / 'unet'}: classifier vgg8, as named in its card; for none: --classifier none"
    )
    assert {row["model"].count("+vgg8@") for row in table(tmp_path / "after")} == {1}
    ran = cli(*words, tmp_path / "alone", "--classifier", "none")
    assert "as its card says" not in ran.err
    assert {row["p_cloud"] for row in table(tmp_path / "alone")} == {""}
    shutil.rmtree(models / "vgg8")
    ran = cli(*words, tmp_path / "out")
    assert ran.code == 2
    assert "requires the classifier vgg8, which is missing; give --classifier MODEL, or" in ran.err


def test_the_shipped_unet_names_the_shipped_classifier() -> None:
    assert find_classifier("unet-lwir") == find_model("unet-lwir").with_name("vgg8-lwir")
    assert find_classifier("vgg8-lwir") is None


def broken(folder: Path, name: str) -> Path:
    """Cut a file of a model short."""
    path = folder / name
    path.write_bytes(path.read_bytes()[:-30])
    return folder


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (lambda m: [m / "none"], "is not a model; give a model folder"),
        (lambda m: ["unet-of-nobody"], "is not a model; give a model folder"),
        (lambda m: [broken(m / "unet", "model.json")], "model.json: is damaged"),
        (lambda m: [broken(m / "unet", WEIGHTS)], "weights.safetensors: is damaged"),
        (lambda m: [m / "unet" / WEIGHTS], "is a file, not a model folder"),
        (lambda m: [m / "unet", "--threshold", "1.5"], "--threshold: "),
        (lambda m: [m / "unet", "--threshold", "nan"], "--threshold: "),
        (lambda m: [m / "unet", "--threshold", "high"], "argument --threshold: invalid float"),
        (lambda m: [m / "unet", "--batch-size", "0"], "--batch-size: "),
        (lambda m: [m / "unet", "--batch-size", "99999999"], "--batch-size: "),
        (lambda m: [m / "unet", "--engine", "torch"], "argument --engine: invalid choice"),
        (lambda m: [m / "unet", "--plane", "-1"], "argument --plane: "),
        (lambda m: [m / "unet", "--jobs", "2"], "unrecognized arguments: --jobs"),
    ],
)
def test_bad_usage_and_bad_models_are_reported_in_one_line(
    cli: Callable[..., Any],
    models: Path,
    night: Path,
    tmp_path: Path,
    words: Callable[[Path], list[object]],
    reason: str,
) -> None:
    model, *options = words(models)
    ran = cli("predict", model, night, "--out", tmp_path / "out", *options)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("napari-iris predict: ")
    assert reason in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.learning
@pytest.mark.parametrize(
    ("model", "words", "reason"),
    [
        ("vgg8", ["--classifier", "vgg8"], "is a vgg8, not a unet; give it as --classifier"),
        ("vgg8", ["--turned"], "is a VGG8, for whole frames; leave out --turned"),
        ("unet", ["--classifier", "unet"], "is a unet, not a vgg8; give it as MODEL"),
    ],
)
def test_a_model_of_the_other_kind_is_reported_in_one_line(
    cli: Callable[..., Any],
    models: Path,
    night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    words: list[str],
    reason: str,
) -> None:
    monkeypatch.chdir(models)
    ran = cli("predict", model, night, "--out", tmp_path / "out", *words)
    assert ran.code == 2
    assert ran.err == f"napari-iris predict: {models / model}: {reason}\n"
    assert not (tmp_path / "out").exists()


def test_a_keras_file_is_not_opened(cli: Callable[..., Any], night: Path, tmp_path: Path) -> None:
    """It may hold code (a Lambda layer): only import-model looks into it, in Keras' safe mode."""
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK\x03\x04")
    ran = cli("predict", path, night, "--out", tmp_path / "out")
    assert ran.code == 2
    assert ran.err == (
        f"napari-iris predict: {path}: is a Keras file, not a model folder;"
        " import it first: napari-iris import-model\n"
    )


@pytest.mark.parametrize("command", ["predict", "models"])
def test_help_imports_no_heavy_library(command: str) -> None:
    """No library that computes, reads FITS or shows a window is imported for it, not even numpy."""
    code = f"""
import sys
from napari_iris.cli.main import main
try:
    main([{command!r}, "--help"])
except SystemExit as end:
    assert end.code == 0
heavy = {{"openvino", "tensorflow", "keras", "jax", "flax", "numpy", "astropy", "napari", "qtpy"}}
print("imported:", sorted(heavy & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("imported: []\n")


@pytest.mark.slow
def test_prediction_on_a_cpu_imports_neither_tensorflow_nor_jax(
    models: Path, night: Path, tmp_path: Path
) -> None:
    code = """
import sys
from napari_iris.cli.main import main
assert main(["predict", *sys.argv[1:]]) == 0
print("imported:", sorted({"tensorflow", "keras", "jax", "flax"} & set(sys.modules)))
"""
    words = [models / "unet", night, "--out", tmp_path / "out", "--engine", "openvino"]
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "imported: []\n"
