"""Figures: all that the data allow, the same bytes each time, in the paper's sizes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.evaluation.examples import Example, evenly, read_example, typical_rows
from napari_iris.evaluation.figures.confusion import draw_confusion
from napari_iris.evaluation.figures.draw import NAMES, draw_figures
from napari_iris.evaluation.figures.images import draw_examples
from napari_iris.evaluation.figures.style import COLUMN_MM, DPI, MADE_BY, PAGE_MM, paper_style, save
from napari_iris.evaluation.markdown import CAPTIONS
from napari_iris.training.epochs import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

QUICK = EvaluateConfig(resamples=100, jobs=1)
EPOCHS = [
    Epoch(number, 0.7 / number, 0.8 / number, 0.8, 0.7, 0.6, 0.5, 0.4, 1e-3, 2.0)
    for number in (1, 2, 3)
]
ONE_COLUMN = {"confusion", "reliability", "spectrum"}


def evaluated(night: Any, **more: Any) -> Any:
    return evaluate_frames(night.predictions, night.truth, QUICK, **more)


@pytest.fixture
def whole_night(night: Any, make_frame: Callable) -> Any:
    """Clear and cloudy frames, a classifier, and another model."""
    for number in range(5):
        frame, mask, probability = make_frame(number)
        if number == 4:
            mask[:] = 0
        p_cloud = [0.9, 0.4, 0.8, 0.7, 0.2][number]
        night.write(frame, mask, probability, p_cloud=p_cloud)
        night.write(frame, None, 1 - probability, to="other", p_cloud=p_cloud)
    return night


@pytest.mark.slow
def test_all_figures_are_drawn_in_the_papers_sizes_and_always_the_same(
    whole_night: Any, tmp_path: Path
) -> None:
    report = evaluated(whole_night, against=whole_night.folder / "other")
    for place in ("figures", "again"):
        drawn = draw_figures(report, tmp_path / place, EPOCHS)
        assert sorted(drawn) == sorted(NAMES) == sorted(CAPTIONS)
    for path in (tmp_path / "figures").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    for name in NAMES:
        pdf = (tmp_path / "figures" / f"{name}.pdf").read_bytes()
        box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", pdf)
        width = COLUMN_MM if name in ONE_COLUMN else PAGE_MM
        assert float(box[1]) == pytest.approx(width / 25.4 * 72, abs=0.1), name
        assert b"/Type3" not in pdf.replace(b" ", b""), "whole fonts, as journals ask for"
        assert b"CreationDate" not in pdf
        assert MADE_BY.encode() in pdf
        assert MADE_BY.encode() in (tmp_path / "figures" / f"{name}.png").read_bytes()
        with Image.open(tmp_path / "figures" / f"{name}.png") as image:
            assert image.width == pytest.approx(width / 25.4 * DPI, abs=1)
            assert len(set(np.asarray(image.convert("L")).ravel())) > 10, "something is on it"


@pytest.mark.slow
def test_figures_without_data_are_left_out(
    night: Any, make_frame: Callable, tmp_path: Path
) -> None:
    """One all-cloud frame, no classifier, no epochs; and a figure of an older report is removed."""
    frame, mask, probability = make_frame(0)
    night.write(frame, np.ones_like(mask), probability)
    (tmp_path / "roc.png").write_bytes(b"of an older report")
    drawn = draw_figures(evaluated(night), tmp_path)
    assert set(NAMES) - set(drawn) == {"curves", "roc", "classifier"}
    assert not (tmp_path / "roc.png").exists()


def test_fully_ignored_frames_draw_nothing(
    night: Any, make_frame: Callable, tmp_path: Path
) -> None:
    frame, mask, probability = make_frame(0)
    night.write(frame, np.full_like(mask, 2), probability)
    assert draw_figures(evaluated(night), tmp_path) == []


def test_frames_without_a_time_are_numbered(
    whole_night: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_iris.evaluation.figures.cloud_series import draw_cloud_series

    table = evaluated(whole_night).table
    with paper_style():
        timed = draw_cloud_series(table).axes[1].get_xlabel()
        table.times[2] = np.datetime64("NaT")
        numbered = draw_cloud_series(table).axes[1].get_xlabel()
    assert (timed, numbered) == ("time [UTC]", "frame")


def test_matplotlib_settings_are_restored(whole_night: Any, tmp_path: Path) -> None:
    """A person's own settings neither change the figures nor are changed by them."""
    import matplotlib as mpl

    block = evaluated(whole_night).pixels
    before = dict(mpl.rcParams)
    try:
        for size in (10, 33):
            mpl.rcParams["font.size"] = size
            with paper_style():
                save(draw_confusion(block), tmp_path, f"at_{size}")
            assert mpl.rcParams["font.size"] == size
    finally:
        mpl.rcParams.update(before)
    assert (tmp_path / "at_10.png").read_bytes() == (tmp_path / "at_33.png").read_bytes()


@pytest.mark.slow
def test_matplotlib_is_imported_only_to_draw() -> None:
    code = """
import sys
import napari_iris.evaluation.evaluate, napari_iris.evaluation.figures.draw
import napari_iris.cli.evaluate
print(sorted({"matplotlib", "tensorflow", "jax"} & set(sys.modules)))
import matplotlib
from napari_iris.evaluation.figures.style import new_figure, paper_style
with paper_style():
    new_figure(84, 50).subplots()
print("matplotlib.pyplot" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["[]", "False"]


def test_an_example_shows_where_it_is_wrong(night: Any, make_frame: Callable) -> None:
    frame, mask, probability = make_frame(3)
    night.write(frame, mask, probability)
    example = read_example(evaluated(night), 0)
    errors = example.errors()
    found = probability >= 0.5
    np.testing.assert_array_equal(errors == 3, mask == 2)
    np.testing.assert_array_equal(errors == 1, found & (mask == 0))
    np.testing.assert_array_equal(errors == 2, ~found & (mask == 1))
    np.testing.assert_array_equal(errors == 0, (found == (mask == 1)) & (mask != 2))
    assert example.accuracy == pytest.approx(np.mean(errors[mask != 2] == 0))


def test_typical_frames_have_both_classes(night: Any, make_frame: Callable) -> None:
    for number in range(9):
        frame, mask, probability = make_frame(number)
        mask[:] = 0 if number % 3 else mask
        mask[0, 0] = 1
        night.write(frame, mask, probability)
    report = evaluated(night)
    assert set(typical_rows(report, 3).tolist()) <= {0, 3, 6}
    assert len(typical_rows(report, 8)) == 8


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [4]), (3, [1, 4, 7]), (9, list(range(9))), (20, list(range(9)))]
)
def test_rows_are_chosen_evenly(count: int, expected: list[int]) -> None:
    assert evenly(np.arange(9), count).tolist() == expected


@pytest.mark.parametrize("name", ["$x^$.fits", "a$b_{$", os.fsdecode(b"caf\xe9")])
def test_a_frame_may_have_any_name(name: str, tmp_path: Path) -> None:
    image = np.arange(12 * 16, dtype=np.float32).reshape(12, 16)
    mask = (image > 90).astype(np.uint8)
    example = Example(name, image, mask, image / 200, 0.5, 0.9)
    with paper_style():
        save(draw_examples([example]), tmp_path, "triples")
    assert (tmp_path / "triples.png").stat().st_size > 1000
