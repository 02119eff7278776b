"""Reference files: a FITS image of the pattern, with cards and tables of all that belongs to it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import FileError, ReferenceFileError
from napari_iris.io.atomic import atomic_open, exists_as_file, writing
from napari_iris.io.blocks import BLOCK
from napari_iris.io.fits_reader import open_fits
from napari_iris.io.outputs import ELSEWHERE
from napari_iris.radiometry.covariates import Covariates
from napari_iris.radiometry.evidence import Evidence
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE
from napari_iris.radiometry.reference import Reference
from napari_iris.radiometry.statistics import LARGEST, STATISTICS_SHAPE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

VERSION = 1
"""Version of the format; a reader refuses newer ones."""

MANY = 10_000
"""Pointings, nights or frames above which a file is not one of ours."""

_FRAME_COLUMNS = (
    ("time", "26A", None),
    ("focal_plane", "D", "Celsius"),
    ("shutter", "D", "Celsius"),
    ("floor", "D", "adu"),
    ("level", "D", "adu"),
    ("clear", "L", None),
)
_NUMBERS = tuple(name for name, kind, _ in _FRAME_COLUMNS if kind == "D")

TERMS = ("INTERCEP", "SHUTTER", "FPLANE", "AIRMASS")
"""Cards of the coefficients that every reference has."""


def write_references(path: Path, references: Sequence[Reference]) -> None:
    """Write the references of one or more cameras to one FITS file, atomically.

    Parameters
    ----------
    path : Path
        The file.
    references : sequence of Reference
        One for each camera.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from astropy.io import fits

    units: list[Any] = [fits.PrimaryHDU()]
    units[0].header["IRISREF"] = (VERSION, "version of this clear-sky reference format")
    for number, one in enumerate(references, start=1):
        units.append(fits.ImageHDU(one.pattern, _header(one), name=f"PATTERN{number}"))
        prints = one.fingerprint.astype(np.float32)
        units.append(fits.ImageHDU(prints, name=f"FINGER{number}"))
        units += [_table(one.covariates, number, kind) for kind in ("POINTING", "NIGHT")]
        if one.evidence is not None:
            units.append(_frames_table(one.evidence, number))
    buffer = io.BytesIO()
    fits.HDUList(units).writeto(buffer, checksum=True)
    with atomic_open(path) as file:
        file.write(buffer.getvalue())


def check_reference_output(path: Path) -> None:
    """Refuse to write a reference over anything but a reference, such as a frame.

    Parameters
    ----------
    path : Path
        The file to be written; it may not exist.

    Raises
    ------
    FileError
        If there is another file.
    """
    if exists_as_file(path):
        with writing(path), path.open("rb") as file:
            head = file.read(BLOCK)
        if head and b"IRISREF =" not in head:
            raise FileError(path, "is not a clear-sky reference, and is not replaced", ELSEWHERE)


def read_references(path: Path) -> list[Reference]:
    """Read the references of a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of Reference
        One for each camera.

    Raises
    ------
    ReferenceFileError
        If it is missing, damaged, of a newer version, or holds no reference.
    """
    fix = "learn it again: napari-iris reference learn"
    try:
        with open_fits(path) as units:
            version = units[0].header.get("IRISREF")
            if version is None:
                raise ReferenceFileError(path, "is not a clear-sky reference", fix)
            if version != VERSION:
                reason = f"has version {version}; this program reads version {VERSION}"
                raise ReferenceFileError(path, reason, "update napari-iris, or learn it again")
            count = sum(unit.name.startswith("PATTERN") for unit in units)
            found = [_read(units, number) for number in range(1, count + 1)]
    except FileNotFoundError as error:
        raise ReferenceFileError(path, "does not exist", fix) from error
    except ReferenceFileError:
        raise
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        raise ReferenceFileError(path, f"is damaged ({error})", fix) from error
    if not found:
        raise ReferenceFileError(path, "holds no reference", fix)
    return found


def _header(one: Reference) -> Any:
    from astropy.io import fits

    terms, header = one.covariates, fits.Header()
    header["BUNIT"] = ("adu", "unit of the pattern and of all levels")
    header["KIND"] = (one.kind, "clear sky measured, or limit of its level")
    header["CAMID"] = (one.camera.encode("ascii", "replace").decode(), "camera and frame shape")
    for card, value in zip(TERMS, terms.coefficients, strict=False):
        header[card] = (float(value), "coefficient of the clear-sky level")
    for card, value in zip(("CENSHUT", "CENFPA", "CENMASS"), terms.centre, strict=True):
        if np.isfinite(value):
            header[card] = (float(value), "value that the term is counted from")
    header["LEVSIG"] = (one.level_sigma, "[adu] standard deviation of a frame's level")
    header["PIXSIG"] = (one.pixel_sigma, "[adu] standard deviation of a pixel")
    header["SHPLIM"] = (one.shape_limit, "[adu] above the level, shape decides; 0 never")
    header["NOISEREL"] = (one.unit, "noise of the camera relative to a typical one")
    header["NCLEAR"] = (one.clear_frames, "frames with clear sky it is learned from")
    header["NFRAMES"] = (one.frames, "frames in the sample")
    header["NNIGHTS"] = (one.nights, "nights in the sample")
    return header


def _table(terms: Covariates, number: int, kind: str) -> Any:
    from astropy.io import fits

    first = len(TERMS)
    if kind == "POINTING":
        offsets = terms.coefficients[first : first + len(terms.pointings)]
        columns = [
            fits.Column("elevation", "D", "deg", array=terms.pointings[:, 0]),
            fits.Column("azimuth", "D", "deg", array=terms.pointings[:, 1]),
            fits.Column("tilt_down", "D", "adu", array=terms.tilts[:, 0]),
            fits.Column("tilt_right", "D", "adu", array=terms.tilts[:, 1]),
        ]
    else:
        offsets = terms.coefficients[first + len(terms.pointings) :]
        columns = [fits.Column("start", "26A", array=terms.nights.astype("M8[us]").astype(str))]
    columns.append(fits.Column("offset", "D", "adu", array=offsets))
    return fits.BinTableHDU.from_columns(columns, name=f"{kind}{number}")


def _frames_table(evidence: Evidence, number: int) -> Any:
    from astropy.io import fits

    values = [
        evidence.time.astype(str),
        *(getattr(evidence, name).astype(np.float64) for name in _NUMBERS),
        evidence.clear,
    ]
    columns = [
        fits.Column(name, kind, unit, array=array)
        for (name, kind, unit), array in zip(_FRAME_COLUMNS, values, strict=True)
    ]
    return fits.BinTableHDU.from_columns(columns, name=f"FRAMES{number}")


def _evidence(units: Any, number: int) -> Evidence | None:
    """Read the table of the frames; None where an older program wrote the file."""
    name = f"FRAMES{number}"
    if name not in units:
        return None
    table = _rows(units[name])
    times = np.array([str(time).strip() for time in table["time"]], "M8[us]")
    numbers = {name: np.asarray(table[name], np.float64) for name in _NUMBERS}
    _check([numbers["floor"], numbers["level"]])
    return Evidence(time=times, clear=np.asarray(table["clear"], np.bool_), **numbers)


def _image(unit: Any, shape: tuple[int, int]) -> NDArray[np.floating]:
    """Read an image; its shape is checked first, so that none fills the memory."""
    if unit.shape != shape:
        raise ValueError(f"an image in it has shape {unit.shape}")
    image: NDArray[np.floating] = unit.data
    _check(image)
    return image


def _rows(unit: Any) -> Any:
    """Read a table; its size is checked first."""
    size = unit.header["NAXIS2"] * max(unit.header["NAXIS1"], 1) + unit.header["PCOUNT"]
    if unit.header["NAXIS2"] > MANY or size > 1000 * MANY:
        raise ValueError("a table in it is too large")
    return unit.data


def _check(values: Any) -> None:
    if not (np.abs(values) < LARGEST).all():
        raise ValueError("a value in it is not a number, or far too large")


def _read(units: Any, number: int) -> Reference:
    header = units[f"PATTERN{number}"].header
    pattern = _image(units[f"PATTERN{number}"], STATISTICS_SHAPE)
    prints = _image(units[f"FINGER{number}"], FINGERPRINT_SHAPE)
    pointings, nights = (_rows(units[f"{kind}{number}"]) for kind in ("POINTING", "NIGHT"))
    coefficients = [float(header[card]) for card in TERMS]
    coefficients += [float(one) for one in (*pointings["offset"], *nights["offset"])]
    sigmas = float(header["LEVSIG"]), float(header["PIXSIG"])
    unit, shape_limit = float(header.get("NOISEREL", 1.0)), float(header.get("SHPLIM", 0.0))
    tilts = np.stack([pointings["tilt_down"], pointings["tilt_right"]], axis=1).astype(np.float64)
    _check([*coefficients, *sigmas, unit, shape_limit, *tilts.ravel()])
    if min(*sigmas, unit) <= 0 or shape_limit < 0:
        raise ValueError("an uncertainty is not a number above 0")
    if header["KIND"] not in ("measured", "limit"):
        raise ValueError(f"its KIND is {header['KIND']!r}")
    centre = [float(header.get(card, "nan")) for card in ("CENSHUT", "CENFPA", "CENMASS")]
    where: NDArray[np.float64] = np.stack([pointings["elevation"], pointings["azimuth"]], axis=1)
    starts = np.array([str(start).strip() for start in nights["start"]], "M8[us]")
    terms = Covariates(
        np.array(centre), where.astype(np.float64), starts, np.array(coefficients), tilts
    )
    return Reference(
        kind=header["KIND"],
        camera=str(header["CAMID"]),
        covariates=terms,
        pattern=np.asarray(pattern, np.float32),
        fingerprint=np.asarray(prints, np.float16),
        level_sigma=sigmas[0],
        pixel_sigma=sigmas[1],
        unit=unit,
        clear_frames=int(header["NCLEAR"]),
        frames=int(header["NFRAMES"]),
        nights=int(header["NNIGHTS"]),
        evidence=_evidence(units, number),
        shape_limit=shape_limit,
    )
