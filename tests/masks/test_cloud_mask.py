"""A cloud mask as a result: its file, its CCDData, its repr; masked pixels are ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from astropy.io import fits

from napari_iris.errors import MaskError
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import CloudMask, make_mask
from napari_iris.masks.mask_file import HUMAN, read_mask, write_mask
from napari_iris.masks.recipe import recipe
from napari_iris.sky import SimulationConfig, simulate_frame

if TYPE_CHECKING:
    from pathlib import Path

SKY = simulate_frame(SimulationConfig(count=1, sky="cloudy", seed=3), 0)
WORLD = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 320.5, "CRPIX2": 256.5,
    "CDELT1": -0.01, "CDELT2": 0.01,
}  # fmt: skip


@pytest.fixture(scope="module")
def made() -> CloudMask:
    """Mask of a simulated frame whose left eighth is masked."""
    frame = np.ma.MaskedArray(SKY.data, mask=np.arange(640) < np.full((512, 1), 80))
    header = SKY.header.copy()
    header.update(WORLD)
    return make_mask(frame, MaskConfig(), header)


def test_masked_pixels_are_ignored(made: CloudMask) -> None:
    assert (made.mask[:, :20] == IGNORE).all()
    assert not (made.mask[:, 20:] == IGNORE).any()
    assert np.isnan(made.frame[:, :20]).all()
    assert made.cloud_fraction == pytest.approx(np.mean(made.mask[:, 20:] == CLOUD))


def test_a_masked_array_is_what_nan_is() -> None:
    masked = np.ma.MaskedArray(SKY.data, mask=np.percentile(SKY.data, 90) < SKY.data).astype(
        np.float32
    )
    np.testing.assert_array_equal(recipe(masked).mask, recipe(masked.filled(np.nan)).mask)
    assert (recipe(masked).mask[masked.mask] == IGNORE).all()


def test_its_file_is_a_mask_file(made: CloudMask, tmp_path: Path) -> None:
    made.to_fits(tmp_path / "sky_mask.fits")
    again = read_mask(tmp_path / "sky_mask.fits")
    np.testing.assert_array_equal(again.mask, made.mask)
    np.testing.assert_array_equal(again.frame, made.frame)
    assert again.mask_header["TRUST"] == round(made.trust, 4)
    assert again.header["DATE-OBS"] == SKY.header["DATE-OBS"]
    assert again.header["CRPIX1"] == 80.5
    made.to_fits(str(tmp_path / "sky_mask.fits"))


def test_a_human_mask_is_never_replaced(made: CloudMask, tmp_path: Path) -> None:
    path = tmp_path / "sky_mask.fits"
    write_mask(path, made.frame, made.mask, fits.Header(), {"METHOD": (HUMAN, "")})
    before = path.read_bytes()
    with pytest.raises(MaskError, match="is a human mask, which is never replaced"):
        made.to_fits(path)
    assert path.read_bytes() == before


def test_its_ccddata_has_mask_header_and_world_coordinates(made: CloudMask) -> None:
    ccd = made.to_ccddata()
    assert ccd.unit == units.dimensionless_unscaled
    np.testing.assert_array_equal(ccd.data, made.mask)
    np.testing.assert_array_equal(ccd.mask, made.mask == IGNORE)
    assert ccd.header["METHOD"] == made.method.upper()
    assert ccd.wcs.wcs.crpix.tolist() == [80.5, 64.5]
    assert "METHOD" not in made.header


def test_it_is_described_in_one_line() -> None:
    gated, alone = (make_mask(SKY.data, MaskConfig(gate=gate)) for gate in (True, False))
    fractions = [f"cloud fraction {made.cloud_fraction:.3f}" for made in (gated, alone)]
    found = f"cloudy, trust {gated.trust:.2f}, {fractions[0]}, method {gated.method}"
    assert repr(gated) == f"CloudMask(128x160, {found})"
    assert repr(alone) == f"CloudMask(128x160, {fractions[1]}, method recipe)"
    assert alone.sky is alone.trust is None
