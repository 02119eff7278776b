"""The mask of the current frame, made again whenever the frame or the settings change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.clear_sky import references_for
from napari_iris.app.mask_summary import MaskSummary
from napari_iris.errors import IrisError
from napari_iris.masks.make import CloudMask, make_mask

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.clear_sky import ClearSky, References
    from napari_iris.app.overlay import Overlay
    from napari_iris.app.session import Session
    from napari_iris.frames.sequence import FrameSequence
    from napari_iris.masks.config import MaskConfig

PREVIEW = "cloud mask"
"""Name of the preview."""


class MaskPreview:
    """Makes the mask of the current frame in the background and shows it over the frame.

    Parameters
    ----------
    session : Session
        The open frames.
    overlay : Overlay
        Shows the mask.
    config : callable
        Gives the settings, or None where a value is out of range.
    clear_sky : ClearSky
        Clear-sky references of the frames.

    Attributes
    ----------
    made : CloudMask or None
        The mask of the current frame.
    summary : MaskSummary
        How it was made, or why there is none.
    changed : Signal
        Another summary is shown.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        overlay: Overlay,
        config: Callable[[], MaskConfig | None],
        clear_sky: ClearSky,
    ) -> None:
        self._session, self._overlay, self._config = session, overlay, config
        self._clear_sky = clear_sky
        clear_sky.changed.connect(self.refresh)
        self.made: CloudMask | None = None
        self.summary = MaskSummary("No frame")
        self._worker = Background(session.timers)
        self._worker.done.connect(self._show)
        session.sequence_changed.connect(self.refresh)
        session.frame_changed.connect(self.refresh)

    @property
    def is_current(self) -> bool:
        """Whether the summary is of the current frame and settings."""
        return self._worker.is_idle

    def refresh(self) -> None:
        """Make the mask again."""
        config, sequence = self._config(), self._session.sequence
        if sequence is None or config is None:
            self._worker.discard()
            title = "Value out of range" if config is None else "No frame"
            self._set(None, MaskSummary(title))
            return
        if self.made is None:
            self.summary = MaskSummary("Working...")
            self.changed.emit()
        references = self._clear_sky.references
        self._worker.submit(partial(_make, sequence, self._session.number, config, references))

    def close(self) -> None:
        """Show nothing any more."""
        self._session.sequence_changed.disconnect(self.refresh)
        self._session.frame_changed.disconnect(self.refresh)
        self._clear_sky.changed.disconnect(self.refresh)
        self._worker.discard()
        self._set(None, MaskSummary("No frame"))

    def _show(self, result: CloudMask | IrisError) -> None:
        if isinstance(result, IrisError):
            self._set(None, MaskSummary.of_error(result))
        else:
            self._set(result, MaskSummary.of(result))

    def _set(self, made: CloudMask | None, summary: MaskSummary) -> None:
        self.made, self.summary = made, summary
        if made is None:
            self._overlay.clear()
        else:
            self._overlay.show(made.mask, PREVIEW)
        self.changed.emit()


def _make(
    sequence: FrameSequence, number: int, config: MaskConfig, references: References
) -> CloudMask:
    frame = sequence.frame(number)
    return make_mask(frame.data, config, frame.header, references_for(references, frame.header))
