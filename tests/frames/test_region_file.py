"""DS9 region files: which pixels lie inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.frames.region_file import RegionError, read_regions
from napari_iris.frames.site_mask_file import resolve_site_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHAPE = (30, 40)
HEAD = '# Region file format: DS9 version 4.1\nglobal color=green font="helvetica 10"\n'
Y, X = np.mgrid[1:31, 1:41]

CASES = {
    "image\ncircle(20,10,5)": np.hypot(X - 20, Y - 10) <= 5,
    "image\ncircle 20 10 5 # color=red": np.hypot(X - 20, Y - 10) <= 5,
    "physical;box(11,6,20,10,0)": (abs(X - 11) <= 10) & (abs(Y - 6) <= 5),
    "image;box(20,15,20,4,90)": (abs(Y - 15) <= 10) & (abs(X - 20) <= 2),
    "image\nellipse(20,15,10,5,0)": ((X - 20) / 10) ** 2 + ((Y - 15) / 5) ** 2 <= 1,
    "image\nellipse(20,15,10,5,90)": ((Y - 15) / 10) ** 2 + ((X - 20) / 5) ** 2 <= 1,
    "image\n-circle(20,15,12)": np.hypot(X - 20, Y - 15) > 12,
    "image;box(20,15,20,20,0)\n-circle(20,15,4)": (abs(X - 20) <= 10)
    & (abs(Y - 15) <= 10)
    & (np.hypot(X - 20, Y - 15) > 4),
    "image\ncircle(5,5,3)\nCIRCLE(30,20,3)": (np.hypot(X - 5, Y - 5) <= 3)
    | (np.hypot(X - 30, Y - 20) <= 3),
}


@pytest.mark.parametrize("text", CASES)
def test_pixels_inside(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.reg").write_text(HEAD + text)
    assert np.array_equal(read_regions(tmp_path / "a.reg", SHAPE), CASES[text])


def test_a_polygon_covers_its_inside(tmp_path: Path) -> None:
    (tmp_path / "a.reg").write_text(f"{HEAD}image\npolygon(1,20,40,20,40,30.5,1,30.5)\n")
    assert (read_regions(tmp_path / "a.reg", SHAPE) == (Y >= 20))[:, 1:-1].all()


@pytest.mark.parametrize(
    "text",
    [
        "fk5\ncircle(10:00:00,+20:00:00,5)",
        'image\ncircle(20,10,5")',
        "image\nannulus(20,10,5,9)",
        "image\ncircle(20,10)",
        "image\npolygon(1,2,3,4)",
        "image\ncircle(nan,1,2)",
        "no region",
        "",
        "\x00\x01",
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.reg").write_text(text)
    with pytest.raises(RegionError, match=r"bad\.reg: has .*; save it in image") as raised:
        read_regions(tmp_path / "bad.reg", SHAPE)
    assert "\n" not in str(raised.value)


def test_regions_are_drawn_on_the_frames(tmp_path: Path, write_frame: Callable[..., Path]) -> None:
    (tmp_path / "a.reg").write_text("image\ncircle(20,10,5)")
    frame = write_frame("a.fits", np.zeros(SHAPE, np.int16))
    site = resolve_site_mask(str(tmp_path / "a.reg"), [tmp_path / "gone.fits", frame])
    assert site is not None
    assert np.array_equal(site.images[0], CASES["image\ncircle(20,10,5)"])
    with pytest.raises(Exception, match="is of regions, which need frames"):
        resolve_site_mask(str(tmp_path / "a.reg"))
