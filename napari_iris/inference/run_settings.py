"""``predictions.json``: the settings of each run that predicted into a folder."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING

from napari_iris.io.atomic import atomic_open
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RUNS = "predictions.json"
"""Settings by run; a run with the same settings continues the rows of an earlier one."""


def run_id(settings: Mapping[str, object]) -> str:
    """Compute the identifier of a run.

    Parameters
    ----------
    settings : mapping
        Everything that determines the predictions, as JSON values.

    Returns
    -------
    str
        Eight hexadecimal digits, the same for all thresholds: another threshold needs no new
        prediction.
    """
    text = json.dumps({**settings, "threshold": None}, sort_keys=True)
    return blake2b(text.encode(), digest_size=4).hexdigest()


def store_settings(out: Path, run: str, settings: Mapping[str, object]) -> None:
    """Add the settings of a run to a folder, unless they are there.

    Parameters
    ----------
    out : Path
        Folder of predictions.
    run : str
        See `run_id`.
    settings : mapping
        Its settings; the threshold is not stored, as each row has its own.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    stored = {name: value for name, value in settings.items() if name != "threshold"}
    known = _read(out)
    if known.get(run) != stored:
        with atomic_open(out / RUNS) as file:
            file.write(json.dumps({**known, run: stored}, indent=2).encode() + b"\n")


def _read(out: Path) -> dict[str, object]:
    """Read the settings of all runs; none where the file is damaged, or of an old version."""
    try:
        refuse_special(out / RUNS)
        found = json.loads((out / RUNS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {} if not isinstance(found, dict) or "model" in found else found
