"""The stretch of the frame in view: its own, the night's, the recipe's, or its excess."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.current_excess import excess_of
from napari_iris.app.view.limits import frame_limits, recipe_limits
from napari_iris.errors import IrisError
from napari_iris.frames.contrast import display_limits
from napari_iris.radiometry.statistics import adu_per_unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import ClearSky, References
    from napari_iris.app.session import Session
    from napari_iris.frames.sequence import FrameSequence

    _Night = tuple[FrameSequence, "Look"]

Stretch = Literal["frame", "night", "recipe", "excess", "by hand"]

STRETCHES: dict[Stretch, str] = {
    "frame": "zscale limits of each frame",
    "night": "the same limits for all frames",
    "recipe": "what the recipe thresholds: logarithm of the zscale interval",
    "excess": "height above the clear-sky reference",
}
"""Stretches that can be chosen, and what each shows."""

NIGHT_GAMMA = 0.6
"""Gamma of the night's stretch and of the excess: thin cloud shows beside opaque cloud."""

EXCESS_LIMITS = -20.0, 1000.0
"""Limits of the excess [ADU]: the noise of clear sky, and opaque cloud."""

SCALED_ADU = "ADU / 2\u00b9\u2074"
"""Unit of a frame that is scaled to 0..1."""


class Preferences(Protocol):
    """What a person has chosen; kept from one window to the next."""

    stretch: str
    masks: str


@dataclass(frozen=True)
class Look:
    """How the pixels of a frame become grey.

    Attributes
    ----------
    limits : (float, float)
        Values that are black and white, in the unit of the frame.
    gamma : float
        Exponent of the values between them.
    is_logarithmic : bool
        Whether the recipe's logarithm comes between.
    """

    limits: tuple[float, float]
    gamma: float = 1.0
    is_logarithmic: bool = False


class StretchCanvas(Protocol):
    """Shows the current frame in a look, or its excess in place of it."""

    def show_look(self, look: Look) -> None:
        """Show the frame in a look."""

    def show_excess(self, excess: NDArray[np.float32] | None) -> None:
        """Show the excess over the frame [ADU]; None for none."""

    def show_scale(self, text: str) -> None:
        """Say beside the colour bar what is shown, and in which unit."""


class FrameStretch:
    """Stretches the current frame as a person has chosen.

    The limits of a frame come from a sample of its pixels, at once; what takes longer is computed
    in the background.

    Parameters
    ----------
    session : Session
        The open frames.
    clear_sky : ClearSky
        Their clear-sky references.
    canvas : StretchCanvas
        Shows the frame.
    preferences : Preferences
        Keep the choice.

    Attributes
    ----------
    name : Stretch
        The stretch that is chosen; 'by hand' once a person has moved the limits.
    note : str
        Why something else is shown than was chosen; empty where it is what was chosen.
    changed : Signal
        Another stretch is chosen, or there is another note.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        clear_sky: ClearSky,
        canvas: StretchCanvas,
        preferences: Preferences,
    ) -> None:
        self._session, self._clear_sky, self._canvas = session, clear_sky, canvas
        self._preferences = preferences
        kept = preferences.stretch
        self.name: Stretch = next((one for one in STRETCHES if one == kept), "frame")
        self.note = ""
        self._night: _Night | tuple[None, None] = None, None
        self._worker = Background(session.timers)
        self._worker.done.connect(self._receive)
        session.sequence_changed.connect(self.refresh)
        session.frame_changed.connect(self.refresh)
        clear_sky.changed.connect(self._follow_references)
        self.refresh()

    @property
    def is_current(self) -> bool:
        """Whether what is shown belongs to the current frame."""
        return self._worker.is_idle

    def choose(self, name: Stretch) -> None:
        """Choose a stretch, also the same once more: limits moved by hand are set again."""
        self.name = name
        if name in STRETCHES:
            self._preferences.stretch = name
        self.refresh()
        self.changed.emit()

    def next(self) -> None:
        """Choose the next stretch."""
        names = list(STRETCHES)
        place = names.index(self.name) if self.name in STRETCHES else -1
        self.choose(names[(place + 1) % len(names)])

    def keep_limits(self) -> None:
        """Leave the limits as a person has moved them, for all frames."""
        if self.name != "by hand":
            self.choose("by hand")

    def _follow_references(self) -> None:
        if self.name == "excess":
            self.refresh()

    def refresh(self) -> None:
        """Show the current frame again."""
        self._worker.discard()
        sequence = self._session.sequence
        if sequence is None:
            self._show_excess(None)
            return
        number = self._session.number
        if self.name == "excess":
            self._worker.submit(partial(_excess, sequence, number, self._clear_sky.references))
        else:
            self._show_excess(None)
            if self.name == "night" and self._night[0] is not sequence:
                self._worker.submit(partial(_night, sequence))
        look = self._look(sequence.pixels(number))
        if look is not None:
            self._canvas.show_look(look)

    def _look(self, pixels: NDArray[np.float32]) -> Look | None:
        """Give the look of a frame; None to leave the last one."""
        if self.name == "night":
            return self._night[1]
        if self.name == "by hand":
            return None
        if self.name == "recipe":
            return Look(recipe_limits(pixels), is_logarithmic=True)
        return Look(frame_limits(pixels))

    def _receive(self, found: _Night | NDArray[np.float32] | IrisError | None) -> None:
        if isinstance(found, tuple):
            self._night = found
            self.refresh()
        else:
            self._show_excess(None if isinstance(found, IrisError) else found)

    def _show_excess(self, excess: NDArray[np.float32] | None) -> None:
        """Show the excess of the current frame, or say why there is none."""
        sequence = self._session.sequence
        self._canvas.show_excess(excess)
        text, note = str(self.name), ""
        if self.name == "excess" and excess is None and sequence is not None:
            text = "no excess, frame"
            note = f"No excess: each frame has its own limits. Reference: {self._clear_sky.text}"
        if sequence is not None:
            self._canvas.show_scale(f"{text} \u00b7 {self._unit(sequence, excess)}")
        if note != self.note:
            self.note = note
            self.changed.emit()

    def _unit(self, sequence: FrameSequence, excess: NDArray[np.float32] | None) -> str:
        if excess is not None or adu_per_unit(sequence.pixels(self._session.number)) == 1:
            return "ADU"
        return SCALED_ADU


def _night(sequence: FrameSequence) -> _Night:
    return sequence, Look(display_limits(sequence), NIGHT_GAMMA)


def _excess(
    sequence: FrameSequence, number: int, references: References
) -> NDArray[np.float32] | None:
    return excess_of(sequence.frame(number), references, sequence.shape[1:])
