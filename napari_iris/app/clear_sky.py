"""The clear-sky references of the open frames, learnt in the background."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.errors import IrisError
from napari_iris.frames.sequence import FrameSequence
from napari_iris.radiometry.archive import ReferenceSet, learn_references

if TYPE_CHECKING:
    from napari_iris.app.session import Session

WAITING = "Learning the clear sky..."


class ClearSky:
    """Learns what the clear sky looks like in the open frames, as ``mask`` does.

    Parameters
    ----------
    session : Session
        The open frames.

    Attributes
    ----------
    references : ReferenceSet
        The references; empty until they are learnt.
    changed : Signal
        Other references are known.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self.references = ReferenceSet()
        self._worker = Background(session.timers)
        self._worker.done.connect(self._set)
        session.sequence_changed.connect(self.learn)
        self.learn()

    @property
    def is_known(self) -> bool:
        """Whether the references belong to the open frames."""
        return self._worker.is_idle

    @property
    def text(self) -> str:
        """What is known, in words."""
        return str(self.references) if self.is_known else WAITING

    def learn(self) -> None:
        """Learn the references of the open frames."""
        sequence = self._session.sequence
        if isinstance(sequence, FrameSequence):
            self._worker.submit(partial(learn_references, sequence.paths))
        else:
            self._worker.discard()
            self._set(ReferenceSet())

    def _set(self, references: ReferenceSet | IrisError) -> None:
        self.references = ReferenceSet() if isinstance(references, IrisError) else references
        self.changed.emit()
