"""The mask of the current frame, made again whenever the frame or the settings change."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.clear_sky import references_for
from napari_iris.app.mask_summary import MaskSummary
from napari_iris.errors import IrisError
from napari_iris.frames.site_mask import hide
from napari_iris.masks.make import CloudMask, make_mask

if TYPE_CHECKING:
    from napari_iris.app.clear_sky import ClearSky, References
    from napari_iris.app.form import Form
    from napari_iris.app.overlay import Overlay
    from napari_iris.app.session import Session
    from napari_iris.frames.sequence import FrameSequence
    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.masks.config import MaskConfig

PREVIEW = "cloud mask"
"""Name of the preview."""


KEPT = 100
"""Masks that are kept, of the frames made last."""


class MaskPreview:
    """Makes the mask of the current frame in the background and shows it over the frame.

    The mask of the next frame in the direction of travel is made ahead, so that in playback a
    frame and its mask come together.

    Parameters
    ----------
    session : Session
        The open frames.
    overlay : Overlay
        Shows the mask.
    settings : Form of MaskConfig
        The settings of the Mask dock.
    clear_sky : ClearSky
        Clear-sky references of the frames.

    Attributes
    ----------
    made : CloudMask or None
        The mask of the current frame.
    summary : MaskSummary
        How it was made, or why there is none.
    is_current : bool
        Whether the summary is of the current frame and settings.
    changed : Signal
        Another summary is shown.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        overlay: Overlay,
        settings: Form[MaskConfig],
        clear_sky: ClearSky,
    ) -> None:
        self._session, self._overlay, self._settings = session, overlay, settings
        self._clear_sky = clear_sky
        clear_sky.changed.connect(self.refresh)
        self.made: CloudMask | None = None
        self.summary = MaskSummary("No frame")
        self.is_current = True
        self._masks: _Masks | None = None
        self._last = 0
        self._worker = Background(session.timers)
        self._worker.done.connect(self._receive)
        session.sequence_changed.connect(self.refresh)
        session.frame_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Make the mask again."""
        config, sequence = self._settings.config, self._session.sequence
        if sequence is None or config is None:
            self._worker.discard()
            self._masks = None
            problem = self._settings.problem
            self._set(None, MaskSummary("No mask" if problem else "No frame", reason=problem))
            return
        site = self._clear_sky.site if config.gate else None
        masks = _Masks(sequence, config, self._clear_sky.references, site)
        if self._masks is None or not masks.is_like(self._masks):
            self._masks = masks
        number = self._session.number
        if self._show(number):
            return
        self.is_current = False
        if self.made is None:
            self.summary = MaskSummary("Working...")
            self.changed.emit()
        self._worker.submit(partial(self._masks.make, number))

    def close(self) -> None:
        """Show no mask from now on."""
        self._session.sequence_changed.disconnect(self.refresh)
        self._session.frame_changed.disconnect(self.refresh)
        self._clear_sky.changed.disconnect(self.refresh)
        self._worker.discard()
        self._masks = None  # it would keep the frames
        self._set(None, MaskSummary("No frame"))

    def _receive(self, number: int) -> None:
        if number == self._session.number and not self.is_current:
            self._show(number)

    def _show(self, number: int) -> bool:
        """Show a mask and make the next one ahead; return whether it is made."""
        found = None if self._masks is None else self._masks.made.get(number)
        if self._masks is None or found is None:
            return False
        if isinstance(found, IrisError):
            self._set(None, MaskSummary.of_error(found))
        else:
            self._set(found, MaskSummary.of(found))
        ahead = number + (-1 if number < self._last else 1)
        self._last = number
        if 0 <= ahead < len(self._masks.sequence) and ahead not in self._masks.made:
            self._worker.submit(partial(self._masks.make, ahead))
        else:
            self._worker.discard()
        return True

    def _set(self, made: CloudMask | None, summary: MaskSummary) -> None:
        self.made, self.summary, self.is_current = made, summary, True
        if made is None:
            self._overlay.clear()
        else:
            self._overlay.show(made.mask, PREVIEW)
        self.changed.emit()


@dataclass(frozen=True, eq=False)
class _Masks:
    """Masks of the frames of a sequence, by one config and the same references."""

    sequence: FrameSequence
    config: MaskConfig
    references: References
    site: SiteMask | None = None
    made: dict[int, CloudMask | IrisError] = field(default_factory=dict)

    def is_like(self, other: _Masks) -> bool:
        """Whether both make the same masks."""
        same = self.sequence is other.sequence and self.references is other.references
        return same and self.site is other.site and self.config == other.config

    def make(self, number: int) -> int:
        """Make the mask of a frame, if it is not made yet; in the background. Give its number."""
        if number not in self.made:
            try:
                frame = hide(self.sequence.frame(number), self.site)
                references = references_for(self.references, frame.header)
                made = make_mask(frame.data, self.config, frame.header, references)
                self.made[number] = made
            except IrisError as error:
                self.made[number] = error
            for old in list(self.made)[:-KEPT]:
                del self.made[old]
        return number
