"""The clear sky and the site mask of the open frames: a project's, else found in the background."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.errors import IrisError
from napari_iris.frames.facts import observed_at
from napari_iris.frames.fisheye import find_fisheye
from napari_iris.frames.sequence import FrameSequence
from napari_iris.project.night_references import NightReferences
from napari_iris.project.site_mask import project_site_mask
from napari_iris.radiometry.archive import learn_references
from napari_iris.radiometry.live import GROWTH
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io import fits

    from napari_iris.app.session import Session
    from napari_iris.frames.paths import FramePaths
    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.radiometry.reference import Reference

    References = ReferenceSet | NightReferences
    Known = tuple[References, SiteMask | None]

WAITING = "learning..."


class ClearSky:
    """Knows what the clear sky looks like in the open frames, as ``mask`` does.

    The frames of a project have the references that the project keeps.

    Parameters
    ----------
    session : Session
        The open frames.

    Attributes
    ----------
    references : ReferenceSet or NightReferences
        The references; empty until they are known.
    site : SiteMask or None
        Pixels that never show the sky; None for none, or until they are known.
    changed : Signal
        Other references are known.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self.references: References = ReferenceSet()
        self.site: SiteMask | None = None
        self._worker = Background(session.timers)
        self._worker.done.connect(self._set)
        session.sequence_changed.connect(self._follow)
        session.project_changed.connect(self.learn)
        self.learn()

    @property
    def is_known(self) -> bool:
        """Whether the references belong to the open frames."""
        return self._worker.is_idle

    @property
    def text(self) -> str:
        """What is known of the night of the current frame, in words."""
        if not self.is_known:
            return WAITING
        try:
            return reference_text(self.references.of_time(self._session.time))
        except IrisError as error:
            return f"none ({error})"

    def learn(self) -> None:
        """Read the references of a project, or learn those of the open frames."""
        session = self._session
        self._learned = 0 if session.sequence is None else len(session.sequence)
        if isinstance(session.sequence, FrameSequence):
            project = None if session.sources else session.project
            self._worker.submit(partial(_known, project, session.sequence.paths))
        else:
            self._worker.discard()
            self._set((ReferenceSet(), None))

    def _follow(self) -> None:
        """Learn again where other frames are in front, or by half as many more."""
        session = self._session
        count = 0 if session.sequence is None else len(session.sequence)
        if not session.kept or count >= GROWTH * self._learned:
            self.learn()

    def _set(self, known: Known | IrisError) -> None:
        nothing = ReferenceSet(), None
        self.references, self.site = nothing if isinstance(known, IrisError) else known
        self.changed.emit()


def references_for(references: References, header: fits.Header) -> ReferenceSet:
    """Give the references that hold for a frame, by its time.

    Parameters
    ----------
    references : ReferenceSet or NightReferences
        All references.
    header : astropy.io.fits.Header
        Header of the frame.

    Raises
    ------
    ReferenceFileError
        If the reference of its night is damaged.
    """
    return references.of_time(observed_at(header))


def reference_text(references: ReferenceSet) -> str:
    """Say which references hold, how sure they are, and what they rest on.

    Parameters
    ----------
    references : ReferenceSet
        The references of a night.

    Returns
    -------
    str
        Such as "measured, ±5 ADU, clear sky in 10 frames".
    """
    named = len(references.found) > 1
    texts = [_of_camera(one, named=named) for one in references.found]
    texts += [f"none ({reason})" for reason in references.reasons]
    return "; ".join(texts) or "none"


def _of_camera(one: Reference, *, named: bool) -> str:
    camera = f"{one.camera or 'unnamed camera'}: " if named else ""
    if one.kind == "limit":
        return f"{camera}an upper limit only, ±{one.level_sigma:.0f} ADU"
    frames = "1 frame" if one.clear_frames == 1 else f"{one.clear_frames} frames"
    return f"{camera}measured, ±{one.level_sigma:.0f} ADU, clear sky in {frames}"


def _known(project: Path | None, paths: FramePaths) -> Known:
    """Give the project's references and site mask; learn and find them where it has none."""
    site = find_fisheye(paths) if project is None else project_site_mask(project)
    if project is not None and (kept := NightReferences(project)).nights:
        return kept, site
    return learn_references(paths, site=site), site
