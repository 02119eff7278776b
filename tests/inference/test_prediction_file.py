"""Prediction files: written, read back, readable by any FITS reader; other files are refused."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FileError
from napari_iris.inference.prediction_file import (
    Prediction,
    PredictionError,
    read_prediction,
    write_prediction,
)
from napari_iris.inference.rows import find_predictions
from napari_iris.matching.names import prediction_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def predicted(**facts: Any) -> Prediction:
    rng = np.random.default_rng(0)
    header = fits.Header([("DATE-OBS", "2024-01-15T18:00:00"), ("BZERO", 32768), ("GAIN", 1.5)])
    frame = rng.normal(650, 20, (12, 16)).astype(np.float32)
    probability = rng.random((12, 16)).astype(np.float32)
    known = {"model": "unet@01234567", "threshold": 0.4, "cloud_fraction": 0.25, "uncertainty": 0.5}
    return Prediction(frame, probability, header, **{**known, **facts})


def blank(prediction: Prediction) -> Prediction:
    """The same where some pixels are blank."""
    frame, probability = prediction.frame.copy(), prediction.probability.copy()
    frame[:3] = probability[:3] = np.nan
    return replace(prediction, frame=frame, probability=probability)


@pytest.mark.parametrize(
    "prediction",
    [
        predicted(),
        predicted(p_cloud=0.75),
        predicted(spread=np.full((12, 16), 0.1, np.float32)),
        blank(predicted(p_cloud=1.0)),
        predicted(model="a" * 100 + "@01234567+" + "b" * 100 + "@89abcdef"),
        predicted(model="it's @ 'odd' & long" * 5),
        predicted(frame_id="0" * 32, run="12345678", frame_path="/night/sky_1.fits"),
        predicted(frame_path="/n'ght/50 %/wölkchen \n \udcff" + "/x" * 99 + ".fits"),
    ],
    ids=[
        *("plain", "classified", "turned", "blank", "long name", "odd name", "of a frame"),
        "of an oddly named frame",
    ],
)
def test_a_prediction_comes_back_as_it_was(tmp_path: Path, prediction: Prediction) -> None:
    path = tmp_path / "a_pred.fits"
    write_prediction(path, prediction)
    found = read_prediction(path)
    np.testing.assert_array_equal(found.frame, prediction.frame)
    np.testing.assert_array_equal(found.probability, prediction.probability)
    if prediction.spread is None:
        assert found.spread is None
    else:
        np.testing.assert_array_equal(found.spread, prediction.spread)
    for name in ("model", "threshold", "p_cloud", "cloud_fraction", "uncertainty"):
        np.testing.assert_equal(getattr(found, name), getattr(prediction, name))
    assert found.header["GAIN"] == 1.5
    assert found.header["DATE-OBS"] == "2024-01-15T18:00:00"
    np.testing.assert_array_equal(found.cloud, prediction.probability >= np.float32(0.4))


def test_any_fits_reader_finds_what_is_promised(tmp_path: Path) -> None:
    path = tmp_path / "a_pred.fits"
    write_prediction(path, predicted(p_cloud=0.75))
    assert path.stat().st_size % 2880 == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(path) as units:
            units.verify("exception")
            assert [unit.name for unit in units] == ["PRIMARY", "PROB"]
            assert units[1].data.dtype == np.dtype(">f4")
            cards = units["PROB"].header
            shown = [cards[name] for name in ("MODELID", "THRESH", "PCLOUD", "CLDFRAC", "UNCERT")]
            assert shown == ["unet@01234567", 0.4, 0.75, 0.25, 0.5]
            assert "BZERO" not in units[0].header, "the numbers are no longer those of the camera"


def test_unknown_attributes_have_no_card(tmp_path: Path) -> None:
    write_prediction(tmp_path / "a_pred.fits", predicted())
    assert "PCLOUD" not in fits.getheader(tmp_path / "a_pred.fits", "PROB")


def test_an_older_prediction_is_kept_where_a_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a_pred.fits"
    write_prediction(path, predicted())
    before = path.read_bytes()
    monkeypatch.setattr("napari_iris.inference.prediction_file.card", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_prediction(path, predicted())
    monkeypatch.undo()
    with pytest.raises(FileError, match="cannot be written"):
        write_prediction(tmp_path / "none" / "a_pred.fits", predicted())
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a_pred.fits"]


def units(*others: Any, **cards: Any) -> fits.HDUList:
    """A prediction file put together by hand."""
    prob = fits.ImageHDU(np.full((12, 16), 0.5, np.float32), name="PROB")
    prob.header.update({"MODELID": "unet", "THRESH": 0.5})
    for name, value in cards.items():
        prob.header[name] = value
    return fits.HDUList([fits.PrimaryHDU(np.ones((12, 16), np.float32)), prob, *others])


def without(hdus: fits.HDUList, name: str) -> fits.HDUList:
    del hdus[1].header[name]
    return hdus


def holding(value: Any) -> fits.HDUList:
    hdus = units()
    hdus[1].data = value
    return hdus


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: fits.HDUList([fits.PrimaryHDU(np.ones((12, 16)))]), "holds no prediction"),
        (lambda: without(units(), "MODELID"), "does not state which model"),
        (lambda: without(units(), "THRESH"), "does not state which model"),
        (lambda: units(THRESH="high"), "has 'high' as THRESH"),
        (lambda: units(MODELID=7), "has 7 as MODELID"),
        (lambda: holding(np.full((12, 16), 1.5, np.float32)), "outside 0..1"),
        (lambda: holding(np.full((12, 16), -0.1, np.float32)), "outside 0..1"),
        (lambda: holding(np.full((12, 16), np.inf, np.float32)), "outside 0..1"),
        (lambda: holding(np.full((12, 15), 0.5, np.float32)), "differ in shape"),
        (lambda: holding(np.full((2, 12, 16), 0.5, np.float32)), "differ in shape"),
        (lambda: fits.HDUList([fits.PrimaryHDU(), *units()[1:]]), "differ in shape"),
    ],
)
def test_a_file_that_is_not_a_prediction_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[], fits.HDUList], reason: str
) -> None:
    path = tmp_path / "a_pred.fits"
    make().writeto(path)
    with pytest.raises(PredictionError, match=reason) as raised:
        read_prediction(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("harm", [lambda b: b[:3000], lambda b: b"", lambda b: b"no FITS" * 999])
def test_a_damaged_file_is_refused_in_one_line(
    tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a_pred.fits"
    write_prediction(path, predicted())
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(PredictionError, match="holds no prediction") as raised:
        read_prediction(path)
    assert "\n" not in str(raised.value)


def test_a_damaged_card_of_the_frame_is_left_out_when_it_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a_pred.fits"
    header = fits.Header([("CAMERA", "TAU2"), ("SITE", "summit")])
    write_prediction(path, replace(predicted(), header=header))
    path.write_bytes(path.read_bytes().replace(b"'TAU2    '", bytes(10), 1))
    write_prediction(path, read_prediction(path))
    header = read_prediction(path).header
    assert ("CAMERA" in header, header["SITE"]) == (False, "summit")


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ("a.fits", "a_pred.fits"),
        ("night/a.b.fits.fz", "a.b_pred.fits"),
        ("a.FIT.gz", "a_pred.fits"),
        ("a_mask.fits", "a_mask_pred.fits"),
    ],
)
def test_a_prediction_is_named_after_its_frame(tmp_path: Path, frame: str, name: str) -> None:
    assert prediction_path(tmp_path / frame, tmp_path / "out") == tmp_path / "out" / name


def test_predictions_are_found_in_natural_order(tmp_path: Path) -> None:
    for name in ("s_10_pred.fits", "s_2_pred.fits", "s_2.fits", ".s_1_pred.fits", "a_mask.fits"):
        (tmp_path / name).touch()
    assert [path.name for path in find_predictions(tmp_path)] == [
        "s_2_pred.fits",
        "s_10_pred.fits",
    ]


@pytest.mark.parametrize("name", ["", "none", "a.txt"])
def test_a_folder_without_predictions_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(PredictionError, match="holds no prediction; give the --out folder"):
        find_predictions(tmp_path / name)
