"""``--site-mask``: pixels that never show the sky count in no mask, prediction or score."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.inference.prediction_file import Prediction, write_prediction
from napari_iris.masks.mask_file import read_mask, write_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

SHAPE = (128, 160)


def fisheye() -> np.ndarray:
    """What an all-sky lens leaves dark: all outside a circle."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.asarray(np.hypot(y - 64, x - 80) > 60)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    fits.writeto(tmp_path / "site.fits", fisheye().astype(np.uint8))
    return tmp_path / "site.fits"


@pytest.fixture
def overcast(write_frame: Callable[..., Path]) -> Path:
    """An all-sky frame of a deck in a dark ring."""
    from napari_iris.sky.fractal import fractal_field

    rng = np.random.default_rng(4)
    deck = 1200 + 60 * fractal_field(SHAPE, rng, slope=3.5, scale=80.0)
    data = np.where(fisheye(), 500, deck) + rng.normal(0, 2, SHAPE)
    return write_frame("night/sky.fits", data.astype(np.float32), DATE_OBS="2024-01-15T18:00:00")


def test_the_ring_of_an_overcast_all_sky_frame_is_no_clear_sky(
    cli: Callable[..., Ran], overcast: Path, site: Path, tmp_path: Path
) -> None:
    out = tmp_path / "masks"
    assert cli("mask", overcast, "--out", out, "--jobs", 1).code == 0
    before = read_mask(out / "sky_mask.fits").mask
    assert (before == 1).mean() < 0.7, "the ring is taken for clear sky"
    ran = cli("mask", overcast, "--out", out, "--jobs", 1, "--site-mask", site)
    assert ran.code == 0
    assert "site mask: " in ran.err
    made = read_mask(out / "sky_mask.fits")
    assert np.array_equal(made.mask == 2, fisheye())
    assert made.mask_header["SKY"] == "overcast"
    assert made.mask_header["CLDFRAC"] == 1
    assert "SITEMASK" in made.header


def test_none_and_auto_change_nothing_where_nothing_is_known(
    cli: Callable[..., Ran], overcast: Path, tmp_path: Path
) -> None:
    for choice in ("none", "auto"):
        assert cli("mask", overcast, "--out", tmp_path / choice, "--site-mask", choice).code == 0
    cli("mask", overcast, "--out", tmp_path / "default")
    files = [(tmp_path / one / "sky_mask.fits").read_bytes() for one in ("none", "auto", "default")]
    assert files[0] == files[1] == files[2]


def test_the_circle_of_a_fisheye_is_found_unasked_but_not_for_the_published_recipe(
    cli: Callable[..., Ran], write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    for number in range(8):
        level = 1000 + 100 * number
        deck = level + 300 * np.sin(np.arange(SHAPE[1]) / 20 + number) + rng.normal(0, 2, SHAPE)
        data = np.where(fisheye(), 500 + rng.normal(0, 2, SHAPE), deck).astype(np.float32)
        write_frame(f"night/sky_{number}.fits", data)
    night = tmp_path / "night"
    ran = cli("mask", night, "--out", tmp_path / "auto", "--jobs", 1)
    assert "site mask: outside the circle of a fisheye" in ran.err
    cli("mask", night, "--out", tmp_path / "none", "--jobs", 1, "--site-mask", "none")
    cli("mask", night, "--out", tmp_path / "recipe", "--jobs", 1, "--no-gate")
    ignored = {
        out: read_mask(tmp_path / out / "sky_3_mask.fits").mask == 2
        for out in ("auto", "none", "recipe")
    }
    assert (ignored["auto"] != fisheye()).mean() < 0.02
    assert not ignored["none"].any()
    assert not ignored["recipe"].any()


@pytest.mark.parametrize("command", ["mask", "predict", "evaluate"])
def test_a_site_mask_that_cannot_be_used_is_one_line(
    cli: Callable[..., Ran], overcast: Path, tmp_path: Path, command: str
) -> None:
    frame = fits.getdata(overcast).astype(np.float32)
    (tmp_path / "p").mkdir()
    write_prediction(
        tmp_path / "p/sky_pred.fits", Prediction(frame, frame / 9999, fits.Header(), "m", 0.5)
    )
    words = {
        "mask": ["mask", overcast],
        "predict": ["predict", "unet-lwir", overcast],
        "evaluate": ["evaluate", tmp_path / "p", tmp_path / "truth"],
    }
    assert cli("mask", overcast, "--out", tmp_path / "truth").code == 0
    ran = cli(*words[command], "--out", overcast.parent / "out", "--site-mask", overcast)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "is not a site mask" in ran.err


def score(cli: Callable[..., Ran], folder: Path, *words: object) -> dict[str, float]:
    out = folder / "report"
    command = ("evaluate", folder / "predictions", folder / "truth", "--out", out, "--no-figures")
    assert cli(*command, "--overwrite", "--jobs", 1, *words).code == 0
    scores: dict[str, float] = json.loads((out / "report.json").read_text())["model"]
    return scores


def test_hidden_pixels_count_in_no_score(
    cli: Callable[..., Ran], overcast: Path, site: Path, tmp_path: Path
) -> None:
    """A model that is right in the sky and wrong in the ring is right."""
    frame = fits.getdata(overcast).astype(np.float32)
    truth = np.zeros(SHAPE, np.uint8)
    truth[:, 80:] = 1
    (tmp_path / "truth").mkdir()
    (tmp_path / "predictions").mkdir()
    write_mask(tmp_path / "truth/sky_mask.fits", frame, truth, fits.getheader(overcast), {})
    wrong = np.where(fisheye(), 1 - truth, truth).astype(np.float32)
    header = fits.getheader(overcast)

    def predicted(probability: np.ndarray, header: fits.Header) -> None:
        one = Prediction(frame, probability, header, "test", 0.5)
        write_prediction(tmp_path / "predictions/sky_pred.fits", one)

    predicted(wrong, header)
    assert score(cli, tmp_path)["accuracy"] == pytest.approx(np.mean(~fisheye()))
    assert score(cli, tmp_path, "--site-mask", site)["accuracy"] == 1
    header["SITEMASK"] = "of the prediction"
    predicted(np.where(fisheye(), np.float32("nan"), wrong), header)
    assert score(cli, tmp_path)["accuracy"] == 1, "what the prediction has hidden does not count"
