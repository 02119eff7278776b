"""The figure of a reference, whatever is known: every panel is drawn, and nothing warns."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from napari_iris.cli.main import main
from napari_iris.errors import FileError
from napari_iris.evaluation.figures.reference import write_reference_figure
from napari_iris.radiometry.archive import references_of
from napari_iris.radiometry.reference_file import read_references, write_references
from tests.radiometry.conftest import nights

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.radiometry.evidence import Evidence
    from napari_iris.radiometry.reference import Reference

pytestmark = pytest.mark.slow

CASES = (
    *("measured", "one night", "a limit", "no times", "no temperatures", "no clear frame"),
    *("no frames stored", "two cameras"),
)


@cache
def known() -> Reference:
    (reference,) = references_of(nights(5, 20).statistics).found
    return reference


def test_the_frames_are_stored_with_the_reference(tmp_path: Path) -> None:
    file = tmp_path / "camera.fits"
    write_references(file, [known(), replace(known(), evidence=None)])
    one, other = read_references(file)
    assert other.evidence is None
    assert one.evidence is not None
    assert known().evidence is not None
    assert len(one.evidence) == known().frames == 40
    for name, value in vars(known().evidence).items():
        np.testing.assert_array_equal(getattr(one.evidence, name), value, err_msg=name)
    assert (np.diff(one.evidence.time) > np.timedelta64(0)).all()
    assert abs(np.count_nonzero(one.evidence.clear) - known().clear_frames) <= 3
    clear = one.evidence.clear
    residual = one.evidence.floor - one.evidence.level
    assert np.abs(np.median(residual[clear])) < known().level_sigma
    assert residual[~clear].max() > 100, "decks"


def changed(evidence: Evidence, **values: object) -> Reference:
    return replace(known(), evidence=replace(evidence, **values))


def cases() -> dict[str, list[Reference]]:
    frames = known().evidence
    assert frames is not None
    nowhere, when = np.full(len(frames), np.nan), np.full(len(frames), np.datetime64("NaT", "us"))
    one_night = replace(frames, time=frames.time[0] + np.arange(40) * np.timedelta64(600, "s"))
    made = [
        [known()],
        [replace(known(), evidence=one_night, nights=1)],
        [replace(known(), kind="limit", pattern=np.zeros_like(known().pattern))],
        [changed(frames, time=when)],
        [changed(frames, shutter=nowhere, focal_plane=nowhere)],
        [changed(frames, clear=np.zeros(40, bool))],
        [replace(known(), evidence=None)],
        [known(), replace(known(), camera="")],
    ]
    return dict(zip(CASES, made, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_whatever_is_known_is_drawn(tmp_path: Path, name: str) -> None:
    file = tmp_path / "camera.png"
    write_reference_figure(file, cases()[name])
    drawn = np.asarray(Image.open(file).convert("L"))
    rows = (drawn < 250).any(axis=1)
    assert rows.mean() > 0.75, "the panels fill the page"


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_other_kinds_of_pictures(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"camera.{kind}"
    write_reference_figure(file, [known()])
    assert file.read_bytes()[:5] in (b"%PDF-", b"<?xml")


def test_a_name_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        FileError, match=r"camera.fits: is not a supported picture format; name it camera.png"
    ):
        write_reference_figure(tmp_path / "camera.fits", [known()])


def test_without_matplotlib_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "camera.fits"
    write_references(file, [known()])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    command = ["reference", "show", str(file), "--figure", str(tmp_path / "camera.png")]
    assert main(command) == 2
    error = capsys.readouterr().err.strip()
    assert error.count("\n") == 0
    assert "pip install 'napari-iris[report]'" in error
