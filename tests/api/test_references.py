"""`iris.learn_reference`, and the references of `mask` and `predict`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

import napari_iris as iris
from napari_iris.errors import IrisError, ReferenceFileError
from napari_iris.radiometry.archive import learn_references, references_of
from tests.radiometry.conftest import nights

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SOME = nights(5, 12)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = []
    for number, frame in enumerate(SOME.frames):
        found.append(tmp_path / f"{number:02}.fits")
        fits.writeto(found[-1], frame.data, frame.header)
    return found


def test_files_arrays_and_nights_teach_the_same(paths: list[Path]) -> None:
    expected = learn_references(paths).found[0]
    for frames in (paths, [str(path) for path in paths], SOME.frames, iris.open_night(paths)):
        (one,) = iris.learn_reference(frames).found
        np.testing.assert_array_equal(one.pattern, expected.pattern)
        assert one.level_sigma == expected.level_sigma


def test_frames_known_to_be_clear_help() -> None:
    cover = SOME.truth.mean(axis=(1, 2))
    clear = int(np.argmin(cover))
    few = [SOME.frames[clear], *SOME.frames[-3:]]
    assert "needs 8 frames" in str(iris.learn_reference(few))
    assert iris.learn_reference(few, clear=[0]).kind == "measured"


def test_masks_of_a_list_or_a_night_are_those_of_the_command(
    paths: list[Path], tmp_path: Path
) -> None:
    known = references_of(SOME.statistics)
    file = tmp_path / "camera.fits"
    known.to_fits(file)
    expected = [iris.mask(path, reference=known).mask for path in paths]
    for made in (
        iris.mask(paths),
        iris.mask(iris.open_night(paths)),
        iris.mask(paths, reference=file),
        iris.mask(paths, reference=str(file)),
    ):
        for one, mask in zip(made, expected, strict=True):
            assert one.reference == "measured"
            np.testing.assert_array_equal(one.mask, mask)
    alone = iris.mask(paths, reference="none")
    assert {one.reference for one in alone} == {"none"}
    assert any((one.mask != mask).any() for one, mask in zip(alone, expected, strict=True))
    assert iris.mask(paths[0]).reference == "none", "one frame says nothing of the clear sky"
    assert {one.method for one in iris.mask(paths, gate=False)} == {"recipe"}


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferenceFileError, match="does not exist"):
        iris.mask(SOME.frames, reference=tmp_path / "none.fits")
    with pytest.raises(TypeError, match="expected a list of frames or a Night"):
        iris.learn_reference(SOME.frames[0])
    with pytest.raises(IrisError, match="needs 8 frames of a camera, there are 2"):
        iris.learn_reference(SOME.frames[:2]).to_fits(tmp_path / "few.fits")
    assert iris.learn_reference([]).kind == "none"
