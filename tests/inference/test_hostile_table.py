"""A table of predictions that somebody made to harm leads nowhere outside of its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_iris.inference.prediction_file import PredictionError
from napari_iris.inference.rows import COLUMNS, TABLE, find_predictions, stated_frames
from napari_iris.inference.table_index import read_index

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = ["../a_pred.fits", "/tmp/a_pred.fits", "b/../../a_pred.fits"]


def write(folder: Path, frame: str, prediction: str) -> Path:
    """A table of one row."""
    row = {**dict.fromkeys(COLUMNS, ""), "frame": frame, "prediction": prediction}
    lines = (",".join(COLUMNS), ",".join(row.values()))
    folder.mkdir()
    (folder / TABLE).write_text("\n".join([*lines, ""]))
    return folder


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_prediction_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a_pred.fits").touch()
    out = write(tmp_path / "out", "a.fits", name)
    for read in (find_predictions, stated_frames, lambda out: read_index(out, "run", 0.5)):
        with pytest.raises(PredictionError, match=r"outside of its folder at line 2; [^\n]+$"):
            read(out)


@pytest.mark.parametrize("name", ["b/" + "x" * 5000, "b/a\0_pred.fits", "b/a_pred.fits"])
def test_a_prediction_that_cannot_be_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(PredictionError, match="holds no prediction"):
        find_predictions(write(tmp_path / "out", "a.fits", name))


def test_a_frame_that_cannot_be_has_its_prediction(tmp_path: Path) -> None:
    out = write(tmp_path / "out", "a\0.fits", "a_pred.fits")
    (out / "a_pred.fits").touch()
    index = read_index(out, "run", 0.5)
    assert index is not None
    assert len(index.files) == 1
