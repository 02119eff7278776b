"""The published table: near copies never meet, every picture is tested once, what is done stays."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage.filters import threshold_otsu

from napari_iris.cli.main import main as napari_iris
from napari_iris.frames.read import read_frame, read_header
from napari_iris.inference.prediction_file import Prediction, write_prediction
from napari_iris.matching.pixels import frame_id
from napari_iris.project.project import Project
from napari_iris.project.split import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SHAPE = 128, 160
PICTURES = 24


@pytest.fixture(scope="module")
def modules() -> Iterator[tuple[ModuleType, ModuleType]]:
    """Give the benchmark's two modules: the sets and the table."""
    sys.path.insert(0, str(BENCHMARKS))
    import picture_sets
    import table

    yield picture_sets, table
    sys.path.remove(str(BENCHMARKS))
    for name in ("picture_scores", "picture_sets", "table"):
        del sys.modules[name]


@pytest.fixture(scope="module")
def sets(modules: tuple[ModuleType, ModuleType]) -> Any:
    return modules[0]


def make_pictures(root: Path) -> Path:
    """Write pictures of one bright cloud each in the layout of swinseg; the last two are alike."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    for folder in ("images", "GTmaps"):
        (root / folder).mkdir(parents=True)
    for number in range(PICTURES):
        if number < PICTURES - 1:
            row, column = rng.integers(20, SHAPE[0] - 20), rng.integers(20, SHAPE[1] - 20)
        cloud = (rows - row) ** 2 + (columns - column) ** 2 < 600
        grey = np.where(cloud, 180, 60) + rng.integers(0, 20, SHAPE)
        picture = Image.fromarray(np.stack([grey, grey, grey + 40], axis=-1).astype(np.uint8))
        picture.save(root / "images" / f"{number:03}.jpg", quality=95)
        truth = Image.fromarray((cloud * 255).astype(np.uint8))
        truth.save(root / "GTmaps" / f"{number:03}_GT.jpg", quality=95)
    return root


@given(st.lists(st.integers(0, 9), min_size=2, max_size=60), st.integers(2, 7), st.integers(0, 99))
def test_groups_stay_in_one_fold_and_folds_are_even(
    sets: Any, numbers: list[int], count: int, seed: int
) -> None:
    groups = np.unique(numbers, return_inverse=True)[1]
    folds = sets.divide(groups, count, seed)
    assert set(folds) <= set(range(count))
    for group in set(groups):
        assert len(set(folds[groups == group])) == 1
    sizes = np.bincount(folds, minlength=count)
    assert sizes.max() - sizes.min() <= np.bincount(groups).max()


@given(st.integers(3, 8), st.integers(0, 20))
def test_every_picture_is_tested_once_and_copies_never(sets: Any, count: int, seed: int) -> None:
    folds = np.r_[np.random.default_rng(seed).permutation(np.arange(40) % (2 * count)), -1]
    parts = np.array([sets.parts_of_turn(folds, turn) for turn in range(count)])
    assert ((parts == 2).sum(axis=0) == np.r_[np.ones(40), 0]).all()
    assert ((parts == 1).sum(axis=0) == np.r_[folds[:-1] % 2 == 0, 0]).all()
    few = sets.parts_of_few(folds, 0)
    assert (few[folds == 0] < 2).all()
    assert (few[folds > 0] == 2).all()
    assert np.count_nonzero(few == 1) == np.count_nonzero(folds == 0) // 5


def test_a_brighter_noisy_copy_is_alike_and_another_cloud_is_not(sets: Any) -> None:
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:96, :96]
    pictures = [
        50.0 + 100 * ((rows - row) ** 2 + (columns - column) ** 2 < 400)
        for row, column in [(30, 30)] * sets.RUN + [(70, 60)] * sets.RUN
    ]
    pictures.append(3 * pictures[0] + rng.normal(0, 5, (96, 96)) + columns)
    groups = sets.together(np.array([sets.thumbnail(picture) for picture in pictures]))
    assert groups[-1] == groups[0] != groups[sets.RUN]


class Stand:
    """Stands in for the child processes: imports are real, models are Otsu's threshold."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = []

    def __call__(self, *words: object) -> None:
        line = list(map(str, words))
        self.lines.append(line)
        if line[0] == "import":
            assert napari_iris(line) == 0
            return
        training = line[0] == "train"
        out = Path(line[line.index("--save-predictions" if training else "--out") + 1])
        out.mkdir(parents=True)
        if training:
            with Project(Path(line[2]), read_only=True) as project:
                assert overlap(project) == {"same": 0, "alike": 0}
                paths = [project.table.paths[place] for place in range(PICTURES)]
        else:
            paths = sorted(Path(line[2]).glob("*.fits"))
        for path in paths:
            frame = read_frame(path).data
            cloud = (frame > threshold_otsu(frame)).astype(np.float32)
            facts = (cloud, read_header(path), "otsu", 0.5, np.nan, float(cloud.mean()), 0.0)
            found = Prediction(frame, *facts, frame_id=frame_id(frame), frame_path=str(path))
            write_prediction(out / f"{path.stem}_pred.fits", found)


@pytest.mark.slow
def test_the_table_is_complete_and_what_is_finished_stays(
    modules: tuple[ModuleType, ModuleType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = modules[1]
    make_pictures(tmp_path / "data" / "swinseg")
    stand = Stand()
    for module in modules:
        monkeypatch.setattr(module, "command", stand)
    page = tmp_path / "page.md"
    page.write_text("before <!-- table -->old<!-- end of the table --> after")
    line = ["table.py", "--data", tmp_path / "data", "--out", tmp_path / "out", "--docs", page]
    monkeypatch.setattr(sys, "argv", [*map(str, line), "--only", "swinseg", "--turns", "2"])
    monkeypatch.setattr(table, "COLOURS", ("grey", "rgb"))
    table.main()
    rows = [row.split(" | ") for row in capsys.readouterr().out.splitlines() if row[0] == "|"][2:]
    trained = [row for row in rows if row[2] in ("fine-tuned", "from scratch")]
    assert {row[1] for row in rows} == {"grey", "rgb"}
    assert len(trained) == 3
    assert all(row[-2] == str(PICTURES) for row in rows)
    otsu = {row[1]: row[3] for row in rows if row[2] == "Otsu"}
    # the models are Otsu's threshold, tested on every picture once: the same figure
    otsu["rgb"] = otsu["grey"]
    assert all(row[3] == otsu[row[1]] == row[-1].rstrip(" |") for row in trained)
    assert float(otsu["grey"]) > 0.95
    written = page.read_text()
    assert written.startswith("before <!-- table -->\n\n| set |")
    assert written.endswith(" |\n\n<!-- end of the table --> after")
    done = len(stand.lines)
    table.main()
    assert len(stand.lines) == done
    (tmp_path / "out" / "results" / "swinseg-grey-fine-tuned-1.json").unlink()
    table.main()
    assert [words[0] for words in stand.lines[done:]] == ["train"]
