"""One decision that labels a run of frames, and taking it back: some frames at a time.

The labels of a run share the time of its decision, which names the run: what is left to take back
is found in the database, also after the window was killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.project.label_change import LabelChange
from napari_iris.project.repository import Repository
from napari_iris.project.transaction import FROM_RUN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.labels import FrameClass, Status


@dataclass(frozen=True)
class RunLabel:
    """What a run makes of one frame.

    Attributes
    ----------
    frame : int
        Number of the frame.
    status : {'approved', 'rejected'}
        Its status.
    how : str
        How the label is made.
    mask : str or None
        Name of its mask in the mask store, on the disk; None to keep the one it has.
    cloud_fraction : float or None
        Of that mask, 0 to 1; None or NaN where all pixels are ignored.
    frame_class : {'clear', 'cloudy', 'unsure'} or None
        Its class.
    reason : str
        Why it is rejected.
    """

    frame: int
    status: Status
    how: str
    mask: str | None = None
    cloud_fraction: float | None = None
    frame_class: FrameClass | None = None
    reason: str = ""


def label_run(
    repository: Repository,
    labels: Sequence[RunLabel],
    *,
    by: str,
    at: int,
    edited: Sequence[int] = (),
) -> list[int]:
    """Label frames of a run, all together or none.

    A frame that a person has labelled in the meantime keeps its label.

    Parameters
    ----------
    repository : Repository
        The database of the project.
    labels : sequence of RunLabel
        The labels of at most `AT_ONCE` frames.
    by : str
        Who decides.
    at : int
        When the run was decided [us since 1970, UTC]; the same for all its frames.
    edited : sequence of int
        Numbers of the frames that may hold an edited mask.

    Returns
    -------
    list of int
        Numbers of the frames that were labelled.

    Raises
    ------
    FileError
        If the project cannot be written.
    """
    with repository.transaction() as transaction:
        free = transaction.open_frames([label.frame for label in labels], edited)
        chosen = [label for label in labels if label.frame in free]
        for label in chosen:
            _apply(LabelChange(transaction, label.frame, by, at), label)
    return [label.frame for label in chosen]


def take_back(folder: Path, at: int, *, by: str) -> list[int]:
    """Take back a run, at most `AT_ONCE` frames of it; may run in any thread.

    A frame that a person has labelled or edited since keeps its label. Masks of the run stay in
    the history.

    Parameters
    ----------
    folder : Path
        The project folder.
    at : int
        When the run was decided [us since 1970, UTC].
    by : str
        Who takes it back.

    Returns
    -------
    list of int
        Numbers of the frames that are as before; empty once none is left.

    Raises
    ------
    FileError
        If the project cannot be written.
    """
    with _open(folder) as repository, repository.transaction() as transaction:
        frames = transaction.frames_of_run(at)
        for frame in frames:
            transaction.leave_run(frame)
            transaction.add_event(frame, by, "decision", "run taken back")
    return frames


def last_run(folder: Path) -> int | None:
    """Find the run that was the last decision in a project.

    Parameters
    ----------
    folder : Path
        The project folder.

    Returns
    -------
    int or None
        When it was decided [us since 1970, UTC]; None if the last decision was another one.

    Raises
    ------
    FileError
        If the project cannot be read.
    """
    with _open(folder) as repository, repository.transaction() as transaction:
        return transaction.last_run()


def _open(folder: Path) -> Repository:
    """Open the database of a project that is open in the window, where its rows were checked."""
    return Repository(folder, is_checked=True)


def _apply(change: LabelChange, label: RunLabel) -> None:
    how = f"{label.how}{FROM_RUN}"
    if label.mask is not None:
        change.activate_mask(label.mask, label.cloud_fraction, how)
    if label.frame_class is not None:
        change.set_class(label.frame_class)
    if label.reason:
        change.set_reason(label.reason)
    change.record("decision", how)
    change.decide(label.status, how)
