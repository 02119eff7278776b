"""The excess of labelled frames above their clear sky, as prediction computes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.dataset.clear_sky import find_references
from napari_iris.dataset.find import find_samples
from napari_iris.frames.paths import find_frames
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.frames.wcs import rebinned_header
from napari_iris.masks.mask_file import write_mask
from napari_iris.project.night_references import NightReferences
from napari_iris.project.project import Project
from napari_iris.radiometry.archive import learn_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.resources import sample_night
from napari_iris.sky import SimulationConfig, write_simulation

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.dataset.samples import Samples

SHAPE = (128, 160)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mask files of the sample night."""
    folder = tmp_path_factory.mktemp("night")
    for path in find_frames([sample_night()])[0]:
        found = read_frame(path)
        small, header = (
            rebin(found.data, SHAPE),
            rebinned_header(found.header, found.data.shape, SHAPE),
        )
        write_mask(
            folder / f"{path.name[:-8]}_mask.fits", small, np.zeros(SHAPE, np.uint8), header, {}
        )
    return folder


@pytest.fixture(scope="module")
def learned(night: Path) -> ReferenceSet:
    """The clear sky of the sample night."""
    return learn_references(find_samples(night, jobs=1).paths)


def with_references(data: Path, choice: str) -> Samples:
    samples = find_samples(data, jobs=1)
    return replace(
        samples,
        references=find_references(choice, data, samples.paths, independent=samples.independent),
    )


def test_the_excess_of_a_sample_is_that_of_a_prediction(night: Path, learned: ReferenceSet) -> None:
    samples, known = with_references(night, "auto"), learned
    assert known.kind == "measured"
    for row in (0, 29):
        found = read_frame(samples.path(row))
        expected = known.excess(found.data, found.header)
        assert expected is not None
        excess = samples.read(row, SHAPE).excess
        assert excess is not None
        assert excess.dtype == np.float32
        np.testing.assert_allclose(excess, expected.relative, atol=1e-4)


def test_without_a_reference_there_is_no_excess(night: Path, tmp_path: Path) -> None:
    assert with_references(night, "none").read(0, SHAPE).excess is None
    assert find_samples(night, jobs=1).read(0, SHAPE).excess is None, "not asked for"
    apart = SimulationConfig(count=9, seed=3, shape=(64, 80), truth_shape=(64, 80))
    list(write_simulation(apart, tmp_path))
    samples = with_references(tmp_path, "auto")
    assert samples.references is not None
    assert not samples.references.learned.found, "frames that share no camera"


def test_a_reference_file_is_used_as_it_is(
    night: Path, learned: ReferenceSet, tmp_path: Path
) -> None:
    learned.to_fits(tmp_path / "camera.fits")
    samples = with_references(night, str(tmp_path / "camera.fits"))
    found = read_frame(samples.path(3))
    expected = learned.excess(found.data, found.header)
    assert expected is not None
    np.testing.assert_allclose(samples.read(3, SHAPE).excess, expected.relative, atol=1e-3)


def test_a_project_s_references_of_nights_come_first(
    project: Path, night: Path, learned: ReferenceSet
) -> None:
    samples = find_samples(night, jobs=1)
    header = read_frame(samples.path(0)).header
    NightReferences(project).save("2024-01-15", learned)
    header["DATE-OBS"] = "2024-01-15T18:00:00"
    frame = samples.read(0, SHAPE).frame
    with Project(project, read_only=True):
        of_nights = find_references("auto", project, samples.paths, ReferenceSet())
    assert of_nights.excess(frame, header) is not None
    header["DATE-OBS"] = "2024-03-15T18:00:00"
    assert of_nights.excess(frame, header) is None
    assert str(of_nights).startswith("1 of the project's nights; ")
