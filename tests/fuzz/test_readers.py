"""Whatever a file holds, its reader returns, or raises one line that a person can read.

The whole run is `make fuzz`; here are a few examples of each reader, and all that it has found.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from napari_iris.app.review.report import METHODS, SCORES, StoredReport, read_report
from napari_iris.app.review.review import read_review
from napari_iris.app.review.roc import Roc
from napari_iris.errors import MAX_MESSAGE, IrisError
from napari_iris.exporters.export import ExportConfig, export
from napari_iris.frames.cube import FrameCube
from napari_iris.frames.facts import facts, observed_at, without_scaling
from napari_iris.frames.read import count_planes, read_colour, read_frame, read_header
from napari_iris.importers.fits_pairs import published_probability
from napari_iris.importers.pictures import read_picture, to_grey
from napari_iris.inference.folders import read_entry
from napari_iris.inference.prediction_file import read_prediction, write_prediction
from napari_iris.inference.rows import find_predictions, stated_frames
from napari_iris.inference.run_settings import store_settings
from napari_iris.inference.table_index import read_index
from napari_iris.io.fits_files import write_fits
from napari_iris.io.outputs import Mark, check_output
from napari_iris.masks.mask_file import is_drawn_by_person, is_mask_file, read_mask
from napari_iris.networks.card import read_card
from napari_iris.networks.find import find_classifier
from napari_iris.networks.keras_import.file import read_keras_file
from napari_iris.networks.weights import load_weights
from napari_iris.project.backup import backup
from napari_iris.project.project import Project
from napari_iris.project.split import split
from napari_iris.project.split_config import SplitConfig
from napari_iris.radiometry.reference_file import read_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.training.lineage import run_lineage
from napari_iris.training.run_folder import RunFolder
from tests.fuzz.mutations import (
    Cell,
    Flip,
    Value,
    any_bytes,
    any_cells,
    any_fits,
    any_json,
    applied,
    sql_values,
)
from tests.fuzz.valid_files import (
    DATA,
    MODEL,
    PREDICTIONS,
    REPORT,
    frame_file,
    keras_file,
    mask_file,
    picture_file,
    prediction_file,
    reference_file,
    tiled_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

    Changes = list[Any]

pytestmark = pytest.mark.filterwarnings("ignore")  # as commands do, see `main`

MOST_S = 20.0
"""Most seconds of this process that a reader may compute."""


def law(read: Callable[[], object]) -> None:
    """Let a reader read: it returns, or says in one short line why it cannot, and soon."""
    start = time.process_time()
    try:
        read()
    except IrisError as error:
        message = str(error)
        assert message.isprintable(), repr(message)
        assert len(message) <= MAX_MESSAGE, message
    assert time.process_time() - start < MOST_S


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Give a folder for all files of this module: a function's own would be one per test."""
    with tempfile.TemporaryDirectory(prefix="iris-fuzz-") as name:
        yield Path(name)


def fuzz(test: Callable[..., None]) -> Callable[..., None]:
    return settings(suppress_health_check=list(HealthCheck))(test)


def read_all_of_a_frame(path: Path) -> None:
    for read in (read_header, count_planes, read_colour, lambda path: read_frame(path, hdu=1)):
        law(partial(read, path))
    frame = read_frame(path)
    observed_at(frame.header), facts(frame.header)
    write_fits(path.with_name("out.fits"), [(frame.data, without_scaling(frame.header))])
    again = read_frame(path.with_name("out.fits"))
    assert again.data.shape == frame.data.shape


def read_all_of_a_cube(path: Path) -> None:
    with closing(FrameCube(path)) as cube:
        law(partial(cube.__getitem__, 0))


@fuzz
@given(changes=any_fits, is_tiled=st.booleans())
def test_frames(place: Path, changes: Changes, is_tiled: bool) -> None:
    path = place / "frame.fits"
    path.write_bytes(applied(changes, tiled_file() if is_tiled else frame_file()))
    law(partial(read_all_of_a_frame, path))
    law(partial(read_all_of_a_cube, path))


@fuzz
@given(changes=any_fits)
def test_masks(place: Path, changes: Changes) -> None:
    path = place / "a_mask.fits"
    path.write_bytes(applied(changes, mask_file()))
    for read in (read_mask, is_mask_file, is_drawn_by_person, published_probability):
        law(partial(read, path))
    law(partial(check_output, path, Mark("mask", "a.fits")))


@fuzz
@given(changes=any_fits)
def test_predictions(place: Path, changes: Changes) -> None:
    path = place / "a_pred.fits"
    path.write_bytes(applied(changes, prediction_file()))
    law(lambda: write_prediction(place / "again.fits", read_prediction(path)))


@fuzz
@given(changes=any_fits)
def test_clear_sky_references(place: Path, changes: Changes) -> None:
    path = place / "reference.fits"
    path.write_bytes(applied(changes, reference_file()))
    law(lambda: str(ReferenceSet(tuple(read_references(path)))))


MODEL_FILES = {
    "model.json": any_json,
    "weights.safetensors": any_bytes,
    "run/config.json": any_json,
    "run/facts.json": any_json,
    "run/epochs.csv": any_cells,
    "run/split.csv": any_cells,
    "run/learnt_before.csv": any_cells,
    "run/last.safetensors": any_bytes,
}
PREDICTION_FILES = {"predictions.csv": any_cells, "predictions.json": any_json}
REPORT_FILES = {"report.json": any_json, "curves.csv": any_cells, "frames.csv": any_cells}
PROJECT_TABLES = ("frame", "mask", "event", "project")


def one_of(files: dict[str, SearchStrategy[Changes]]) -> SearchStrategy[tuple[str, Changes]]:
    """Name of a file of a folder, and its changes."""
    pairs = [st.tuples(st.just(name), changes) for name, changes in files.items()]
    return st.one_of(pairs)


@contextmanager
def changed(source: Path, place: Path, name: str, changes: Changes) -> Iterator[Path]:
    """Give a copy of a folder, in which one file is changed."""
    target = place / source.name
    if not target.exists():
        shutil.copytree(source, target)
    (target / name).write_bytes(applied(changes, (source / name).read_bytes()))
    yield target
    shutil.copy(source / name, target / name)


@fuzz
@given(changes=any_bytes, kind=st.sampled_from(["PNG", "JPEG", "BMP"]))
def test_pictures(place: Path, changes: Changes, kind: str) -> None:
    path = place / "picture.png"
    path.write_bytes(applied(changes, picture_file(kind)))
    law(lambda: to_grey(read_picture(path)))


@example(changes=[Flip(41, 255)], compression=ZIP_DEFLATED)  # an error of zlib
@fuzz
@given(changes=any_bytes, compression=st.sampled_from([ZIP_STORED, ZIP_DEFLATED]))
def test_keras_files(place: Path, changes: Changes, compression: int) -> None:
    path = place / "model.keras"
    path.write_bytes(applied(changes, keras_file(compression)))
    law(partial(read_keras_file, path))


@fuzz
@given(one=one_of(MODEL_FILES))
def test_models_and_their_runs(place: Path, one: tuple[str, Changes]) -> None:
    with changed(MODEL, place, *one) as folder:
        run = RunFolder(folder)
        law(lambda: load_weights(folder / "weights.safetensors", read_card(folder).network))
        law(lambda: (read_entry(folder), find_classifier(folder)))
        for read in (run.config, run.facts, run.epochs, run.split, run.identities, run.progress):
            law(read)
        law(lambda: run_lineage(run))


@fuzz
@given(one=one_of(PREDICTION_FILES))
def test_tables_of_predictions(place: Path, one: tuple[str, Changes]) -> None:
    with changed(PREDICTIONS, place, *one) as folder:
        for read in (find_predictions, stated_frames, read_review):
            law(partial(read, folder))
        law(lambda: read_index(folder, "12345678", 0.5))
        law(lambda: store_settings(folder, "12345678", {"model": "unet"}))
        for file in PREDICTION_FILES:
            shutil.copy(PREDICTIONS / file, folder / file)


@example(one=("report.json", [Value((31,), None)]))  # a method without scores
@example(one=("curves.csv", [Cell(1, 3, "10" * 30, "cell")]))  # a count beyond 64 bits
@fuzz
@given(one=one_of(REPORT_FILES))
def test_reports(place: Path, one: tuple[str, Changes]) -> None:
    with changed(REPORT, place, *one) as folder:
        law(lambda: look_at(read_report(folder)[0]))


def look_at(report: StoredReport) -> None:
    """As the window does."""
    for name in ("threshold", "warnings", "confusion"):
        getattr(report, name)
    Roc.of(report)
    for method in METHODS:
        for score in SCORES:
            report.score(method, score)


@fuzz
@given(
    table=st.sampled_from(PROJECT_TABLES),
    column=st.integers(0, 30),
    value=sql_values,
    row=st.integers(1, 3),
)
def test_rows_of_projects(place: Path, table: str, column: int, value: str, row: int) -> None:
    folder = place / "project"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DATA / "project_v1", folder)
    with closing(sqlite3.connect(folder / "iris.db")) as connection:
        names = [one[1] for one in connection.execute(f"PRAGMA table_info({table})")]
        place_of = "key" if table == "project" else "id"
        change = f"UPDATE {table} SET {names[column % len(names)]} = {value}"
        where = f" WHERE {place_of} IN (SELECT {place_of} FROM {table} LIMIT 1 OFFSET {row - 1})"
        with suppress(sqlite3.IntegrityError):
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(change + where)
            connection.commit()
    law(lambda: use_project(folder))


@example(changes=[Flip(1961, 128)])  # a name of a table that is not text
@fuzz
@given(changes=any_bytes)
def test_databases(place: Path, changes: Changes) -> None:
    folder = place / "project"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DATA / "project_v1", folder)
    (folder / "iris.db").write_bytes(
        applied(changes, (DATA / "project_v1" / "iris.db").read_bytes())
    )
    law(lambda: use_project(folder))


def use_project(folder: Path) -> None:
    with Project(folder) as project:
        project.status(), project.sources
        law(lambda: list(backup(project, folder / "backup")))
        law(lambda: list(export(project, folder / "labels", ExportConfig(format="csv"))))
        law(lambda: split(project, SplitConfig()))
        for frame in range(1, 4):
            for read in (project.decision, project.tags, project.history, project.mask):
                law(partial(read, frame))
            law(partial(project.mask_facts, frame))
