"""Whole nights: every frame in order, past bad ones, once, and the rest after any stop."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from scipy.special import expit

from napari_iris.errors import FileError, FrameError
from napari_iris.frames.rebin import rebin
from napari_iris.inference import pipeline as room
from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.inference.rows import PredictionRow, find_predictions
from napari_iris.matching.pixels import frame_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.inference.predictor import Predictor


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "predictions"


def run(paths: list[Path], out: Path, predictor: Predictor, **options: Any) -> list[Any]:
    return list(predict_frames(paths, out, predictor, **options))


@pytest.mark.parametrize("batch_size", [1, 2, 4, 16])
@pytest.mark.parametrize("classifier", [False, True])
def test_frames_give_predictions_and_a_table(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
    table_of: Callable[..., dict],
    *,
    batch_size: int,
    classifier: bool,
) -> None:
    predictor = bright(classifier=classifier)
    rows = run(night, out, predictor, batch_size=batch_size)
    check_whole(out, night)
    assert [row.frame for row in rows] == [str(path) for path in night]
    for number, (path, row) in enumerate(zip(night, rows, strict=True)):
        found = read_prediction(out / f"{path.stem}_pred.fits")
        binned = rebin(fits.getdata(path), (16, 20))
        np.testing.assert_array_equal(found.frame, binned)
        cloudy = number % 2
        clear = np.zeros_like(binned)
        said = expit(8 * (binned - 0.5)) if cloudy or not classifier else clear
        np.testing.assert_allclose(found.probability, said, rtol=1e-4)
        assert found.header["DATE-OBS"] == f"2024-01-15T18:00:{number}0"
        assert found.model == predictor.id
        assert row == PredictionRow(
            frame=str(path),
            date_obs=f"2024-01-15T18:00:{number}0.000000",
            p_cloud=round(found.p_cloud, 6) if classifier else None,
            sky="cloudy" if cloudy else "clear",
            cloud_fraction=0.75 * cloudy,
            uncertainty=round(found.uncertainty, 6),
            model=predictor.id,
            threshold=0.5,
            prediction=f"{path.stem}_pred.fits",
            run=found.run,
            trust=round(1 - found.uncertainty, 6),
        )
        assert found.frame_path == str(path)
        assert found.frame_id == frame_id(fits.getdata(path))
        line = table_of(out)[str(path)]
        assert line["p_cloud"] == ("" if row.p_cloud is None else str(row.p_cloud))
        assert float(line["uncertainty"]) == row.uncertainty
    assert max(predictor.unet.engine.asked) <= batch_size


def test_bad_frames_do_not_stop_the_others(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
) -> None:
    night[1].write_bytes(b"no FITS")
    night[3].unlink()
    fits.PrimaryHDU(np.full((32, 40), 7.0)).writeto(night[4], overwrite=True)
    fits.PrimaryHDU(np.ones((5, 40))).writeto(night[5], overwrite=True)
    rows = run(night, out, bright(), batch_size=3)
    assert [type(row) for row in rows] == [
        *(PredictionRow, FrameError, PredictionRow, FrameError, FrameError, FrameError)
    ]
    for row, path, reason in (
        (rows[1], night[1], "not FITS"),
        (rows[3], night[3], "does not exist"),
        (rows[4], night[4], "has the same value everywhere"),
        (rows[5], night[5], "cannot rebin"),
    ):
        assert str(row).startswith(f"{path}: ")
        assert reason in str(row)
    check_whole(out, [night[0], night[2]])


def test_a_frame_with_nan_output_is_named_and_the_others_are_predicted(
    night: list[Path], out: Path, bright: Callable[..., Predictor]
) -> None:
    predictor = bright()
    answer = predictor.unet.engine.logits

    def logits(x: np.ndarray) -> np.ndarray:
        return np.where(x.mean(axis=(1, 2, 3), keepdims=True) > 0.3, np.float32(np.nan), answer(x))

    predictor.unet.engine.logits = logits
    rows = run(night, out, predictor)
    assert [type(row) for row in rows] == [PredictionRow, FrameError] * 3
    assert "the model's output for it is NaN" in str(rows[1])


def test_predicted_frames_are_skipped(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
) -> None:
    run(night[:3], out, bright())
    before = {path.name: path.read_bytes() for path in out.glob("*.fits")}
    predictor = bright()
    rows = run(night, out, predictor)
    assert rows[:3] == [None] * 3
    assert all(isinstance(row, PredictionRow) for row in rows[3:])
    assert sum(predictor.unet.engine.asked) == 3
    check_whole(out, night)
    assert before == {name: (out / name).read_bytes() for name in before}
    again = bright()
    assert run(night, out, again) == [None] * 6
    assert again.unet.engine.asked == []


@pytest.mark.parametrize(
    ("how", "options"),
    [
        ({"name": "other"}, {}),
        ({"turned": True}, {}),
        ({"classifier": True}, {}),
        ({}, {"hdu": 0}),
    ],
)
def test_another_model_or_setting_predicts_all_again(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
    how: dict[str, Any],
    options: dict[str, Any],
) -> None:
    run(night, out, bright())
    predictor = bright(**how)
    rows = run(night, out, predictor, **options)
    assert all(isinstance(row, PredictionRow) for row in rows)
    check_whole(out, night)
    assert {row.model for row in rows} == {predictor.id}
    for path in out.glob("*.fits"):
        assert read_prediction(path).threshold == predictor.threshold
        assert read_prediction(path).model == predictor.id


def test_one_frame_at_another_threshold_leaves_the_others(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
    table_of: Callable[..., dict],
) -> None:
    run(night, out, bright())
    before = table_of(out)
    predictor = bright(threshold=0.05)
    (row,) = run(night[:1], out, predictor)
    check_whole(out, night)
    assert (row.threshold, row.cloud_fraction, row.sky) == (0.05, 0.0, "clear")
    after = table_of(out)
    assert {key: line for key, line in after.items() if key != str(night[0])} == {
        key: line for key, line in before.items() if key != str(night[0])
    }
    assert predictor.unet.engine.asked == [], "what is stored is cut, not computed"


@pytest.mark.parametrize("classifier", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_a_stored_probability_at_another_threshold_equals_a_new_prediction(
    night: list[Path],
    out: Path,
    tmp_path: Path,
    bright: Callable[..., Predictor],
    *,
    classifier: bool,
    turned: bool,
) -> None:
    how = {"classifier": classifier, "turned": turned}
    fresh = run(night, tmp_path / "fresh", bright(threshold=0.96, **how))
    run(night, out, bright(**how))
    again = bright(threshold=0.96, **how)
    assert run(night, out, again) == fresh
    assert again.unet.engine.asked == []
    for path in out.glob("*.fits"):
        assert path.read_bytes() == (tmp_path / "fresh" / path.name).read_bytes()
    assert run(night, out, bright(threshold=0.96, **how)) == [None] * 6


def test_a_row_older_than_its_file_after_a_kill_is_not_trusted(
    night: list[Path], out: Path, bright: Callable[..., Predictor], table_of: Callable[..., dict]
) -> None:
    """The file was written with other settings; its line was not."""
    run(night, out, bright())
    before = (out / "predictions.csv").read_bytes()
    run(night[:2], out, bright(turned=True))
    run(night[3:4], out, bright(threshold=0.3))
    lines = (out / "predictions.csv").read_bytes().splitlines()
    (out / "predictions.csv").write_bytes(before + lines[-1] + b"\n")
    rows = run(night, out, bright())
    assert [type(row) for row in rows] == [PredictionRow] * 2 + [type(None), PredictionRow] + [
        type(None)
    ] * 2
    assert {read_prediction(path).spread is None for path in out.glob("*.fits")} == {True}
    assert {line["threshold"] for line in table_of(out).values()} == {"0.5"}


def test_frames_of_one_name_get_subfolders(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    cloudy_frame: Callable[..., Path],
    table_of: Callable[..., dict],
) -> None:
    other = cloudy_frame("other/sky_1.fit", 0.25)
    rows = run([*night[:2], other, night[2]], out, bright())
    assert [row.cloud_fraction for row in rows] == [0, 0.75, 0.25, 0]
    assert read_prediction(out / "sky_1_pred.fits").frame_path == str(night[1])
    assert read_prediction(out / "other" / "sky_1_pred.fits").frame_path == str(other)
    assert table_of(out)[str(other)]["prediction"] == "other/sky_1_pred.fits"
    assert run([other, *night[:3]], out, bright()) == [None] * 4
    assert len(find_predictions(out)) == 4


def test_a_plane_of_a_cube_is_predicted(
    write_frame: Callable[..., Path], out: Path, bright: Callable[..., Predictor]
) -> None:
    planes = np.random.default_rng(0).uniform(0, 1, (3, 32, 40)).astype(np.float32)
    cube = write_frame("cube.fits", planes)
    (refused,) = run([cube], out, bright())
    assert "choose one with --plane 0 to 2" in str(refused)
    for plane in (2, 0):
        (row,) = run([cube], out, bright(), plane=plane)
        found = read_prediction(out / "cube_pred.fits")
        np.testing.assert_array_equal(found.frame, rebin(planes[plane], (16, 20)))
        assert row.frame == str(cube)


def test_frames_with_blanks_are_predicted(
    write_frame: Callable[..., Path], out: Path, bright: Callable[..., Predictor]
) -> None:
    data = np.random.default_rng(0).uniform(0, 1, (32, 40))
    data[:8] = np.nan
    (row,) = run([write_frame("a.fits", data)], out, bright())
    found = read_prediction(out / "a_pred.fits")
    assert np.isnan(found.probability[:4]).all()
    assert 0 < row.cloud_fraction < 1
    assert 0 < row.uncertainty < 1


@pytest.mark.parametrize("stop_after", [0, 1, 4])
def test_a_run_that_is_closed_early_can_be_resumed(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
    table_of: Callable[..., dict],
    stop_after: int,
) -> None:
    progress = predict_frames(night, out, bright(), batch_size=2)
    made = [next(progress) for _ in range(stop_after)]
    progress.close()
    assert threading.active_count() == 1, "no thread is left"
    if made:
        assert set(table_of(out)) == {row.frame for row in made}
    for path in out.glob("*.fits"):
        read_prediction(path)
    rows = run(night, out, bright())
    assert rows[:stop_after] == [None] * stop_after
    check_whole(out, night)


@pytest.mark.parametrize("stage", ["load", "run", "finish"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_run_that_fails_can_be_resumed(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
    stage: str,
    error: type[BaseException],
) -> None:
    predictor = bright()
    work = getattr(predictor, stage)
    calls = []

    def break_at_the_third(*of: Any) -> Any:
        calls.append(of)
        if len(calls) == 3:
            raise error
        return work(*of)

    setattr(predictor, stage, break_at_the_third)
    with pytest.raises(error):
        run(night, out, predictor, batch_size=1)
    assert threading.active_count() == 1
    run(night, out, bright())
    check_whole(out, night)


def test_files_that_the_table_does_not_name_are_known_by_their_frame(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
) -> None:
    """As after a kill, or where the table was lost."""
    run(night, out, bright())
    (out / "predictions.csv").unlink()
    run(night, out, bright())
    check_whole(out, night)


def test_predictions_of_another_night_are_replaced_only_on_request(
    night: list[Path], out: Path, bright: Callable[..., Predictor], make_night: Callable[..., Path]
) -> None:
    run(night, out, bright())
    (out / "predictions.csv").unlink()
    before = {path.name: path.read_bytes() for path in out.glob("*.fits")}
    (out / "sky_2_pred.fits").unlink()
    other = sorted(make_night(3, "other").iterdir())
    rows = run(other, out, bright())
    assert [type(row) for row in rows] == [FileError, PredictionRow, FileError]
    assert "was made from other input; choose another --out, or give --ov" in str(rows[0])
    assert (out / "sky_1_pred.fits").read_bytes() == before["sky_1_pred.fits"]
    rows = run(other, out, bright(), overwrite=True)
    assert [type(row) for row in rows] == [PredictionRow, type(None), PredictionRow]


def test_files_in_the_way_do_not_stop_the_others(
    night: list[Path], out: Path, bright: Callable[..., Predictor], write_frame: Callable[..., Path]
) -> None:
    (out / "sky_0_pred.fits").mkdir(parents=True)
    raw = write_frame(f"{out.name}/sky_1_pred.fits")
    before = raw.read_bytes()
    long = night[2].with_name(f"{'n' * 250}.fits")
    long.write_bytes(night[2].read_bytes())
    rows = run([*night[:3], long], out, bright(), overwrite=True)
    assert [type(row) for row in rows] == [FileError, FileError, PredictionRow, FileError]
    assert "is a folder, not a file" in str(rows[0])
    assert "may be a frame, which is never replaced" in str(rows[1])
    assert "File name too long" in str(rows[3])
    assert raw.read_bytes() == before


def test_part_files_of_the_killed_are_removed(
    night: list[Path], out: Path, bright: Callable[..., Predictor], check_whole: Callable[..., None]
) -> None:
    out.mkdir()
    (out / ".sky_1_pred.fits.999999999.140.part").write_bytes(b"SIMPLE")
    run(night, out, bright())
    check_whole(out, night)


def test_a_disk_that_fills_up_ends_the_run_with_one_error_line(
    night: list[Path],
    out: Path,
    bright: Callable[..., Predictor],
    check_whole: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = room.write_prediction

    def full(path: Path, *what: Any) -> None:
        if "sky_3" in path.name:
            raise FileError(path, "cannot be written (No space left on device)", "make room there")
        write(path, *what)

    monkeypatch.setattr(room, "write_prediction", full)
    with pytest.raises(FileError, match="sky_3_pred.fits: cannot be written .*; make room"):
        run(night, out, bright(), batch_size=1)
    monkeypatch.undo()
    run(night, out, bright())
    check_whole(out, night)


def test_no_frames_give_an_empty_table(
    out: Path, bright: Callable[..., Predictor], check_whole: Callable[..., None]
) -> None:
    assert run([], out, bright()) == []
    check_whole(out, [])


def test_a_folder_that_cannot_be_made_is_named(
    night: list[Path], bright: Callable[..., Predictor]
) -> None:
    with pytest.raises(FileError, match="cannot be created"):
        run(night, night[0], bright())


def test_reading_and_writing_continue_while_the_network_computes(
    night: list[Path], out: Path, bright: Callable[..., Predictor]
) -> None:
    """The network waits until frames of the next batch are read, and the last one's are written."""
    predictor = bright()
    load, finish, answer = predictor.load, predictor.finish, predictor.unet.engine.logits
    loaded, finished = threading.Semaphore(0), threading.Semaphore(0)

    def note_load(*of: Any) -> Any:
        found = load(*of)
        loaded.release()
        return found

    def note_finish(*of: Any) -> Any:
        made = finish(*of)
        finished.release()
        return made

    def logits(x: np.ndarray) -> np.ndarray:
        if len(predictor.unet.engine.asked) < 2:
            assert all(loaded.acquire(timeout=30) for _ in range(3)), "beyond this batch"
        if predictor.unet.engine.asked:
            assert finished.acquire(timeout=30), "of the batch before"
        return answer(x)

    predictor.load, predictor.finish = note_load, note_finish
    predictor.unet.engine.logits = logits
    assert len(run(night, out, predictor, batch_size=2)) == 6


@pytest.mark.slow
def test_few_frames_are_in_progress_however_many_there_are(
    cloudy_frame: Callable[..., Path], out: Path, bright: Callable[..., Predictor]
) -> None:
    path = cloudy_frame("night/a.fits")
    taken = 0

    def names() -> Any:
        nonlocal taken
        for number in range(300):
            link = path.with_name(f"a{number}.fits")
            os.link(path, link)
            taken += 1
            yield link

    most = 0
    for done, _ in enumerate(predict_frames(names(), out, bright(), batch_size=4), start=1):
        most = max(most, taken - done)
    assert done == 300
    assert most <= 4 * 4
