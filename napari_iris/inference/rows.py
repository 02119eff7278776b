"""The rows of ``predictions.csv``: the result for each frame, and the file of its prediction."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, fields
from math import isnan
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.facts import observed_at
from napari_iris.frames.names import frame_stem, is_fits_name
from napari_iris.frames.paths import natural_key
from napari_iris.inference.prediction_file import PredictionError
from napari_iris.io.packs import find_packed, name_in_pack
from napari_iris.io.tables import open_table
from napari_iris.matching.names import prediction_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.labels import FrameClass

TABLE = "predictions.csv"


@dataclass(frozen=True)
class PredictionRow:
    """One row of ``predictions.csv``.

    Attributes
    ----------
    frame : str
        The frame's file.
    date_obs : str
        When it was taken, ISO 8601; empty where its header does not say.
    p_cloud : float or None
        The classifier's probability that there is cloud in it; None without a classifier.
    sky : str
        Class of the frame: the classifier's; without one, by the cloud fraction.
    cloud_fraction : float or None
        Part of the sky that is cloud, 0 to 1; None for a classifier alone.
    uncertainty : float
        Mean entropy of the pixels' probabilities [bit]; the classifier's where it predicts clear.
    model : str
        Name and fingerprint of the model, and of the classifier.
    threshold : float
        Probability from which a pixel is cloud; or the frame, for a classifier alone.
    prediction : str
        Its file, relative to the table's folder; of one in a pack, its path through that.
    run : str
        Identifier of its settings, which are in ``predictions.json``.
    trust : float or None
        Trust in the mask, 0 to 1: falls with the uncertainty, and where the excess contradicts it.
    reference : str
        Clear-sky reference that it was compared with: measured, limit, or none.
    level, median_excess : float or None
        Level of the clear sky and median excess above it [ADU]; None without a reference.
    clear_part, cloud_part, undecided_part : float or None
        Fractions of the valid pixels that are surely clear, surely cloud, and in between.
    novelty : float or None
        How unlike the model's training frames the frame is, 0 or more; None where not known.
    unlike : str
        ``yes`` where it is unlike them (novelty above 1), else ``no``; empty where not known.
    """

    frame: str
    date_obs: str
    p_cloud: float | None
    sky: FrameClass
    cloud_fraction: float | None
    uncertainty: float
    model: str
    threshold: float
    prediction: str
    run: str
    trust: float | None = None
    reference: str = "none"
    level: float | None = None
    median_excess: float | None = None
    clear_part: float | None = None
    cloud_part: float | None = None
    undecided_part: float | None = None
    novelty: float | None = None
    unlike: str = ""

    @classmethod
    def of(cls, prediction: Prediction, sky: FrameClass, file: str) -> PredictionRow:
        """Make the row of a prediction."""
        time = observed_at(prediction.header)
        return cls(
            prediction.frame_path,
            "" if np.isnat(time) else str(time),
            _rounded(prediction.p_cloud),
            sky,
            _rounded(prediction.cloud_fraction),
            round(prediction.uncertainty, 6),
            prediction.model,
            prediction.threshold,
            file,
            prediction.run,
            _rounded(prediction.trust),
            prediction.reference,
            level=_rounded(prediction.level, 2),
            median_excess=_rounded(prediction.median_excess, 2),
            clear_part=_rounded(prediction.clear_part),
            cloud_part=_rounded(prediction.cloud_part),
            undecided_part=_rounded(prediction.undecided_part),
            novelty=_rounded(prediction.novelty, 3),
            unlike={None: "", True: "yes", False: "no"}[prediction.unlike],
        )


def _rounded(value: float, digits: int = 6) -> float | None:
    return None if isnan(value) else round(value, digits)


COLUMNS = [field.name for field in fields(PredictionRow)]
OLD_COLUMNS = [COLUMNS[: COLUMNS.index(name)] for name in ("threshold", "trust", "novelty")]
"""Columns of the tables of older versions."""


def read_rows(folder: Path, name: str = TABLE) -> Iterator[dict[str, str]]:
    """Read the rows of a folder's table one by one; those of older versions are completed.

    Parameters
    ----------
    folder : Path
        Folder of predictions.
    name : str
        The table, relative to the folder.

    Yields
    ------
    dict
        By `COLUMNS`, and those that a person added; a damaged row has None for a cell that it
        lacks, or the key None.

    Raises
    ------
    OSError
        If it cannot be read.
    csv.Error
        If it is another table, or a damaged one.
    PredictionError
        If a row names a prediction outside of the folder.
    """
    with open_table(folder / name) as rows:
        columns = rows.fieldnames or ()
        if not {*OLD_COLUMNS[0]} <= {*columns}:
            raise csv.Error("is another table")
        blank = {column: "" for column in COLUMNS if column not in columns}
        for row in rows:
            row.update(blank)
            if "prediction" in blank:
                row["prediction"] = prediction_path(row["frame"], folder).name
            if not _stays_inside(row["prediction"] or ""):
                reason = f"names a prediction outside of its folder at line {rows.line_num}"
                raise PredictionError(folder / name, reason, "predict into a new folder")
            yield row


def _stays_inside(name: str) -> bool:
    """Whether the path of a prediction leads into its folder: a table may come from anybody."""
    path = PurePath(name)
    return not (path.is_absolute() or ".." in path.parts)


def stated_frames(folder: Path) -> dict[Path, str]:
    """Give the frame of each prediction file of a folder, as the table states it.

    Parameters
    ----------
    folder : Path
        Folder of predictions.

    Returns
    -------
    dict of Path to str
        The frame's absolute path by the prediction's file; empty where there is no such table.

    Raises
    ------
    PredictionError
        If a row names a prediction outside of the folder.
    """
    try:
        return {
            folder / row["prediction"]: os.path.abspath(row["frame"])  # noqa: PTH100
            for row in read_rows(folder)
            if row["prediction"] and row["frame"]
        }
    except (OSError, csv.Error):
        return {}


def find_predictions(folder: Path) -> list[Path]:
    """List the predictions of a folder, of its packs, and of subfolders that its table names.

    Parameters
    ----------
    folder : Path
        Folder of predictions.

    Returns
    -------
    list of Path
        In natural order.

    Raises
    ------
    PredictionError
        If there is none, or the table names one outside of the folder.
    PackError
        If a pack is damaged, or another file has such a name.
    """
    names = os.listdir(folder) if folder.is_dir() else []  # noqa: PTH208 (a million of them)
    visible = [name for name in names if is_fits_name(name) and name[0] != "."]
    found = {folder / name for name in visible if frame_stem(name).endswith("_pred")}
    found |= {folder / name for name in find_packed(folder, visible, "_pred.fits")}
    stated = stated_frames(folder)
    deeper = (path for path in stated if path.parent != folder and path not in found)
    found |= {path for path in deeper if os.path.isfile(path)}  # noqa: PTH113 (takes any name)
    if not found:
        fix = "give the --out folder of napari-iris predict"
        raise PredictionError(folder, "holds no prediction", fix)
    return sorted(found, key=lambda path: _place(path.relative_to(folder).as_posix()))


def _place(file: str) -> bytes:
    """Sort key of a prediction: that of a single file, wherever it is packed."""
    return natural_key(os.fsencode(name_in_pack(file)))
