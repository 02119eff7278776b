"""Whatever a file holds, its reader returns, or raises one line that a person can read.

The whole run is `make fuzz`; here are a few examples of each reader, and all that it has found.
"""

from __future__ import annotations

import gzip
import io
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_iris.app.review.report import METHODS, SCORES, StoredReport, read_report
from napari_iris.app.review.review import read_review
from napari_iris.errors import MAX_MESSAGE, IrisError
from napari_iris.exporters.export import ExportConfig, export
from napari_iris.frames.cube import FrameCube
from napari_iris.frames.facts import facts, observed_at, without_scaling
from napari_iris.frames.read import count_planes, read_colour, read_frame, read_header
from napari_iris.importers.fits_pairs import published_probability
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
from napari_iris.networks.weights import load_weights
from napari_iris.project.backup import backup
from napari_iris.project.project import Project
from napari_iris.project.split import split
from napari_iris.project.split_config import SplitConfig
from napari_iris.radiometry.archive import ReferenceSet
from napari_iris.radiometry.covariates import Covariates
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE
from napari_iris.radiometry.reference import Reference
from napari_iris.radiometry.reference_file import TERMS, read_references, write_references
from napari_iris.radiometry.statistics import STATISTICS_SHAPE
from napari_iris.training.lineage import run_lineage
from napari_iris.training.run_folder import RunFolder
from tests.fuzz.mutations import damaged, sql_values, with_cards, with_cells, with_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

DATA = Path(__file__).parents[1] / "data"
PREDICTIONS, REPORT = DATA / "predictions_v1" / "predictions", DATA / "predictions_v1" / "report"
MODEL = DATA / "old_models" / "unet_flax"

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


@cache
def frame_file() -> bytes:
    """A frame as the camera writes it, with an image in an extension and a table behind it."""
    header = fits.Header([("DATE-OBS", "2024-01-15T21:00:00"), ("FPA-TEMP", 290.5), ("TS", "1")])
    header["HIERARCH LONG KEY"] = "x"
    header["HISTORY"] = "made for a test"
    pixels = np.random.default_rng(0).integers(600, 700, (24, 32)).astype(np.int16)
    units = [fits.PrimaryHDU(pixels, header), fits.ImageHDU(pixels[:8, :9], header)]
    units.append(fits.BinTableHDU(np.zeros(3, [("x", "f4"), ("y", "S7")])))
    return as_bytes(units)


@cache
def tiled_file() -> bytes:
    pixels = np.random.default_rng(0).integers(600, 700, (24, 32)).astype(np.int16)
    return as_bytes([fits.PrimaryHDU(), fits.CompImageHDU(pixels, compression_type="RICE_1")])


@cache
def reference_file() -> bytes:
    terms = Covariates(
        np.zeros(3),
        np.zeros((1, 2)),
        np.array(["2024-01-15T12:00:00"], "M8[us]"),
        np.zeros(len(TERMS) + 2),
        np.zeros((1, 2)),
    )
    one = Reference(
        kind="measured",
        camera="TAU2 128x160",
        covariates=terms,
        pattern=np.zeros(STATISTICS_SHAPE, np.float32),
        fingerprint=np.zeros(FINGERPRINT_SHAPE, np.float16),
        level_sigma=5.0,
        pixel_sigma=2.0,
        unit=1.0,
        clear_frames=9,
        frames=20,
        nights=1,
        evidence=None,
    )
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "reference.fits"
        write_references(path, (one,))
        return path.read_bytes()


def as_bytes(units: list[Any]) -> bytes:
    file = io.BytesIO()
    fits.HDUList(units).writeto(file)
    return file.getvalue()


def any_fits(content: Callable[[], bytes]) -> SearchStrategy[bytes]:
    """Cards or bytes of a file replaced; sometimes compressed before or afterwards."""
    changed = st.deferred(lambda: with_cards(content()) | damaged(content()))
    cut = st.deferred(lambda: damaged(gzip.compress(content(), 1, mtime=0)))
    return changed | changed | changed.map(lambda one: gzip.compress(one, 1)) | cut


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
@given(content=any_fits(frame_file) | any_fits(tiled_file))
def test_frames(place: Path, content: bytes) -> None:
    path = place / "frame.fits"
    path.write_bytes(content)
    law(partial(read_all_of_a_frame, path))
    law(partial(read_all_of_a_cube, path))


def mask_file() -> bytes:
    return next((PREDICTIONS.parent / "truth").iterdir()).read_bytes()


@fuzz
@given(content=any_fits(mask_file))
def test_masks(place: Path, content: bytes) -> None:
    path = place / "a_mask.fits"
    path.write_bytes(content)
    for read in (read_mask, is_mask_file, is_drawn_by_person, published_probability):
        law(partial(read, path))
    law(partial(check_output, path, Mark("mask", "a.fits")))


def prediction_file() -> bytes:
    return (PREDICTIONS / "sim_000001_pred.fits").read_bytes()


@fuzz
@given(content=any_fits(prediction_file))
def test_predictions(place: Path, content: bytes) -> None:
    path = place / "a_pred.fits"
    path.write_bytes(content)
    law(lambda: write_prediction(place / "again.fits", read_prediction(path)))


@fuzz
@given(content=any_fits(reference_file))
def test_clear_sky_references(place: Path, content: bytes) -> None:
    path = place / "reference.fits"
    path.write_bytes(content)
    law(lambda: str(ReferenceSet(tuple(read_references(path)))))


MODEL_FILES = {
    "model.json": with_values,
    "weights.safetensors": damaged,
    "run/config.json": with_values,
    "run/facts.json": with_values,
    "run/epochs.csv": with_cells,
    "run/split.csv": with_cells,
    "run/learnt_before.csv": with_cells,
    "run/last.safetensors": damaged,
}
PREDICTION_FILES = {"predictions.csv": with_cells, "predictions.json": with_values}
REPORT_FILES = {"report.json": with_values, "curves.csv": with_cells, "frames.csv": with_cells}
PROJECT_TABLES = ("frame", "mask", "event", "project")


def one_changed(source: Path, files: dict[str, Any]) -> SearchStrategy[tuple[str, bytes]]:
    """Name of a file of a folder, and another content of it."""
    return st.sampled_from(sorted(files)).flatmap(
        lambda name: st.tuples(
            st.just(name),
            st.deferred(lambda: files[name]((source / name).read_bytes()))
            | st.deferred(lambda: damaged((source / name).read_bytes())),
        )
    )


@contextmanager
def changed(source: Path, place: Path, name: str, content: bytes) -> Iterator[Path]:
    """Give a copy of a folder, in which one file has another content."""
    target = place / source.name
    if not target.exists():
        shutil.copytree(source, target)
    (target / name).write_bytes(content)
    yield target
    shutil.copy(source / name, target / name)


@fuzz
@given(one=one_changed(MODEL, MODEL_FILES))
def test_models_and_their_runs(place: Path, one: tuple[str, bytes]) -> None:
    with changed(MODEL, place, *one) as folder:
        run = RunFolder(folder)
        law(lambda: load_weights(folder / "weights.safetensors", read_card(folder).network))
        law(lambda: (read_entry(folder), find_classifier(folder)))
        for read in (run.config, run.facts, run.epochs, run.split, run.identities, run.progress):
            law(read)
        law(lambda: run_lineage(run))


@fuzz
@given(one=one_changed(PREDICTIONS, PREDICTION_FILES))
def test_tables_of_predictions(place: Path, one: tuple[str, bytes]) -> None:
    with changed(PREDICTIONS, place, *one) as folder:
        for read in (find_predictions, stated_frames, read_review):
            law(partial(read, folder))
        law(lambda: read_index(folder, "12345678", 0.5))
        law(lambda: store_settings(folder, "12345678", {"model": "unet"}))
        for file in PREDICTION_FILES:
            shutil.copy(PREDICTIONS / file, folder / file)


@fuzz
@given(one=one_changed(REPORT, REPORT_FILES))
def test_reports(place: Path, one: tuple[str, bytes]) -> None:
    with changed(REPORT, place, *one) as folder:
        law(lambda: look_at(read_report(folder)[0]))


def look_at(report: StoredReport) -> None:
    """As the window does."""
    for name in ("threshold", "warnings", "confusion"):
        getattr(report, name)
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


@fuzz
@given(content=st.deferred(lambda: damaged((DATA / "project_v1" / "iris.db").read_bytes())))
def test_databases(place: Path, content: bytes) -> None:
    folder = place / "project"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DATA / "project_v1", folder)
    (folder / "iris.db").write_bytes(content)
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
